"""A clock that was set is noticed and told once, however long telling takes (faults, rows 29 and 30)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from app.domain.errors import StorageFault
from app.engine.clock_watch import ClockWatch
from tests.helpers.clocks import START, ManualClock


class Trail:
    """What was told; the next telling fails when asked to."""

    def __init__(self) -> None:
        self.told: list[tuple[datetime, datetime]] = []
        self.fails = False

    def __call__(self, expected: datetime, found: datetime) -> None:
        if self.fails:
            raise StorageFault("The disk is full.")
        self.told.append((expected, found))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def trail() -> Trail:
    return Trail()


def test_time_that_passes_is_no_jump(clock: ManualClock, trail: Trail):
    watch = ClockWatch(clock, trail)
    for seconds in (0.1, 600.0, 86_400.0):
        clock.advance(seconds)
        watch.look()
    assert trail.told == []


@pytest.mark.parametrize(("seconds", "worth"), [(121, True), (120, False), (-121, True), (-120, False)])
def test_more_than_two_minutes_at_once_are_told(clock: ManualClock, trail: Trail, seconds: float, worth: bool):
    watch = ClockWatch(clock, trail)
    clock.advance(10)
    clock.jump(seconds)
    watch.look()
    watch.look()
    expected = START + timedelta(seconds=10)
    assert trail.told == ([(expected, expected + timedelta(seconds=seconds))] if worth else [])


def test_a_clock_that_drifts_is_not_added_up(clock: ManualClock, trail: Trail):
    watch = ClockWatch(clock, trail)
    for _ in range(10):
        clock.advance(15)
        clock.jump(60)
        watch.look()
    assert trail.told == []


def test_what_could_not_be_told_is_told_later_in_order(clock: ManualClock, trail: Trail):
    watch = ClockWatch(clock, trail)
    trail.fails = True
    for seconds in (3600, -7200):
        clock.jump(seconds)
        with pytest.raises(StorageFault):
            watch.look()
    trail.fails = False
    watch.look()
    watch.look()
    hour = timedelta(hours=1)
    assert trail.told == [(START, START + hour), (START + hour, START - hour)]
