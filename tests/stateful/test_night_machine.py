"""Windows, stops, cards, kills, sleep and set clocks in any order: nothing sent outside a window or a session,
no time without its outcome.

Judged by what the Spine received (the witness beside it), by the rows and by the plan; never by the engine's word.
Faults page, rows 29 to 33 and section 4.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import func, select

from app.domain.actions import Action, why_not
from app.domain.errors import Refused
from app.domain.schedule import LOOK_BACK, given_up_at
from app.domain.session import LAUNCH_ROLE_NAME, Role
from app.domain.states import RunStatus, StopReason
from app.domain.windows import DAY, Occurrence
from app.engine.schedule_rows import ScheduledBy
from app.storage.schedules import view_of
from app.storage.tables import execution, occurrence, schedule_window
from tests.helpers import databases
from tests.helpers.bench import FAMILY, Bench, consenter, dissenter
from tests.helpers.failing_store import Killed
from tests.helpers.night import Night
from tests.helpers.scripted_spine import Call, Holding
from tests.helpers.soak import size
from tests.helpers.templates import templates
from tests.unit.domain.times import ENGLAND, wall

PEOPLE = [dissenter(f"P{n}") if n % 2 else consenter(f"P{n}") for n in range(24)]
TIMES = ["01:15", "01:45", "02:30", "08:00", "18:30", "20:00", "23:00"]
CLERK = Role("1", "Receptionist", "R8010", frozenset({"B0062"}))
VIEWER = Role("1", LAUNCH_ROLE_NAME, "R8000", frozenset({"B0011"}))
BY = ScheduledBy("root", "root", "FRONT-DESK")
STARTS = ["24/10/2026 17:00", "27/03/2027 22:00", "02/11/2026 12:00"]

Times = tuple[str | None, str | None]

plans = st.one_of(
    st.just((None, None)),
    st.tuples(st.sampled_from(TIMES), st.none()),
    st.permutations(TIMES).map(lambda drawn: (drawn[0], drawn[1])),
    st.permutations(TIMES).map(lambda drawn: (drawn[0], drawn[1])),
)
made: list[Callable[[], Bench]] = []


class NightMachine(RuleBasedStateMachine):
    """One practice over some days."""

    night: Night

    @initialize(moment=st.sampled_from(STARTS), ahead=st.integers(0, 900), plan=plans)
    def open_the_practice(self, moment: str, ahead: int, plan: Times) -> None:
        bench = made[-1]()
        bench.clock.jump((wall(moment) - bench.clock.now()).total_seconds())
        bench.card.sign_in()
        self.night = Night(bench, seconds_a_call=900.0)
        self.other: Any = None
        self.stopped_by_hand = False
        self.breaches: list[str] = []
        self.begun: dict[tuple[int, str, str], int] = {}
        self.dies_at: int | None = None
        self.stops_at: int | None = None
        bench.spine.always = self.answer
        self.press(ahead, plan, 0, 0)

    def teardown(self) -> None:
        if hasattr(self, "night"):
            self.let_others_go()
            self.night.close_program()

    # --- the Spine, and what happens while it answers ---------------------------------------------------------------

    def answer(self, holding: Holding, call: Call) -> None:
        """It takes a quarter of an hour; meanwhile somebody may press Stop, or the program may die."""
        night = self.night
        token, window = night.bench.pressed[-1]
        if token.is_set or window.closed():
            self.breaches.append(f"asked at {call.at} after a stop or outside its window")
        night.clock.advance(night.seconds_a_call)
        if self.stops_at is not None:
            self.stops_at -= 1
            if self.stops_at < 0:
                self.stops_at = None
                night.token.stop(StopReason.USER)
        if self.dies_at is not None:
            self.dies_at -= 1
            if self.dies_at < 0:
                self.dies_at = None
                raise Killed

    # --- what people do ---------------------------------------------------------------------------------------------

    @rule(
        ahead=st.sampled_from([0, 0, 1, 60, 600]),
        plan=plans,
        choice=st.integers(0, 3),
        asleep=st.sampled_from([0, 0, 0, 90_000]),
    )
    def press(self, ahead: int, plan: Times, choice: int, asleep: int) -> None:
        """One of the actions that are possible, with times; perhaps on a computer that woke an instant before."""
        night = self.night
        if asleep:
            night.clock.jump(asleep)
            night.bench.card.sign_in()
        situation = night.operator.situation(FAMILY)
        possible = [action for action in Action if why_not(action, situation) is None]
        if not possible:
            return
        action = possible[choice % len(possible)]
        start = "now"
        if ahead:
            start = f"{(night.clock.now() + timedelta(minutes=ahead)).astimezone(ENGLAND):%d/%m/%Y %H:%M}"
        before = len(night.bench.executions())
        with self.survived(), suppress(Refused):
            night.plan(start, *plan, action)
            # What a person schedules after a Stop is a person's word as well.
            self.stopped_by_hand = False
        if len(night.bench.executions()) > before:
            self.note_how_it_ended()

    @rule(event=st.sampled_from(["out", "in", "in", "for an hour", "a clerk's", "a viewer's"]))
    def card(self, event: str) -> None:
        """The card is taken out, or somebody signs in."""
        card = self.night.bench.card
        if event == "out":
            card.end()
        elif event == "in":
            card.sign_in()
        elif event == "for an hour":
            card.sign_in(length=timedelta(hours=1))
        else:
            card.sign_in(CLERK if event == "a clerk's" else VIEWER)

    @rule(
        trouble=st.sampled_from(
            ["cancel", "restart", "no network", "network", "a copy works", "a copy watches", "gone"]
        )
    )
    def something_happens(self, trouble: str) -> None:
        """The schedule is cancelled, the program started anew, the network or another copy comes and goes."""
        night = self.night
        if trouble == "cancel":
            with suppress(Refused):
                night.schedules.cancel(BY)
        elif trouble == "restart":
            night.close_program()
            night.start_program()
        elif trouble in {"network", "no network"}:
            night.spine_reachable = trouble == "network"
        else:
            self.let_others_go()
            if trouble != "gone":
                self.another_copy_takes_hold(watch=trouble == "a copy watches")

    def another_copy_takes_hold(self, *, watch: bool) -> None:
        night = self.night
        other = night.another_watch() if watch else databases.lock_of(night.bench.database, night.clock, "BACK-OFFICE")
        with suppress(Refused):
            other.acquire("Sam Other")
            self.other = other

    def let_others_go(self) -> None:
        if self.other is not None:
            self.other.release()
            self.other = None

    # --- time -------------------------------------------------------------------------------------------------------

    @rule(
        signs_in=st.sampled_from([True, True, False]),
        then=st.sampled_from(["nothing", "nothing", "stop", "die"]),
        calls=st.integers(0, 4),
    )
    def on_to_the_next_time(self, signs_in: bool, then: str, calls: int) -> None:
        """The computer is woken shortly before something is to begin or to stop, and time goes by from there.

        While it works somebody may press Stop, or the program may die.
        """
        night = self.night
        active = night.active
        if active is None:
            return
        self.stops_at = calls if then == "stop" else None
        self.dies_at = calls if then == "die" else None
        now = night.clock.now()
        marks = [edge for one in active.schedule.plan.occurrences(now - 2 * DAY, now + 3 * DAY) for edge in edges(one)]
        ahead = [mark for mark in marks if mark > now + timedelta(minutes=5)]
        if ahead:
            night.clock.jump((min(ahead) - now).total_seconds() - 240)
        if signs_in:
            night.bench.card.sign_in()
        self.time_goes_by(12)

    @rule(minutes=st.integers(1, 120))
    def time_goes_by(self, minutes: int) -> None:
        end = self.night.clock.now() + timedelta(minutes=minutes)
        while self.night.clock.now() < end:
            self.night.clock.advance(100)
            self.look()

    @rule(seconds=st.sampled_from([180, 2700, 18_000, 48_000, 86_400, 240_000]))
    def the_computer_sleeps(self, seconds: int) -> None:
        self.night.clock.jump(seconds)
        self.time_goes_by(2)

    @rule(seconds=st.sampled_from([-3600, 3600, -86_400, 86_400, -31_536_000, 31_536_000]), put_right=st.booleans())
    def the_clock_is_set(self, seconds: int, put_right: bool) -> None:
        self.night.clock.jump(seconds)
        self.look()
        if put_right:
            self.time_goes_by(5)
            self.night.clock.jump(-seconds)
            self.look()

    def look(self) -> None:
        """A tick: what the watchman begins is no person's doing."""
        before = len(self.night.bench.executions())
        with self.survived():
            self.night.look()
        begun = len(self.night.bench.executions()) - before
        assert begun <= 1, "a look begins one thing at most"
        if begun:
            assert not self.stopped_by_hand, "a stop by a person is undone by a person"
            newest = select(func.max(execution.c.id)).scalar_subquery()
            [told] = self.night.bench.rows(select(occurrence).where(occurrence.c.execution_id == newest))
            assert told.outcome.began, "begun by its time, and recorded so"
            self.note_how_it_ended()

    # --- what must hold ---------------------------------------------------------------------------------------------

    @invariant()
    def nothing_was_sent_outside_a_window_or_a_session(self) -> None:
        if hasattr(self, "night"):
            assert self.night.bench.witness.breaches + self.breaches == []

    @invariant()
    def what_was_begun_stays_begun_and_is_begun_once(self) -> None:
        if not hasattr(self, "night"):
            return
        rows = self.night.bench.rows(select(occurrence).where(occurrence.c.execution_id.is_not(None)))
        now_begun = {(row.window_id, row.kind.value, row.local_date.isoformat()): row.execution_id for row in rows}
        assert len(set(now_begun.values())) == len(now_begun)
        assert self.begun.items() <= now_begun.items()
        self.begun = now_begun

    @invariant()
    def no_time_is_without_its_outcome(self) -> None:
        """Of a schedule that has ended nothing is open; of the active one nothing that was given up before the look."""
        if not hasattr(self, "night"):
            return
        night = self.night
        for row in night.bench.rows(select(schedule_window)):
            # Those that a wrong clock made, or ended, in a year that is yet to come are judged once it is there.
            looked_at = row.ended_at or self.looked_at()
            if looked_at is None or looked_at > night.clock.now() or row.created_at > looked_at:
                continue
            self.check_outcomes(row, looked_at)

    def check_outcomes(self, row: object, looked_at: datetime) -> None:
        view = view_of(row)  # type: ignore[arg-type]
        told = self.night.bench.rows(select(occurrence).where(occurrence.c.window_id == view.schedule_id))
        settled = {(one.kind, one.local_date) for one in told}
        for meant in view.plan.occurrences(looked_at - LOOK_BACK, looked_at):
            if given_up_at(meant) <= looked_at:
                assert meant.key in settled, "no occurrence without an outcome"

    def looked_at(self) -> datetime | None:
        """Until when the active schedule was looked after: now, where this copy keeps watch and has just looked."""
        night = self.night
        if not night.watch_lock.held_here or night.bench.lock.holder() is not None:
            return None
        self.look()
        return night.clock.now() if night.watch_lock.held_here and night.active is not None else None

    # --- within -----------------------------------------------------------------------------------------------------

    def survived(self) -> Survived:
        return Survived(self.night)

    def note_how_it_ended(self) -> None:
        view = self.night.run
        self.stopped_by_hand = view.status is RunStatus.STOPPED and view.stop_reason is StopReason.USER


def edges(one: Occurrence) -> list[datetime]:
    """When it begins and when it stops."""
    return [one.begins_at] if one.ends_at is None else [one.begins_at, one.ends_at]


class Survived:
    """A program that dies within is started again."""

    def __init__(self, night: Night) -> None:
        self._night = night

    def __enter__(self) -> None:
        return

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: object) -> bool:
        if not isinstance(fault, Killed):
            return False
        self._night.close_program()
        self._night.start_program()
        return True


def wander(machine: NightMachine, draw: random.Random, steps: int) -> None:
    """Do one thing after the other, each by chance."""

    def a_plan() -> Times:
        stop, resume = draw.sample(TIMES, 2)
        return draw.choice([(None, None), (stop, None), (stop, resume), (stop, resume), (stop, resume)])

    def on_to_the_next_time() -> None:
        then = draw.choice(["nothing", "nothing", "stop", "die"])
        machine.on_to_the_next_time(draw.random() < 0.8, then, draw.randrange(5))

    deeds: list[Callable[[], None]] = [
        *[on_to_the_next_time] * 4,
        lambda: machine.press(
            draw.choice([0, 0, 1, 60, 600]), a_plan(), draw.randrange(4), draw.choice([0, 0, 90_000])
        ),
        lambda: machine.card(draw.choice(["out", "in", "for an hour", "a clerk's", "a viewer's"])),
        lambda: machine.something_happens(
            draw.choice(["cancel", "restart", "no network", "network", "a copy works", "a copy watches", "gone"])
        ),
        lambda: machine.time_goes_by(draw.randint(1, 60)),
        lambda: machine.the_computer_sleeps(draw.choice([180, 2700, 18_000, 48_000, 86_400, 240_000])),
        lambda: machine.the_clock_is_set(draw.choice([-1, 1]) * draw.choice([3600, 86_400, 31_536_000]), True),
        lambda: machine.the_clock_is_set(draw.choice([-1, 1]) * 3600, False),
    ]
    machine.open_the_practice(draw.choice(STARTS), draw.randrange(900), a_plan())
    for _ in range(steps):
        draw.choice(deeds)()
        machine.nothing_was_sent_outside_a_window_or_a_session()
        machine.what_was_begun_stays_begun_and_is_begun_once()
        machine.no_time_is_without_its_outcome()


@pytest.mark.fault_row(29, 30, 31, 32, 33)
def test_nights_by_number():
    """The same deeds by chance: every seed is another week, and can be had again."""
    first = random.randrange(1_000_000)
    with templates() as kept:
        made.append(lambda: kept.bench(*PEOPLE))
        try:
            for seed in range(first, first + size(25, 2_000)):
                sys.stdout.write(f"night {seed}\n")
                machine = NightMachine()
                wander(machine, random.Random(seed), steps=40)
                machine.teardown()
        finally:
            made.pop()


@pytest.mark.fault_row(29, 30, 31, 32, 33)
def test_any_order_of_times_cards_kills_sleep_and_clocks():
    with templates() as kept:
        made.append(lambda: kept.bench(*PEOPLE))
        try:
            NightMachine.TestCase.settings = settings(
                max_examples=size(30, 3_000),
                stateful_step_count=30,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            )
            NightMachine.TestCase("runTest").runTest()
        finally:
            made.pop()
