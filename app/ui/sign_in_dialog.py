"""Signing in: the card, its passcode, and the role where the card has several. Asks by signals, waits for nobody."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QComboBox, QDialog, QFormLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.domain.session import Role
from app.ui.fields import FIELD_HEIGHT, Choice
from app.ui.services import CardChoice
from app.ui.tones import Tone
from app.ui.widgets import STEP, Notice, bar, button, label, tidy, widen

_LONGEST_PASSCODE = 64
_SETTLED, _BUSY = "Accepted: choose the role now.", "The sign-in service is being asked."


class SignInDialog(QDialog):
    """Signals: `submitted(card_uid, passcode)`; `role_chosen(role_id)` where the card has several; `given_up()`.

    The passcode leaves the field as soon as it has been handed on. `card_in` is the number of a card that is in the
    reader already.
    """

    submitted = Signal(str, str)
    role_chosen = Signal(str)
    given_up = Signal()

    def __init__(self, cards: Sequence[CardChoice], hint: str, card_in: str | None, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Sign in with your Smartcard")
        self._busy = False
        self.card = _card_field(cards, card_in)
        self.passcode = QLineEdit()
        self.passcode.setEchoMode(QLineEdit.EchoMode.Password)
        self.passcode.setMaxLength(_LONGEST_PASSCODE)
        self.role = Choice()
        self.role_label = label("&Role")
        self.message = Notice(speaks=True)
        self.ok_button = button("Sign &in", primary=True)
        self.cancel_button = button("Cancel")
        self.ok_button.setDefault(True)
        self.cancel_button.setAutoDefault(False)
        self.ok_button.clicked.connect(self.on_submitted)
        self.cancel_button.clicked.connect(self.reject)
        self.rejected.connect(self.given_up)
        self._lay_out(hint)
        self._offer_roles(())
        (self.passcode if cards or card_in else self.card).setFocus()

    def _lay_out(self, hint: str) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(4 * STEP)
        form.setVerticalSpacing(3 * STEP)
        for words, field, name in (
            (label("Smart&card"), self.card, "Smartcard"),
            (label("&Passcode"), self.passcode, "Passcode"),
            (self.role_label, self.role, "Role"),
        ):
            words.setBuddy(field)
            words.setMinimumHeight(FIELD_HEIGHT)
            field.setAccessibleName(name)
            field.setMinimumHeight(FIELD_HEIGHT)
            form.addRow(words, field)
        buttons = QHBoxLayout()
        tidy(buttons, spacing=2)
        buttons.addStretch(1)
        buttons.addWidget(self.ok_button)
        buttons.addWidget(self.cancel_button)
        layout = QVBoxLayout(self)
        tidy(layout, margin=5, spacing=4)
        layout.addLayout(form)
        if hint:
            layout.addWidget(label(hint, "help", wraps=True))
        layout.addWidget(self.message)
        layout.addStretch(1)
        layout.addLayout(buttons)
        widen(layout, 100)

    @Slot()
    def on_submitted(self) -> None:
        """Hand on what was typed or chosen, or say what is missing."""
        if self.role.count():
            self.role_chosen.emit(str(self.role.currentData()))
            return
        uid = self._card_uid()
        passcode = self.passcode.text()
        self.passcode.clear()
        if not uid:
            self._complain("Type the number of your Smartcard.", self.card)
        elif not passcode:
            self._complain("Type your passcode.", self.passcode)
        else:
            self.submitted.emit(uid, passcode)

    @Slot(str)
    def show_refusal(self, words: str) -> None:
        """The sign-in was refused: say why, and have the passcode typed again."""
        self._offer_roles(())
        self._complain(words, self.passcode)

    @Slot(object)
    def show_roles(self, roles: Sequence[Role]) -> None:
        """The passcode was right and the card has several roles: have one chosen."""
        self._offer_roles(roles)
        self.message.say(Tone.ACCENT, "This card has several roles. Choose the one you work in.")
        self.role.setFocus()

    @Slot(bool)
    def show_busy(self, busy: bool) -> None:
        """While the sign-in service is asked only Cancel can be pressed."""
        self._busy = busy
        self._enable()
        if busy:
            self.message.say(Tone.ACCENT, "Signing in…")

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """The window's own close button gives up, as Cancel does."""
        self.passcode.clear()
        super().closeEvent(event)

    def _card_uid(self) -> str:
        if isinstance(self.card, QComboBox):
            return str(self.card.currentData())
        return self.card.text().strip()

    def _complain(self, words: str, field: QWidget) -> None:
        self.message.say(Tone.FAILED, words)
        field.setFocus()

    def _offer_roles(self, roles: Sequence[Role]) -> None:
        self.role.clear()
        names = [role.name for role in roles]
        for role in roles:
            alone = names.count(role.name) == 1
            self.role.addItem(role.name if alone else f"{role.name} ({role.role_id})", role.role_id)
        for one in (self.role, self.role_label):
            one.setVisible(bool(roles))
        self._enable()

    def _enable(self) -> None:
        """While a role is to be chosen the card and its passcode are settled."""
        settled = self.role.count() > 0
        for one in (self.card, self.passcode):
            one.setEnabled(not self._busy and not settled)
            one.setAccessibleDescription(_SETTLED if settled else _BUSY if self._busy else "")
        self.passcode.setPlaceholderText("Accepted" if settled else "")
        self.role.setEnabled(not self._busy)
        bar(self.ok_button, _BUSY if self._busy else None)


def _card_field(cards: Sequence[CardChoice], card_in: str | None) -> QComboBox | QLineEdit:
    """The simulated reader's cards to choose from, or a field for the number on a card."""
    if not cards:
        field = QLineEdit(card_in or "")
        field.setPlaceholderText("The 12 digits on the card")
        return field
    choice = Choice()
    for card in cards:
        choice.addItem(card.description, card.uid)
    choice.setCurrentIndex(max(0, choice.findData(card_in)))
    return choice
