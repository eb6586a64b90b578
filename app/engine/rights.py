"""What the signed-in person may do, asked in one place by every service: the press, the lists, the patient's record.

The window may look here to explain itself beforehand; what counts is the `require` of the service that acts. A viewer
sees counts, not names; with no session nobody sees a name.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import Enum

from app.clock import Clock
from app.domain.errors import Refused
from app.domain.session import CardSession, missing_consent_right, missing_launch_right, missing_report_right
from app.domain.states import StopReason
from app.engine.ports import SignedIn


class Right(Enum):
    """Something that not everybody may do."""

    LAUNCH = "launch"
    """Start, resume or repeat a bulk transmission: System Administrator with an accepted activity."""
    SEE_NAMES = "see_names"
    """See and save lists that name patients: B0011 or an accepted activity."""
    RECORD_CONSENT = "record_consent"
    """Change the consent that a patient's record holds: B0020."""


NOBODY_SIGNED_IN = "Nobody is signed in. Insert your Smartcard and sign in first."

_SESSION_ENDED = "Your Smartcard session has ended. Sign in again first."
_SESSION_ENDS_NOW = (
    "Your Smartcard session is about to end, so no message could be sent. Remove the card and sign in again first."
)


class Rights:
    """Asks the session as it stands at that moment; may be used from any thread.

    `accepted_codes` are the activity codes that a practice lets launch, a setting.
    """

    def __init__(self, signed_in: SignedIn, accepted_codes: Collection[str], clock: Clock) -> None:
        self._signed_in = signed_in
        self._accepted_codes = frozenset(accepted_codes)
        self._clock = clock

    def why_not(self, right: Right) -> str | None:
        """Why this may not be done now, in words: what is missing and who can give it. None when it may be."""
        session = self._signed_in.current()
        return self._without_session() if session is None else self._missing(right, session)

    def require(self, right: Right) -> CardSession:
        """The session this may be done under, else `Refused` with the words of `why_not`."""
        session = self._signed_in.current()
        if session is None:
            raise Refused(self._without_session())
        if (missing := self._missing(right, session)) is not None:
            raise Refused(missing)
        return session

    def _without_session(self) -> str:
        expired = self._signed_in.ended_because() is StopReason.CARD_EXPIRED
        return _SESSION_ENDED if expired else NOBODY_SIGNED_IN

    def _missing(self, right: Right, session: CardSession) -> str | None:
        now = self._clock.now()
        if session.time_left(now).total_seconds() <= 0:
            return _SESSION_ENDED
        if right is Right.SEE_NAMES:
            return missing_report_right(session.role, self._accepted_codes)
        if right is Right.RECORD_CONSENT:
            return missing_consent_right(session.role)
        missing = missing_launch_right(session.role, self._accepted_codes)
        # A run begun now would pause at once, and a Rerun would have given up the old one for nothing.
        return missing or (None if session.may_begin_send(now) else _SESSION_ENDS_NOW)
