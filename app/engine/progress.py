"""What a run looks like while it works: absolute snapshots, written by the loop, read by whoever shows them.

A snapshot never depends on the one before it, so any of them may be missed but the last, which is always there.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from app.domain.states import StopReason
from app.engine.rows import Counts

_SMOOTHING_SECONDS = 20.0
"""The pace shown follows changes within about this time."""

_MEANINGFUL_SECONDS = 3.0
"""Before this much work the time left would be a guess, so none is told."""


class Phase(Enum):
    """What the execution is doing."""

    RUNNING = "running"
    WAITING = "waiting"
    STOPPING = "stopping"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Why nothing is sent just now, and when the next try is made; `was_asked_for` says that the Spine wants it so."""

    reason: StopReason
    next_try_at: datetime
    was_asked_for: bool = False


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One moment of an execution. Durations in seconds; `seconds_left` and `per_second` are None until they mean
    something. `reads` and `writes` count the run's requests, `in_scope` and `checked_now` this execution's patients.

    `put_off_until` is when the next patient is due, while those put off are the only ones left. `sends_held_by` is why
    no dissent is sent while questions go on: the card session is over, and the practice lets reading go on without it.
    """

    run_id: int
    execution_id: int
    phase: Phase
    counts: Counts
    reads: int
    writes: int
    elapsed: float
    in_scope: int
    checked_now: int
    per_second: float | None = None
    seconds_left: float | None = None
    waiting: Waiting | None = None
    put_off_until: datetime | None = None
    sends_held_by: StopReason | None = None
    stop_reason: StopReason | None = None
    stop_detail: str = ""

    @property
    def seconds_a_patient(self) -> float | None:
        """Average time a patient so far in this execution, None before the first."""
        return self.elapsed / self.checked_now if self.checked_now else None


class ProgressBoard:
    """The latest snapshot. `publish` by the loop's thread, `latest` from any."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latest: Snapshot | None = None

    def publish(self, snapshot: Snapshot) -> None:
        """Replace the snapshot."""
        with self._lock:
            self._latest = snapshot

    def latest(self) -> Snapshot | None:
        """The newest snapshot, None before the first."""
        with self._lock:
            return self._latest


class PaceMeter:
    """Smoothed patients a second. `monotonic` gives seconds; time spent waiting does not count."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._at = monotonic()
        self._done = 0
        self._worked = 0.0
        self._smoothed: float | None = None

    def update(self, done: int, *, waiting: bool) -> float | None:
        """Take in how many patients are done by now; the smoothed pace, None until it means something."""
        now = self._monotonic()
        passed = now - self._at
        if passed < 0.25:
            return self._smoothed if self._worked >= _MEANINGFUL_SECONDS else None
        if not waiting:
            self._worked += passed
            pace = (done - self._done) / passed
            weight = min(1.0, passed / min(_SMOOTHING_SECONDS, max(self._worked, passed)))
            self._smoothed = pace if self._smoothed is None else self._smoothed + weight * (pace - self._smoothed)
        self._at = now
        self._done = done
        return self._smoothed if self._worked >= _MEANINGFUL_SECONDS else None


def with_forecast(snapshot: Snapshot, per_second: float | None) -> Snapshot:
    """The snapshot with its pace and the time left that follows from it.

    None where only patients who were put off are left: how long those take no pace can tell.
    """
    if not per_second:
        return snapshot
    if snapshot.put_off_until is not None:
        return replace(snapshot, per_second=per_second)
    remaining = max(0, snapshot.in_scope - snapshot.checked_now)
    return replace(snapshot, per_second=per_second, seconds_left=remaining / per_second)
