"""Schedules as the engine, the screen and the commands see them, and the port to where they are kept.

A schedule is the plan of one press with the run it is for. At most one is active in a practice, as at most one run is
open: the next press takes its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from app.domain.actions import Action
from app.domain.occurrences import Outcome, Recorded, Why
from app.domain.schedule import following
from app.domain.states import RunStatus, StopReason
from app.domain.windows import Occurrence, OccurrenceKey, OccurrenceKind, Plan


class ScheduleEnd(StrEnum):
    """Why a schedule is not active any more."""

    DONE = "done"
    """Its run is over."""
    CANCELLED = "cancelled"
    """Somebody cancelled it; a run that had not begun is given up with it, and a paused one is paused again."""
    REPLACED = "replaced"
    """A person pressed something else meanwhile: the times of that press count."""
    LAPSED = "lapsed"
    """Its only start was missed; the run that had not begun is given up with it, and a paused one is paused again."""


@dataclass(frozen=True, slots=True)
class ScheduledBy:
    """Who set the times: the name shown, how the audit trail names the actor, and the computer it was done on."""

    name: str
    actor: str
    workstation: str


@dataclass(frozen=True, slots=True)
class NewSchedule:
    """A schedule to keep: what is to be pressed, and when."""

    family: str
    action: Action
    group: str | None
    plan: Plan


@dataclass(frozen=True, slots=True)
class ScheduleView:
    """One schedule as it is kept. Times are UTC; `ended_at` and `end` are None while it is active."""

    schedule_id: int
    run_id: int
    family: str
    action: Action
    group: str | None
    plan: Plan
    created_at: datetime
    created_by: str
    ended_at: datetime | None
    end: ScheduleEnd | None


@dataclass(frozen=True, slots=True)
class OccurrenceView:
    """What became of one occurrence, for the history. `detail` is a sentence where the reason alone says too little.

    `action` is what was scheduled, `set_by` who did it.
    """

    schedule_id: int
    kind: OccurrenceKind
    planned_at: datetime
    outcome: Outcome
    why: Why | None
    detail: str
    recorded_at: datetime
    action: Action = Action.RUN
    set_by: str = ""


@dataclass(frozen=True, slots=True)
class ActiveSchedule:
    """The schedule that is active, what is recorded of it, and how its run stands.

    `live_since` is when the open execution of the run began, None when there is none; whether somebody is alive behind
    it only the lock tells. `failed` counts the run's failed patients.
    """

    schedule: ScheduleView
    recorded: Mapping[OccurrenceKey, Recorded]
    status: RunStatus
    stop_reason: StopReason | None
    live_since: datetime | None
    failed: int

    @property
    def stopped_by_person(self) -> bool:
        """Whether Stop was pressed since the times were set: every other press would have taken their place."""
        stopped = self.status is RunStatus.STOPPED and self.stop_reason is StopReason.USER
        return stopped and self._has_begun

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do: its run is at an end, unless that is what Failed was scheduled on."""
        if self.status.is_open:
            return False
        waits_for_failed = self.schedule.action is Action.FAILED and self.status is RunStatus.COMPLETED
        return not waits_for_failed or self._has_begun

    def following(self, now: datetime) -> Occurrence | None:
        """What begins by itself next, or is about to; None when a person has to press something."""
        if self.is_over or self.stopped_by_person:
            return None
        return following(self.schedule.plan, self.recorded, now)

    @property
    def _has_begun(self) -> bool:
        return any(found.outcome.began for found in self.recorded.values())

    def has_lapsed(self, now: datetime) -> bool:
        """Whether its only occurrence has passed without being begun, so that it will never begin anything."""
        if self.schedule.plan.repeats:
            return False
        found = self.recorded.get(self.schedule.plan.first().key)
        return found is not None and not found.outcome.began and found.counts_at(now)


@dataclass(frozen=True, slots=True)
class Settled:
    """What becomes of an occurrence. `why` is None where it began in time; `detail` is a sentence that says more."""

    occurrence: Occurrence
    outcome: Outcome
    why: Why | None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class DueOccurrence:
    """An occurrence that an execution carries out: recorded in the very transaction that opens the execution."""

    schedule_id: int
    run_id: int
    settled: Settled


@dataclass(frozen=True, slots=True)
class NewTimes:
    """Times set by a person with a press that begins at once: kept with the run, the start recorded as begun."""

    schedule: NewSchedule


Timing = DueOccurrence | NewTimes
"""How an execution is timed. One without belongs to a press without times, which ends whatever was scheduled."""


class ScheduleStore(Protocol):
    """Where schedules are kept. Safe from any thread. Raises `StorageFault` when the database fails."""

    def active(self) -> ActiveSchedule | None:
        """The active schedule, or None."""

    def latest(self) -> ScheduleView | None:
        """The newest schedule, active or not."""

    def add(self, new: NewSchedule, by: ScheduledBy, now: datetime) -> ScheduleView:
        """Keep a schedule: for Run and Rerun with a new run in status scheduled, else for the latest run.

        The schedule that was active is ended as replaced; for Rerun an unfinished run is abandoned. Raises `Refused`
        when another run of the practice has come to be open meanwhile.
        """

    def end(self, schedule_id: int, end: ScheduleEnd, actor: str, now: datetime) -> bool:
        """End an active schedule, and give up its run where that has not begun; whether it was active.

        The paused run that a scheduled Rerun was to replace is paused again, as it was.
        """

    def record(self, schedule_id: int, settled: Sequence[Settled], now: datetime) -> list[Settled]:
        """Write down what was not begun; returns those written.

        Nothing is written for an occurrence that was begun, and what a wrong clock wrote is overwritten.
        """

    def history(self, limit: int) -> list[OccurrenceView]:
        """The latest occurrences of any schedule with their outcomes, newest first."""

    def note_clock_jump(self, expected: datetime, found: datetime) -> None:
        """Tell the audit trail that the clock went from one instant to another at once, while nothing was running."""
