"""Owns what the window knows of the Smartcard: signing in and taking the card out, both off the window's thread."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, SignalInstance, Slot

from app.domain.errors import KnownError, RoleChoiceNeeded
from app.domain.session import CardSession
from app.ui.background import BackgroundCall, Ended
from app.ui.card_model import CardModel, card_model
from app.ui.services import Services


class CardController(QObject):
    """Lives in the window's thread.

    Signals: `wanted()` when somebody must sign in first; `busy_changed(bool)` while the sign-in service is asked;
    `signed_in()` when a session is there, `removed()` when it is gone; `refused(str)` with the reason in words;
    `roles_offered(object)` with the card's roles when one must be chosen; `failed(object)` with an unexpected error.
    """

    wanted = Signal()
    busy_changed = Signal(bool)
    signed_in = Signal()
    removed = Signal()
    refused = Signal(str)
    roles_offered = Signal(object)
    failed = Signal(object)

    def __init__(self, services: Services, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._call: BackgroundCall | None = None
        self._unwanted = False

    @property
    def session(self) -> CardSession | None:
        """The session that counts now; one whose time is over does not."""
        session = self._services.reader.current()
        if session is None or session.time_left(self._services.clock.now()).total_seconds() <= 0:
            return None
        return session

    def model(self) -> CardModel:
        """The panel as things stand."""
        return card_model(self.session, self._services.reader.ended_because(), self._services.clock.now())

    @property
    def is_busy(self) -> bool:
        """Whether the sign-in service is being asked."""
        return self._call is not None

    @Slot(str, str, object)
    def sign_in(self, card_uid: str, passcode: str, role_id: str | None) -> None:
        """Ask the sign-in service; one of `signed_in`, `refused`, `roles_offered` and `failed` follows."""
        if self._call is not None:
            return
        self._unwanted = False
        reader = self._services.reader
        self._start("sign-in", lambda: reader.sign_in(card_uid, passcode, role_id)).connect(self.on_sign_in_ended)

    @Slot()
    def give_up_sign_in(self) -> None:
        """Nobody waits for the sign-in any more; should it succeed all the same, the session is ended at once."""
        self._unwanted = self._call is not None

    def remove_card(self) -> None:
        """Take the card out; `removed` follows."""
        if self._call is not None:
            return
        self._start("card removal", self._services.reader.remove_card).connect(self.on_removal_ended)

    def shut_down(self, seconds: float) -> bool:
        """Wait for a call under way, at the end of the program; whether it is over."""
        return self._call is None or self._call.wait(seconds)

    @Slot(object)
    def on_sign_in_ended(self, ended: Ended) -> None:
        """The sign-in service has answered, or could not be asked."""
        self._finish()
        unwanted, self._unwanted = self._unwanted, False
        if ended.error is None and not ended.vanished and unwanted:
            self.remove_card()
        elif unwanted:
            return
        elif isinstance(ended.error, RoleChoiceNeeded):
            self.roles_offered.emit(ended.error.roles)
        elif not self._tell_of(ended):
            self.signed_in.emit()

    @Slot(object)
    def on_removal_ended(self, ended: Ended) -> None:
        """The card is out; what the service said to it changes nothing here."""
        self._finish()
        self._tell_of(ended)
        self.removed.emit()

    def _start(self, name: str, call: Callable[[], object]) -> SignalInstance:
        """Begin a call; its `ended` signal."""
        self._call = BackgroundCall(name, call, self)
        self.busy_changed.emit(True)
        return self._call.ended

    def _finish(self) -> None:
        self._call = None
        self.busy_changed.emit(False)

    def _tell_of(self, ended: Ended) -> bool:
        """Tell of an error, if there was one; whether there was."""
        if isinstance(ended.error, KnownError):
            self.refused.emit(str(ended.error))
        elif ended.error is not None:
            self.failed.emit(ended.error)
        elif ended.vanished:
            self.refused.emit("The sign-in ended without an answer. Try again.")
        return ended.error is not None or ended.vanished
