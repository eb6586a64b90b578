"""Start, Stop and Resume, and the occurrences that follow: faults page, row 31."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import BadInput
from app.domain.windows import DAY, Occurrence, OccurrenceKind, Plan
from tests.unit.domain.times import at, plan, shown, wall

FAR = 400 * DAY


def told(one: Plan, nights: int = 4) -> list[tuple[str, str, str | None]]:
    """The first occurrences as staff would read them."""
    found = islice(one.occurrences(one.start_at - DAY, one.start_at + FAR), nights)
    return [
        (occurrence.kind.value, shown(occurrence.begins_at), shown(occurrence.ends_at) if occurrence.ends_at else None)
        for occurrence in found
    ]


def test_no_times_at_all_is_one_occurrence_without_an_end():
    assert told(plan("02/11/2026 18:30")) == [("start", "02/11/2026 18:30", None)]


@pytest.mark.parametrize(
    ("start", "stop", "stops"),
    [
        ("02/11/2026 18:30", "08:00", "03/11/2026 08:00"),
        ("02/11/2026 06:00", "08:00", "02/11/2026 08:00"),
        ("02/11/2026 08:00", "08:00", "03/11/2026 08:00"),
        ("02/11/2026 23:59", "00:00", "03/11/2026 00:00"),
    ],
)
def test_stop_alone_stops_once_and_waits_for_a_person(start: str, stop: str, stops: str):
    assert told(plan(start, stop)) == [("start", start, stops)]


def test_both_repeat_every_day_over_midnight():
    assert told(plan("02/11/2026 18:30", "08:00", "18:30")) == [
        ("start", "02/11/2026 18:30", "03/11/2026 08:00"),
        ("resume", "03/11/2026 18:30", "04/11/2026 08:00"),
        ("resume", "04/11/2026 18:30", "05/11/2026 08:00"),
        ("resume", "05/11/2026 18:30", "06/11/2026 08:00"),
    ]


def test_resume_earlier_than_stop_the_pause_runs_over_midnight():
    assert told(plan("02/11/2026 12:00", "22:00", "06:00"), 3) == [
        ("start", "02/11/2026 12:00", "02/11/2026 22:00"),
        ("resume", "03/11/2026 06:00", "03/11/2026 22:00"),
        ("resume", "04/11/2026 06:00", "04/11/2026 22:00"),
    ]


def test_a_start_and_a_resume_on_one_day_are_two_occurrences():
    one = plan("02/11/2026 06:00", "08:00", "18:30")
    first, second = islice(one.occurrences(one.start_at, one.start_at + DAY), 2)
    assert (first.day, second.day) == (first.day, first.day)
    assert first.key != second.key


@pytest.mark.parametrize(
    ("start", "begins"),
    [
        ("02/11/2026 08:00", "02/11/2026 18:30"),
        ("02/11/2026 12:00", "02/11/2026 18:30"),
        ("02/11/2026 18:29", "02/11/2026 18:30"),
        ("02/11/2026 18:30", "02/11/2026 18:30"),
        ("02/11/2026 07:59", "02/11/2026 07:59"),
    ],
)
def test_a_start_within_the_pause_waits_for_the_resume_time(start: str, begins: str):
    [first, second] = told(plan(start, "08:00", "18:30"), 2)
    assert first[:2] == ("start", begins)
    assert second[1] == ("02/11/2026 18:30" if begins == "02/11/2026 07:59" else "03/11/2026 18:30")


def test_a_start_in_a_pause_over_midnight_waits_as_well():
    assert told(plan("02/11/2026 23:00", "22:00", "06:00"), 1) == [("start", "03/11/2026 06:00", "03/11/2026 22:00")]


def test_times_that_cannot_be_meant_are_refused_in_words():
    with pytest.raises(BadInput, match="the same time"):
        plan("02/11/2026 18:30", "08:00", "08:00")
    with pytest.raises(BadInput, match="Resume time needs a Stop"):
        plan("02/11/2026 18:30", None, "08:00")
    with pytest.raises(ValueError, match="zone"):
        Plan(datetime(2026, 11, 2, 18, 30))  # noqa: DTZ001 (the fault that is to be caught)


def test_what_a_plan_says_of_itself():
    assert not plan("02/11/2026 18:30").has_times
    assert plan("02/11/2026 18:30", "08:00").has_times
    assert not plan("02/11/2026 18:30", "08:00").repeats
    assert plan("02/11/2026 18:30", "08:00", "18:30").repeats


def test_the_pause_an_instant_lies_in():
    one = plan("02/11/2026 18:30", "08:00", "18:30")
    pause = one.pause_at(wall("04/11/2026 12:00"))
    assert pause is not None
    assert (pause.begins_at, pause.ends_at) == (wall("04/11/2026 08:00"), wall("04/11/2026 18:30"))
    assert one.pause_at(wall("04/11/2026 08:00")) == pause
    assert one.pause_at(wall("04/11/2026 18:30")) is None
    assert plan("02/11/2026 18:30", "08:00").pause_at(wall("04/11/2026 12:00")) is None


# --- the nights the clocks change ---------------------------------------------------------------------------------


@pytest.mark.fault_row(31)
def test_the_autumn_night_from_twenty_to_six_is_eleven_hours():
    night = plan("24/10/2026 20:00", "06:00", "20:00").first()
    assert night.ends_at is not None
    assert night.ends_at - night.begins_at == timedelta(hours=11)
    spring = plan("28/03/2026 20:00", "06:00", "20:00").first()
    assert spring.ends_at is not None
    assert spring.ends_at - spring.begins_at == timedelta(hours=9)


@pytest.mark.fault_row(31)
def test_stop_and_resume_in_the_repeated_hour_are_the_first_of_the_two():
    one = plan("24/10/2026 20:00", "01:30", "20:00")
    assert one.first().ends_at == wall("25/10/2026 01:30", fold=0)
    two = plan("24/10/2026 12:00", "20:00", "01:30")
    assert [occurrence.begins_at for occurrence in two.occurrences(two.start_at, wall("25/10/2026 12:00"))] == [
        wall("24/10/2026 12:00"),
        wall("25/10/2026 01:30", fold=0),
    ]


@pytest.mark.fault_row(31)
@pytest.mark.parametrize(
    ("stop", "resume", "expected"),
    [
        # Stop at the missing 01:30 is at 02:30; the resume time lies before it on the clock, and the pause is nothing.
        ("01:30", "02:15", ["27/03/2026 02:15", "28/03/2026 02:15", "30/03/2026 02:15"]),
        ("01:30", "02:30", ["27/03/2026 02:30", "28/03/2026 02:30", "30/03/2026 02:30"]),
        ("01:00", "02:30", ["27/03/2026 02:30", "28/03/2026 02:30", "29/03/2026 02:30", "30/03/2026 02:30"]),
        # Work from the missing 01:30 until 02:15 is no time at all: both pauses are one.
        ("02:15", "01:30", ["28/03/2026 01:30", "30/03/2026 01:30"]),
    ],
)
def test_what_the_missing_hour_swallows_is_left_out(stop: str, resume: str, expected: list[str]):
    one = plan("26/03/2026 12:00", stop, resume)
    since, until = wall("27/03/2026 00:00"), wall("30/03/2026 23:00")
    resumes = [found for found in one.occurrences(since, until) if found.kind is OccurrenceKind.RESUME]
    assert [shown(found.begins_at) for found in resumes] == expected
    assert all(found.ends_at is not None and found.ends_at > found.begins_at for found in resumes)


# --- whatever the times -------------------------------------------------------------------------------------------

minutes = st.integers(0, 24 * 60 - 1).map(lambda of_day: at(f"{of_day // 60:02}:{of_day % 60:02}"))
nights = st.sampled_from(["28/03/2026", "24/10/2026", "27/03/2027", "30/10/2027", "02/11/2026"])


@st.composite
def daily_plans(draw: st.DrawFn) -> Plan:
    stop, resume = draw(st.lists(minutes, min_size=2, max_size=2, unique=True))
    start = wall(f"{draw(nights)} 00:00") + timedelta(minutes=draw(st.integers(-2000, 2000)))
    return Plan(start, stop, resume)


def all_of(one: Plan, days: int = 6) -> list[Occurrence]:
    return list(one.occurrences(one.start_at - 3 * DAY, one.start_at + days * DAY))


@given(daily_plans())
def test_occurrences_follow_one_another_and_never_overlap(one: Plan):
    found = all_of(one)
    assert found[0] == one.first()
    assert [occurrence.kind for occurrence in found] == [OccurrenceKind.START] + [OccurrenceKind.RESUME] * (
        len(found) - 1
    )
    for occurrence, following in pairwise(found):
        assert occurrence.ends_at is not None
        assert occurrence.begins_at < occurrence.ends_at < following.begins_at
    assert len({occurrence.key for occurrence in found}) == len(found), "each has its own name"


@given(daily_plans(), st.integers(0, 6 * 24 * 60))
def test_every_instant_after_the_start_is_either_work_or_pause(one: Plan, minute: int):
    instant = one.start_at + timedelta(minutes=minute)
    working = [
        occurrence
        for occurrence in all_of(one, days=8)
        if occurrence.ends_at is not None and occurrence.begins_at <= instant < occurrence.ends_at
    ]
    assert bool(working) is (one.pause_at(instant) is None)
    if working:
        assert one.stop_after(instant) == working[0].ends_at


@given(daily_plans(), st.integers(-3, 400))
def test_looking_from_later_on_finds_the_same(one: Plan, days: int):
    since = one.start_at + days * DAY
    until = since + 4 * DAY
    wanted = [occurrence for occurrence in all_of(one, 406) if since <= occurrence.begins_at <= until]
    assert list(one.occurrences(since, until)) == wanted


@given(daily_plans())
def test_a_day_has_its_pause_unless_the_clocks_swallow_it(one: Plan):
    """On ordinary days the wall shows just what was set."""
    for occurrence in all_of(one, days=10)[1:]:
        assert occurrence.ends_at is not None
        if occurrence.day.month in {11, 12}:
            assert shown(occurrence.begins_at)[-5:] == f"{one.resume:%H:%M}"
            assert shown(occurrence.ends_at)[-5:] == f"{one.stop:%H:%M}"
