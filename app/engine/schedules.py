"""Setting and cancelling times: what the step before OK and the commands ask of schedules.

Whether anything is to be done at a given moment is the watchman's affair.
"""

from __future__ import annotations

from app.clock import Clock
from app.domain.errors import Refused
from app.domain.session import CardSession
from app.domain.windows import Plan
from app.engine.operator import JobOperator, Press
from app.engine.ports import PracticeLock, actor_words
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
    """The schedules of one practice. Safe from any thread; each call is a short one."""

    def __init__(self, store: ScheduleStore, operator: JobOperator, lock: PracticeLock, clock: Clock) -> None:
        self._store = store
        self._operator = operator
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

    def press(self, press: Press, plan: Plan) -> Press | ScheduleView:
        """Press an action with times, as the person who is signed in.

        Where the plan begins now: the press to carry out at once. Else it is scheduled: the schedule that was kept.
        Raises `Refused` where the action may not be pressed now, or not by this person.
        """
        session = self._operator.check(press)
        if plan.first().begins_at <= self._clock.now():
            timing = NewTimes(_new(press, plan)) if plan.has_times else None
            return Press(press.family, press.action, press.group, timing)
        return self._add(press, plan, self._by(session))

    def add(self, press: Press, plan: Plan, by: ScheduledBy) -> ScheduleView:
        """Schedule an action with no card in the reader: the rights are asked for when it begins.

        Raises `Refused` where the action may not be pressed now.
        """
        self._operator.check_without_card(press)
        return self._add(press, plan, by)

    def cancel(self, by: ScheduledBy) -> ScheduleView:
        """End the active schedule; a run that has not begun is abandoned with it. Raises `Refused` without one."""
        held = self._store.active()
        if held is None or not self._end(held, by):
            raise Refused("Nothing is scheduled, so there is nothing to cancel.")
        return held.schedule

    def by_session(self) -> ScheduledBy | None:
        """The person who is signed in, as schedules name them; None when nobody is."""
        session = self._operator.current_session()
        return None if session is None else self._by(session)

    def _add(self, press: Press, plan: Plan, by: ScheduledBy) -> ScheduleView:
        # Under the lock: a Rerun gives up the unfinished run, which must not be alive anywhere.
        self._lock.acquire(by.name)
        try:
            return self._store.add(_new(press, plan), by, self._clock.now())
        finally:
            self._lock.release()

    def _end(self, held: ActiveSchedule, by: ScheduledBy) -> bool:
        return self._store.end(held.schedule.schedule_id, ScheduleEnd.CANCELLED, by.actor, self._clock.now())

    def _by(self, session: CardSession) -> ScheduledBy:
        person = self._operator.person(session)
        return ScheduledBy(person.name, actor_words(person.name, person.role_name, person.card_uid), person.workstation)


def _new(press: Press, plan: Plan) -> NewSchedule:
    return NewSchedule(press.family, press.action, press.group, plan)
