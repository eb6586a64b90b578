"""What a plan comes to: working stretches, pauses, the card's end, finish, and what fits of a list."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.forecast import MOST_NIGHTS, NIGHTS_WITHOUT_PACE, Ends, Forecast, forecast
from app.domain.session import LAST_SEND_MARGIN, SESSION_LENGTH, CardSession
from app.domain.windows import Plan
from tests.unit.domain.test_window_times import daily_plans
from tests.unit.domain.times import plan, session, shown, wall

NOON = wall("02/11/2026 12:00")
NIGHTLY = plan("02/11/2026 18:30", "08:00", "18:30")
AVERAGE = 10_387


def seen(
    one: Plan = NIGHTLY,
    patients: int = AVERAGE,
    per_second: float | None = 5.0,
    card: CardSession | None = None,
    now: datetime = NOON,
) -> Forecast:
    return forecast(one, now, patients, per_second, card)


def stretches(told: Forecast) -> list[tuple[str, str, Ends, int | None, bool]]:
    return [
        (shown(one.begins_at), shown(one.ends_at) if one.ends_at else "", one.ends, one.patients, one.signed_in)
        for one in told.working
    ]


def pauses(told: Forecast) -> list[tuple[str, str]]:
    return [(shown(one.begins_at), shown(one.ends_at) if one.ends_at else "") for one in told.pauses]


def test_an_average_practice_is_done_in_one_evening():
    told = seen(card=session("02/11/2026 12:00"))
    assert stretches(told) == [("02/11/2026 18:30", "02/11/2026 19:04", Ends.DONE, AVERAGE, True)]
    assert told.finishes_at == wall("02/11/2026 18:30") + timedelta(seconds=AVERAGE / 5)
    assert (told.fits, told.left_at_card_end, told.pauses) == (AVERAGE, None, ())
    assert told.shown_until == told.finishes_at


def test_a_list_too_long_for_a_night_goes_on_the_next_and_needs_another_sign_in():
    told = seen(patients=300_000, card=session("02/11/2026 18:00"))
    assert stretches(told) == [
        ("02/11/2026 18:30", "03/11/2026 03:58", Ends.CARD, 170_550, True),
        ("03/11/2026 03:58", "03/11/2026 08:00", Ends.STOP, 72_450, False),
        ("03/11/2026 18:30", "03/11/2026 21:40", Ends.DONE, 57_000, False),
    ]
    assert pauses(told) == [("03/11/2026 08:00", "03/11/2026 18:30")]
    assert told.fits == 243_000
    assert told.left_at_card_end == 300_000 - 170_550


def test_the_session_ends_while_it_works():
    """Started at 18:30, the session of a morning's sign-in ends at 19:02."""
    told = seen(card=session("02/11/2026 09:02"))
    assert [one.ends for one in told.working] == [Ends.CARD, Ends.DONE]
    assert told.card_ends_at == wall("02/11/2026 19:02")
    usable = wall("02/11/2026 19:02") - LAST_SEND_MARGIN - wall("02/11/2026 18:30")
    assert told.left_at_card_end == AVERAGE - int(usable.total_seconds() * 5)


def test_a_session_that_ends_before_the_start_covers_nothing():
    told = seen(card=session("02/11/2026 08:00"))
    assert [one.signed_in for one in told.working] == [False]
    assert told.left_at_card_end == AVERAGE


def test_with_nobody_signed_in_nothing_is_said_of_a_card():
    told = seen()
    assert (told.card_ends_at, told.left_at_card_end) == (None, None)
    assert [one.signed_in for one in told.working] == [False]


def test_a_session_that_ends_in_the_pause_does_not_reach_the_next_night():
    told = seen(plan("02/11/2026 18:30", "20:30", "21:30"), 40_000, card=session("02/11/2026 11:00"))
    assert [one.signed_in for one in told.working] == [True, False]
    assert told.left_at_card_end == 40_000 - 36_000


def test_stop_alone_leaves_what_does_not_fit():
    told = seen(plan("02/11/2026 18:30", "18:45"))
    assert stretches(told) == [("02/11/2026 18:30", "02/11/2026 18:45", Ends.STOP, 4_500, False)]
    assert pauses(told) == [("02/11/2026 18:45", "")]
    assert (told.fits, told.finishes_at) == (4_500, None)


def test_without_a_pace_the_nights_are_shown_and_no_end():
    told = seen(per_second=None)
    assert len(told.working) == NIGHTS_WITHOUT_PACE
    assert {one.patients for one in told.working} == {None}
    assert len(told.pauses) == NIGHTS_WITHOUT_PACE, "and the one after the last night"
    assert (told.fits, told.finishes_at) == (None, None)
    assert seen(per_second=0.0) == told


def test_without_pace_and_stop_it_is_open():
    told = seen(plan("02/11/2026 18:30"), per_second=None, card=session("02/11/2026 12:00"))
    assert [(one.ends, one.ends_at is None, one.signed_in) for one in told.working] == [
        (Ends.CARD, False, True),
        (Ends.OPEN, True, False),
    ]
    assert told.left_at_card_end is None
    assert told.sign_in.earliest is None
    assert told.sign_in.covers


def test_a_pace_that_never_gets_there_ends_after_two_months():
    told = seen(patients=101_267, per_second=0.001)
    assert len(told.working) == MOST_NIGHTS
    assert told.finishes_at is None


def test_nobody_left_to_do_is_done_at_the_start():
    told = seen(patients=0)
    assert told.finishes_at == told.begins_at == wall("02/11/2026 18:30")


# --- while it runs ------------------------------------------------------------------------------------------------


def test_while_it_works_the_stretch_under_way_begins_now():
    told = seen(patients=1_000, now=wall("02/11/2026 23:00"))
    assert stretches(told)[0][0] == "02/11/2026 23:00"
    assert told.finishes_at == wall("02/11/2026 23:00") + timedelta(seconds=200)


def test_in_the_pause_it_begins_with_the_resume_time():
    told = seen(patients=1_000, now=wall("05/11/2026 12:00"))
    assert shown(told.begins_at) == "05/11/2026 18:30"


def test_when_its_one_stop_has_passed_it_would_begin_now():
    one = plan("02/11/2026 18:30", "20:00")
    told = seen(one, patients=1_000, now=wall("02/11/2026 21:00"))
    assert shown(told.begins_at) == "02/11/2026 21:00"
    assert told.finishes_at == wall("02/11/2026 21:00") + timedelta(seconds=200)


def test_a_year_later_it_is_still_a_forecast():
    assert shown(seen(now=wall("12/11/2027 12:00")).begins_at) == "12/11/2027 18:30"


# --- when to sign in ----------------------------------------------------------------------------------------------


def test_the_sign_in_that_covers_the_night():
    told = seen()
    assert told.finishes_at is not None
    assert told.sign_in.latest == wall("02/11/2026 18:30")
    assert told.sign_in.earliest == told.finishes_at - SESSION_LENGTH + LAST_SEND_MARGIN
    assert told.sign_in.covers
    for begun, covered in ((told.sign_in.earliest, True), (told.sign_in.earliest - timedelta(seconds=1), False)):
        again = seen(card=session(begun), now=begun)
        assert all(one.signed_in for one in again.working) is covered


def test_no_session_covers_a_night_of_thirteen_hours():
    told = seen(patients=300_000)
    assert not told.sign_in.covers


@pytest.mark.fault_row(31)
def test_no_session_covers_the_autumn_night_from_twenty_to_six():
    """11 hours, where an ordinary night from 20:00 to 06:00 is 10, and the session is 10."""
    one = plan("24/10/2026 20:00", "06:00", "20:00")
    told = seen(one, 300_000, now=wall("24/10/2026 12:00"))
    assert told.sign_in.earliest is not None
    assert told.sign_in.earliest - told.sign_in.latest == timedelta(hours=1) + LAST_SEND_MARGIN


# --- the clock change ---------------------------------------------------------------------------------------------


@pytest.mark.fault_row(31)
def test_the_change_of_the_clocks_is_shown_where_it_lies_within():
    one = plan("24/10/2026 20:00", "06:00", "20:00")
    assert [change.back for change in seen(one, 300_000, now=wall("24/10/2026 12:00")).changes] == [True]
    assert seen(one, 1_000, now=wall("24/10/2026 12:00")).changes == ()
    assert seen(NIGHTLY, 300_000).changes == ()
    spring = plan("27/03/2027 20:00", "06:00", "20:00")
    assert [change.back for change in seen(spring, 300_000, now=wall("27/03/2027 12:00")).changes] == [False]


# --- whatever the times -------------------------------------------------------------------------------------------


@given(
    daily_plans(),
    st.integers(-600, 3000),
    st.integers(0, 500_000),
    st.one_of(st.none(), st.floats(0.05, 50.0)),
    st.one_of(st.none(), st.integers(-700, 600)),
)
def test_it_adds_up(one: Plan, minute: int, patients: int, pace: float | None, signed_in: int | None):
    now = one.start_at + timedelta(minutes=minute)
    card = None if signed_in is None else session(now + timedelta(minutes=min(0, signed_in)))
    told = forecast(one, now, patients, pace, card)
    for before, after in pairwise(told.working):
        assert before.ends_at is not None
        assert before.ends_at <= after.begins_at
    for stretch in told.working:
        assert stretch.begins_at >= now
        assert one.pause_at(stretch.begins_at) is None
        if stretch.signed_in:
            assert card is not None
            assert stretch.ends_at is not None
            assert stretch.ends_at <= card.ends_at - LAST_SEND_MARGIN
    if pace is not None:
        done = sum(stretch.patients or 0 for stretch in told.working)
        assert done == patients if told.finishes_at else done < patients
        assert told.fits is not None
        assert told.fits <= patients
    for change in told.changes:
        assert min(now, told.begins_at) <= change.at <= told.shown_until + timedelta(hours=1)
