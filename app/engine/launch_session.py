"""Whether somebody is signed in who could launch what is due, and signing in again where that is provided for.

What is done about an obstacle is the watchman's.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from app.clock import Clock
from app.domain.errors import KnownError
from app.domain.occurrences import Why
from app.domain.states import StopReason
from app.domain.windows import Occurrence, OccurrenceKey
from app.engine.ports import SignedIn
from app.engine.rights import Right, Rights

_log = logging.getLogger(__name__)

CARD_GONE = frozenset({Why.NO_CARD, Why.SESSION_ENDED})
"""The obstacles that signing in again would remove."""


class LaunchSession:
    """The card session as the schedule depends on it. `renew` signs in again, or does nothing; it may refuse."""

    def __init__(self, signed_in: SignedIn, rights: Rights, clock: Clock, renew: Callable[[], None]) -> None:
        self._signed_in = signed_in
        self._rights = rights
        self._clock = clock
        self._renew = renew
        self._renewed_for: OccurrenceKey | None = None

    def obstacle(self) -> Why | None:
        """Why nobody could launch it now, None when the person who is signed in could."""
        session = self._signed_in.current()
        if session is None:
            expired = self._signed_in.ended_because() is StopReason.CARD_EXPIRED
            return Why.SESSION_ENDED if expired else Why.NO_CARD
        if not session.may_begin_send(self._clock.now()):
            return Why.SESSION_ENDED
        return None if self._rights.why_not(Right.LAUNCH) is None else Why.NO_RIGHT

    def renewed_for(self, occurrence: Occurrence) -> bool:
        """Sign in again, once for each occurrence: a card refused again and again is locked in the end.

        Whether it was tried; whether it helped, `obstacle` tells.
        """
        if self._renewed_for == occurrence.key:
            return False
        self._renewed_for = occurrence.key
        try:
            self._renew()
        except KnownError as refusal:
            _log.warning("Nobody could be signed in again: %s.", type(refusal).__name__)
        return True
