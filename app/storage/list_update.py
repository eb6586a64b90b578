"""Bringing the patients up to date from a newer list: who is who, and what really changed.

A patient's version counts up only where the number, the registration, a flag or an entry differs, so that a list
that says nothing new makes nothing stale.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Boolean, Connection, bindparam, case, delete, func, insert, select, update

from app.domain.terms import EXPRESS_DISSENT, TERMS
from app.engine.long_work import Progress
from app.engine.practice import EntryRow, PatientRow, PracticeList
from app.storage.audit import AuditAction
from app.storage.columns import AnyRow
from app.storage.list_rows import add_entries, chunks, ids_by, last_position, patient_values
from app.storage.tables import audit_event, consent_entry, execution, patient

_PAGE = 1000
_DISSENTS = frozenset(code for code, term in TERMS.items() if term.is_dissent)

_VERSIONED = ("nhs_number", "registration", "fp69", "sensitive", "pds_linked", "record_in_use")
_WRITTEN = ("patient_ref", "surname", "forename", "name_key", "date_of_birth", "sex", "list_number", *_VERSIONED)

_ANOTHER_NUMBER = bindparam("another_number", type_=Boolean)
_LATEST_EXECUTION = select(func.coalesce(func.max(execution.c.id), 0)).scalar_subquery()
_UPDATE = (
    update(patient)
    .where(patient.c.id == bindparam("known"))
    .values(
        consent_version=patient.c.consent_version + bindparam("changed"),
        # No execution is live while a list is brought in, so whatever was told so far was told of the other number.
        number_since=case((_ANOTHER_NUMBER, _LATEST_EXECUTION), else_=patient.c.number_since),
        **{name: bindparam(f"new_{name}", type_=patient.c[name].type) for name in _WRITTEN},
    )
)


def match_patients(connection: Connection, number: int, rows: PracticeList) -> tuple[int, int]:
    """Update the patients the list names and add those it brings; returns how many were added and updated.

    First everybody with a known reference; then, among the patients whom no reference named, by NHS number: a number
    that has passed from one reference to another must not drag a record along.
    """
    updated = 0
    for chunk in chunks(row for row in rows.patients() if row.patient_ref is not None):
        updated += _update_by_reference(connection, number, chunk)
    added = 0
    for chunk in chunks(rows.patients()):
        done = ids_by(connection, patient.c.patient_ref, [row.patient_ref for row in chunk], number)
        rest = [row for row in chunk if row.patient_ref not in done]
        new = _update_by_number(connection, number, rest)
        if new:
            connection.execute(insert(patient), [patient_values(row, number) for row in new])
        updated += len(rest) - len(new)
        added += len(new)
    return added, updated


def replace_entries(
    connection: Connection, number: int, rows: Iterable[EntryRow], today: date, progress: Progress
) -> int:
    """Have the list's patients hold exactly the entries it names; returns how many it names. `today` is England's."""
    last_old = last_position(connection)
    count = add_entries(connection, number, rows)
    last_patient = compared = 0
    while True:
        progress("Comparing with what was recorded before", compared)
        page = (
            connection.execute(
                select(patient.c.id)
                .where(patient.c.list_number == number, patient.c.id > last_patient)
                .order_by(patient.c.id)
                .limit(_PAGE)
            )
            .scalars()
            .all()
        )
        if not page:
            return count
        _keep_what_differs(connection, page, last_old, today)
        last_patient = page[-1]
        compared += len(page)


def absent_references(connection: Connection, number: int) -> tuple[str, ...]:
    """The references of the patients the list does not name, in the order they came in."""
    query = select(patient.c.patient_ref).where(patient.c.list_number != number).order_by(patient.c.id)
    return tuple(connection.execute(query).scalars())


def _update_by_reference(connection: Connection, number: int, rows: Sequence[PatientRow]) -> int:
    query = select(patient).where(patient.c.patient_ref.in_([row.patient_ref for row in rows]))
    known = {row.patient_ref: row for row in connection.execute(query)}
    pairs = [(known[row.patient_ref], row) for row in rows if row.patient_ref in known]
    _write(connection, number, pairs)
    return len(pairs)


def _update_by_number(connection: Connection, number: int, rows: Sequence[PatientRow]) -> list[PatientRow]:
    """Update those whose number is known; the rows that are nobody's yet."""
    numbers = {row.nhs_number for row in rows if row.nhs_number is not None}
    query = (
        select(patient)
        .where(patient.c.nhs_number.in_(numbers), patient.c.list_number != number)
        # Of several patients with one number the oldest is taken; the others stay, and are told as absent.
        .order_by(patient.c.id.desc())
    )
    known = {row.nhs_number: row for row in connection.execute(query)} if numbers else {}
    _write(connection, number, [(known[row.nhs_number], row) for row in rows if row.nhs_number in known])
    return [row for row in rows if row.nhs_number not in known]


def _write(connection: Connection, number: int, pairs: Sequence[tuple[AnyRow, PatientRow]]) -> None:
    if pairs:
        connection.execute(_UPDATE, [_update_values(old, new, number) for old, new in pairs])


def _update_values(old: AnyRow, new: PatientRow, number: int) -> dict[str, Any]:
    values = patient_values(new, number)
    values["patient_ref"] = new.patient_ref or old.patient_ref
    changed = any(values[name] != getattr(old, name) for name in _VERSIONED)
    return {
        "known": old.id,
        "changed": int(changed),
        "another_number": values["nhs_number"] != old.nhs_number,
        **{f"new_{name}": values[name] for name in _WRITTEN},
    }


def _keep_what_differs(connection: Connection, patient_ids: Sequence[int], last_old: int, today: date) -> None:
    """Drop the old entries of patients whose new ones differ, and the new ones of those whose do not.

    A dissent that somebody recorded here stays beside the new ones until the list brings one of its date or later that
    counts by now.
    """
    entry = consent_entry.c
    old: dict[int, list[AnyRow]] = {patient_id: [] for patient_id in patient_ids}
    new: dict[int, list[AnyRow]] = {patient_id: [] for patient_id in patient_ids}
    rows = connection.execute(
        select(
            entry.id,
            entry.patient_id,
            entry.position,
            entry.code,
            entry.term,
            entry.event_date,
            entry.recorded_at,
            entry.recorded_by,
        )
        .where(entry.patient_id.in_(patient_ids))
        .order_by(entry.patient_id, entry.position)
    )
    for row in rows:
        (new if row.position > last_old else old)[row.patient_id].append(row)
    kept = _recorded_here(connection, old, new, today)
    same = {
        patient_id
        for patient_id in patient_ids
        if _content(row for row in old[patient_id] if row.id not in kept) == _content(new[patient_id])
    }
    changed = [patient_id for patient_id in patient_ids if patient_id not in same]
    if same:
        connection.execute(delete(consent_entry).where(entry.patient_id.in_(same), entry.position > last_old))
    if changed:
        dropped = (entry.patient_id.in_(changed), entry.position <= last_old, entry.id.not_in(kept))
        connection.execute(delete(consent_entry).where(*dropped))
        connection.execute(
            update(patient).where(patient.c.id.in_(changed)).values(consent_version=patient.c.consent_version + 1)
        )


def _content(rows: Iterable[AnyRow]) -> list[tuple[object, ...]]:
    return [(row.code, row.term, row.event_date, row.recorded_at, row.recorded_by) for row in rows]


def _recorded_here(
    connection: Connection, old: Mapping[int, Sequence[AnyRow]], new: Mapping[int, Sequence[AnyRow]], today: date
) -> set[int]:
    """The old entries that a person recorded in this program and that the list does not know of yet."""
    query = select(audit_event.c.patient_id, audit_event.c.at).where(
        audit_event.c.patient_id.in_(list(old)),
        audit_event.c.action == AuditAction.ENTRY_ADDED.value,
        audit_event.c.after == EXPRESS_DISSENT.code,
    )
    # What this program adds carries the instant of the event that tells of it.
    recorded = {(whose, at) for whose, at in connection.execute(query)}
    return {
        row.id
        for whose, rows in old.items()
        for row in rows
        if row.code == EXPRESS_DISSENT.code
        and (whose, row.recorded_at) in recorded
        # A mistyped year must not take over: what is dated in the future counts for nothing yet.
        and not any(one.code in _DISSENTS and row.event_date <= one.event_date <= today for one in new[whose])
    }
