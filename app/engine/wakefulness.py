"""Since when somebody has been looking at the clock without a gap, and why nobody had before.

No help of the operating system is needed: a computer that slept, and one whose clock was set, show in the same way, as
a gap between two looks.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from app.domain.occurrences import Why

GAP = timedelta(minutes=2)
"""Looks are 15 seconds apart: after so long without one nobody was awake."""


class Wakefulness:
    """Used by one thread. Before the first look the program was closed."""

    def __init__(self, now: datetime) -> None:
        self.since = now
        self.before = Why.PROGRAM_CLOSED
        self._last = now

    def look(self, now: datetime) -> None:
        """Take in another look, at this instant."""
        if abs(now - self._last) > GAP:
            self.since, self.before = now, Why.ASLEEP
        self._last = now

    def begin_anew(self, now: datetime) -> None:
        """Whoever looked until now was another copy of the program, which is closed."""
        self.since, self.before, self._last = now, Why.PROGRAM_CLOSED, now
