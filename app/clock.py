"""The one clock: UTC instants, a monotonic reading, and Europe/London at the edges.

Everything that needs the time is handed a `Clock`; nothing else in the program may ask the system for it. The
product's clock can be moved by an offset, which it takes over only from a Spine that says it is simulated.
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, date, datetime, timedelta
from typing import Protocol, runtime_checkable
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


class Clock(Protocol):
    """Where the program gets the time from."""

    def now(self) -> datetime:
        """The current instant, in UTC and zone-aware."""

    def monotonic(self) -> float:
        """Seconds on a clock that never jumps; only differences mean anything."""


@runtime_checkable
class MovableClock(Clock, Protocol):
    """A clock that a simulation may move."""

    def move_to_offset(self, offset: timedelta) -> None:
        """Set how far this clock runs ahead of the machine's."""


class SystemClock:
    """The machine's clock, moved by an offset that is zero unless a simulation moves it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._offset = timedelta(0)

    def now(self) -> datetime:
        """The current instant in UTC, offset included."""
        with self._lock:
            return datetime.now(UTC) + self._offset

    def monotonic(self) -> float:
        """Seconds of the machine's monotonic clock; the offset never touches it."""
        return time.monotonic()

    def move_to_offset(self, offset: timedelta) -> None:
        """Set how far this clock runs ahead of the machine's (simulation only)."""
        with self._lock:
            self._offset = offset


def london_date(instant: datetime) -> date:
    """The calendar date in England at this instant. Raises ValueError for one without a zone."""
    return _in_london(instant).date()


def london_text(instant: datetime) -> str:
    """An instant as staff read it: dd/mm/yyyy hh:mm, English local time. Raises ValueError for one without a zone."""
    return f"{_in_london(instant):%d/%m/%Y %H:%M}"


def london_time(instant: datetime, now: datetime) -> str:
    """An instant in a sentence: its time alone when it is today, else with its date: 16:52, 02:10 on 22/11/2026."""
    local = _in_london(instant)
    return f"{local:%H:%M}" if local.date() == london_date(now) else f"{local:%H:%M on %d/%m/%Y}"


def _in_london(instant: datetime) -> datetime:
    # Python would take a time without a zone for the machine's local one, which is not the practice's.
    if instant.tzinfo is None:
        raise ValueError("An instant needs a time zone.")
    return instant.astimezone(LONDON)
