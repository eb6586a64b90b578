"""The Smartcard panel of the side column: who is signed in, in which role, and for how long still."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

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
        self._texts = (self.name, self.role, self.ends, self.left, self.note)
        self._layout = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        for group in ((self.name, self.role), (self.ends, self.left, self.note)):
            lines = QVBoxLayout()
            tidy(lines, spacing=1)
            for text in group:
                lines.addWidget(text)
            self._layout.addLayout(lines)
        self._layout.addWidget(self.sign_in_button)
        self._layout.addWidget(self.remove_button)
        self.setAccessibleName("Smartcard")

    def fold(self, *, folded: bool) -> None:
        """Lie in a row, or stand in a column again."""
        self._layout.setDirection(QBoxLayout.Direction.LeftToRight if folded else QBoxLayout.Direction.TopToBottom)
        tidy(self._layout, spacing=5 if folded else 2)
        for text in (self.name, self.role, self.note):
            text.setWordWrap(not folded)
        for one in (self.sign_in_button, self.remove_button):
            self._layout.setAlignment(one, Qt.AlignmentFlag.AlignVCenter if folded else Qt.AlignmentFlag(0))

    def show_model(self, model: CardModel, *, busy: bool) -> None:
        """Show the card as it stands; while the sign-in service is asked nothing can be pressed."""
        words = (model.name, model.role, model.ends, model.left, model.note)
        for text, shown in zip(self._texts, words, strict=True):
            text.setText(shown)
            text.setVisible(bool(shown))
        set_tone(self.left, model.tone)
        set_tone(self.note, model.tone)
        self.sign_in_button.setVisible(not model.signed_in)
        self.remove_button.setVisible(model.signed_in)
        for one in (self.sign_in_button, self.remove_button):
            one.setEnabled(not busy)
            one.setToolTip("The sign-in service is being asked." if busy else "")
        self.setAccessibleDescription(". ".join(filter(None, words)))
