"""What people are told about the end of a Smartcard session before it comes: the window and the commands say the same.

What is foreseen is worked out in the domain.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from app.clock import london_time
from app.domain.forecast import Forecast
from app.domain.phrases import roughly, up_to_minute
from app.domain.session import CardSession


def shortfall(seen: Forecast) -> str:
    """That the session ends before the run does, and how many patients that leaves; empty where it does not."""
    left, ends_at, finishes_at = seen.left_at_card_end, seen.card_ends_at, seen.finishes_at
    if not left or ends_at is None or finishes_at is None:
        return ""
    words = "1 patient" if left == 1 else f"about {roughly(left)} patients"
    return (
        f"It finishes about {london_time(up_to_minute(finishes_at), seen.made_at)}, your Smartcard session ends at "
        f"{london_time(ends_at, seen.made_at)}: {words} will be left for Resume."
    )


def ends_soon(session: CardSession, now: datetime) -> str:
    """The notice that the session ends soon, with what is really left: after a jump in time less than usual."""
    minutes = round(session.time_left(now) / timedelta(minutes=1))
    left = "1 minute" if minutes == 1 else f"{minutes} minutes" if minutes else "less than a minute"
    return f"Your Smartcard session ends in {left}, at {london_time(session.ends_at, now)}."
