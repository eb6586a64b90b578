"""From the fields to a plan, and what is said about it: faults page, row 31."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from app.domain.errors import BadInput
from app.domain.planning import StartAt, make_plan, read_start, read_time
from tests.unit.domain.times import at, shown, wall

NOW = wall("02/11/2026 12:00")


@pytest.mark.parametrize(("text", "wanted"), [("08:00", "08:00"), (" 8:05 ", "08:05"), ("23:59", "23:59")])
def test_times_as_people_type_them(text: str, wanted: str):
    assert read_time(text, "Stop") == at(wanted)


@pytest.mark.parametrize("text", ["", "8", "24:00", "12:60", "8 am", "-1:00", "08:00:00", "٠٨:٠٠"])
def test_what_is_no_time_is_refused_naming_the_field(text: str):
    with pytest.raises(BadInput, match=r"^Stop takes a time of day"):
        read_time(text, "Stop")


def test_a_start_as_people_type_it():
    assert read_start("24/10/2026 18:30") == StartAt(date(2026, 10, 24), at("18:30"))
    assert read_start(" 4/1/2027  8:05 ") == StartAt(date(2027, 1, 4), at("08:05"))
    assert read_start("now") is None
    assert read_start("Now ") is None


@pytest.mark.parametrize(
    "text", ["", "18:30", "31/02/2026 18:30", "2026-10-24 18:30", "24/10/2026", "24/10/2026 25:00"]
)
def test_what_is_no_start_is_refused_naming_the_field(text: str):
    with pytest.raises(BadInput, match=r"^Start takes a date and time such as"):
        read_start(text)


def planned(start: str, stop: str | None = None, resume: str | None = None, now=NOW):
    return make_plan(now, read_start(start), at(stop) if stop else None, at(resume) if resume else None)


def test_immediately_is_now():
    made = planned("now", "20:00")
    assert (made.plan.start_at, made.plan.stop, made.plan.resume, made.notes) == (NOW, at("20:00"), None, ())


def test_a_start_to_come_is_kept():
    made = planned("02/11/2026 18:30")
    assert (shown(made.plan.start_at), made.notes) == ("02/11/2026 18:30", ())


@pytest.mark.parametrize("start", ["02/11/2026 11:59", "01/11/2026 18:30", "02/11/2025 18:30"])
def test_a_start_that_has_passed_counts_as_now_and_that_is_said(start: str):
    made = planned(start)
    assert made.plan.start_at == NOW
    assert made.notes == ("The start that was chosen has passed, so it counts as now.",)


def test_the_start_that_was_offered_is_not_in_the_past_within_its_minute():
    made = planned("02/11/2026 12:00", now=NOW + timedelta(seconds=59))
    assert (made.plan.start_at, made.notes) == (NOW + timedelta(seconds=59), ())


def test_a_start_within_the_pause_waits_and_says_so():
    made = planned("now", "08:00", "18:30")
    assert shown(made.plan.first().begins_at) == "02/11/2026 18:30"
    assert made.notes == ("The start is within the daily pause, so it waits for the resume time: today at 18:30.",)


def test_a_year_ahead_is_a_slip_of_the_pen():
    with pytest.raises(BadInput, match="more than a year ahead"):
        planned("02/11/2062 18:30")


def test_equal_times_and_a_resume_alone_are_refused():
    with pytest.raises(BadInput, match="same time"):
        planned("now", "08:00", "08:00")
    with pytest.raises(BadInput, match="needs a Stop"):
        planned("now", None, "08:00")


@pytest.mark.fault_row(31)
def test_a_start_in_the_hour_that_comes_twice_says_which_it_is():
    made = planned("25/10/2026 01:30", now=wall("24/10/2026 12:00"))
    assert made.plan.start_at == wall("25/10/2026 01:30", fold=0)
    assert made.notes == ("01:30 comes twice on 25/10/2026, as the clocks go back: Start is the first of the two.",)


@pytest.mark.fault_row(31)
def test_a_start_in_the_hour_that_is_left_out_says_when_it_is_instead():
    made = planned("28/03/2027 01:30", now=wall("27/03/2027 12:00"))
    assert shown(made.plan.start_at) == "28/03/2027 02:30"
    assert made.notes == ("There is no 01:30 on 28/03/2027, as the clocks go forward: Start is at 02:30 instead.",)


def test_between_the_two_half_past_ones_the_first_has_passed():
    now = wall("25/10/2026 01:45", fold=0)
    made = planned("25/10/2026 01:30", now=now)
    assert made.plan.start_at == now
    assert made.notes == ("The start that was chosen has passed, so it counts as now.",)
