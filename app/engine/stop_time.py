"""The stop time of an execution as the gate asks for it before every message (faults page, rows 29, 30 and 32)."""

from __future__ import annotations

from datetime import datetime

from app.clock import Clock
from app.engine.control import AlwaysOpen, Window
from app.engine.schedule_rows import DueOccurrence, Timing


class StopTime:
    """`Window` that closes at an instant and stays closed. May be asked from any thread.

    Whichever clock gets there first closes it: a computer that slept through the instant begins nothing more, and a
    clock that is put back does not lengthen the night.
    """

    def __init__(self, stop_at: datetime, clock: Clock) -> None:
        self._stop_at = stop_at
        self._clock = clock
        self._last_reading = clock.monotonic() + (stop_at - clock.now()).total_seconds()
        self._has_closed = False

    def closed(self) -> bool:
        """Whether the stop time has come."""
        if not self._has_closed:
            self._has_closed = self._clock.now() >= self._stop_at or self._clock.monotonic() >= self._last_reading
        return self._has_closed


def window_of(timing: Timing | None, clock: Clock) -> Window:
    """The window of an execution begun now."""
    if timing is None:
        return AlwaysOpen()
    occurrence = timing.settled.occurrence if isinstance(timing, DueOccurrence) else timing.schedule.plan.first()
    return AlwaysOpen() if occurrence.ends_at is None else StopTime(occurrence.ends_at, clock)
