"""When a run is meant to work, and what became of each of its times."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, String, Table, Text, UniqueConstraint

from app.domain.actions import Action
from app.domain.occurrences import Outcome, Why
from app.domain.windows import OccurrenceKind
from app.engine.schedule_rows import ScheduleEnd
from app.storage.columns import LocalDate, UtcTime, word_of
from app.storage.tables.base import metadata, one_at_most
from app.storage.tables.runs import execution, run

schedule_window = Table(
    "schedule_window",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("family", Text, nullable=False),
    Column("action", word_of(Action), nullable=False),
    Column("group_name", Text),
    Column("run_id", ForeignKey(run.c.id), nullable=False, index=True),
    Column("start_at", UtcTime, nullable=False),
    # Daily times on the practice's wall, hh:mm; None is not set.
    Column("stop_local", String(5)),
    Column("resume_local", String(5)),
    Column("created_at", UtcTime, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("ended_at", UtcTime),
    Column("end_reason", word_of(ScheduleEnd)),
    CheckConstraint("resume_local is null or stop_local is not null", name="resume_needs_stop"),
    CheckConstraint("(ended_at is null) = (end_reason is null)", name="ended_with_reason"),
)
# One schedule at a time, as there is one open run.
one_at_most("uq_schedule_window_one_active", schedule_window, schedule_window.c.ended_at.is_(None))

occurrence = Table(
    "occurrence",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("window_id", ForeignKey(schedule_window.c.id), nullable=False),
    Column("kind", word_of(OccurrenceKind), nullable=False),
    Column("local_date", LocalDate, nullable=False),
    Column("planned_at", UtcTime, nullable=False),
    Column("outcome", word_of(Outcome), nullable=False),
    Column("why", word_of(Why)),
    # A sentence that says more than the reason, for a refusal.
    Column("detail", Text, nullable=False, default=""),
    Column("recorded_at", UtcTime, nullable=False),
    # The execution it began: an occurrence counts as begun only together with one.
    Column("execution_id", ForeignKey(execution.c.id), unique=True),
    UniqueConstraint("window_id", "kind", "local_date"),
    CheckConstraint("(execution_id is not null) = (outcome in ('fired', 'late'))", name="begun_with_execution"),
    CheckConstraint("(why is null) = (outcome = 'fired')", name="reason_unless_in_time"),
)
