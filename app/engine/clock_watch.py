"""Noticing that the clock was set, or that the computer slept: the instant and the steady reading drift apart.

Faults page, rows 29 and 30. What follows from a jump is decided elsewhere, by the instant; here it is only told.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

from app.clock import Clock

_log = logging.getLogger(__name__)

WORTH_TELLING = timedelta(minutes=2)


class ClockWatch:
    """Used by the loop's thread alone. `tell` writes one jump down, given the instant expected and the one found."""

    def __init__(self, clock: Clock, tell: Callable[[datetime, datetime], None]) -> None:
        self._clock = clock
        self._tell = tell
        self._instant = clock.now()
        self._reading = clock.monotonic()
        self._untold: deque[tuple[datetime, datetime]] = deque()

    def look(self) -> None:
        """Notice a jump since the last look, and tell it. Raises what `tell` raises; the next look tells it again."""
        found, reading = self._clock.now(), self._clock.monotonic()
        expected = self._instant + timedelta(seconds=reading - self._reading)
        self._instant, self._reading = found, reading
        if abs(found - expected) > WORTH_TELLING:
            _log.warning("The clock moved by %+.0f seconds at once.", (found - expected).total_seconds())
            self._untold.append((expected, found))
        while self._untold:
            self._tell(*self._untold[0])
            self._untold.popleft()
