"""Everybody who is no exhibit: cases drawn in the proportions of a real practice's list."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, time, timedelta
from itertools import accumulate

from app.simulator.demo.cases import (
    CORE_CONSENT,
    DISSENT,
    FULL_CONSENT,
    IMPLIED_CONSENT,
    LEGACY_CONSENT,
    LEGACY_DISSENT,
    OTHER_SHARING,
    Case,
    Number,
    entry,
)
from app.simulator.demo.exhibits import EXHIBITS
from app.simulator.demo.people import LIST_DATE, Person
from app.simulator.demo.rows import DemoEntry, DemoSpine


class _Rarity:
    """Something few patients have. The exhibits have it first, so nobody else does until the share is right."""

    def __init__(self, share: float, shown_by: Callable[[Case], bool]) -> None:
        self._share = share
        self._from_index = round(sum(map(shown_by, EXHIBITS)) / share)

    def strikes(self, rng: random.Random, index: int) -> bool:
        return index >= self._from_index and rng.random() < self._share


_DISSENT = _Rarity(0.0117, lambda case: case.dissents)
_DIFFERS_FROM_SPINE = _Rarity(0.0014, lambda case: case.differs_from_spine)
_FUTURE_DATED = _Rarity(0.0005, lambda case: any(entry.event_date > LIST_DATE for entry in case.entries))
_APPLIED = _Rarity(0.012, lambda case: case.status == "applied")
_FP69 = _Rarity(0.006, lambda case: case.fp69)
_SENSITIVE = _Rarity(0.004, lambda case: case.sensitive)
_UNLINKED = _Rarity(0.0025, lambda case: not case.pds_linked)
_RECORD_IN_USE = _Rarity(0.0002, lambda case: case.record_in_use)
_NO_NUMBER = _Rarity(0.0012, lambda case: case.number is Number.MISSING)
_WRONG_NUMBER = _Rarity(0.0008, lambda case: case.number is Number.WRONG)
_UNKNOWN_TO_SPINE = _Rarity(0.001, lambda case: case.spine is None)

# What those who do not dissent have said, per thousand.
_PREFERENCES = (None, LEGACY_CONSENT, IMPLIED_CONSENT, CORE_CONSENT, FULL_CONSENT)
_PREFERENCE_SHARES = tuple(accumulate((680, 30, 50, 80, 160)))
_LEGACY_DISSENTS = 0.35
_CHANGED_THEIR_MIND = 0.2
_OTHER_SHARING = 0.06
_TIME_KEPT = 0.85

_LEGACY_FROM = date(2007, 6, 1)
_CURRENT_FROM = date(2013, 1, 1)
_SUCCESSORS = {LEGACY_CONSENT: FULL_CONSENT, LEGACY_DISSENT: DISSENT}
_MISTYPED_YEARS = (2052, 2061, 2062, 2071, 2091)
_AUTHORS = (
    "Dr S Patel",
    "Dr H Llewellyn",
    "Dr A O'Connor",
    "Sister J Whitfield",
    "Nurse K Nowak",
    "Reception",
    "Imported record",
)

_HAVE_SUMMARY = 0.67
_DISSENTERS_WITH_SUMMARY = 0.3
_DISSENTS_ON_SPINE = 0.15
_PERMISSIONS = ("", "Ask", "Yes")
_PERMISSION_SHARES = tuple(accumulate((70, 25, 5)))


def draw_case(rng: random.Random, index: int, person: Person) -> Case:
    """The case of the patient at this place of the list."""
    dissents = _DISSENT.strikes(rng, index)
    return Case(
        entries=_draw_entries(rng, index, person.date_of_birth, dissents=dissents),
        spine=_draw_spine(rng, index, dissents=dissents),
        status=_draw_status(rng, index, person.age),
        number=_draw_number(rng, index),
        fp69=_FP69.strikes(rng, index),
        sensitive=_SENSITIVE.strikes(rng, index),
        pds_linked=not _UNLINKED.strikes(rng, index),
        record_in_use=_RECORD_IN_USE.strikes(rng, index),
    )


def _draw_status(rng: random.Random, index: int, age: int) -> str:
    if _APPLIED.strikes(rng, index):
        return "applied"
    died = 0.04 if age >= 75 else 0.004
    chance = rng.random()
    if chance < died:
        return "deceased"
    if chance < died + 0.03:
        return "transferred_out"
    return "temporary" if chance < died + 0.043 else "permanent"


def _draw_number(rng: random.Random, index: int) -> Number:
    if _NO_NUMBER.strikes(rng, index):
        return Number.MISSING
    return Number.WRONG if _WRONG_NUMBER.strikes(rng, index) else Number.VALID


def _draw_spine(rng: random.Random, index: int, *, dissents: bool) -> DemoSpine | None:
    if dissents:
        has_summary = rng.random() < _DISSENTERS_WITH_SUMMARY
        on_spine = rng.random() < _DISSENTS_ON_SPINE
    elif _UNKNOWN_TO_SPINE.strikes(rng, index):
        return None
    else:
        has_summary = rng.random() < _HAVE_SUMMARY
        on_spine = _DIFFERS_FROM_SPINE.strikes(rng, index)
    permission = "No" if on_spine else rng.choices(_PERMISSIONS, cum_weights=_PERMISSION_SHARES)[0]
    return DemoSpine(has_summary, permission)


def _draw_entries(rng: random.Random, index: int, born: date, *, dissents: bool) -> tuple[DemoEntry, ...]:
    entries = _draw_preference(rng, born, dissents=dissents)
    if rng.random() < _OTHER_SHARING:
        entries.append(_draw_entry(rng, rng.choice(OTHER_SHARING), _draw_day(rng, max(born, _LEGACY_FROM), LIST_DATE)))
        entries.sort(key=lambda one: one.event_date)
    if _FUTURE_DATED.strikes(rng, index):
        mistyped = date(rng.choice(_MISTYPED_YEARS), rng.randint(1, 12), rng.randint(1, 28))
        entries.append(_draw_entry(rng, rng.choice((DISSENT, DISSENT, FULL_CONSENT)), mistyped))
    return tuple(entries)


def _draw_preference(rng: random.Random, born: date, *, dissents: bool) -> list[DemoEntry]:
    """The entry that counts, after an earlier one where somebody changed their mind."""
    if dissents:
        code: str | None = LEGACY_DISSENT if rng.random() < _LEGACY_DISSENTS else DISSENT
    else:
        code = rng.choices(_PREFERENCES, cum_weights=_PREFERENCE_SHARES)[0]
    if code is None:
        return []
    if code in _SUCCESSORS and born >= _CURRENT_FROM:
        code = _SUCCESSORS[code]
    first, end = (_LEGACY_FROM, _CURRENT_FROM) if code in _SUCCESSORS else (_CURRENT_FROM, LIST_DATE)
    first = max(born, first)
    day = _draw_day(rng, first, end)
    entries = [_draw_entry(rng, code, day)]
    earliest = max(born, _LEGACY_FROM)
    if earliest < day and rng.random() < _CHANGED_THEIR_MIND:
        entries.insert(0, _draw_earlier(rng, _draw_day(rng, earliest, day), dissents=dissents))
    return entries


def _draw_earlier(rng: random.Random, day: date, *, dissents: bool) -> DemoEntry:
    withdrawn = not dissents and rng.random() < 0.1
    if day < _CURRENT_FROM:
        code = LEGACY_DISSENT if withdrawn else LEGACY_CONSENT
    else:
        code = DISSENT if withdrawn else IMPLIED_CONSENT
    return _draw_entry(rng, code, day)


def _draw_entry(rng: random.Random, code: str, day: date) -> DemoEntry:
    at = time(rng.randint(8, 17), rng.randint(0, 59), rng.randint(0, 59)) if rng.random() < _TIME_KEPT else None
    return entry(code, day, at, rng.choice(_AUTHORS))


def _draw_day(rng: random.Random, first: date, end: date) -> date:
    """A day from `first` on and before `end`."""
    return first + timedelta(days=rng.randrange((end - first).days))
