"""No sign-in at all: the NHS sandbox, whose patients are made up, asks for no token and knows no users."""

from __future__ import annotations

import getpass
import uuid
from collections.abc import Collection

from app.clock import Clock
from app.domain.errors import BadInput
from app.domain.session import (
    CONSENT_ACTIVITY_CODE,
    LAUNCH_ROLE_NAME,
    REPORT_ACTIVITY_CODE,
    SESSION_LENGTH,
    CardSession,
    Role,
)
from app.domain.states import StopReason
from app.engine.ports import InsertedCard
from app.spine.credentials import Credentials, SessionOver
from app.spine.tokens import Stopwatch

SANDBOX_ROLE_ID = "555254240100"
"""The role of the sandbox's own examples; it takes any."""


class NoSignIn:
    """A session made up from the operating-system account, for a Spine that asks nobody who they are.

    Its role is the one that may launch, see names and record consent, with the activities the settings accept: there is
    no card whose rights could be checked, and no real patient to protect. Otherwise as `SignInService`.
    """

    def __init__(self, clock: Clock, launch_activity_codes: Collection[str]) -> None:
        self._clock = clock
        self._activity_codes = frozenset({*launch_activity_codes, REPORT_ACTIVITY_CODE, CONSENT_ACTIVITY_CODE})
        self._held: tuple[CardSession, Stopwatch] | None = None

    def card(self) -> InsertedCard | None:
        """None: there is no reader."""
        return None

    def insert(self, card_uid: str) -> None:
        """Nothing: no card is needed."""

    def sign_in(self, passcode: str, role_id: str | None = None) -> CardSession:  # noqa: ARG002
        """Begin a session in this role, the sandbox's own when None; the passcode is not looked at.

        Raises `BadInput` for a role that is not a number of digits.
        """
        role_id = role_id or SANDBOX_ROLE_ID
        if not (role_id.isascii() and role_id.isdigit()):
            raise BadInput("The role must be the number of a role profile: digits only.")
        account, now = _account(), self._clock.now()
        session = CardSession(
            session_id=str(uuid.uuid4()),
            card_uid=account,
            user_name=account,
            role=Role(role_id, LAUNCH_ROLE_NAME, "", self._activity_codes),
            signed_in_at=now,
            ends_at=now + SESSION_LENGTH,
        )
        self._held = session, Stopwatch(self._clock)
        return session

    def choose_role(self, role_id: str) -> CardSession:
        """The same: no sign-in of its own waits for a role."""
        return self.sign_in("", role_id)

    def confirm_rights(self) -> None:
        """Nothing: nobody could withdraw them."""

    def remove_card(self) -> None:
        """End the session."""
        self._held = None

    def current(self) -> CardSession | None:
        """The session, or None when there is none or its ten hours are over."""
        held = self._held
        return held[0] if held is not None and _lasts(held[1]) else None

    def ended_because(self) -> StopReason | None:
        """Why there is no usable session, None while there is one."""
        held = self._held
        if held is None:
            return StopReason.CARD_REMOVED
        return None if _lasts(held[1]) else StopReason.CARD_EXPIRED

    def credentials(self, give_up_at: float) -> Credentials:  # noqa: ARG002 - nothing to wait for
        """The role alone. Raises `SessionOver`."""
        session = self.current()
        if session is None:
            raise SessionOver(self.ended_because() or StopReason.CARD_REMOVED)
        return Credentials(session.session_id, session.role.role_id, token=None, simulated=None)

    def refused(self, credentials: Credentials, give_up_at: float) -> None:  # noqa: ARG002 - there is no token
        """This Spine wants a token after all: raises `SessionOver`, for the settings are wrong."""
        raise SessionOver(StopReason.CONFIGURATION)


def _lasts(age: Stopwatch) -> bool:
    return age.seconds() < SESSION_LENGTH.total_seconds()


def _account() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        # An account without a name, as containers have.
        return "unnamed account"
