"""Setting and cancelling times: what the commands and the step before OK ask of schedules.

Whether anything is to be done at a given moment is the watchman's affair.
"""

from __future__ import annotations

from app.clock import Clock
from app.domain.errors import Refused
from app.domain.session import CardSession
from app.domain.windows import Plan
from app.engine.operator import JobOperator
from app.engine.ports import PracticeLock, actor_words
from app.engine.press import Press, PressCheck
from app.engine.schedule_rows import (
    ActiveSchedule,
    NewSchedule,
    NewTimes,
    OccurrenceView,
    ScheduledBy,
    ScheduleEnd,
    ScheduleStore,
    ScheduleView,
)


class Schedules:
    """The schedules of one practice, with no Spine and no card in reach. Safe from any thread; each call is short."""

    def __init__(self, store: ScheduleStore, possible: PressCheck, lock: PracticeLock, clock: Clock) -> None:
        self._store = store
        self._possible = possible
        self._lock = lock
        self._clock = clock

    def active(self) -> ActiveSchedule | None:
        """The schedule that is active, with how its run stands."""
        return self._store.active()

    def latest(self) -> ScheduleView | None:
        """The newest schedule, active or not."""
        return self._store.latest()

    def history(self, limit: int = 20) -> list[OccurrenceView]:
        """What became of the latest occurrences, newest first."""
        return self._store.history(limit)

    def add(self, press: Press, plan: Plan, by: ScheduledBy) -> ScheduleView:
        """Schedule an action; the right to it is asked for when it begins, of whoever is signed in then.

        Raises `Refused` where the action may not be pressed now.
        """
        self._possible.require_scr()
        self._possible.require(press)
        # Under the lock: a Rerun gives up the unfinished run, which must not be alive anywhere.
        self._lock.acquire(by.name)
        try:
            return self._store.add(_new(press, plan), by, self._clock.now())
        finally:
            self._lock.release()

    def cancel(self, by: ScheduledBy) -> ScheduleView:
        """End the active schedule; a run that has not begun is given up with it. Raises `Refused` without one."""
        held = self._store.active()
        now = self._clock.now()
        if held is None or not self._store.end(held.schedule.schedule_id, ScheduleEnd.CANCELLED, by.actor, now):
            raise Refused("Nothing is scheduled, so there is nothing to cancel.")
        return held.schedule


class TimedPresses:
    """Presses with times, by the person who is signed in. Safe from any thread."""

    def __init__(self, operator: JobOperator, schedules: Schedules, clock: Clock) -> None:
        self._operator = operator
        self._schedules = schedules
        self._clock = clock

    def press(self, press: Press, plan: Plan) -> Press | ScheduleView:
        """Press an action with times.

        Where the plan begins now: the press to carry out at once. Else it is scheduled: the schedule that was kept.
        Raises `Refused` where the action may not be pressed now, or not by this person.
        """
        session = self._operator.check(press)
        if plan.first().begins_at <= self._clock.now():
            timing = NewTimes(_new(press, plan)) if plan.has_times else None
            return Press(press.family, press.action, press.group, timing)
        return self._schedules.add(press, plan, self.by(session))

    def by(self, session: CardSession) -> ScheduledBy:
        """The person of a session, as schedules name them."""
        person = self._operator.person(session)
        actor = actor_words(person.name, person.role_name, person.card_uid)
        return ScheduledBy(person.name, actor, person.workstation)


def _new(press: Press, plan: Plan) -> NewSchedule:
    return NewSchedule(press.family, press.action, press.group, plan)
