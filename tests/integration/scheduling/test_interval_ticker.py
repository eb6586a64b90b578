"""The ticker itself, with the real scheduler and its traps."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from apscheduler.events import EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED

from app.scheduling import IntervalTicker
from app.scheduling.ticker import SECONDS

SOON = 10.0


class Ticks:
    """Counts ticks; `busy` makes each of them last."""

    def __init__(self) -> None:
        self.came = threading.Semaphore(0)
        self.count = 0
        self.at_once = 0
        self.most_at_once = 0
        self.goes_on = threading.Event()
        self.goes_on.set()

    def __call__(self) -> None:
        self.count += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.came.release()
        self.goes_on.wait(SOON)
        self.at_once -= 1

    def seen(self, count: int = 1) -> bool:
        return all(self.came.acquire(timeout=SOON) for _ in range(count))


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def fast(ticks: Ticks) -> Iterator[IntervalTicker]:
    ticker = IntervalTicker(0.02)
    ticker.start(ticks)
    yield ticker
    ticks.goes_on.set()
    ticker.stop()


def test_a_tick_comes_at_once_and_then_every_so_often(fast: IntervalTicker, ticks: Ticks):
    assert ticks.seen(5)
    assert SECONDS == 15.0


def test_the_first_tick_is_not_waited_for(ticks: Ticks):
    ticker = IntervalTicker()
    ticker.start(ticks)
    assert ticks.seen()
    ticker.stop()
    assert ticks.count == 1


def test_a_tick_that_lasts_is_never_joined_by_another(fast: IntervalTicker, ticks: Ticks):
    held_back = threading.Semaphore(0)
    fast._scheduler.add_listener(lambda _: held_back.release(), EVENT_JOB_MAX_INSTANCES)
    assert ticks.seen()
    ticks.goes_on.clear()
    assert ticks.seen()
    for _ in range(3):
        assert held_back.acquire(timeout=SOON), "its time has come again while it lasts"
    ticks.goes_on.set()
    assert ticks.seen(3)
    assert ticks.most_at_once == 1


def test_a_tick_an_hour_late_is_made_up_for_once(ticks: Ticks, caplog: pytest.LogCaptureFixture):
    """The library's own patience is one second: later than that it would drop the tick with a line in its log."""
    ticker = IntervalTicker(600)
    ticker.start(ticks)
    assert ticks.seen()
    missed = threading.Event()
    ticker._scheduler.add_listener(lambda _: missed.set(), EVENT_JOB_MISSED)
    ticker._scheduler.modify_job("tick", next_run_time=datetime.now(UTC) - timedelta(hours=1, minutes=5))
    assert ticks.seen()
    ticker.stop()
    assert ticks.count == 2, "not once for each interval of the hour"
    assert not missed.is_set()
    assert "missed" not in caplog.text


@pytest.mark.fault_row(30)
def test_beating_anew_brings_the_next_tick_here(ticks: Ticks):
    ticker = IntervalTicker(3600)
    ticker.start(ticks)
    assert ticks.seen()
    ticker.beat_anew()
    assert ticks.seen()
    ticker.stop()


def test_stopped_it_ticks_no_more_and_may_be_stopped_again(ticks: Ticks):
    ticker = IntervalTicker(0.02)
    ticker.stop()
    ticker.start(ticks)
    assert ticks.seen(2)
    ticker.stop()
    before = ticks.count
    ticker.stop()
    ticker.beat_anew()
    assert ticks.count == before
    assert not [thread for thread in threading.enumerate() if "APScheduler" in thread.name]
