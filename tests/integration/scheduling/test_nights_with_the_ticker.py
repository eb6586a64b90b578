"""Whole nights with the real ticker, the watchman's own thread and real sender threads; only the clock is moved.

The test moves the clock and waits, each time, for what follows: a look of the watchman, a request at the Spine, the end
of an execution.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.domain.errors import Refused
from app.domain.occurrences import Outcome, Why
from app.domain.states import RunStatus, StopReason
from app.engine.sender_pool import SenderPool
from app.engine.watch_loop import WatchLoop
from app.scheduling import IntervalTicker
from tests.helpers.bench import Bench, consenter, dissenter
from tests.helpers.invariants import check_invariants
from tests.helpers.night import Night
from tests.unit.domain.times import wall

SOON = 30.0
ONE_IN = 2_000.0
"""The pace: one request in so many seconds of the moved clock."""


class TickedNight(Night):
    """A night whose watchman is woken by the real ticker, and whose orders are carried out in a thread."""

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench)
        bench.make_senders = SenderPool
        bench.spine.always = None
        # No exchange outlives its deadline, and no message leaves too late, because the test moved the clock.
        bench.settings = replace(bench.settings, per_second=1 / ONE_IN, senders=1, deadline=1e9, leaves_within=1e9)
        self.handed: queue.SimpleQueue[object] = queue.SimpleQueue()
        self.looks = threading.Semaphore(0)
        self.live: threading.Thread | None = None
        self.start_program()
        self.loop = WatchLoop(self._look, IntervalTicker(0.02))
        self.loop.start()

    def close(self) -> None:
        self.token.stop(StopReason.SHUTDOWN)
        if self.live is not None:
            self.live.join(SOON)
        assert self.loop.stop()
        self.close_program()

    def begin_at_once(self, *fields: str) -> None:
        """Press Run with these fields, and let it work."""
        self.live = threading.Thread(target=self.plan, args=fields)
        self.live.start()

    def step(self, seconds: float) -> None:
        """Time goes by; the watchman has looked since, and whatever is due has been begun."""
        self.clock.advance(seconds)
        self.settle()

    def settle(self) -> None:
        """Wait for two looks: the first may have begun before the clock was moved."""
        while self.looks.acquire(blocking=False):
            pass
        assert all(self.looks.acquire(timeout=SOON) for _ in range(2))

    def work_on(self, until: str) -> None:
        """Let the execution under way work by the moved clock, request by request, until a moment."""
        end = wall(until)
        while self.is_live and self.clock.now() < end:
            before = len(self.bench.spine.calls)
            self.clock.advance(1.1 * ONE_IN)
            self._wait_while_time_goes_by(
                lambda before=before: len(self.bench.spine.calls) > before or not self.is_live
            )

    def wait_for_end(self) -> None:
        """Wait until nothing is live any more."""
        self._wait_while_time_goes_by(lambda: not self.is_live)

    def _wait_while_time_goes_by(self, met: Callable[[], bool]) -> None:
        """A second of the moved clock goes by at every look: groups of changes are committed by it."""

        def has_come() -> bool:
            self.clock.advance(1)
            return met()

        wait_until(has_come)

    @property
    def is_live(self) -> bool:
        """Whether an execution is under way."""
        return self.live is not None and self.live.is_alive()

    def _look(self) -> None:
        self.watchman.look()
        if self.orders and not self.is_live:
            self.live = threading.Thread(target=self._carry_out_quietly)
            self.live.start()
        self.looks.release()

    def _carry_out_quietly(self) -> None:
        try:
            self.carry_out(self.orders.popleft())
        except Refused as refusal:
            self.refusals.append(str(refusal))


def wait_until(met: Callable[[], bool]) -> None:
    give_up = time.monotonic() + SOON
    while not met():
        assert time.monotonic() < give_up, "it did not come about in time"
        time.sleep(0.002)


@pytest.fixture
def night(tmp_path: Path) -> Iterator[TickedNight]:
    people = [dissenter(f"P{n}") if n % 5 == 4 else consenter(f"P{n}") for n in range(45)]
    bench = Bench(tmp_path / "practice", people)
    made = TickedNight(bench)
    yield made
    made.close()
    check_invariants(bench)
    bench.database.close()


def test_three_days_with_a_stop_at_eight_and_a_resume_at_half_past_six(night: TickedNight):
    """It is Monday 18:30, and the list takes until Wednesday night. The session is made longer than any is, so that it
    is the stop time that ends each night.
    """
    night.bench.card.sign_in(length=timedelta(hours=15))
    night.begin_at_once("now", "08:00", "18:30")
    wait_until(lambda: len(night.bench.spine.calls) == 1)
    for day in ("03", "04"):
        night.work_on(f"{day}/11/2026 07:20")
        night.sleep_until(f"{day}/11/2026 08:00")
        night.wait_for_end()
        assert night.run.stop_reason is StopReason.WINDOW_CLOSED
        night.sleep_until(f"{day}/11/2026 18:25")
        night.bench.card.sign_in(length=timedelta(hours=15))
        night.settle()
        for _ in range(6):
            night.step(60)
        wait_until(lambda: night.is_live)
    night.work_on("05/11/2026 07:20")
    night.wait_for_end()
    assert night.run.status is RunStatus.COMPLETED
    assert night.run.counts.sent == 9
    assert night.told() == [
        ("02/11/2026 18:30", "fired", None),
        ("03/11/2026 18:30", "fired", None),
        ("04/11/2026 18:30", "fired", None),
    ]
    for day in ("03", "04", "05"):
        assert night.calls_between(f"{day}/11/2026 08:00", f"{day}/11/2026 18:30") == []
    assert night.active is None


@pytest.mark.fault_row(32)
def test_the_stop_time_closes_the_gate_under_real_threads(night: TickedNight):
    night.begin_at_once("now", "20:00", "21:00")
    night.work_on("02/11/2026 19:30")
    night.sleep_until("02/11/2026 20:00")
    night.wait_for_end()
    assert night.run.stop_reason is StopReason.WINDOW_CLOSED
    assert night.calls_between("02/11/2026 20:00", "03/11/2026 12:00") == []
    night.sleep_until("02/11/2026 20:55")
    night.settle()
    for _ in range(6):
        night.step(60)
    wait_until(lambda: night.told()[1:] == [("02/11/2026 21:00", "fired", None)])
    assert night.is_live


@pytest.mark.fault_row(33)
def test_asleep_across_the_start_time_it_starts_late_and_says_so(night: TickedNight):
    night.plan("02/11/2026 20:00", "04:00", "20:00")
    night.settle()
    night.spine_reachable = False
    night.sleep_until("02/11/2026 22:00")
    night.settle()
    assert night.watchman.waiting is not None
    night.step(50)
    assert not night.is_live
    assert night.watchman.waiting.why is Why.SPINE_UNREACHABLE
    night.spine_reachable = True
    night.step(1)
    wait_until(lambda: night.is_live)
    wait_until(lambda: bool(night.told()))
    [told] = night.store.history(5)
    assert (told.outcome, told.why) == (Outcome.LATE, Why.ASLEEP)


def test_a_start_with_no_card_is_recorded_and_told(night: TickedNight):
    night.plan("02/11/2026 20:00")
    night.bench.card.end()
    while night.clock.now() < wall("02/11/2026 20:01"):
        night.step(100)
    [notice] = night.notices
    assert (notice.settled.outcome, notice.settled.why) == (Outcome.MISSED, Why.NO_CARD)
    wait_until(lambda: night.active is None)
    assert night.given_up
    assert night.bench.spine.calls == []


@pytest.mark.fault_row(29, 30)
def test_the_clock_is_put_back_and_on_again_and_no_start_comes_twice(night: TickedNight):
    night.plan("02/11/2026 19:00", "04:00", "19:00")
    night.settle()
    for _ in range(18):
        night.step(100)
    wait_until(lambda: night.is_live)
    wait_until(lambda: bool(night.told()))
    for jump in (-3_600, 3_600, -86_400, 86_400):
        night.clock.jump(jump)
        night.settle()
    assert len(night.bench.executions()) == 1
    assert [row[1] for row in night.told()] == ["fired"]
