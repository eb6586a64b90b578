"""The simulated Smartcard reader: which of the made-up cards is in it, and how often its passcode was typed wrongly.

A real card counts wrong passcodes in its chip; here the reader counts for it, until the program ends. What a reader of
real cards has to bring along is the engine's port `CardReader`, and nothing else.
"""

from __future__ import annotations

import threading
from collections import Counter

from app.domain.errors import SignInRefused, WrongPasscode
from app.domain.session import CardSession
from app.domain.states import StopReason
from app.engine.ports import InsertedCard
from app.spine.sign_in import SignInService

_TRIES = 3
_NO_CARD = "There is no card in the reader. Insert your Smartcard first."
_LOCKED = (
    f"This card is locked: a wrong passcode was typed {_TRIES} times. "
    "The practice's Registration Authority agent can unlock it. Remove it and use another card."
)


class SimulatedReader:
    """`CardReader` over the simulated sign-in service. May be used from any thread."""

    def __init__(self, service: SignInService) -> None:
        self._service = service
        self._lock = threading.Lock()
        self._uid: str | None = None
        self._wrong: Counter[str] = Counter()

    def card(self) -> InsertedCard | None:
        """The card in the reader."""
        with self._lock:
            return None if self._uid is None else InsertedCard(self._uid, max(0, _TRIES - self._wrong[self._uid]))

    def insert(self, card_uid: str) -> None:
        """Put this card in; another one is taken out first."""
        card_uid, inside = card_uid.strip(), self.card()
        if inside is not None and inside.uid != card_uid:
            self.remove_card()
        with self._lock:
            self._uid = card_uid

    def sign_in(self, passcode: str, role_id: str | None = None) -> CardSession:
        """Begin a session with the card in the reader. Raises as the port says."""
        card = self.card()
        if card is None:
            raise SignInRefused(_NO_CARD)
        if card.is_locked:
            raise SignInRefused(_LOCKED)
        try:
            session = self._service.sign_in(card.uid, passcode, role_id)
        except WrongPasscode as wrong:
            raise self._count(card.uid, wrong) from None
        except SignInRefused:
            self._forgive(card.uid)
            raise
        self._forgive(card.uid)
        return session

    def choose_role(self, role_id: str) -> CardSession:
        """Finish a sign-in that needed a choice of role."""
        return self._service.choose_role(role_id)

    def confirm_rights(self) -> None:
        """Ask what the session's role may do now."""
        self._service.confirm_rights()

    def remove_card(self) -> None:
        """Take the card out, and end its session here and at the service."""
        with self._lock:
            self._uid = None
        self._service.remove_card()

    def current(self) -> CardSession | None:
        """The session, or None when nobody is signed in or it has ended."""
        return self._service.current()

    def ended_because(self) -> StopReason | None:
        """Why there is no usable session, None while there is one."""
        return self._service.ended_because()

    def _count(self, card_uid: str, wrong: WrongPasscode) -> SignInRefused:
        """What to say after one more wrong passcode."""
        with self._lock:
            self._wrong[card_uid] += 1
            left = _TRIES - self._wrong[card_uid]
        if left <= 0:
            return SignInRefused(_LOCKED)
        tries = "1 try is" if left == 1 else f"{left} tries are"
        return WrongPasscode(f"{wrong} {tries} left before the card locks itself.")

    def _forgive(self, card_uid: str) -> None:
        """The passcode was right."""
        with self._lock:
            self._wrong.pop(card_uid, None)
