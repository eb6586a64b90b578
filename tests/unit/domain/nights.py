"""A small world for the decision alone: a clock that is moved, a run that works while it is let, ticks by the minute.

It does what the watchman does with each decision, and checks at every tick what must always hold.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.domain.occurrences import Recorded, Why
from app.domain.schedule import (
    LOOK_BACK,
    Decision,
    Record,
    Resume,
    RunFacts,
    Start,
    Stop,
    WatchFacts,
    decide,
    given_up_at,
)
from app.domain.states import RunStatus, StopReason
from app.domain.windows import Occurrence, OccurrenceKey, Plan

MINUTE = timedelta(minutes=1)
GAP = timedelta(minutes=2)


@dataclass
class World:
    """A plan, its run, and whoever watches over it. `card` and `spine` are as `WatchFacts` has them."""

    plan: Plan
    now: datetime
    card: Why | None = None
    spine: bool = True
    status: RunStatus = RunStatus.SCHEDULED
    stop_reason: StopReason | None = None
    live: Occurrence | None = None
    live_since: datetime | None = None
    recorded: dict[OccurrenceKey, Recorded] = field(default_factory=dict)
    begun: list[tuple[OccurrenceKey, datetime]] = field(default_factory=list)
    stopped_at: list[datetime] = field(default_factory=list)
    decisions: int = 0

    def __post_init__(self) -> None:
        self.awake_since = self.now
        self.before = Why.PROGRAM_CLOSED

    def copy(self) -> World:
        """The same world, to go on differently."""
        twin = World(self.plan, self.now, self.card, self.spine, self.status, self.stop_reason)
        twin.live, twin.live_since = self.live, self.live_since
        twin.recorded, twin.begun = dict(self.recorded), list(self.begun)
        twin.awake_since, twin.before = self.awake_since, self.before
        return twin

    def tick(self, now: datetime) -> tuple[Decision, ...]:
        """The clock shows this now; a gap, forwards or backwards, is noticed as the watchman does."""
        if not -GAP <= now - self.now <= GAP:
            self.awake_since, self.before = now, Why.ASLEEP
        self.now = now
        run = RunFacts(self.status, self.stop_reason is StopReason.USER, self.live_since)
        watch = WatchFacts(self.awake_since, self.before, self.card, self.spine)
        decided = decide(now, self.plan, self.recorded, run, watch)
        self.decisions += 1
        for decision in decided:
            self._carry_out(decision)
        self._check()
        return decided

    def walk(self, until: datetime, step: timedelta = MINUTE) -> None:
        """Tick on and on."""
        while self.now < until:
            self.tick(self.now + step)

    def press_stop(self) -> None:
        """Somebody presses Stop."""
        if self.live is not None:
            self._end(StopReason.USER)

    def _carry_out(self, decision: Decision) -> None:
        if isinstance(decision, Stop):
            self.stopped_at.append(self.now)
            self._end(StopReason.WINDOW_CLOSED)
        elif isinstance(decision, Start | Resume):
            assert self.live is None, "one execution at a time"
            assert isinstance(decision, Start) is (self.status is RunStatus.SCHEDULED)
            self._record(decision.occurrence, Recorded(decision.outcome, decision.why, self.now))
            self.begun.append((decision.occurrence.key, self.now))
            self.live, self.live_since = decision.occurrence, self.now
            self.status, self.stop_reason = RunStatus.RUNNING, None
        elif isinstance(decision, Record):
            self._record(decision.occurrence, Recorded(decision.outcome, decision.why, self.now))

    def _record(self, occurrence: Occurrence, outcome: Recorded) -> None:
        earlier = self.recorded.get(occurrence.key)
        assert earlier is None or not earlier.counts_at(self.now), "one outcome each"
        assert occurrence.begins_at <= self.now, "nothing is said of what is yet to come"
        self.recorded[occurrence.key] = outcome

    def _end(self, reason: StopReason) -> None:
        self.live, self.live_since = None, None
        self.status, self.stop_reason = RunStatus.STOPPED, reason

    def _check(self) -> None:
        if self.live is not None and self.live.ends_at is not None:
            assert self.now < self.live.ends_at, "stopped always"
        keys = [key for key, _ in self.begun]
        assert len(set(keys)) == len(keys), "each occurrence is begun at most once"

    def without_outcome(self) -> list[Occurrence]:
        """The occurrences that are over by now and of which nothing is recorded."""
        return [
            occurrence
            for occurrence in self.plan.occurrences(self.now - LOOK_BACK, self.now)
            if given_up_at(occurrence) <= self.now
            and ((found := self.recorded.get(occurrence.key)) is None or not found.counts_at(self.now))
        ]
