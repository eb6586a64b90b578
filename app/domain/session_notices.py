"""When it is time to say that a Smartcard session ends soon."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.domain.session import CardSession

NOTICES = (timedelta(minutes=30), timedelta(minutes=10), timedelta(minutes=2))
"""With this much of a session left people are told that it ends soon, once each."""


class SessionNotices:
    """Which notice is due; each is given once in a session, and of several passed at once only the latest."""

    def __init__(self) -> None:
        self._session_id: str | None = None
        self._given: set[timedelta] = set()

    def due(self, session: CardSession | None, now: datetime) -> timedelta | None:
        """The notice to give now, None for none; counts as given. What is really left may be less than it is for."""
        if session is None:
            return None
        if session.session_id != self._session_id:
            self._session_id, self._given = session.session_id, set()
        left = session.time_left(now)
        passed = {notice for notice in NOTICES if timedelta(0) < left <= notice}
        fresh = passed - self._given
        self._given |= passed
        return min(fresh, default=None) if min(passed, default=None) in fresh else None
