"""The words of what is foreseen of a session's end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.forecast import Forecast, forecast
from app.domain.session import CardSession, Role
from app.domain.windows import Plan
from app.engine.foresight import ends_soon, shortfall

NOW = datetime(2026, 11, 23, 18, 30, tzinfo=UTC)
ENDS = datetime(2026, 11, 23, 19, 2, tzinfo=UTC)
SESSION = CardSession(
    "session-1",
    "910000000001",
    "Pat Example",
    Role("1", "System Administrator", "R8015", frozenset()),
    ENDS - timedelta(hours=10),
    ENDS,
)


def seen(patients: int, seconds: float) -> Forecast:
    return forecast(Plan(NOW), NOW, patients, patients / seconds if seconds else None, SESSION)


def test_the_sentence_of_the_screen() -> None:
    """70 minutes of work, of which 32 less the last 90 seconds are in the session."""
    assert shortfall(seen(1_953, 4_200)) == (
        "It finishes about 19:40, your Smartcard session ends at 19:02: about 1,100 patients will be left for Resume."
    )


def test_the_last_one_is_one_patient() -> None:
    assert ": 1 patient will be left" in shortfall(seen(1, 1_831))


@pytest.mark.parametrize(("patients", "seconds"), [(100, 1_830), (100, 60), (0, 60), (100, 0)])
def test_where_nobody_is_left_nothing_is_said(patients: int, seconds: float) -> None:
    assert shortfall(seen(patients, seconds)) == ""


def test_with_nobody_signed_in_nothing_is_said() -> None:
    assert shortfall(forecast(Plan(NOW), NOW, 10_000, 1.0, None)) == ""


def test_another_day_is_named() -> None:
    assert "02:30 on 24/11/2026" in shortfall(seen(100, 8 * 3_600))


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(minutes=30), "30 minutes"),
        (timedelta(minutes=29, seconds=59.2), "30 minutes"),
        (timedelta(minutes=4, seconds=2), "4 minutes"),
        (timedelta(seconds=61), "1 minute"),
        (timedelta(seconds=20), "less than a minute"),
    ],
)
def test_a_notice_says_how_long_is_really_left_and_until_when(left: timedelta, words: str) -> None:
    """After a jump in time, or sleep, less is left than the notice was meant for."""
    assert ends_soon(SESSION, ENDS - left) == f"Your Smartcard session ends in {words}, at 19:02."
