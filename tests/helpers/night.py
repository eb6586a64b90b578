"""A practice with a watchman over it, on moved time: evenings and nights within a test.

Orders are carried out where they are given, one after the other; the Spine takes minutes for each answer, so that a few
patients fill a night. The stop that each send is judged by is the plan's own, not the engine's.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.domain.actions import Action
from app.domain.errors import Refused
from app.domain.planning import make_plan, read_start, read_time
from app.domain.states import RunStatus, StopReason
from app.engine.control import AlwaysOpen, StopToken, Window
from app.engine.operator import JobOperator, Press
from app.engine.ports import RunView
from app.engine.schedule_rows import ActiveSchedule, DueOccurrence, NewTimes, ScheduledBy, ScheduleView
from app.engine.schedules import Schedules, TimedPresses
from app.engine.watchman import Notice, Order, Watched, Watchman
from app.storage.schedule_store import SqlScheduleStore
from app.storage.tables import occurrence
from tests.helpers import databases
from tests.helpers.bench import FAMILY, WORKSTATION, Bench, Board, Person, consenter, dissenter
from tests.helpers.scripted_spine import Call, Holding
from tests.unit.domain.times import ENGLAND, shown, wall

STEP = 100.0
"""Seconds between two looks: less than what the watchman takes for sleep."""


class _StopsAt:
    """When the plan says that nothing more may be sent, by the wall clock."""

    def __init__(self, stop_at: datetime, bench: Bench) -> None:
        self._stop_at = stop_at
        self._bench = bench

    def closed(self) -> bool:
        return self._bench.clock.now() >= self._stop_at


BY = ScheduledBy("root", "root", "FRONT-DESK")


def people(count: int) -> list[Person]:
    """Every fifth objects, among them the last."""
    return [dissenter(f"P{n}") if n % 5 == 4 else consenter(f"P{n}") for n in range(count)]


def a_night(make_bench: Callable[..., Bench], count: int = 12, **how: float) -> Night:
    """It is 18:30 on Monday 02/11/2026; the card was signed in with just now."""
    return Night(make_bench(*people(count), groups=[("Clinic", "P0"), ("Clinic", "P1")]), **how)


class Night:
    """`spine_reachable` is what the watchman hears when it asks; `seconds_a_call` is how slow the Spine is."""

    def __init__(self, bench: Bench, seconds_a_call: float = 600.0) -> None:
        self.bench = bench
        self.clock = bench.clock
        self.store = SqlScheduleStore(bench.database)
        self.spine_reachable = True
        self.asked_spine = 0
        self.renewals = 0
        self.renews = False
        self.notices: list[Notice] = []
        self.views: list[RunView] = []
        self.refusals: list[str] = []
        self.orders: deque[Order] = deque()
        self.token = StopToken()
        self.seconds_a_call = seconds_a_call
        bench.settings = replace(bench.settings, senders=1)
        bench.spine.always = self._slowly
        self.start_program()

    # --- the program ------------------------------------------------------------------------------------------------

    def start_program(self) -> None:
        """The program is started; what a dead one left open is closed."""
        bench = self.bench
        bench.lock = databases.lock_of(bench.database, self.clock, WORKSTATION)
        self.operator: JobOperator = bench.operator()
        self.operator.recover(FAMILY)
        self.watch_lock = self.another_watch()
        self.schedules = Schedules(self.store, self.operator.possible, bench.lock, self.clock)
        self.timed = TimedPresses(self.operator, self.schedules, self.clock)
        self.orders.clear()
        watched = Watched(
            schedules=self.store,
            operator=self.operator,
            lock=bench.lock,
            watch=self.watch_lock,
            signed_in=bench.card,
            spine_answers=self._spine_answers,
            clock=self.clock,
            renew_session=self._renew,
        )
        self.watchman = Watchman(watched, self.orders.append, self.notices.append)

    def close_program(self) -> None:
        """The program is closed, or has died."""
        self.watchman.close()
        self.bench.lock.release()
        self.orders.clear()

    def another_watch(self) -> Any:
        """The lock of the watch, as another copy of the program has it."""
        return databases.watch_of(self.bench.database, self.clock, "BACK-OFFICE")

    # --- what people do ---------------------------------------------------------------------------------------------

    def plan(
        self,
        start: str = "now",
        stop: str | None = None,
        resume: str | None = None,
        action: Action = Action.RUN,
        group: str | None = None,
    ) -> RunView | ScheduleView:
        """Press an action with these fields; what begins at once is carried out."""
        made = make_plan(
            self.clock.now(),
            read_start(start),
            read_time(stop, "Stop") if stop else None,
            read_time(resume, "Resume") if resume else None,
        )
        answer = self.timed.press(Press(FAMILY, action, group), made.plan)
        return answer if isinstance(answer, ScheduleView) else self.carry_out(self.watchman.order(answer))

    def carry_out(self, order: Order) -> RunView:
        """Carry out an order to the end of its execution, with a witness beside the Spine."""
        bench = self.bench
        bench.board, self.token = Board(), StopToken()
        bench.spine.witness = bench.witness.see
        bench.pressed.append((self.token, self._window_of(order.press)))
        try:
            self.views.append(order.execute(self.token, bench.board))
        finally:
            bench.pressed.pop()
        return self.views[-1]

    def during_call(self, number: int, deed: Callable[[], object]) -> None:
        """Have this happen while the Spine answers its so-manyeth call, which is as slow as ever."""

        def during(_: Holding, __: Call) -> None:
            self.clock.advance(self.seconds_a_call)
            if len(self.bench.spine.calls) + 1 == number:
                deed()

        self.bench.spine.always = during

    def stops_by_hand(self, during: int) -> None:
        """Somebody presses Stop while the Spine answers its so-manyeth call."""
        self.during_call(during, lambda: self.token.stop(StopReason.USER))

    # --- time -------------------------------------------------------------------------------------------------------

    def look(self) -> None:
        """One tick: the watchman looks, and what is begun is carried out."""
        self.watchman.look()
        while self.orders:
            try:
                self.carry_out(self.orders.popleft())
            except Refused as refusal:
                self.refusals.append(str(refusal))

    def until(self, moment: str, step: float = STEP) -> None:
        """Time goes by, a look at every step."""
        end = wall(moment)
        while self.clock.now() < end:
            self.clock.advance(min(step, max(1.0, (end - self.clock.now()).total_seconds())))
            self.look()

    def sleep_until(self, moment: str) -> None:
        """The computer sleeps: the wall clock goes on, the steady one stands still, nobody looks."""
        self.clock.jump((wall(moment) - self.clock.now()).total_seconds())

    def evening(self, moment: str) -> None:
        """The day is passed over, and somebody signs in again in the evening."""
        self.sleep_until(moment)
        self.bench.card.sign_in()

    # --- looking ----------------------------------------------------------------------------------------------------

    @property
    def active(self) -> ActiveSchedule | None:
        """The active schedule."""
        return self.store.active()

    @property
    def run(self) -> RunView:
        """The latest run."""
        view = self.bench.queries.latest_run(FAMILY)
        assert view is not None
        return view

    @property
    def scheduled_run(self) -> int:
        """The id of the run that the newest schedule is about, whatever became of it."""
        latest = self.store.latest()
        assert latest is not None
        return latest.run_id

    @property
    def given_up(self) -> bool:
        """Whether the newest schedule's run was given up before anybody worked on it."""
        run = self.bench.queries.run(self.scheduled_run)
        assert run is not None
        return run.status is RunStatus.ABANDONED and run.started_at is None

    def told(self) -> list[tuple[str, str, str | None]]:
        """Every occurrence with its outcome and reason, oldest first."""
        rows = self.bench.rows(select(occurrence).order_by(occurrence.c.planned_at, occurrence.c.id))
        return [(shown(row.planned_at), row.outcome.value, row.why.value if row.why else None) for row in rows]

    def calls_between(self, begin: str, end: str) -> list[Call]:
        """The requests that the Spine received from one moment until before another."""
        return [call for call in self.bench.spine.calls if wall(begin) <= call.at < wall(end)]

    def time_of_day(self) -> str:
        """What the wall shows."""
        return f"{self.clock.now().astimezone(ENGLAND):%H:%M}"

    def _slowly(self, _: Holding, __: Call) -> None:
        self.clock.advance(self.seconds_a_call)

    def _window_of(self, press: Press) -> Window:
        timing = press.timing
        if isinstance(timing, DueOccurrence):
            ends_at = timing.settled.occurrence.ends_at
        else:
            ends_at = timing.schedule.plan.first().ends_at if isinstance(timing, NewTimes) else None
        return AlwaysOpen() if ends_at is None else _StopsAt(ends_at, self.bench)

    def _spine_answers(self) -> bool:
        self.asked_spine += 1
        return self.spine_reachable

    def _renew(self) -> None:
        self.renewals += 1
        if self.renews:
            self.bench.card.sign_in()
