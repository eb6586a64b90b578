"""Signing in at the window: brings the dialog to whoever must, between the card's controller and the person."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from app.ui.card_controller import CardController
from app.ui.help.help_desk import HelpDesk
from app.ui.help.topics import SMARTCARD
from app.ui.services import Services
from app.ui.sign_in_dialog import SignInDialog


class SignIn(QObject):
    """Lives in the window's thread; `dialog` is open while somebody signs in.

    Signals: `given_up()` when nobody signed in after all, `refused(str)` with a reason for which no dialog is open.
    """

    given_up = Signal()
    refused = Signal(str)

    def __init__(
        self, services: Services, card: CardController, help_desk: HelpDesk, window: QWidget, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._services = services
        self._card = card
        self._help = help_desk
        self._window = window
        self.dialog: SignInDialog | None = None
        card.wanted.connect(self.ask)
        card.signed_in.connect(self.on_signed_in)
        card.refused.connect(self.on_refused)

    @Slot()
    def ask(self) -> None:
        """Somebody must sign in, or wants to."""
        if self.dialog is not None:
            return
        if not self._services.needs_card:
            self._card.sign_in("", "")
            return
        card = self._card.card
        inside = card.uid if card is not None else None
        dialog = SignInDialog(self._services.cards, self._services.card_hint, inside, self._window)
        dialog.submitted.connect(self._card.sign_in)
        dialog.role_chosen.connect(self._card.choose_role)
        dialog.given_up.connect(self._card.give_up_sign_in)
        dialog.given_up.connect(self.given_up)
        dialog.finished.connect(self.on_closed)
        self._card.busy_changed.connect(dialog.show_busy)
        self._card.roles_offered.connect(dialog.show_roles)
        self._help.serve(dialog, SMARTCARD)
        self.dialog = dialog
        dialog.open()

    @Slot()
    def on_closed(self) -> None:
        """The dialog is done with."""
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None

    @Slot()
    def on_signed_in(self) -> None:
        """A session is there: the dialog has done its work."""
        if self.dialog is not None:
            self.dialog.accept()

    @Slot(str)
    def on_refused(self, words: str) -> None:
        """The reason goes where the person looks."""
        if self.dialog is not None:
            self.dialog.show_refusal(words)
        else:
            self.refused.emit(words)
