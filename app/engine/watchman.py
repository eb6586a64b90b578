"""Looks after the schedule: at every tick has decided what is to be done, does it, and writes down what became of it.

One watchman a practice: where another copy of the program keeps watch, this one does nothing. What is to be begun is
handed over as an order, and whoever has a place to show it (a window, a terminal) carries it out in a thread of its
own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeGuard

from app.clock import Clock
from app.domain.actions import Action
from app.domain.errors import Refused
from app.domain.occurrences import Outcome, Why
from app.domain.schedule import Decision, Record, Resume, RunFacts, Start, Stop, Wait, WatchFacts, decide
from app.domain.states import StopReason
from app.domain.windows import OccurrenceKey
from app.engine.clock_watch import ClockWatch
from app.engine.control import StopToken
from app.engine.launch_session import CARD_GONE, LaunchSession
from app.engine.operator import JobOperator, Press
from app.engine.ports import PracticeLock, RunView, SignedIn
from app.engine.progress import ProgressBoard
from app.engine.schedule_rows import (
    ActiveSchedule,
    DueOccurrence,
    ScheduleEnd,
    ScheduleStore,
    ScheduleView,
    Settled,
)
from app.engine.wakefulness import Wakefulness

_ACTOR = "the program"

_PATIENCE = 60.0
"""Seconds after which an order that nobody has begun to carry out is given anew."""


@dataclass(frozen=True, slots=True)
class Notice:
    """An occurrence that began nothing, for people to be told."""

    schedule: ScheduleView
    settled: Settled


class Order:
    """A press to carry out now. `execute` blocks its thread until the execution has ended."""

    def __init__(self, watchman: Watchman, press: Press) -> None:
        self._watchman = watchman
        self.press = press

    def execute(self, token: StopToken, board: ProgressBoard) -> RunView:
        """Carry it out; raises as `JobOperator.execute` does. A refusal is written down as the occurrence's outcome."""
        return self._watchman.carry_out(self.press, token, board)


@dataclass(frozen=True, slots=True)
class Watched:
    """What the watchman works with. `watch` is held by the one copy of the program that keeps watch.

    `spine_answers` asks the Spine for any answer at all and may take seconds. `renew_session` may sign in again where
    somebody has provided for it, or do nothing; it may raise `Refused`, and is asked once for each occurrence.
    `stays_on_watch` keeps others from it even while nothing is scheduled.
    """

    schedules: ScheduleStore
    operator: JobOperator
    lock: PracticeLock
    watch: PracticeLock
    signed_in: SignedIn
    spine_answers: Callable[[], bool]
    clock: Clock
    renew_session: Callable[[], None] = lambda: None
    stays_on_watch: bool = False


class Watchman:
    """`look` is called by one thread; `begin` and `tell` are called in it and must only hand over."""

    def __init__(
        self, watched: Watched, begin: Callable[[Order], None], tell: Callable[[Notice], None] = lambda _: None
    ) -> None:
        self._with = watched
        self._begin = begin
        self._tell = tell
        self._session = LaunchSession(watched.signed_in, watched.operator.rights, watched.clock, watched.renew_session)
        self._awake = Wakefulness(watched.clock.now())
        self._clock_watch = self._new_clock_watch()
        self._watched_elsewhere = False
        self._mutex = threading.Lock()
        self._live: StopToken | None = None
        self._waiting: Wait | None = None
        self._handed_over: tuple[OccurrenceKey, float] | None = None

    @property
    def waiting(self) -> Wait | None:
        """What is due and not yet begun, and why; None when nothing is."""
        return self._waiting

    def order(self, press: Press) -> Order:
        """A press with times that a person makes now, so that it is watched over like any other."""
        return Order(self, press)

    def look(self) -> None:
        """See what is to be done now, and do it. Raises `StorageFault`; the next look then finds the same again."""
        clock = self._with.clock
        self._awake.look(clock.now())
        self._clock_watch.look()
        active = self._with.schedules.active()
        if not self._keeps_watch(active):
            self._waiting = None
            return
        if active is not None:
            self._see_to(active)

    def carry_out(self, press: Press, token: StopToken, board: ProgressBoard) -> RunView:
        """Carry out a press under a token that the stop time reaches; see `Order.execute`."""
        with self._mutex:
            self._live = token
        try:
            return self._execute(press, token, board)
        except Refused as refusal:
            if isinstance(press.timing, DueOccurrence) and not self._is_somebody_at_work():
                self._not_begun(press.timing, str(refusal))
            raise
        finally:
            with self._mutex:
                self._live = None
            self._handed_over = None
            # Whatever the clock did meanwhile, the execution has told.
            self._clock_watch = self._new_clock_watch()

    def close(self) -> None:
        """Leave the watch to others."""
        self._with.watch.release()

    # --- the watch itself ---------------------------------------------------------------------------------------

    def _keeps_watch(self, active: ActiveSchedule | None) -> bool:
        """Whether this copy of the program is the one that looks after the schedule."""
        watch = self._with.watch
        if active is None:
            if not self._with.stays_on_watch:
                watch.release()
            return False
        if watch.held_here:
            return True
        if watch.holder() is not None:
            self._watched_elsewhere = True
            return False
        try:
            watch.acquire(active.schedule.created_by)
        except Refused:
            # Another copy was faster; the next look finds it at its watch.
            return False
        if self._watched_elsewhere:
            self._watched_elsewhere = False
            self._awake.begin_anew(self._with.clock.now())
        return True

    def _see_to(self, active: ActiveSchedule) -> None:
        decided = self._decide(active)
        settled = [Settled(one.occurrence, one.outcome, one.why) for one in decided if isinstance(one, Record)]
        notices = self._write_down(active.schedule, settled) if settled else []
        last = decided[-1] if decided else None
        self._waiting = last if isinstance(last, Wait) else None
        if not isinstance(last, Start | Resume | Stop):
            self._end_if_over(self._with.schedules.active() if settled else active)
        self._tell_all(notices)
        if isinstance(last, Start | Resume):
            self._hand_over(active, last)
        elif isinstance(last, Stop):
            self._stop_live()

    def _decide(self, active: ActiveSchedule) -> tuple[Decision, ...]:
        facts = self._watch_facts()
        decided = self._decide_with(active, facts)
        if decided and _lacks_card(decided[-1]) and self._session.renewed_for(decided[-1].occurrence):
            facts = self._watch_facts()
            decided = self._decide_with(active, facts)
        if any(isinstance(one, Wait) and one.asks_spine for one in decided):
            facts = replace(facts, spine=self._with.spine_answers())
            decided = self._decide_with(active, facts)
        return decided

    def _decide_with(self, active: ActiveSchedule, facts: WatchFacts) -> tuple[Decision, ...]:
        now = self._with.clock.now()
        return decide(now, active.schedule.plan, active.recorded, self._run_facts(active), facts)

    def _run_facts(self, active: ActiveSchedule) -> RunFacts:
        here = self._with.lock.held_here
        live_since = active.live_since if here else None
        # Held here with no execution open: one is about to begin, has just ended, or something else is being done.
        busy = live_since is None and (here or self._with.lock.holder() is not None)
        return RunFacts(active.status, active.stopped_by_person, live_since, busy, active.is_over)

    def _watch_facts(self) -> WatchFacts:
        return WatchFacts(self._awake.since, self._awake.before, self._session.obstacle())

    def _execute(self, press: Press, token: StopToken, board: ProgressBoard) -> RunView:
        """Carry it out; a session of which only the press shows that it is over is renewed like any other."""
        try:
            return self._with.operator.execute(press, token, board)
        except Refused:
            due = press.timing
            if not isinstance(due, DueOccurrence) or self._session.obstacle() not in CARD_GONE:
                raise
            if not self._session.renewed_for(due.settled.occurrence):
                raise
        return self._with.operator.execute(press, token, board)

    # --- what follows -------------------------------------------------------------------------------------------

    def _hand_over(self, active: ActiveSchedule, decision: Start | Resume) -> None:
        key, now = decision.occurrence.key, self._with.clock.monotonic()
        if self._handed_over is not None and self._handed_over[0] == key and now - self._handed_over[1] < _PATIENCE:
            # Whoever was given the order is about to carry it out.
            return
        self._handed_over = key, now
        schedule = active.schedule
        settled = Settled(decision.occurrence, decision.outcome, decision.why)
        timing = DueOccurrence(schedule.schedule_id, schedule.run_id, settled)
        if isinstance(decision, Start):
            action = schedule.action
        else:
            # Failed goes on with what failed as long as there is any; what it left half done is resumed.
            takes_failed = schedule.action is Action.FAILED and active.failed > 0
            action = Action.FAILED if takes_failed else Action.RESUME
        self._begin(Order(self, Press(schedule.family, action, schedule.group, timing)))

    def _stop_live(self) -> None:
        """The gate has closed by itself already; this is for an execution that did not notice."""
        with self._mutex:
            live = self._live
        if live is not None:
            live.stop(StopReason.WINDOW_CLOSED)

    def _write_down(self, schedule: ScheduleView, settled: list[Settled]) -> list[Notice]:
        recorded = self._with.schedules.record(schedule.schedule_id, settled, self._with.clock.now())
        return [Notice(schedule, one) for one in recorded]

    def _tell_all(self, notices: list[Notice]) -> None:
        """Tell what was written down, once what follows from it is written too: whoever hears of it looks at once."""
        for notice in notices:
            self._tell(notice)

    def _not_begun(self, due: DueOccurrence, sentence: str) -> None:
        active = self._with.schedules.active()
        if active is None or active.schedule.schedule_id != due.schedule_id:
            # Cancelled, or another press took its place: that is told already.
            return
        why = self._session.obstacle() or Why.REFUSED
        refused = Settled(due.settled.occurrence, Outcome.MISSED, why, sentence)
        notices = self._write_down(active.schedule, [refused])
        self._end_if_over(self._with.schedules.active())
        self._tell_all(notices)

    def _end_if_over(self, active: ActiveSchedule | None) -> None:
        """A schedule whose run is over, or whose only start was missed, is at an end."""
        if active is None:
            return
        now = self._with.clock.now()
        lapsed = active.has_lapsed(now)
        if active.is_over or lapsed:
            end = ScheduleEnd.LAPSED if lapsed else ScheduleEnd.DONE
            self._with.schedules.end(active.schedule.schedule_id, end, _ACTOR, now)

    def _new_clock_watch(self) -> ClockWatch:
        return ClockWatch(self._with.clock, self._note_clock_jump)

    def _note_clock_jump(self, expected: datetime, found: datetime) -> None:
        if not self._with.lock.held_here:
            # A live execution tells of it itself.
            self._with.schedules.note_clock_jump(expected, found)

    def _is_somebody_at_work(self) -> bool:
        lock = self._with.lock
        return lock.held_here or lock.holder() is not None


def _lacks_card(decision: Decision) -> TypeGuard[Record | Wait]:
    return isinstance(decision, Record | Wait) and decision.why in CARD_GONE
