"""A Smartcard session as a run sees it, taken out and put in as a test says."""

from __future__ import annotations

from datetime import timedelta

from app.clock import Clock
from app.domain.session import LAUNCH_ROLE_NAME, SESSION_LENGTH, CardSession, Role
from app.domain.states import StopReason

MANAGER = Role("555001", LAUNCH_ROLE_NAME, "S8000:G8000:R8000", frozenset({"B0062", "B0011"}))


class Card:
    """`SignedIn`: one person's session, until the card is taken out."""

    def __init__(self, clock: Clock, role: Role = MANAGER) -> None:
        self._clock = clock
        self._reason: StopReason | None = None
        self._session: CardSession | None = None
        self.sessions = 0
        self.confirmed = 0
        self.sign_in(role)

    def sign_in(
        self,
        role: Role = MANAGER,
        length: timedelta = SESSION_LENGTH,
        person: tuple[str, str] = ("910000000001", "Pat Manager"),
    ) -> None:
        now = self._clock.now()
        self.sessions += 1
        self._reason = None
        self._session = CardSession(f"session-{self.sessions}", *person, role, now, now + length)

    def end(self, reason: StopReason | None = StopReason.CARD_REMOVED) -> None:
        self._session, self._reason = None, reason

    def current(self) -> CardSession | None:
        return self._session

    def ended_because(self) -> StopReason | None:
        return self._reason

    def confirm_rights(self) -> None:
        self.confirmed += 1
