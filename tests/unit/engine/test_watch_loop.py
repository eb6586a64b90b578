"""The thread of the watchman: woken by the ticker, by anybody, and by itself when the ticker falls silent."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator

import pytest

from app.domain.errors import StorageFault
from app.engine.watch_loop import WatchLoop

SOON = 10.0


class HandTicker:
    """Ticks when a test says so."""

    def __init__(self) -> None:
        self.tick: Callable[[], None] = lambda: None
        self.beaten = threading.Event()
        self.stopped = False

    def start(self, tick: Callable[[], None]) -> None:
        self.tick = tick
        tick()

    def beat_anew(self) -> None:
        self.beaten.set()

    def stop(self) -> None:
        self.stopped = True


class Looker:
    """Counts looks; `fault` is raised at the next ones."""

    def __init__(self) -> None:
        self.looks = threading.Semaphore(0)
        self.count = 0
        self.threads: set[str] = set()
        self.fault: Exception | None = None

    def __call__(self) -> None:
        self.count += 1
        self.threads.add(threading.current_thread().name)
        self.looks.release()
        if self.fault is not None:
            raise self.fault

    def seen(self) -> bool:
        """Wait for one more look."""
        return self.looks.acquire(timeout=SOON)


@pytest.fixture
def ticker() -> HandTicker:
    return HandTicker()


@pytest.fixture
def looker() -> Looker:
    return Looker()


@pytest.fixture
def loop(looker: Looker, ticker: HandTicker) -> Iterator[WatchLoop]:
    made = WatchLoop(looker, ticker, longest_silence=SOON)
    made.start()
    yield made
    assert made.stop()


def test_every_tick_is_a_look_in_a_thread_of_its_own(loop: WatchLoop, looker: Looker, ticker: HandTicker):
    assert looker.seen()
    for _ in range(3):
        ticker.tick()
        assert looker.seen()
    assert looker.threads == {"watchman"}


def test_anybody_may_wake_it(loop: WatchLoop, looker: Looker):
    assert looker.seen()
    loop.wake()
    assert looker.seen()


@pytest.mark.parametrize("fault", [StorageFault("The disk is full."), RuntimeError("a fault of ours")])
def test_whatever_a_look_meets_the_next_one_is_made(loop: WatchLoop, looker: Looker, ticker, fault, caplog):
    assert looker.seen()
    looker.fault = fault
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            ticker.tick()
            assert looker.seen()
        looker.fault = None
        ticker.tick()
        assert looker.seen()
    told = [record.message for record in caplog.records]
    assert len(told) >= 2
    assert all(str(fault) not in words for words in told), "a message may hold anything"
    assert all(type(fault).__name__ in words for words in told)


@pytest.mark.fault_row(30)
def test_should_the_ticker_fall_silent_it_looks_by_itself(looker: Looker, ticker: HandTicker):
    made = WatchLoop(looker, ticker, longest_silence=0.05)
    made.start()
    for _ in range(3):
        assert looker.seen()
    assert ticker.beaten.wait(SOON)
    assert made.stop()


def test_stopped_it_looks_no_more(looker: Looker, ticker: HandTicker):
    made = WatchLoop(looker, ticker, longest_silence=SOON)
    made.start()
    assert looker.seen()
    assert made.stop()
    assert ticker.stopped
    before = looker.count
    made.wake()
    assert looker.count == before


def test_a_look_that_does_not_end_in_time_is_told(ticker: HandTicker):
    goes_on = threading.Event()
    entered = threading.Event()

    def look() -> None:
        entered.set()
        goes_on.wait(SOON)

    made = WatchLoop(look, ticker, longest_silence=SOON)
    made.start()
    assert entered.wait(SOON)
    assert not made.stop(seconds=0.01)
    goes_on.set()
    assert made.stop()
