"""What the Spine was asked to hold: an intent for each patient and value, and each attempt at telling it."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text

from app.domain.decision import Permission, Summary
from app.domain.states import UNSETTLED_INTENTS, IntentState
from app.engine.spine_port import AnswerKind
from app.storage.columns import UtcTime, word_of
from app.storage.tables.base import metadata, only_where
from app.storage.tables.practice import patient
from app.storage.tables.runs import execution, item, run

intent = Table(
    "intent",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("request_id", Text, nullable=False, unique=True),
    Column("patient_id", ForeignKey(patient.c.id), nullable=False, index=True),
    Column("run_id", ForeignKey(run.c.id), nullable=False),
    # The one value this process ever asks the Spine to hold; the database refuses any other.
    Column("desired", Text, nullable=False),
    Column("consent_version", Integer, nullable=False),
    Column("snapshot_summary", word_of(Summary), nullable=False),
    Column("snapshot_permission", word_of(Permission), nullable=False),
    Column("state", word_of(IntentState), nullable=False),
    Column("spine_code", Text, nullable=False, default=""),
    Column("spine_text", Text, nullable=False, default=""),
    Column("prepared_at", UtcTime, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
    CheckConstraint("desired = 'No'", name="only_no"),
)
Index(
    "uq_intent_one_unsettled",
    intent.c.patient_id,
    unique=True,
    **only_where(intent.c.state.in_(sorted(UNSETTLED_INTENTS))),
)

attempt = Table(
    "attempt",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("correlation_id", Text, nullable=False, unique=True),
    Column("request_id", ForeignKey(intent.c.request_id), nullable=False, index=True),
    Column("item_id", ForeignKey(item.c.id), nullable=False, index=True),
    Column("execution_id", ForeignKey(execution.c.id), nullable=False, index=True),
    Column("reason", Text, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("answer_class", word_of(AnswerKind)),
    Column("http_status", Integer),
    Column("spine_code", Text, nullable=False, default=""),
    Column("spine_text", Text, nullable=False, default=""),
    CheckConstraint("(ended_at is null) = (answer_class is null)", name="ended_with_class"),
)
Index("ix_attempt_open", attempt.c.id, **only_where(attempt.c.ended_at.is_(None)))
