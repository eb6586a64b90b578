"""The notices before a session's end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from app.domain.session import SESSION_LENGTH, CardSession, Role
from app.domain.session_notices import NOTICES, SessionNotices

NOW = datetime(2026, 11, 23, 18, 30, tzinfo=UTC)
ROLE = Role("555254240100", "System Administrator", "R8015", frozenset({"B0062"}))


def session(left: timedelta, name: str = "session-1") -> CardSession:
    since = NOW + left - SESSION_LENGTH
    return CardSession(name, "910000000001", "Pat Example", ROLE, since, since + SESSION_LENGTH)


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
