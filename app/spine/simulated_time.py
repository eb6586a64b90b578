"""The time of a rehearsal: the program's clock keeps that of a Spine that says it is simulated, and of no other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

from app.clock import MovableClock
from app.spine.exchange import Reply


class SimulatedTime:
    """Moves the program's clock as answers tell. May be used from any thread."""

    def __init__(self, clock: MovableClock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._as_of = float("-inf")

    def hear(self, reply: Reply, begun_at: float) -> None:
        """Keep the time this reply tells, unless a later question has been answered before."""
        self._follow(reply, lambda: begun_at)

    def hear_move(self, reply: Reply, _: float) -> None:
        """Keep the time this answer to a move tells: whatever was asked before it came says nothing any more."""
        self._follow(reply, self._clock.monotonic)

    def _follow(self, reply: Reply, as_of: Callable[[], float]) -> None:
        offset = reply.offset_seconds
        if offset is None:
            return
        with self._lock:
            told_at = as_of()
            if told_at < self._as_of:
                return
            self._as_of = told_at
            self._clock.move_to_offset(timedelta(seconds=offset))
