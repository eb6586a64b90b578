"""Whom a person has to look at after a newer list was brought in: what no rule can settle, told by reference."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Connection, exists, or_, select

from app.domain.outcomes import ItemState
from app.domain.patient import ACTIVE_STATUSES
from app.domain.states import IntentState
from app.domain.terms import EXPRESS_DISSENT
from app.engine.practice import ToLookAt
from app.storage.audit import AuditAction
from app.storage.columns import AnySelect
from app.storage.latest_outcomes import IS_ACTIVE
from app.storage.list_conditions import with_counting_dissent
from app.storage.list_rows import chunks, members_of
from app.storage.tables import audit_event, consent_entry, intent, item, patient, patient_group, spine_check


@dataclass(frozen=True, slots=True)
class Before:
    """What is to be compared with how things stand after an update.

    `objected` are the ids of the patients whose entry that counted was a dissent; `sent` are the numbers under which
    dissents were sent, or may have been, by patient's id.
    """

    objected: frozenset[int]
    sent: Mapping[int, str | None]


def as_it_stands(connection: Connection, today: date) -> Before:
    """How things stand before an update. `today` is the date in England."""
    not_settled = exists().where(intent.c.patient_id == patient.c.id, intent.c.state == IntentState.UNKNOWN)
    query = select(patient.c.id, patient.c.nhs_number).join_from(item, patient)
    sent = query.where(or_(item.c.state == ItemState.SENT, not_settled), item.c.execution_id > patient.c.number_since)
    numbers: dict[int, str | None] = dict(connection.execute(sent.distinct()).all())
    return Before(_objecting(connection, today), numbers)


def to_look_at(
    connection: Connection, number: int, before: Before, members: Mapping[int, set[int]], today: date
) -> ToLookAt:
    """Whom to look at after the update by the list of this number; `members` are those its groups had before."""
    return ToLookAt(
        no_longer_objecting=_of_ids(connection, before.objected - _objecting(connection, today)),
        sent_under_another_number=_of_ids(connection, _renumbered(connection, before.sent)),
        same_number=_references(connection, patient.c.id.in_(_with_a_number_of_the_list(number))),
        found_under_another_number=_references(connection, patient.c.id.in_(_found_under_another_number())),
        groups_reduced=tuple(_reduced(connection, members)),
    )


def _reduced(connection: Connection, members: Mapping[int, set[int]]) -> Iterator[str]:
    names = dict(connection.execute(select(patient_group.c.id, patient_group.c.name)).all())
    for group_id, held in members.items():
        if gone := len(held - members_of(connection, group_id)):
            yield f"{names[group_id]} ({gone:,})"


def _objecting(connection: Connection, today: date) -> frozenset[int]:
    return frozenset(connection.execute(with_counting_dissent(today)).scalars())


def _renumbered(connection: Connection, numbers: Mapping[int, str | None]) -> set[int]:
    found: set[int] = set()
    for chunk in chunks(sorted(numbers)):
        now = connection.execute(select(patient.c.id, patient.c.nhs_number).where(patient.c.id.in_(chunk)))
        found |= {whose for whose, number in now if number != numbers[whose]}
    return found


def _of_ids(connection: Connection, patient_ids: Collection[int]) -> tuple[str, ...]:
    found = (_references(connection, patient.c.id.in_(chunk)) for chunk in chunks(sorted(patient_ids)))
    return tuple(reference for references in found for reference in references)


def _references(connection: Connection, which: ColumnElement[bool]) -> tuple[str, ...]:
    query = select(patient.c.patient_ref).where(which).order_by(patient.c.id)
    return tuple(connection.execute(query).scalars())


def _with_a_number_of_the_list(number: int) -> AnySelect:
    listed = patient.alias("listed")
    same = exists().where(
        listed.c.nhs_number == patient.c.nhs_number,
        listed.c.list_number == number,
        listed.c.registration.in_(sorted(ACTIVE_STATUSES)),
    )
    return select(patient.c.id).where(patient.c.list_number != number, IS_ACTIVE, same)


def _found_under_another_number() -> AnySelect:
    """A dissent is recorded together with the look it rests on; a later look under the new number takes that away."""
    recorded = exists().where(
        audit_event.c.patient_id == patient.c.id,
        audit_event.c.action == AuditAction.ENTRY_ADDED.value,
        audit_event.c.after == EXPRESS_DISSENT.code,
        consent_entry.c.patient_id == patient.c.id,
        consent_entry.c.code == EXPRESS_DISSENT.code,
        # What this program adds carries the instant of the event that tells of it.
        consent_entry.c.recorded_at == audit_event.c.at,
    )
    another = or_(patient.c.nhs_number.is_(None), patient.c.nhs_number != spine_check.c.nhs_number)
    looked = select(patient.c.id).join(spine_check, spine_check.c.patient_id == patient.c.id)
    return looked.where(another, recorded)
