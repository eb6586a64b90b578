"""Looking ahead: will a run be done before the Smartcard session ends, and when is it time to say that it ends soon.

A run here goes on from now until it is done or the session is over. Pure: values in, values out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.session import LAST_SEND_MARGIN, CardSession

NOTICES = (timedelta(minutes=30), timedelta(minutes=10), timedelta(minutes=2))
"""With this much of a session left people are told that it ends soon, once each."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """When a run would be done at its pace, and about how many patients the session's end would leave: 0 for none."""

    finishes_at: datetime
    left_over: int


def forecast(patients: int, seconds: float, session: CardSession, now: datetime) -> Forecast:
    """What becomes of so many patients who take so many seconds from now, under this session."""
    usable = max(0.0, (session.time_left(now) - LAST_SEND_MARGIN).total_seconds())
    done = patients if seconds <= usable else int(patients * usable / seconds)
    return Forecast(now + timedelta(seconds=seconds), patients - done)


class SessionNotices:
    """Which notice is due; each is given once in a session, and of several passed at once only the latest."""

    def __init__(self) -> None:
        self._session_id: str | None = None
        self._given: set[timedelta] = set()

    def due(self, session: CardSession | None, now: datetime) -> timedelta | None:
        """What to tell now is left of the session, None for nothing; counts as told."""
        if session is None:
            return None
        if session.session_id != self._session_id:
            self._session_id, self._given = session.session_id, set()
        left = session.time_left(now)
        passed = {notice for notice in NOTICES if timedelta(0) < left <= notice}
        fresh = passed - self._given
        self._given |= passed
        return min(fresh, default=None) if min(passed, default=None) in fresh else None
