"""Patients of a run as the migration loop takes them in hand: the item, the record, the message there may be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, case, func, or_, select

from app.domain.decision import SpineConsent
from app.domain.patient import ConsentEntry, PatientRecord
from app.domain.states import IntentState
from app.engine.rows import ExecutionKey, IntentView, PastAnswer, ResendReason, WorkItem
from app.engine.spine_port import NOT_APPLIED, AnswerKind
from app.storage.columns import AnyRow, AnySelect
from app.storage.tables import attempt, consent_entry, intent, item, patient

NEVER_LEFT = (AnswerKind.NOT_SENT, AnswerKind.NO_CONNECTION)
"""Attempts of which certainly no byte reached the Spine."""

_MAY_BE_APPLIED = or_(attempt.c.answer_class.is_(None), attempt.c.answer_class.not_in(sorted(NOT_APPLIED)))


ITEMS: AnySelect = select(
    item.c.id,
    item.c.sequence,
    item.c.state,
    item.c.code_before,
    item.c.deferrals,
    item.c.execution_id,
    patient.c.id,
    patient.c.nhs_number,
    patient.c.registration,
    patient.c.fp69,
    patient.c.sensitive,
    patient.c.pds_linked,
    patient.c.record_in_use,
    patient.c.consent_version,
).join_from(item, patient)
"""Every item with its patient, to be narrowed down and ordered."""

_PATIENT_ID = 6

_ENTRIES = (
    select(
        consent_entry.c.patient_id,
        consent_entry.c.id,
        consent_entry.c.code,
        consent_entry.c.event_date,
        consent_entry.c.recorded_at,
    )
    .where(consent_entry.c.patient_id.in_(bindparam("patients", expanding=True)))
    .order_by(consent_entry.c.patient_id, consent_entry.c.position)
)
_INTENTS = select(intent).where(intent.c.patient_id.in_(bindparam("patients", expanding=True))).order_by(intent.c.id)


def load(connection: Connection, key: ExecutionKey, query: AnySelect, values: Mapping[str, object]) -> list[WorkItem]:
    """The items of a narrowed `ITEMS`, in its order, with entries and messages, as this execution sees them."""
    rows = connection.execute(query, values).all()
    patient_ids = [row[_PATIENT_ID] for row in rows]
    if not patient_ids:
        return []
    entries = load_entries(connection, patient_ids)
    messages = _load_messages(connection, key, patient_ids)
    return [
        _work_item(row, key, entries.get(row[_PATIENT_ID], []), messages.get(row[_PATIENT_ID], _Messages()))
        for row in rows
    ]


def load_entries(connection: Connection, patient_ids: Collection[int]) -> dict[int, list[ConsentEntry]]:
    """The live entries of these patients, each patient's in the order of the file."""
    found: dict[int, list[ConsentEntry]] = defaultdict(list)
    rows = connection.execute(_ENTRIES, {"patients": patient_ids})
    for patient_id, *fields in rows:
        found[patient_id].append(ConsentEntry(*fields))
    return found


@dataclass(slots=True)
class _Messages:
    """One patient's messages: the unsettled one, and the latest settled one with the record's version then."""

    unsettled: IntentView | None = None
    settled: PastAnswer | None = None
    settled_version: int = 0


@dataclass(frozen=True, slots=True)
class _Sends:
    """The attempts at one message, and those among them that may have been applied."""

    attempts: int = 0
    total: int = 0
    last_started_at: datetime | None = None
    last_ended_at: datetime | None = None
    now: int = 0
    blind_now: int = 0


def _load_messages(connection: Connection, key: ExecutionKey, patient_ids: Collection[int]) -> dict[int, _Messages]:
    rows = connection.execute(_INTENTS, {"patients": patient_ids}).all()
    if not rows:
        return {}
    sends = _load_sends(connection, key, [row.request_id for row in rows if row.state.is_unsettled])
    found: dict[int, _Messages] = defaultdict(_Messages)
    for row in rows:
        messages = found[row.patient_id]
        if row.state.is_unsettled:
            messages.unsettled = _intent_view(row, sends.get(row.request_id, _Sends()))
        else:
            snapshot = SpineConsent(row.snapshot_summary, row.snapshot_permission)
            messages.settled = PastAnswer(row.state, row.spine_code, row.spine_text, snapshot)
            messages.settled_version = row.consent_version
    return found


def _load_sends(connection: Connection, key: ExecutionKey, request_ids: Sequence[str]) -> dict[str, _Sends]:
    if not request_ids:
        return {}
    now = and_(_MAY_BE_APPLIED, attempt.c.execution_id == key.execution_id)
    blind = and_(now, attempt.c.reason == ResendReason.NO_READBACK)
    rows = connection.execute(
        select(
            attempt.c.request_id,
            func.count(),
            func.count(case((_MAY_BE_APPLIED, 1))),
            func.max(case((_MAY_BE_APPLIED, attempt.c.started_at))),
            func.max(case((_MAY_BE_APPLIED, attempt.c.ended_at))),
            func.count(case((now, 1))),
            func.count(case((blind, 1))),
        )
        .where(attempt.c.request_id.in_(request_ids))
        .group_by(attempt.c.request_id)
    )
    return {request_id: _Sends(*counts) for request_id, *counts in rows}


def _intent_view(row: AnyRow, sends: _Sends) -> IntentView:
    return IntentView(
        row.request_id,
        row.state,
        row.consent_version,
        SpineConsent(row.snapshot_summary, row.snapshot_permission),
        sends=sends.total,
        last_started_at=_last_started_at(row, sends),
        tried=sends.attempts > 0,
        sends_now=sends.now,
        resent_blind=sends.blind_now > 0,
    )


def _last_started_at(row: AnyRow, sends: _Sends) -> datetime | None:
    """When the latest attempt that may be applied began.

    A message of unknown outcome that changed after its latest attempt had ended was made so by a restore: attempts that
    the backup does not know of may have been made until then.
    """
    if row.state is IntentState.UNKNOWN and (sends.last_ended_at is None or sends.last_ended_at < row.changed_at):
        changed_at: datetime = row.changed_at
        return changed_at
    return sends.last_started_at


def _work_item(row: AnyRow, key: ExecutionKey, entries: Sequence[ConsentEntry], messages: _Messages) -> WorkItem:
    item_id, sequence, state, code_before, deferrals, execution_id, *patient_fields = row
    record = PatientRecord(*(*patient_fields, tuple(entries)))
    return WorkItem(
        item_id,
        sequence,
        state,
        record,
        code_before,
        messages.unsettled,
        messages.settled if messages.settled_version == record.consent_version else None,
        deferrals if execution_id == key.execution_id else 0,
    )
