"""A plan in the words that staff read before OK."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.domain.forecast import forecast
from app.domain.phrases import about, day_and_time, duration, roughly, up_to_minute
from app.domain.plan_words import PlanWords, plan_words
from app.domain.planning import make_plan, read_start
from app.domain.session import CardSession
from tests.unit.domain.times import at, session, wall

AVERAGE, LARGEST = 10_387, 101_267


def words(
    start: str,
    stop: str | None = None,
    resume: str | None = None,
    *,
    patients: int = AVERAGE,
    pace: float | None = 5.0,
    signed_in: str | None = "02/11/2026 12:00",
    now: str = "02/11/2026 12:00",
) -> PlanWords:
    instant = wall(now)
    made = make_plan(instant, read_start(start), at(stop) if stop else None, at(resume) if resume else None)
    card: CardSession | None = session(signed_in) if signed_in else None
    return plan_words(forecast(made.plan, instant, patients, pace, card), made.notes)


def test_an_ordinary_evening():
    told = words("02/11/2026 18:30", "08:00", "18:30")
    assert told.summary == (
        "It starts today at 18:30.",
        "It pauses every day at 08:00 and goes on at 18:30, until it is done.",
        "10,387 patients at 5 a second take about 35 min: done today at 19:05.",
        "Your Smartcard session ends today at 22:00.",
    )
    assert told.warnings == ()


def test_at_once_with_a_stop():
    told = words("now", "13:00", patients=36_000)
    assert told.summary == (
        "It starts at once.",
        "It stops today at 13:00 and then waits until somebody presses Resume.",
        "36,000 patients at 5 a second take about 2 h 0 min.",
        "Until the first stop there is time for about 18,000 of them.",
        "Your Smartcard session ends today at 22:00.",
    )
    assert told.warnings == ("About 18,000 of them would be left when it stops.",)


def test_one_patient_and_none():
    assert words("now", patients=1).summary[1] == "1 patient at 5 a second takes about 10 s: done today at 12:01."
    assert words("now", patients=0).summary == ("It starts at once.", "Your Smartcard session ends today at 22:00.")


def test_no_pace():
    told = words("now", pace=None)
    assert told.summary[1] == "No pace is set, so how long it takes depends on the Spine."
    assert told.warnings == (
        "Should your Smartcard session end before this is done, it pauses: sign in again and press Resume.",
    )


def test_a_measured_pace_does_not_pretend():
    assert "at 4.83 a second" in words("now", pace=4.8312).summary[1]


def test_the_session_ends_within():
    told = words("02/11/2026 18:30", signed_in="02/11/2026 09:02")
    assert told.warnings == (
        "Your Smartcard session ends before this is done: about 1,240 patients would be left. "
        "A session begun between 09:07 and 18:30 lasts to the end.",
    )


def test_the_session_ends_within_what_begins_now():
    told = words("now", signed_in="02/11/2026 02:15")
    assert told.warnings == (
        "Your Smartcard session ends before this is done: about 6,340 patients would be left. "
        "Remove the card and sign in again first: a new session lasts to the end.",
    )


def test_one_patient_left():
    told = words("now", patients=3_001, pace=1.0, signed_in="02/11/2026 02:51")
    assert "about 31 patients would be left" in told.warnings[0]
    told = words("now", patients=2_971, pace=1.0, signed_in="02/11/2026 02:51")
    assert "about 1 patient would be left" in told.warnings[0]


def test_the_session_ends_before_the_start():
    told = words("02/11/2026 18:30", signed_in="02/11/2026 08:00")
    assert told.warnings == (
        "Your Smartcard session ends before it starts: somebody has to sign in again by then.",
        "A session begun between 09:07 and 18:30 lasts to the end.",
    )


def test_nobody_signed_in():
    told = words("02/11/2026 18:30", signed_in=None)
    assert told.warnings == (
        "Somebody has to be signed in with a Smartcard when it starts, or the start is missed.",
        "A session begun between 09:07 and 18:30 lasts to the end.",
    )
    assert words("02/11/2026 18:30", pace=None, signed_in=None).warnings[1] == (
        "A session lasts 10 hours from sign-in, so sign in shortly before today at 18:30."
    )


def test_a_night_longer_than_a_session():
    told = words(
        "02/11/2026 18:30", "08:00", "18:30", patients=300_000, signed_in="02/11/2026 18:00", now="02/11/2026 18:00"
    )
    assert told.warnings == (
        "Your Smartcard session ends before this is done: about 129,000 patients would be left. "
        "No session lasts from the start to the first stop; one begun at the start reaches until tomorrow at 04:28.",
    )


def test_when_to_sign_in_for_a_night_says_the_days_and_what_the_session_reaches():
    """300,000 patients take more than one night of eight hours; 100,000 do not."""
    told = words("02/11/2026 22:00", "06:00", "22:00", patients=300_000, signed_in=None)
    assert told.warnings[1] == "A session begun between 20:02 and 22:00 lasts to the first stop."
    told = words("02/11/2026 22:00", "06:00", patients=300_000, signed_in=None)
    assert told.warnings[1].endswith("lasts to the stop.")
    told = words("02/11/2026 22:00", "06:00", "22:00", patients=100_000, signed_in=None)
    assert told.warnings[1].endswith("lasts to the end.")


def test_when_to_sign_in_says_the_days_where_they_are_not_today():
    told = words("04/11/2026 02:30", signed_in=None)
    assert told.warnings[1] == (
        "A session begun between tomorrow at 17:07 and Wednesday 04/11/2026 at 02:30 lasts to the end."
    )
    told = words("03/11/2026 18:30", signed_in=None)
    assert told.warnings[1] == "A session begun tomorrow between 09:07 and 18:30 lasts to the end."
    told = words("now", "20:00", "22:00", patients=300_000, signed_in="02/11/2026 05:00")
    assert told.warnings[0].endswith("a new session lasts to the first stop.")


def test_several_nights_need_a_card_each():
    told = words("02/11/2026 18:30", "20:30", "18:30", patients=60_000)
    assert told.warnings == (
        "Each time it goes on, somebody has to be signed in with a Smartcard, or that time is missed.",
    )


def test_hours_that_never_get_there():
    told = words("02/11/2026 18:30", "18:31", "18:30", patients=LARGEST)
    assert told.warnings[-1] == "At this pace it would not be done within two months. Choose longer hours."


@pytest.mark.fault_row(31)
def test_the_night_with_an_hour_more():
    told = words("24/10/2026 20:00", "06:00", "20:00", patients=200_000, signed_in=None, now="24/10/2026 12:00")
    assert told.warnings[-1] == (
        "The clocks go back tomorrow: the hour from 01:00 to 02:00 comes twice, so from 20:00 to 06:00 it is 11 hours."
    )


@pytest.mark.fault_row(31)
def test_the_night_with_an_hour_less_and_times_within_it():
    told = words("27/03/2027 20:00", "01:30", "02:30", patients=200_000, signed_in=None, now="25/03/2027 12:00")
    assert told.warnings[-2:] == (
        "There is no 01:30 on 28/03/2027, as the clocks go forward: Stop is at 02:30 instead.",
        "So there is no pause on 28/03/2027.",
    )
    assert told.warnings[-3] == (
        "The clocks go forward on Sunday 28/03/2027: the hour from 01:00 to 02:00 is left out, "
        "so from 20:00 to 08:06 it is 11 h 7 min."
    )
    told = words("27/03/2027 12:00", "02:15", "01:30", patients=500_000, signed_in=None, now="25/03/2027 12:00")
    assert told.warnings[-1] == "So it does not work at all between Resume and Stop on 28/03/2027."
    told = words("27/03/2027 20:00", "01:30", "04:00", patients=200_000, signed_in=None, now="25/03/2027 12:00")
    assert told.warnings[-1].endswith("Stop is at 02:30 instead.")


@pytest.mark.fault_row(31)
def test_a_pause_across_the_change_and_a_stop_that_comes_twice():
    told = words("24/10/2026 12:00", "22:00", "06:00", patients=200_000, now="24/10/2026 12:00")
    assert told.warnings[-1] == "The clocks go back tomorrow: the hour from 01:00 to 02:00 comes twice."
    told = words("24/10/2026 12:00", "01:30", None, patients=400_000, now="24/10/2026 12:00")
    assert told.warnings[-1] == (
        "01:30 comes twice on 25/10/2026, as the clocks go back: Stop is the first of the two."
    )


def test_days_as_seen_from_now():
    now = wall("02/11/2026 12:00")
    assert day_and_time(wall("02/11/2026 23:59"), now) == "today at 23:59"
    assert day_and_time(wall("03/11/2026 00:00"), now) == "tomorrow at 00:00"
    assert day_and_time(wall("01/11/2026 18:30"), now) == "yesterday at 18:30"
    assert day_and_time(wall("08/11/2026 18:30"), now) == "on Sunday 08/11/2026 at 18:30"


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (87, "87"), (104, "100"), (1_247, "1,250"), (10_387, "10,400"), (148_984, "149,000")]
)
def test_forecast_numbers_do_not_pretend(number: int, text: str):
    assert roughly(number) == text


def test_durations_to_the_precision_people_plan_with():
    assert [duration(seconds) for seconds in (-1, 40.9, 2_100, 22_320)] == ["0 s", "40 s", "35 min", "6 h 12 min"]
    assert [about(seconds) for seconds in (3, 89, 2_077, 20_250)] == [
        "about 10 s",
        "about 90 s",
        "about 35 min",
        "about 5 h 40 min",
    ]


def test_a_time_is_not_promised_too_early():
    whole = wall("02/11/2026 12:00")
    assert up_to_minute(whole) == whole
    assert up_to_minute(whole + timedelta(seconds=1)) == whole + timedelta(minutes=1)
