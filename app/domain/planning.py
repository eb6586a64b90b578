"""From what was typed into Start, Stop and Resume to a plan, and what has to be said about it.

Faults page, row 31.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from app.domain.errors import BadInput
from app.domain.local_time import Oddity, instant_at, oddity_of, on_the_wall
from app.domain.phrases import day_and_time
from app.domain.windows import Plan

_TIME = re.compile(r"(\d{1,2}):(\d{2})", re.ASCII)
_START = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})\s+(\d{1,2}:\d{2})", re.ASCII)

_THIS_MINUTE = timedelta(minutes=1)
"""A start this little ago is the one that was offered: now."""

FURTHEST = timedelta(days=366)
"""A start further off than this is a slip of the pen."""


@dataclass(frozen=True, slots=True)
class StartAt:
    """A start as people give it: a date and a time of day in England."""

    day: date
    at: time


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, and sentences about where it differs from what was typed."""

    plan: Plan
    notes: tuple[str, ...]


def read_time(text: str, field: str) -> time:
    """A time of day from hh:mm. Raises `BadInput` naming the field."""
    if found := _TIME.fullmatch(text.strip()):
        with suppress(ValueError):
            return time(int(found[1]), int(found[2]))
    raise BadInput(f"{field} takes a time of day such as 08:00 or 18:30.")


def read_start(text: str, field: str = "Start") -> StartAt | None:
    """A start from dd/mm/yyyy hh:mm; None for "now". Raises `BadInput` naming the field."""
    if text.strip().lower() == "now":
        return None
    if found := _START.fullmatch(text.strip()):
        with suppress(ValueError, BadInput):
            return StartAt(date(int(found[3]), int(found[2]), int(found[1])), read_time(found[4], field))
    raise BadInput(f"{field} takes a date and time such as 24/10/2026 18:30, or now.")


def make_plan(now: datetime, start: StartAt | None, stop: time | None, resume: time | None) -> Planned:
    """The plan that these fields mean at this instant; None is Immediately, or a box that is not ticked.

    Raises `BadInput` for equal times, a Resume without a Stop, and a start more than a year off.
    """
    if start is None:
        return _noted(Plan(now, stop, resume), now, [])
    start_at = instant_at(start.day, start.at)
    notes = []
    if start_at > now + FURTHEST:
        raise BadInput("Start lies more than a year ahead. Check the date.")
    if start_at <= now:
        if start_at <= now - _THIS_MINUTE:
            notes.append("The start that was chosen has passed, so it counts as now.")
        return _noted(Plan(now, stop, resume), now, notes)
    if (oddity := oddity_of(start.day, start.at)) is not None:
        notes.append(odd_time("Start", start.day, start.at, oddity))
    return _noted(Plan(start_at, stop, resume), now, notes)


def odd_time(field: str, day: date, at: time, oddity: Oddity) -> str:
    """What a time of day means on the night the clocks change."""
    if oddity is Oddity.REPEATED:
        return f"{at:%H:%M} comes twice on {day:%d/%m/%Y}, as the clocks go back: {field} is the first of the two."
    shown = f"{on_the_wall(instant_at(day, at)):%H:%M}"
    return f"There is no {at:%H:%M} on {day:%d/%m/%Y}, as the clocks go forward: {field} is at {shown} instead."


def _noted(plan: Plan, now: datetime, notes: list[str]) -> Planned:
    first = plan.first()
    if first.begins_at > plan.start_at:
        resumes = day_and_time(first.begins_at, now)
        notes.append(f"The start is within the daily pause, so it waits for the resume time: {resumes}.")
    return Planned(plan, tuple(notes))
