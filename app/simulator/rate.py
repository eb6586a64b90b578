"""The gateway's two limits on an application: a quota each calendar minute and a smoothed spike arrest.

Both allow 10 milliseconds of tolerance, so that a client that keeps exactly to the pace is not refused for jitter.
"""

from __future__ import annotations

from datetime import datetime, timedelta

TOLERANCE = timedelta(milliseconds=10)
_TOLERANCE_SECONDS = TOLERANCE.total_seconds()


class Quota:
    """So many requests in each calendar minute; a refused one does not count."""

    def __init__(self, per_minute: float) -> None:
        self._per_minute = per_minute
        self._minute: datetime | None = None
        self._used = 0

    def take(self, now: datetime) -> bool:
        """Count a request at this instant, or refuse it.

        A request up to the tolerance before a minute's end may already count in the next.
        """
        minute = now.replace(second=0, microsecond=0)
        if minute == self._minute and self._used >= self._per_minute:
            minute = (now + TOLERANCE).replace(second=0, microsecond=0)
        elif self._minute == minute + timedelta(minutes=1) and now + TOLERANCE >= self._minute:
            minute = self._minute
        if minute != self._minute:
            self._minute, self._used = minute, 0
        if self._used >= self._per_minute:
            return False
        self._used += 1
        return True


class SpikeArrest:
    """One request in each slice of a second: a rate of 5 a second is one per 200 ms, not 5 at once."""

    def __init__(self, per_second: float) -> None:
        self._interval = 1 / per_second
        self._due = float("-inf")

    def take(self, monotonic: float) -> bool:
        """Let a request at this reading of the monotonic clock through, or refuse it."""
        if monotonic < self._due - _TOLERANCE_SECONDS:
            return False
        self._due = max(monotonic, self._due) + self._interval
        return True
