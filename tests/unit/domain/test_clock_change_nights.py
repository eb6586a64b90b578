"""The decision at each minute of the four nights of 2026 and 2027 on which the clocks change, with jumps of the clock.

Faults page, rows 29 to 31, and section 4: each occurrence is begun at most once and stopped always, and none is left
without an outcome.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from app.domain.occurrences import Outcome
from app.domain.windows import OccurrenceKind, Plan
from tests.helpers.soak import size
from tests.unit.domain.nights import World
from tests.unit.domain.times import AUTUMN, SPRING, at, shown, wall

NIGHTS = [*AUTUMN.values(), *SPRING.values()]

# (start on the day before or on the night itself, Stop, Resume); the last four in the hours that are odd.
SCHEDULES = [
    ("before 18:30", "08:00", "18:30"),
    ("before 20:00", "06:00", "20:00"),
    ("night 01:30", None, None),
    ("night 01:15", "01:45", None),
    ("before 12:00", "01:30", "02:15"),
    ("before 12:00", "22:00", "01:30"),
]

JUMPS = [
    timedelta(hours=1),
    timedelta(hours=-1),
    timedelta(days=1),
    timedelta(days=-1),
    timedelta(days=365),
    timedelta(days=-365),
]

by_night = pytest.mark.parametrize("night", NIGHTS, ids=str)


def plan_for(night: date, schedule: tuple[str, str | None, str | None]) -> Plan:
    when, stop, resume = schedule
    day = night - timedelta(days=1) if when.startswith("before") else night
    return Plan(wall(f"{day:%d/%m/%Y} {when.split()[1]}"), at(stop) if stop else None, at(resume) if resume else None)


def noon_before(night: date) -> datetime:
    return wall(f"{night - timedelta(days=1):%d/%m/%Y} 11:59")


def noon_after(night: date) -> datetime:
    return wall(f"{night:%d/%m/%Y} 12:00")


@pytest.mark.fault_row(31)
@by_night
@pytest.mark.parametrize("schedule", SCHEDULES, ids=str)
def test_each_minute_of_the_night(night: date, schedule: tuple[str, str | None, str | None]):
    one = plan_for(night, schedule)
    world = World(one, noon_before(night))
    world.walk(noon_after(night))
    assert world.decisions >= 23 * 60
    meant = list(one.occurrences(noon_before(night), noon_after(night)))
    assert [key for key, _ in world.begun] == [occurrence.key for occurrence in meant]
    for occurrence, (_, begun_at) in zip(meant, world.begun, strict=True):
        assert begun_at == occurrence.begins_at, "to the minute"
        assert world.recorded[occurrence.key].outcome is Outcome.FIRED
    assert world.stopped_at == [
        occurrence.ends_at for occurrence in meant if occurrence.ends_at and occurrence.ends_at <= world.now
    ]
    assert not world.without_outcome()


@pytest.mark.fault_row(31)
@by_night
def test_a_start_at_half_past_one_fires_once_that_night(night: date):
    world = World(plan_for(night, ("night 01:30", None, None)), noon_before(night))
    world.walk(noon_after(night))
    [(_, begun_at)] = world.begun
    expected = "02:30" if night in SPRING.values() else "01:30"
    assert shown(begun_at) == f"{night:%d/%m/%Y} {expected}"
    assert begun_at == wall(f"{night:%d/%m/%Y} 01:30", fold=0), "the first of the two"


@pytest.mark.fault_row(29, 30, 31)
@by_night
@pytest.mark.parametrize("schedule", SCHEDULES, ids=str)
def test_the_clock_jumps_at_each_minute_of_the_night(night: date, schedule: tuple[str, str | None, str | None]):
    """One jump, each kind in its turn, and the clock is put right again. No minute is left out by all schedules."""
    world = World(plan_for(night, schedule), noon_before(night))
    every = size(5, 1)
    for minute in range(int((noon_after(night) - noon_before(night)).total_seconds() // 60)):
        world.tick(world.now + timedelta(minutes=1))
        if (minute + SCHEDULES.index(schedule)) % every == 0:
            goes_wrong(world.copy(), JUMPS[minute // every % len(JUMPS)])


def goes_wrong(world: World, jump: timedelta) -> None:
    """The clock jumps, works on, is put right, and works on again."""
    true = world.now
    for minutes in (0, 1, 50, 300):
        world.tick(true + timedelta(minutes=minutes) + jump)
    world.tick(true + timedelta(minutes=310))
    for _ in range(3):
        world.tick(world.now + timedelta(minutes=1))
    # Long enough for everything to have been made up for or given up.
    world.tick(world.now + timedelta(hours=36))
    world.tick(world.now + timedelta(minutes=1))
    assert not world.without_outcome()


@pytest.mark.fault_row(29)
def test_a_year_forward_and_back_does_not_take_the_nights_between_away():
    """What a wrong clock wrote about nights that are yet to come does not count once it is put right."""
    one = Plan(wall("02/11/2026 18:30"), at("08:00"), at("18:30"))
    world = World(one, wall("02/11/2026 12:00"))
    world.tick(world.now + timedelta(days=365))
    assert len(world.recorded) == 365
    assert all(found.outcome is Outcome.MISSED for found in world.recorded.values())
    world.tick(wall("02/11/2026 12:02"))
    world.walk(wall("04/11/2026 12:00"))
    assert [(key[0], shown(when)) for key, when in world.begun] == [
        (OccurrenceKind.START, "02/11/2026 18:30"),
        (OccurrenceKind.RESUME, "03/11/2026 18:30"),
    ]


@pytest.mark.fault_row(30)
def test_what_was_begun_is_not_begun_again_when_the_clock_is_put_back():
    world = World(Plan(wall("02/11/2026 18:30"), at("08:00"), at("18:30")), wall("02/11/2026 18:00"))
    world.walk(wall("02/11/2026 18:40"))
    world.press_stop()
    world.tick(wall("02/11/2026 17:40"))
    world.walk(wall("02/11/2026 19:30"))
    assert len(world.begun) == 1
