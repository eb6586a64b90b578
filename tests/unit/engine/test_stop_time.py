"""The stop time of an execution: faults page, rows 29, 30 and 32."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.domain.actions import Action
from app.domain.occurrences import Outcome
from app.domain.windows import Plan
from app.engine.control import AlwaysOpen
from app.engine.schedule_rows import DueOccurrence, NewSchedule, NewTimes, Settled
from app.engine.stop_time import StopTime, window_of
from tests.helpers.clocks import START, ManualClock
from tests.unit.domain.times import at

HOUR = 3600.0


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def in_an_hour(clock: ManualClock) -> StopTime:
    return StopTime(START + timedelta(hours=1), clock)


def test_it_closes_at_its_instant(clock: ManualClock, in_an_hour: StopTime):
    clock.advance(HOUR - 0.001)
    assert not in_an_hour.closed()
    clock.advance(0.001)
    assert in_an_hour.closed()


@pytest.mark.fault_row(29, 32)
def test_a_clock_put_on_or_a_computer_that_slept_closes_it(clock: ManualClock, in_an_hour: StopTime):
    clock.jump(HOUR)
    assert in_an_hour.closed()


@pytest.mark.fault_row(30)
def test_a_clock_put_back_does_not_lengthen_the_night(clock: ManualClock, in_an_hour: StopTime):
    clock.jump(-86_400)
    clock.advance(HOUR - 1)
    assert not in_an_hour.closed()
    clock.advance(1)
    assert in_an_hour.closed()


@pytest.mark.fault_row(30)
def test_once_closed_it_stays_closed(clock: ManualClock, in_an_hour: StopTime):
    clock.jump(HOUR)
    assert in_an_hour.closed()
    clock.jump(-HOUR)
    assert in_an_hour.closed()


def test_the_window_is_that_of_the_occurrence(clock: ManualClock):
    plan = Plan(START, at("20:00"), at("06:00"))
    due = DueOccurrence(1, 1, Settled(plan.first(), Outcome.FIRED, None))
    new = NewTimes(NewSchedule("consent-migration", Action.RUN, None, plan))
    for timing in (due, new):
        window = window_of(timing, clock)
        clock.jump(1.5 * HOUR - 1)
        assert not window.closed()
        clock.jump(1)
        assert window.closed()
        clock.jump(-1.5 * HOUR)


def test_without_times_it_is_always_open(clock: ManualClock):
    endless = DueOccurrence(1, 1, Settled(Plan(START).first(), Outcome.FIRED, None))
    for timing in (None, endless):
        assert isinstance(window_of(timing, clock), AlwaysOpen)
