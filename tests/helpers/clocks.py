"""Clocks for tests: one that stands still until it is moved, and one that runs faster than the world."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 2, 18, 30, tzinfo=UTC)


class ManualClock:
    """Stands still; `advance` moves instant and monotonic reading together, `jump` the instant alone."""

    def __init__(self, start: datetime = START) -> None:
        self._lock = threading.Lock()
        self._now = start
        self._monotonic = 1_000.0

    def now(self) -> datetime:
        with self._lock:
            return self._now

    def monotonic(self) -> float:
        with self._lock:
            return self._monotonic

    def advance(self, seconds: float) -> None:
        with self._lock:
            self._now += timedelta(seconds=seconds)
            self._monotonic += seconds

    def jump(self, seconds: float) -> None:
        with self._lock:
            self._now += timedelta(seconds=seconds)


class FastClock:
    """Runs so many times faster than the world, so that a settle time of 75 seconds passes within a test."""

    def __init__(self, times: float = 300.0, start: datetime = START) -> None:
        self._times = times
        self._start = start
        self._began = time.monotonic()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return (time.monotonic() - self._began) * self._times
