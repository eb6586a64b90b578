"""The simulated Spine's time: the injected clock, moved on request, with waits that notice the move."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.clock import SystemClock

FURTHEST_OFFSET = timedelta(days=366 * 50)
OFFSET_HEADER = "X-Simulated-Offset-Seconds"


class SpineTime:
    """The one source of time in a simulated Spine; lives on its event loop."""

    def __init__(self, clock: SystemClock) -> None:
        self._clock = clock
        self._offset = 0.0
        self._moved = asyncio.Event()

    @property
    def offset_seconds(self) -> float:
        """How far this time runs ahead of the machine's."""
        return self._offset

    def mark(self) -> dict[str, str]:
        """The header by which every answer tells the offset, so that whoever rehearses here can keep the same time."""
        return {OFFSET_HEADER: f"{self._offset:.3f}"}

    def now(self) -> datetime:
        """The current instant in UTC, moved."""
        return self._clock.now()

    def monotonic(self) -> float:
        """Seconds that never jump, for the spacing of requests."""
        return self._clock.monotonic()

    def move(self, offset_seconds: float) -> None:
        """Run this many seconds ahead of the machine from now on; wakes every wait to look again.

        Raises ValueError when that is further than about fifty years.
        """
        if not abs(offset_seconds) <= FURTHEST_OFFSET.total_seconds():
            raise ValueError("The offset must be a number of seconds within fifty years.")
        self._offset = offset_seconds
        self._clock.move_to_offset(timedelta(seconds=offset_seconds))
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    async def wait_until(self, instant: datetime) -> None:
        """Come back once this time has reached the instant, by waiting or by being moved."""
        while (left := (instant - self.now()).total_seconds()) > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._moved.wait(), left)
