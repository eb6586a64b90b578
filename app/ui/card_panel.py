"""The Smartcard panel of the side column: who is signed in, in which role, and for how long still."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.ui.card_model import CardModel
from app.ui.widgets import button, label, set_tone, steady_figures, tidy


class CardPanel(QWidget):
    """Signals: `sign_in_wanted()`, `removal_wanted()`."""

    sign_in_wanted = Signal()
    removal_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.name = label(role="strong", wraps=True)
        self.role = label(role="secondary", wraps=True)
        self.ends = label(role="secondary")
        self.left = label()
        self.note = label(wraps=True)
        steady_figures(self.left)
        self.sign_in_button = button("Sign &in…")
        self.remove_button = button("Remo&ve card")
        self.sign_in_button.clicked.connect(self.sign_in_wanted)
        self.remove_button.clicked.connect(self.removal_wanted)
        layout = QVBoxLayout(self)
        tidy(layout, spacing=1)
        self._texts = (self.name, self.role, self.ends, self.left, self.note)
        for one in self._texts:
            layout.addWidget(one)
        layout.addSpacing(4)
        layout.addWidget(self.sign_in_button)
        layout.addWidget(self.remove_button)

    def show_model(self, model: CardModel, *, busy: bool) -> None:
        """Show the card as it stands; while the sign-in service is asked nothing can be pressed."""
        for text, words in zip(self._texts, (model.name, model.role, model.ends, model.left, model.note), strict=True):
            text.setText(words)
            text.setVisible(bool(words))
        set_tone(self.left, model.tone)
        set_tone(self.note, model.tone)
        self.sign_in_button.setVisible(not model.signed_in)
        self.remove_button.setVisible(model.signed_in)
        for one in (self.sign_in_button, self.remove_button):
            one.setEnabled(not busy)
            one.setToolTip("The sign-in service is being asked." if busy else "")
        self.setAccessibleName("Smartcard")
        self.setAccessibleDescription(
            ". ".join(filter(None, (model.name, model.role, model.ends, model.left, model.note)))
        )
