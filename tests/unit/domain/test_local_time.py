"""The wall clock and UTC, on ordinary days and on the nights the clocks change: faults page, row 31."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.local_time import ClockChange, Oddity, clock_changes, instant_at, oddity_of, on_the_wall
from tests.unit.domain.times import AUTUMN, SPRING

pytestmark = pytest.mark.fault_row(31)


def utc(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "at", "hour", "minute"),
    [
        (date(2026, 7, 1), time(18, 30), 17, 30),
        (date(2026, 12, 1), time(18, 30), 18, 30),
        (AUTUMN[2026], time(0, 59), 23, 59),
        (AUTUMN[2026], time(1, 30), 0, 30),
        (AUTUMN[2026], time(2, 0), 2, 0),
        (SPRING[2026], time(0, 59), 0, 59),
        (SPRING[2026], time(1, 30), 1, 30),
        (SPRING[2026], time(2, 30), 1, 30),
        (SPRING[2027], time(1, 0), 1, 0),
    ],
)
def test_a_time_of_day_is_one_instant(day: date, at: time, hour: int, minute: int):
    found = instant_at(day, at)
    assert found.tzinfo is UTC
    assert (found.hour, found.minute) == (hour, minute)


@pytest.mark.parametrize("year", [2026, 2027])
def test_a_time_that_comes_twice_is_the_first_and_one_that_is_missing_an_hour_later_on_the_wall(year: int):
    first = instant_at(AUTUMN[year], time(1, 30))
    assert first == utc(AUTUMN[year], 0, 30)
    assert f"{on_the_wall(first + timedelta(hours=1)):%H:%M}" == "01:30", "it does come twice"
    assert f"{on_the_wall(instant_at(SPRING[year], time(1, 30))):%H:%M}" == "02:30"


def test_whichever_of_the_two_was_meant_the_first_is_taken():
    assert instant_at(AUTUMN[2026], time(1, 30, fold=1)) == utc(AUTUMN[2026], 0, 30)


@pytest.mark.parametrize(
    ("day", "at", "odd"),
    [
        (AUTUMN[2026], time(0, 59), None),
        (AUTUMN[2026], time(1, 0), Oddity.REPEATED),
        (AUTUMN[2026], time(1, 59), Oddity.REPEATED),
        (AUTUMN[2026], time(2, 0), None),
        (SPRING[2026], time(0, 59), None),
        (SPRING[2026], time(1, 0), Oddity.MISSING),
        (SPRING[2026], time(1, 59), Oddity.MISSING),
        (SPRING[2026], time(2, 0), None),
        (date(2026, 6, 1), time(1, 30), None),
    ],
)
def test_odd_times(day: date, at: time, odd: Oddity | None):
    assert oddity_of(day, at) is odd


@pytest.mark.parametrize("year", [2026, 2027])
def test_the_changes_are_found_at_one_oclock_utc(year: int):
    spring, autumn = ClockChange(utc(SPRING[year], 1), back=False), ClockChange(utc(AUTUMN[year], 1), back=True)
    assert clock_changes(utc(date(year, 1, 1), 0), utc(date(year, 12, 31), 0)) == (spring, autumn)


def test_both_ends_of_the_period_belong_to_it():
    change = utc(AUTUMN[2026], 1)
    assert len(clock_changes(change, change)) == 1
    assert len(clock_changes(change - timedelta(hours=3), change)) == 1
    assert clock_changes(change - timedelta(hours=3), change - timedelta(seconds=1)) == ()
    assert clock_changes(change + timedelta(minutes=1), change + timedelta(days=90)) == ()


def test_an_instant_without_a_zone_is_refused():
    naive = datetime(2026, 7, 1, 12)  # noqa: DTZ001 (the fault that is to be caught)
    with pytest.raises(ValueError, match="zone"):
        on_the_wall(naive)


@given(
    st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.times().map(lambda at: at.replace(second=0, microsecond=0, fold=0))
)
def test_the_wall_shows_the_time_that_was_asked_for_unless_it_has_none(day: date, at: time):
    there = on_the_wall(instant_at(day, at))
    if oddity_of(day, at) is Oddity.MISSING:
        assert there == datetime.combine(day, at, there.tzinfo) + timedelta(hours=1)
    else:
        assert (there.date(), there.time()) == (day, at)
        assert there.fold == 0
