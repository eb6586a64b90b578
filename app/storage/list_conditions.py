"""Which patients a list holds, as conditions in SQL: by state and reason, by trait, by what somebody searched for.

The traits that look into records follow the rules of the domain; tests compare them with the rules themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from sqlalchemy import ColumnElement, and_, exists, func, literal, not_, or_, select

from app.domain import nhs_number
from app.domain.decision import Permission, Summary
from app.domain.person_name import search_words
from app.domain.terms import IMPLIED_CONSENT, LEGACY_CONSENT, TERMS
from app.engine.lists import Was
from app.engine.run_lists import ListDefinition, Trait
from app.storage.columns import AnySelect
from app.storage.latest_outcomes import with_dissent_on_spine
from app.storage.tables import (
    CONVERSION,
    audit_event,
    consent_entry,
    is_dissent_entry,
    item,
    patient,
    patient_group,
    patient_group_member,
)

MARKED_GROUP = ""
"""The group, on the copy of a preview alone, of those who are marked; people's groups have a name."""

_LENGTH_OF_NUMBER = 10

_entry = consent_entry.c
_is_term = _entry.code.in_(sorted(TERMS))


def defined(definition: ListDefinition, run_id: int, today: date) -> Iterator[ColumnElement[bool]]:
    """The conditions of a list of this run. `today` is the date in England."""
    yield item.c.run_id == run_id
    if definition.states:
        yield item.c.state.in_(sorted(definition.states))
    if definition.reasons:
        yield item.c.reason.in_(sorted(definition.reasons))
    if definition.trait is not None:
        yield _TRAITS[definition.trait](run_id, today)


def left_by(was: Was | None) -> Iterator[ColumnElement[bool]]:
    """The condition that another run left the patient of an item like this."""
    if was is not None:
        earlier = item.alias("earlier")
        reason = earlier.c.reason.is_(None) if was.reason is None else earlier.c.reason == was.reason
        yield exists().where(
            earlier.c.run_id == was.run_id,
            earlier.c.patient_id == item.c.patient_id,
            earlier.c.state == was.state,
            reason,
        )


def searched(typed: str) -> Iterator[ColumnElement[bool]]:
    """The conditions of what somebody typed: the first digits of an NHS number, or how some words of a name begin."""
    digits = nhs_number.strip_spacing(typed)
    if digits.isascii() and digits.isdigit():
        if len(digits) > _LENGTH_OF_NUMBER:
            yield literal(False)
        else:
            first, last = digits.ljust(_LENGTH_OF_NUMBER, "0"), digits.ljust(_LENGTH_OF_NUMBER, "9")
            yield patient.c.nhs_number.between(first, last)
        return
    words = search_words(typed)
    if typed.strip() and not words:
        yield literal(False)
    for word in words:
        # The words hold letters and digits only, nothing that LIKE would read.
        yield patient.c.name_key.like(f"% {word}%")


def _mismatch(run_id: int, today: date) -> ColumnElement[bool]:  # noqa: ARG001 - the traits share one signature
    return item.c.mismatch


def _converted(run_id: int, today: date) -> ColumnElement[bool]:  # noqa: ARG001
    return item.c.patient_id.in_(
        select(audit_event.c.patient_id).where(audit_event.c.run_id == run_id, audit_event.c.action == CONVERSION)
    )


def _widened(run_id: int, today: date) -> ColumnElement[bool]:
    return and_(item.c.code_before == LEGACY_CONSENT.code, _converted(run_id, today))


def _marked(run_id: int, today: date) -> ColumnElement[bool]:  # noqa: ARG001
    members = select(patient_group_member.c.patient_id).join(patient_group)
    return item.c.patient_id.in_(members.where(patient_group.c.name == MARKED_GROUP))


def _nothing_told(run_id: int, today: date) -> ColumnElement[bool]:  # noqa: ARG001
    return and_(item.c.scr_on_spine == Summary.NO, item.c.permission_before == Permission.NOT_TOLD)


def _several_terms(run_id: int, today: date) -> ColumnElement[bool]:  # noqa: ARG001
    return item.c.patient_id.in_(with_several_terms())


def _future_dated(run_id: int, today: date) -> ColumnElement[bool]:  # noqa: ARG001
    return item.c.patient_id.in_(with_future_term(today))


def with_several_terms() -> AnySelect:
    """The ids of the patients whose record holds more than one consent term."""
    return select(_entry.patient_id).where(_is_term).group_by(_entry.patient_id).having(func.count() > 1)


def with_future_term(today: date) -> AnySelect:
    """The ids of the patients with a consent term dated after today."""
    return select(_entry.patient_id).where(_is_term, _entry.event_date > today)


def _dissent_not_sent(run_id: int, today: date) -> ColumnElement[bool]:  # noqa: ARG001
    return dissent_not_sent(item.c.patient_id, today)


def dissent_not_sent(patient_id: ColumnElement[int], today: date) -> ColumnElement[bool]:
    """Whether a patient objects, and nothing that any run or look told shows that the Spine knows it."""
    objects = or_(patient_id.in_(with_counting_dissent(today)), patient_id.in_(_with_nothing_but_future_dissent(today)))
    return and_(objects, patient_id.not_in(with_dissent_on_spine()))


def with_counting_dissent(today: date) -> AnySelect:
    """The ids of the patients whose entry that counts is a dissent: of the latest date, and not outdone by a later
    express entry of that date where all of them have a time (steps 2 to 5).
    """
    dissent, other = consent_entry.alias("dissent"), consent_entry.alias("other")
    same_patient = (other.c.patient_id == dissent.c.patient_id, other.c.code.in_(sorted(TERMS)))
    later_date = exists().where(*same_patient, other.c.event_date > dissent.c.event_date, other.c.event_date <= today)
    express = (
        *same_patient,
        other.c.event_date == dissent.c.event_date,
        other.c.code != IMPLIED_CONSENT.code,
    )
    untimed = exists().where(*express, other.c.recorded_at.is_(None))
    later_time = exists().where(*express, other.c.recorded_at > dissent.c.recorded_at)
    is_dissent = dissent.c.id.in_(select(_entry.id).where(is_dissent_entry))
    return select(dissent.c.patient_id).where(
        is_dissent, dissent.c.event_date <= today, not_(later_date), or_(untimed, not_(later_time))
    )


def _with_nothing_but_future_dissent(today: date) -> AnySelect:
    now = consent_entry.alias("now")
    counts = exists().where(
        now.c.patient_id == _entry.patient_id, now.c.code.in_(sorted(TERMS)), now.c.event_date <= today
    )
    return select(_entry.patient_id).where(is_dissent_entry, _entry.event_date > today, not_(counts))


_TRAITS: Mapping[Trait, Callable[[int, date], ColumnElement[bool]]] = {
    Trait.MISMATCH: _mismatch,
    Trait.LEGACY_CONVERTED: _converted,
    Trait.CONSENT_WIDENED: _widened,
    Trait.MARKED: _marked,
    Trait.NOTHING_TOLD: _nothing_told,
    Trait.SEVERAL_TERMS: _several_terms,
    Trait.FUTURE_DATED: _future_dated,
    Trait.DISSENT_NOT_SENT: _dissent_not_sent,
}
