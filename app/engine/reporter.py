"""Keeps the progress board up to date while an execution works: counters by what was committed, pace, waiting."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from app.clock import Clock
from app.domain.outcomes import ItemState
from app.domain.states import StopReason
from app.engine.breaker import Breaker, Circuit
from app.engine.progress import PaceMeter, Phase, ProgressBoard, Snapshot, Waiting, with_forecast
from app.engine.rows import Counts, ExecutionEnd, ExecutionKey
from app.engine.senders import Operation

_PUBLISH_SECONDS = 0.1
_PAUSE_WORTH_TELLING = 5.0
"""Seconds; anybody may be asked to go a little slower."""


class Reporter:
    """Counts what is committed and publishes a snapshot ten times a second. Used by the loop's thread alone.

    `reads` and `writes` are the run's so far; this execution's are added to them. `in_scope` is how many patients
    this execution takes.
    """

    def __init__(
        self,
        board: ProgressBoard,
        key: ExecutionKey,
        counts: Counts,
        in_scope: int,
        reads: int,
        writes: int,
        clock: Clock,
    ) -> None:
        self._board = board
        self._key = key
        self._clock = clock
        self._started = clock.monotonic()
        self._phase: Phase | None = None
        self._published = 0.0
        self._counts = {
            ItemState.UNPROCESSED: counts.unprocessed,
            ItemState.SENDING: counts.sending,
            ItemState.SENT: counts.sent,
            ItemState.FAILED: counts.failed,
            ItemState.NOT_REQUIRED: counts.not_required,
        }
        self._in_scope = in_scope
        self._reads = reads
        self._writes = writes
        self._finished = 0
        self._meter = PaceMeter(clock.monotonic)

    def moved(self, old: ItemState, new: ItemState) -> None:
        """A patient's state was committed."""
        if old is new:
            return
        self._counts[old] -= 1
        self._counts[new] += 1

    def finished(self) -> None:
        """A patient came to an end in this execution."""
        self._finished += 1

    def requested(self, operation: Operation) -> None:
        """A request was made."""
        if operation is Operation.READ:
            self._reads += 1
        else:
            self._writes += 1

    def tell(
        self,
        breaker: Breaker,
        pause: float = 0.0,
        *,
        stopping: bool,
        put_off_until: datetime | None = None,
        sends_held_by: StopReason | None = None,
    ) -> None:
        """Publish where things stand: a new phase at once, else at most ten times a second.

        `pause` is how many seconds the Spine still wants to be left alone, `put_off_until` when the next patient is
        due where only those put off are left, `sends_held_by` why dissents wait while questions go on.
        """
        now = self._clock.monotonic()
        waiting = self._waiting(breaker, pause)
        waits = waiting is not None
        phase = Phase.STOPPING if stopping else Phase.WAITING if waits else Phase.RUNNING
        if phase is self._phase and now - self._published < _PUBLISH_SECONDS:
            return
        self._phase, self._published = phase, now
        pace = self._meter.update(self._finished, waiting=waits or put_off_until is not None)
        snapshot = self._snapshot(phase, self.counts, waiting)
        snapshot = replace(snapshot, put_off_until=put_off_until, sends_held_by=sends_held_by)
        self._board.publish(with_forecast(snapshot, pace))

    def tell_end(self, counts: Counts, end: ExecutionEnd) -> None:
        """Publish the last snapshot, with the counters as the database has them."""
        snapshot = self._snapshot(Phase.ENDED, counts, None, end.reason, end.detail)
        self._board.publish(snapshot)

    @property
    def counts(self) -> Counts:
        """The run's counters by what was committed."""
        return Counts(**{state.value: number for state, number in self._counts.items()})

    def _waiting(self, breaker: Breaker, pause: float) -> Waiting | None:
        now = self._clock.now()
        if breaker.circuit is not Circuit.CLOSED:
            return Waiting(breaker.outage, now + timedelta(seconds=max(breaker.seconds_to_probe(), pause)))
        if pause > _PAUSE_WORTH_TELLING:
            return Waiting(StopReason.SPINE_UNAVAILABLE, now + timedelta(seconds=pause), was_asked_for=True)
        return None

    def _snapshot(
        self,
        phase: Phase,
        counts: Counts,
        waiting: Waiting | None,
        reason: StopReason | None = None,
        detail: str = "",
    ) -> Snapshot:
        return Snapshot(
            run_id=self._key.run_id,
            execution_id=self._key.execution_id,
            phase=phase,
            counts=counts,
            reads=self._reads,
            writes=self._writes,
            elapsed=self._clock.monotonic() - self._started,
            in_scope=self._in_scope,
            checked_now=self._finished,
            waiting=waiting,
            stop_reason=reason,
            stop_detail=detail,
        )
