"""What is under way at another computer is asked to stop: whether that is meant, by whom, and that it was heard."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QMessageBox

from app.domain.errors import KnownError
from app.ui.background import BackgroundCall, Ended
from app.ui.card_controller import CardController
from app.ui.messages import Messages
from app.ui.services import Services

QUESTION = "Do you want to stop what is running at the other computer?"
DETAIL = (
    "It pauses there as soon as the messages under way have been answered. Nothing is lost: Resume goes on with it, at "
    "any computer. The audit trail keeps who stopped it."
)


class StoppingThere(QObject):
    """Lives in the window's thread. Signals: `asked()` once the wish is left for the other computer; `refused(str)`
    with a reason in words; `failed(object)` with an unexpected error.
    """

    asked = Signal()
    refused = Signal(str)
    failed = Signal(object)

    def __init__(self, services: Services, card: CardController, messages: Messages, parent: QObject) -> None:
        super().__init__(parent)
        self._services = services
        self._card = card
        self._messages = messages
        self._waits_for_card = False
        self._call: BackgroundCall | None = None
        card.signed_in.connect(self.on_signed_in)

    @Slot()
    def begin(self) -> None:
        """Ask whether it is meant, by way of the sign-in where nobody is signed in."""
        if self._card.session is None:
            self._waits_for_card = True
            self._card.wanted.emit()
        else:
            self._messages.ask(QUESTION, DETAIL).finished.connect(self.on_answered)

    @Slot()
    def on_signed_in(self) -> None:
        """A session is there: go on with what was waiting for it."""
        waits, self._waits_for_card = self._waits_for_card, False
        if waits:
            self.begin()

    @Slot()
    def on_sign_in_given_up(self) -> None:
        """Nobody signed in after all."""
        self._waits_for_card = False

    @Slot(int)
    def on_answered(self, answer: int) -> None:
        """Yes leaves the wish."""
        if answer == QMessageBox.StandardButton.Yes.value and self._call is None:
            operator, family = self._services.operator, self._services.family.key
            self._call = BackgroundCall("stop elsewhere", lambda: operator.stop_elsewhere(family), self)
            self._call.ended.connect(self.on_ended)

    @Slot(object)
    def on_ended(self, ended: Ended) -> None:
        """The wish is left, or could not be."""
        self._call = None
        if isinstance(ended.error, KnownError):
            self.refused.emit(str(ended.error))
        elif ended.error is not None:
            self.failed.emit(ended.error)
        self.asked.emit()

    def shut_down(self, seconds: float) -> bool:
        """At the end of the program: wait for what is under way; whether it is over."""
        return self._call is None or self._call.wait(seconds)
