"""The practice's wall clock against UTC: which instant a time of day is, also on the nights the clocks change.

Faults page, row 31: a time in the hour that comes twice is its first coming; one in the hour that is left out is an
hour later on the wall. Everything is compared and subtracted in UTC, never on the wall.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

ENGLAND = ZoneInfo("Europe/London")

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


class Oddity(Enum):
    """What can be odd about a time of day on one date."""

    REPEATED = "repeated"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class ClockChange:
    """The instant at which the clocks of England are changed; `back` in autumn, when an hour comes twice."""

    at: datetime
    back: bool


def instant_at(day: date, wall: time) -> datetime:
    """The instant, in UTC, at which a clock on the wall in England shows this time on this date.

    The first of two; where there is none, as long after the change as the time lies beyond it: 01:30 becomes 02:30.
    """
    first = wall.replace(fold=0) if wall.fold else wall
    return datetime.combine(day, first, ENGLAND).astimezone(UTC)


def oddity_of(day: date, wall: time) -> Oddity | None:
    """Whether the wall shows this time twice on this date, or never; None on every ordinary day."""
    first, second = (datetime.combine(day, wall.replace(fold=fold), ENGLAND).utcoffset() for fold in (0, 1))
    if first is None or second is None or first == second:
        return None
    return Oddity.REPEATED if first > second else Oddity.MISSING


def on_the_wall(instant: datetime) -> datetime:
    """An instant as the wall shows it. Raises ValueError for one without a zone."""
    if instant.tzinfo is None:
        raise ValueError("An instant needs a time zone.")
    return instant.astimezone(ENGLAND)


def clock_changes(begin: datetime, end: datetime) -> tuple[ClockChange, ...]:
    """When the clocks are changed from one instant to another, both included, in order."""
    found = []
    # A minute earlier, so that a change at the very beginning has a before.
    at = begin.astimezone(UTC) - _MINUTE
    end = end.astimezone(UTC)
    while at < end:
        following = min(at + _DAY, end)
        if _offset(at) != _offset(following):
            found.append(_change_within(at, following))
        at = following
    return tuple(found)


def _change_within(before: datetime, after: datetime) -> ClockChange:
    """The one change between two instants whose offsets differ, found by halving."""
    back = _offset(before) > _offset(after)
    offset = _offset(before)
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        if _offset(middle) == offset:
            before = middle
        else:
            after = middle
    return ClockChange(after.replace(microsecond=0), back)


def _offset(instant: datetime) -> timedelta:
    return instant.astimezone(ENGLAND).utcoffset() or timedelta(0)
