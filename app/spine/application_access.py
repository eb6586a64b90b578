"""The application's own access to the Spine: for questions alone, and only where the practice allows it.

Tokens of this kind know no person and no role; the gateway takes no message under them. They live in memory only.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from app.clock import Clock
from app.domain.errors import SignInUnreachable
from app.domain.states import StopReason
from app.spine.auth_service import AuthService
from app.spine.credentials import Credentials, SessionOver
from app.spine.tokens import GrantRefused, Stopwatch

_RENEW_AT_SHARE = 0.9


@dataclass(frozen=True, slots=True, eq=False)
class _Held:
    credentials: Credentials = field(repr=False)
    seconds: float
    age: Stopwatch


class ApplicationAccess:
    """`CredentialSource` without a person. May be used from any thread; one at a time has a new token made."""

    def __init__(self, service: AuthService, clock: Clock) -> None:
        self._service = service
        self._clock = clock
        self._making = threading.Lock()
        self._held: _Held | None = None

    def credentials(self, give_up_at: float) -> Credentials:
        """A token that has not lapsed. Raises `SessionOver` when none is given, `SignInUnreachable`."""
        held = self._held
        if held is None or held.age.seconds() >= held.seconds * _RENEW_AT_SHARE:
            held = self._renewed(held, give_up_at)
        return held.credentials

    def refused(self, credentials: Credentials, give_up_at: float) -> None:
        """The Spine did not accept this token: have another one made, unless that was done since."""
        held = self._held
        if held is not None and held.credentials is credentials:
            self._renewed(held, give_up_at)

    def _renewed(self, stale: _Held | None, give_up_at: float) -> _Held:
        """Another token than this one, made here or by whoever was faster."""
        if not self._making.acquire(timeout=max(0.0, give_up_at - self._clock.monotonic())):
            raise SignInUnreachable("The sign-in service did not answer in time.")
        try:
            held = self._held
            if held is None or held is stale:
                held = self._held = self._made(give_up_at)
            return held
        finally:
            self._making.release()

    def _made(self, give_up_at: float) -> _Held:
        asked_at = self._clock.monotonic()
        try:
            token, simulated = self._service.application_token(give_up_at)
        except GrantRefused:
            # There is no access but by a card, and that session is over.
            raise SessionOver(StopReason.CARD_EXPIRED) from None
        age = Stopwatch(self._clock, self._clock.monotonic() - asked_at)
        return _Held(Credentials(None, None, token.text, simulated), token.seconds, age)
