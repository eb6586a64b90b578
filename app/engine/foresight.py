"""What people are told about the end of a Smartcard session before it comes: the window and the commands say the same.

Screen page, sections 3 and 6. What is foreseen is worked out in the domain.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from app.clock import london_time
from app.domain.foresight import Forecast
from app.domain.session import CardSession

_EXACT_BELOW = 20


def shortfall(foreseen: Forecast, session: CardSession, now: datetime) -> str:
    """That the session ends before the run does, and how many patients that leaves; empty where it does not."""
    if not foreseen.left_over:
        return ""
    many = foreseen.left_over != 1
    about = "about " if foreseen.left_over >= _EXACT_BELOW else ""
    return (
        f"It finishes about {london_time(foreseen.finishes_at, now)}, your Smartcard session ends at "
        f"{london_time(session.ends_at, now)}: {about}{_rounded(foreseen.left_over):,} patient{'s' if many else ''} "
        "will be left for Resume."
    )


def ends_soon(left: timedelta, session: CardSession, now: datetime) -> str:
    """The notice that the session ends soon: `left` is what the notice is for, in whole minutes."""
    minutes = int(left.total_seconds() // 60)
    return f"Your Smartcard session ends in {minutes} minutes, at {london_time(session.ends_at, now)}."


def _rounded(number: int) -> int:
    """Two figures are as many as a forecast is worth."""
    scale = 10 ** max(0, len(str(number)) - 2)
    return number if number < _EXACT_BELOW else round(number / scale) * scale
