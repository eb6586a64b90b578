"""The words of what is foreseen of a session's end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.foresight import Forecast
from app.domain.session import CardSession, Role
from app.engine.foresight import ends_soon, shortfall

NOW = datetime(2026, 11, 23, 18, 30, tzinfo=UTC)
ENDS = datetime(2026, 11, 23, 19, 2, tzinfo=UTC)
FINISHES = datetime(2026, 11, 23, 19, 40, tzinfo=UTC)
SESSION = CardSession(
    "session-1",
    "910000000001",
    "Pat Example",
    Role("1", "System Administrator", "R8015", frozenset()),
    ENDS - timedelta(hours=10),
    ENDS,
)


def test_the_sentence_of_the_screen() -> None:
    assert shortfall(Forecast(FINISHES, 1_100), SESSION, NOW) == (
        "It finishes about 19:40, your Smartcard session ends at 19:02: about 1,100 patients will be left for Resume."
    )


@pytest.mark.parametrize(
    ("left_over", "words"),
    [
        (1, ": 1 patient will"),
        (19, ": 19 patients will"),
        (20, ": about 20 patients will"),
        (114, ": about 110 patients will"),
        (1_149, ": about 1,100 patients will"),
        (87_654, ": about 88,000 patients will"),
    ],
)
def test_no_more_figures_than_a_forecast_is_worth(left_over: int, words: str) -> None:
    assert words in shortfall(Forecast(FINISHES, left_over), SESSION, NOW)


def test_where_nobody_is_left_nothing_is_said() -> None:
    assert shortfall(Forecast(FINISHES, 0), SESSION, NOW) == ""


def test_another_day_is_named() -> None:
    assert "02:10 on 24/11/2026" in shortfall(Forecast(ENDS + timedelta(hours=7, minutes=8), 5), SESSION, NOW)


def test_a_notice_says_how_long_and_until_when() -> None:
    assert ends_soon(timedelta(minutes=10), SESSION, NOW) == "Your Smartcard session ends in 10 minutes, at 19:02."
