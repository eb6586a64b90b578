"""The end of the Smartcard session, spoken of at the terminal before it comes: as the window says it, and as often."""

from __future__ import annotations

from app.cli.output import say
from app.clock import Clock
from app.domain.forecast import forecast
from app.domain.session_notices import SessionNotices
from app.domain.windows import Plan
from app.engine.foresight import ends_soon, shortfall
from app.engine.ports import SignedIn
from app.engine.progress import ProgressBoard


class SessionEnd:
    """Looks at the session for somebody who waits; says each notice once, and once that the run will outlast it."""

    def __init__(self, signed_in: SignedIn, board: ProgressBoard, clock: Clock) -> None:
        self._signed_in = signed_in
        self._board = board
        self._clock = clock
        self._notices = SessionNotices()
        self._foretold = False

    def look(self) -> None:
        """Look once."""
        session, now = self._signed_in.current(), self._clock.now()
        if session is not None and self._notices.due(session, now) is not None:
            say(ends_soon(session, now))
        snapshot = self._board.latest()
        if self._foretold or session is None or snapshot is None or snapshot.per_second is None:
            return
        patients = max(0, snapshot.in_scope - snapshot.checked_now)
        if words := shortfall(forecast(Plan(now), now, patients, snapshot.per_second, session)):
            self._foretold = True
            say(words)
