"""The tables of the practice database (design, section 4) and what the database itself refuses.

A change here needs a migration: a test compares both. Rows are read and written elsewhere.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    ForeignKey,
    FromClause,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
    or_,
)

from app.domain.actions import Action
from app.domain.decision import Permission, Summary
from app.domain.occurrences import Outcome, Why
from app.domain.outcomes import ItemState, Reason
from app.domain.patient import RegistrationStatus
from app.domain.read_back import ReadBack
from app.domain.states import OPEN_STATUSES, UNSETTLED_INTENTS, IntentState, RunStatus, StopReason
from app.domain.terms import DISSENT_CODES
from app.domain.windows import OccurrenceKind
from app.engine.lists import Worklist
from app.engine.practice import SpineKind
from app.engine.rows import Scope
from app.engine.schedule_rows import ScheduleEnd
from app.engine.spine_port import AnswerKind
from app.storage.columns import LocalDate, UtcTime, word_of

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _only_where(condition: ColumnElement[bool]) -> dict[str, Any]:
    """The condition of a partial index, for every database it is made on."""
    return {"sqlite_where": condition, "postgresql_where": condition}


meta = Table(
    "meta",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("practice_name", Text, nullable=False, default=""),
    Column("ods_code", Text, nullable=False, default=""),
    Column("demonstration", Boolean, nullable=False, default=False),
    Column("spine", word_of(SpineKind), nullable=False, default=SpineKind.UNSET),
    # Every execution takes the next epoch; a transaction of an older one changes nothing.
    Column("epoch", Integer, nullable=False, default=0),
    # How often a list was stored: patients carry the number of the list that named them last.
    Column("list_number", Integer, nullable=False, default=0),
    # The end of the audit chain, so that a trail cut short is noticed.
    Column("audit_number", Integer, nullable=False, default=0),
    Column("audit_hash", String(64), nullable=False, default=""),
    Column("created_at", UtcTime, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)

patient = Table(
    "patient",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("patient_ref", Text, nullable=False, unique=True),
    Column("nhs_number", String(10), index=True),
    Column("surname", Text, nullable=False),
    Column("forename", Text, nullable=False),
    Column("date_of_birth", LocalDate, nullable=False),
    Column("sex", Text, nullable=False),
    Column("registration", word_of(RegistrationStatus), nullable=False, index=True),
    Column("fp69", Boolean, nullable=False),
    Column("sensitive", Boolean, nullable=False),
    Column("pds_linked", Boolean, nullable=False),
    Column("record_in_use", Boolean, nullable=False),
    # Goes up with every change to the number, the registration, the flags or the entries.
    Column("consent_version", Integer, nullable=False, default=1),
    Column("list_number", Integer, nullable=False),
    # What patients are sorted by and found by: `person_name.name_key` of the two names.
    Column("name_key", Text, nullable=False, server_default="", index=True),
    # The latest execution there was when the NHS number became what it is: what any up to it found on the Spine was
    # found under another number, and so about somebody else.
    Column("number_since", Integer, nullable=False, server_default="0"),
)

consent_entry = Table(
    "consent_entry",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("patient_id", ForeignKey(patient.c.id), nullable=False),
    # The order among one patient's entries; the numbers need not be consecutive.
    Column("position", Integer, nullable=False),
    Column("code", String(5), nullable=False),
    Column("term", Text, nullable=False),
    Column("event_date", LocalDate, nullable=False),
    Column("recorded_at", UtcTime),
    Column("recorded_by", Text, nullable=False),
    UniqueConstraint("patient_id", "position"),
)
is_dissent_entry = or_(*(consent_entry.c.code == literal_column(f"'{code}'") for code in sorted(DISSENT_CODES)))
"""Written with the codes in its text, without which SQLite would not see that the index below answers it."""

Index("ix_consent_entry_dissent", consent_entry.c.patient_id, **_only_where(is_dissent_entry))

patient_group = Table(
    "patient_group",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
)

patient_group_member = Table(
    "patient_group_member",
    metadata,
    Column("group_id", ForeignKey(patient_group.c.id), primary_key=True),
    Column("patient_id", ForeignKey(patient.c.id), primary_key=True, index=True),
)

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
# One open run in the whole database: every open run has the same key.
Index(
    "uq_run_one_open",
    literal_column("(1)"),
    unique=True,
    _table=run,
    **_only_where(run.c.status.in_(sorted(OPEN_STATUSES))),
)

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
Index(
    "uq_execution_one_open",
    literal_column("(1)"),
    unique=True,
    _table=execution,
    **_only_where(execution.c.ended_at.is_(None)),
)

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
Index("ix_item_tells_of_dissent", item.c.patient_id, **_only_where(tells_of_dissent(item)))
Index("ix_item_failed", item.c.patient_id, **_only_where(item.c.state == FAILED_WORD))
Index(
    "ix_item_waiting",
    item.c.run_id,
    item.c.next_attempt_at,
    **_only_where(item.c.next_attempt_at.is_not(None)),
)

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
    **_only_where(intent.c.state.in_(sorted(UNSETTLED_INTENTS))),
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
Index("ix_attempt_open", attempt.c.id, **_only_where(attempt.c.ended_at.is_(None)))

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
Index(
    "uq_schedule_window_one_active",
    literal_column("(1)"),
    unique=True,
    _table=schedule_window,
    **_only_where(schedule_window.c.ended_at.is_(None)),
)

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

worklist_mark = Table(
    "worklist_mark",
    metadata,
    Column("patient_id", ForeignKey(patient.c.id), primary_key=True),
    Column("worklist", word_of(Worklist), primary_key=True),
    # Off: still to do.
    Column("dealt_with", Boolean, nullable=False),
    # Patient data, like a name.
    Column("note", Text, nullable=False),
    Column("marked_at", UtcTime, nullable=False),
    Column("marked_by", Text, nullable=False),
    # The record as it was then, the end of the audit trail, and the latest execution that had touched the patient:
    # what came after is a newer finding. The trail alone would not tell of somebody who failed as before.
    Column("consent_version", Integer, nullable=False),
    Column("audit_number", Integer, nullable=False),
    Column("after_execution", Integer, nullable=False),
)

spine_check = Table(
    "spine_check",
    metadata,
    # What the latest look at one patient on the Spine told; earlier ones are in the audit trail.
    Column("patient_id", ForeignKey(patient.c.id), primary_key=True),
    Column("nhs_number", String(10), nullable=False),
    Column("summary", word_of(Summary), nullable=False),
    Column("permission", word_of(Permission), nullable=False),
    Column("checked_at", UtcTime, nullable=False),
    Column("checked_by", Text, nullable=False),
    # The latest execution there was: what a later one found is newer.
    Column("after_execution", Integer, nullable=False),
)

confirmation = Table(
    "confirmation",
    metadata,
    # A pass over all dissents that were sent or found on the Spine, each read back.
    Column("id", Integer, primary_key=True),
    Column("started_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    # None with an end: everybody was come to.
    Column("end_reason", word_of(StopReason)),
    Column("operator", Text, nullable=False),
    Column("card_uid", Text, nullable=False),
    Column("role_name", Text, nullable=False),
    Column("workstation", Text, nullable=False),
    # How many there were to be read back.
    Column("dissents", Integer, nullable=False),
    # The latest execution there was: what a later one sends has not been read back.
    Column("after_execution", Integer, nullable=False),
    CheckConstraint("end_reason is null or ended_at is not null", name="reason_with_end"),
)
Index(
    "uq_confirmation_one_open",
    literal_column("(1)"),
    unique=True,
    _table=confirmation,
    **_only_where(confirmation.c.ended_at.is_(None)),
)

confirmation_finding = Table(
    "confirmation_finding",
    metadata,
    Column("confirmation_id", ForeignKey(confirmation.c.id), primary_key=True),
    Column("patient_id", ForeignKey(patient.c.id), primary_key=True),
    # The number that was asked about; the patient may have another one by now.
    Column("nhs_number", String(10)),
    Column("found", word_of(ReadBack), nullable=False),
    Column("reason", word_of(Reason)),
    Column("summary", word_of(Summary)),
    Column("permission", word_of(Permission)),
    Column("found_at", UtcTime, nullable=False),
    CheckConstraint("(found = 'not_read') = (permission is null)", name="told_unless_not_read"),
    CheckConstraint("(found = 'not_read') = (reason is not null)", name="reason_when_not_read"),
    Index(None, "confirmation_id", "found"),
)

audit_event = Table(
    "audit_event",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("run_id", Integer),
    Column("patient_id", Integer, index=True),
    Column("request_id", Text),
    Column("before", Text),
    Column("after", Text),
    Column("detail", Text, nullable=False),
    Column("hash", String(64), nullable=False),
    # Both in the order of the trail, for whoever looks through it by kind or by run.
    Index(None, "action", "number"),
    Index(None, "run_id", "number"),
)
CONVERSION: ColumnElement[str] = literal_column("'entry_converted'")
"""The action of a conversion, written into the text of statements that the index below shall answer."""

Index(
    "ix_audit_event_conversion",
    audit_event.c.run_id,
    audit_event.c.patient_id,
    **_only_where(audit_event.c.action == CONVERSION),
)
