"""Long work tells how far it is, and ends at its next word once somebody has given it up."""

from __future__ import annotations

import threading

import pytest

from app.engine.long_work import Cancelled, WorkMeter, WorkState, nobody_waits, told


def test_the_meter_shows_the_latest_word():
    meter = WorkMeter()
    assert meter.state == WorkState("", 0, 0)
    meter("Storing", 3, 10)
    meter("Storing", 4, 10)
    assert meter.state == WorkState("Storing", 4, 10)


def test_work_that_was_given_up_ends_at_its_next_word():
    meter = WorkMeter()
    meter("Storing")
    meter.cancel()
    assert meter.is_cancelled
    with pytest.raises(Cancelled):
        meter("Storing", 1)


def test_work_given_up_from_another_thread_ends():
    meter, ended = WorkMeter(), threading.Event()

    def work() -> None:
        try:
            while True:
                meter("Working")
        except Cancelled:
            ended.set()

    worker = threading.Thread(target=work)
    worker.start()
    meter.cancel()
    assert ended.wait(30)
    worker.join()


def test_rows_pass_unchanged_and_are_told_of_now_and_then():
    words = []
    rows = list(told(range(1200), lambda doing, done=0, total=0: words.append((doing, done, total)), "Rows", 1200))
    assert rows == list(range(1200))
    assert words == [("Rows", 0, 1200), ("Rows", 500, 1200), ("Rows", 1000, 1200), ("Rows", 1200, 1200)]


def test_nothing_is_taken_from_the_source_after_giving_up():
    meter, taken = WorkMeter(), []

    def source():
        for row in range(10_000):
            taken.append(row)
            yield row

    watched = told(source(), meter, "Rows")
    next(watched)
    meter.cancel()
    with pytest.raises(Cancelled):
        list(watched)
    assert len(taken) <= 500


def test_no_rows_are_told_of_too():
    words = []
    assert not list(told((), lambda doing, done=0, total=0: words.append(done), "Rows"))
    assert words == [0, 0]


def test_work_that_nobody_waits_for_goes_on():
    nobody_waits("Storing", 1, 2)
