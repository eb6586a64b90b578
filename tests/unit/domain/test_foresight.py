"""The forecast against the session's end, and the notices before it (screen page, sections 3 and 6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.foresight import NOTICES, Forecast, SessionNotices, forecast
from app.domain.session import SESSION_LENGTH, CardSession, Role

NOW = datetime(2026, 11, 23, 18, 30, tzinfo=UTC)
ROLE = Role("555254240100", "System Administrator", "R8015", frozenset({"B0062"}))


def session(left: timedelta, name: str = "session-1") -> CardSession:
    since = NOW + left - SESSION_LENGTH
    return CardSession(name, "910000000001", "Pat Example", ROLE, since, since + SESSION_LENGTH)


def test_a_run_that_fits_leaves_nobody() -> None:
    assert forecast(10_387, 2_077.4, session(timedelta(hours=1)), NOW) == Forecast(NOW + timedelta(seconds=2_077.4), 0)


def test_a_run_that_does_not_fit_leaves_those_who_come_after_the_last_message() -> None:
    """32 minutes are left and the last 90 seconds of them are not begun with; the whole takes 70."""
    foreseen = forecast(21_000, 4_200, session(timedelta(minutes=32)), NOW)
    assert foreseen.finishes_at == NOW + timedelta(minutes=70)
    assert foreseen.left_over == 21_000 - 21_000 * (32 * 60 - 90) // 4_200


@pytest.mark.parametrize(("spare", "left_over"), [(0, 0), (-1, 1)])
def test_the_edge(spare: int, left_over: int) -> None:
    assert forecast(100, 100, session(timedelta(seconds=190 + spare)), NOW).left_over == left_over


@pytest.mark.parametrize("left", [timedelta(seconds=90), timedelta(seconds=10), timedelta(0), timedelta(hours=-1)])
def test_a_session_as_good_as_over_leaves_everybody(left: timedelta) -> None:
    assert forecast(100, 100, session(left), NOW).left_over == 100


@pytest.mark.parametrize("left", [timedelta(hours=1), timedelta(seconds=-1)])
def test_nobody_to_do_is_done_at_once(left: timedelta) -> None:
    assert forecast(0, 0.0, session(left), NOW) == Forecast(NOW, 0)


def told(notices: SessionNotices, *minutes: float, name: str = "session-1") -> list[float | None]:
    """What is due with so many minutes left, one after the other, in minutes."""
    found = [notices.due(session(timedelta(minutes=left), name), NOW) for left in minutes]
    return [None if notice is None else notice / timedelta(minutes=1) for notice in found]


def test_each_notice_is_given_once() -> None:
    assert [notice / timedelta(minutes=1) for notice in NOTICES] == [30, 10, 2]
    minutes = (600, 31, 30, 29.9, 11, 10, 9, 3, 2, 1, 0.1)
    expected = [None, None, 30, None, None, 10, None, None, 2, None, None]
    assert told(SessionNotices(), *minutes) == expected


def test_of_several_passed_at_once_only_the_latest_is_given() -> None:
    assert told(SessionNotices(), 45, 5, 4, 1.5) == [None, 10, None, 2]
    assert told(SessionNotices(), 1) == [2]


def test_one_given_already_is_not_given_again_when_the_end_is_put_off() -> None:
    assert told(SessionNotices(), 9, 25, 9, 1) == [10, None, None, 2]


def test_a_session_that_is_over_or_not_there_has_no_notice() -> None:
    notices = SessionNotices()
    assert told(notices, 0, -5) == [None, None]
    assert notices.due(None, NOW) is None


def test_a_new_session_is_told_of_anew() -> None:
    notices = SessionNotices()
    assert told(notices, 5) == [10]
    assert told(notices, 5, name="session-2") == [10]
