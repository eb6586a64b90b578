"""What a message to the Spine is sent under, and where the client gets it from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from app.domain.states import StopReason


@dataclass(frozen=True, slots=True)
class Credentials:
    """A role and, where there is a sign-in service, an access token of the session.

    Those of the application alone have neither session nor role. `simulated` is what the sign-in service said about
    itself, None where there is none.
    """

    session_id: str | None
    role_id: str | None
    token: str | None = field(repr=False)
    simulated: bool | None


class SessionOver(Exception):
    """There is no token to be had any more; `reason` says why."""

    def __init__(self, reason: StopReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class CredentialSource(Protocol):
    """The signed-in person as the client needs them; used by every sender. Times are seconds of the monotonic clock.

    Both raise `SessionOver`, and `SignInUnreachable` when a new token was needed and the service did not answer in
    time.
    """

    def credentials(self, give_up_at: float) -> Credentials:
        """What to send the next message under; has a new token made when the old one is about to lapse."""

    def refused(self, credentials: Credentials, give_up_at: float) -> None:
        """The Spine did not accept these: see to it that the next ones are others."""
