"""Runs, the executions that worked on them, and each patient's outcome in them.

What was sent is in `messages`, when it was to happen in `schedule`.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    ForeignKey,
    FromClause,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
    or_,
)

from app.domain.decision import Permission, Summary
from app.domain.outcomes import ItemState, Reason
from app.domain.states import OPEN_STATUSES, RunStatus, StopReason
from app.engine.rows import Scope
from app.storage.columns import UtcTime, word_of
from app.storage.tables.base import metadata, one_at_most, only_where
from app.storage.tables.practice import patient

run = Table(
    "run",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("family", Text, nullable=False),
    # The cohort rule: one group's active patients, or every active patient.
    Column("group_name", Text),
    Column("status", word_of(RunStatus), nullable=False),
    Column("stop_reason", word_of(StopReason)),
    Column("stop_detail", Text, nullable=False, default=""),
    Column("created_at", UtcTime, nullable=False),
    Column("started_at", UtcTime),
    Column("ended_at", UtcTime),
    Column("created_by", Text, nullable=False),
    Column("created_on", Text, nullable=False),
    CheckConstraint("(stop_reason is not null) = (status = 'stopped')", name="reason_when_stopped"),
    Index("ix_run_family", "family", "id"),
)
# One open run in the whole database.
one_at_most("uq_run_one_open", run, run.c.status.in_(sorted(OPEN_STATUSES)))

run_control = Table(
    "run_control",
    metadata,
    Column("run_id", ForeignKey(run.c.id), primary_key=True),
    Column("stop_requested_at", UtcTime, nullable=False),
    Column("requested_by", Text, nullable=False),
)

execution = Table(
    "execution",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", ForeignKey(run.c.id), nullable=False, index=True),
    Column("epoch", Integer, nullable=False, unique=True),
    Column("scope", word_of(Scope), nullable=False),
    Column("operator", Text, nullable=False),
    Column("card_uid", Text, nullable=False),
    Column("role_id", Text, nullable=False),
    Column("role_name", Text, nullable=False),
    Column("card_session", Text, nullable=False),
    Column("workstation", Text, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    # None with an end: it completed.
    Column("end_reason", word_of(StopReason)),
    Column("end_detail", Text, nullable=False, default=""),
    # Requests that only ask; those that write have an attempt row each.
    Column("reads", Integer, nullable=False, default=0),
)
one_at_most("uq_execution_one_open", execution, execution.c.ended_at.is_(None))

item = Table(
    "item",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", ForeignKey(run.c.id), nullable=False),
    Column("patient_id", ForeignKey(patient.c.id), nullable=False, index=True),
    Column("sequence", Integer, nullable=False),
    Column("state", word_of(ItemState), nullable=False),
    Column("reason", word_of(Reason)),
    Column("mismatch", Boolean, nullable=False, default=False),
    Column("attempts", Integer, nullable=False, default=0),
    # Set: on the waiting list.
    Column("next_attempt_at", UtcTime),
    # How often the execution below has put the patient off.
    Column("deferrals", Integer, nullable=False, default=0),
    Column("code_before", Text),
    Column("scr_on_spine", word_of(Summary)),
    Column("permission_before", word_of(Permission)),
    Column("spine_code", Text, nullable=False, default=""),
    Column("spine_text", Text, nullable=False, default=""),
    Column("processed_at", UtcTime),
    # The execution that changed it last.
    Column("execution_id", ForeignKey(execution.c.id)),
    # The row of the decision table that decided it last; none where nothing was decided yet, or by an older version.
    Column("rule", Integer),
    UniqueConstraint("run_id", "patient_id"),
    UniqueConstraint("run_id", "sequence"),
    Index(None, "run_id", "state", "sequence"),
    # The counts of a list by reason.
    Index(None, "run_id", "state", "reason"),
)


def tells_of_dissent(row: FromClause) -> ColumnElement[bool]:
    """Whether an item shows that the Spine holds a dissent: sent by us, or read there. `row` is the table or its alias.

    Written with the words in its text, without which SQLite would not see that the index below answers it.
    """
    return or_(
        row.c.state == literal_column(f"'{ItemState.SENT}'"),
        row.c.permission_before == literal_column(f"'{Permission.NO}'"),
        # What was first told in a run stays in its row: a dissent found later in it shows by the reason alone.
        row.c.reason == literal_column(f"'{Reason.ALREADY_ON_SPINE}'"),
        row.c.reason == literal_column(f"'{Reason.DISSENT_ON_SPINE}'"),
    )


FAILED_WORD: ColumnElement[str] = literal_column(f"'{ItemState.FAILED}'")
"""The state in the text of statements that the index of the failed shall answer."""

# What the worklists over all runs begin with.
Index("ix_item_tells_of_dissent", item.c.patient_id, **only_where(tells_of_dissent(item)))
Index("ix_item_failed", item.c.patient_id, **only_where(item.c.state == FAILED_WORD))
Index(
    "ix_item_waiting",
    item.c.run_id,
    item.c.next_attempt_at,
    **only_where(item.c.next_attempt_at.is_not(None)),
)
