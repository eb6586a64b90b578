"""The line of a plan's nights: what it tells in five situations, and that it is told in words as well."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import combinations, pairwise

from pytestqt.qtbot import QtBot

from app.domain.forecast import forecast
from app.domain.planning import StartAt, make_plan
from app.domain.session import SESSION_LENGTH, CardSession
from app.ui.night_line import NightLine
from app.ui.night_model import Mark, NightModel, StretchKind, night_model
from tests.ui.fakes import ADMINISTRATOR, CARD, EVENING


def line(
    start: StartAt | None,
    stop: time | None,
    resume: time | None,
    patients: int,
    now: datetime = EVENING,
    signed_in_ago: timedelta | None = timedelta(0),
) -> NightModel:
    session = None
    if signed_in_ago is not None:
        since = now - signed_in_ago
        session = CardSession("session-1", CARD, "Alison Marsh", ADMINISTRATOR, since, since + SESSION_LENGTH)
    return night_model(forecast(make_plan(now, start, stop, resume).plan, now, patients, 5.0, session))


def kinds(model: NightModel) -> list[StretchKind]:
    return [stretch.kind for stretch in sorted(model.stretches, key=lambda one: one.begins)]


def test_an_evening_is_one_stretch_with_its_end():
    model = line(StartAt(date(2026, 11, 24), time(18, 30)), None, None, 10_387, signed_in_ago=timedelta(hours=4))
    assert kinds(model) == [StretchKind.WORK]
    # 10,387 at 5 a second are 2,077.4 s: 18:30:00 and 34 min 37 s, to the next full minute.
    assert [event.text for event in model.events] == ["start", "done 19:05", "card ends 22:31"]


def test_nights_with_a_pause_between_and_work_that_needs_a_new_sign_in():
    model = line(StartAt(date(2026, 11, 24), time(18, 30)), time(8), time(18, 30), 400_000)
    assert kinds(model) == [StretchKind.WORK, StretchKind.NEEDS_CARD, StretchKind.PAUSE, StretchKind.NEEDS_CARD]
    stretches = sorted(model.stretches, key=lambda one: one.begins)
    for before, after in pairwise(stretches):
        assert abs(before.ends - after.begins) < 1e-9, "nothing is left blank between"


def test_a_start_months_ahead_is_drawn_with_its_date_and_the_hour_that_is_missing_then():
    model = line(StartAt(date(2027, 3, 27), time(20)), time(6), time(20), 100_000)
    assert kinds(model)[0] is StretchKind.NEEDS_CARD
    assert [event.text for event in model.events][:2] == ["start 27/03/2027", "clocks go forward"]
    assert all(0 <= mark.at <= 1 for mark in (*model.marks, *model.events))
    assert "27/03/2027" in model.words


def test_nobody_signed_in_means_that_all_of_it_needs_a_sign_in():
    assert kinds(line(None, time(23), None, 10_387, signed_in_ago=None)) == [StretchKind.NEEDS_CARD]


def test_the_hour_that_comes_twice_is_as_long_as_two():
    evening = datetime(2026, 10, 24, 17, 0, tzinfo=UTC)
    model = line(StartAt(date(2026, 10, 24), time(20)), time(6), time(20), 170_000, evening)
    at = {mark.text: mark.at for mark in model.marks}
    an_hour = (at["04:00"] - at["02:00"]) / 2
    assert abs((at["02:00"] - at["25/10"]) / an_hour - 3) < 1e-9
    assert "clocks go back" in [event.text for event in model.events]


def test_the_hour_that_is_left_out_takes_no_room():
    evening = datetime(2027, 3, 27, 18, 0, tzinfo=UTC)
    model = line(StartAt(date(2027, 3, 27), time(20)), time(6), time(20), 150_000, evening)
    at = {mark.text: mark.at for mark in model.marks}
    assert abs((at["02:00"] - at["28/03"]) - (at["04:00"] - at["02:00"]) / 2) < 1e-9
    assert "clocks go forward" in [event.text for event in model.events]


def test_it_says_the_same_in_words_and_hides_where_there_is_nothing(qtbot: QtBot):
    widget = NightLine()
    qtbot.addWidget(widget)
    model = line(StartAt(date(2026, 11, 24), time(18, 30)), time(8), time(18, 30), 400_000)
    widget.show_model(model)
    assert widget.accessibleName() == "When it works and pauses"
    assert "It pauses every day at 08:00" in widget.accessibleDescription()
    assert "Your Smartcard session ends before this is done" in widget.accessibleDescription()
    widget.show_model(None)
    assert widget.isHidden()
    assert widget.accessibleDescription() == ""


def test_words_that_stand_close_together_never_lie_over_one_another(qtbot: QtBot):
    widget = NightLine()
    qtbot.addWidget(widget)
    words = ("start", "done 19:05", "card ends 22:31", "clocks go back", "clocks go forward")
    events = tuple(Mark(0.9 + at / 100, text) for at, text in enumerate(words))
    widget.show_model(replace(line(None, time(23), None, 10_387), events=events))
    for width in (240, 360, 720):
        widget.resize(width, widget.minimumSizeHint().height())
        placed = widget._events
        assert [one.text for one in placed] == list(words)
        for one, other in combinations(placed, 2):
            assert one.row != other.row or one.right < other.left or other.right < one.left, (width, one, other)


def test_what_lies_far_off_leaves_room_for_tonight():
    model = line(None, time(8), time(7), 5_000_000)
    assert max(stretch.ends for stretch in model.stretches) <= 1.0
    assert len(model.marks) < 12
