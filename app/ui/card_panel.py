"""The Smartcard panel of the side column: card in or out, who is signed in, in which role, and for how long still."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.ui.card_model import CardModel
from app.ui.glyph import Glyph, Shape
from app.ui.tones import Tone
from app.ui.widgets import Notice, button, label, set_tone, steady_figures, tidy


class CardPanel(QWidget):
    """Signals: `sign_in_wanted()`, `removal_wanted()`."""

    sign_in_wanted = Signal()
    removal_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.reader = _Reader()
        self.name = label(role="strong", wraps=True)
        self.role = label(role="secondary", wraps=True)
        self.since = label(role="secondary")
        self.ends = label(role="secondary")
        self.left = label()
        self.quiet_note = label(role="secondary", wraps=True)
        self.note = Notice()
        steady_figures(self.left)
        self.sign_in_button = button("")
        self.remove_button = button("Remo&ve card")
        self.sign_in_button.clicked.connect(self.sign_in_wanted)
        self.remove_button.clicked.connect(self.removal_wanted)
        self._texts = (self.name, self.role, self.since, self.ends, self.left)
        self._layout = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        groups = (
            (self.reader, self.name, self.role),
            (self.since, self.ends, self.left),
            (self.quiet_note, self.note),
        )
        for group in groups:
            lines = QVBoxLayout()
            tidy(lines, spacing=1)
            for part in group:
                lines.addWidget(part)
            self._layout.addLayout(lines)
        self._layout.addWidget(self.sign_in_button)
        self._layout.addWidget(self.remove_button)
        self.setAccessibleName("Smartcard")

    def fold(self, *, folded: bool) -> None:
        """Lie in a row, or stand in a column again."""
        self._layout.setDirection(QBoxLayout.Direction.LeftToRight if folded else QBoxLayout.Direction.TopToBottom)
        tidy(self._layout, spacing=5 if folded else 2)
        for text in (self.name, self.role, self.quiet_note):
            text.setWordWrap(not folded)
        for one in (self.sign_in_button, self.remove_button):
            self._layout.setAlignment(one, Qt.AlignmentFlag.AlignVCenter if folded else Qt.AlignmentFlag(0))

    def show_model(self, model: CardModel, *, busy: bool) -> None:
        """Show the reader as it stands; while the sign-in service is asked nothing can be pressed."""
        words = (model.name, model.role, model.since, model.ends, model.left)
        for text, shown in zip(self._texts, words, strict=True):
            text.setText(shown)
            text.setVisible(bool(shown))
        self.reader.show_reader(model.reader, card_in=model.card_in)
        stands_out = model.tone in {Tone.ATTENTION, Tone.FAILED}
        self.note.say(model.tone, model.note if stands_out else "")
        self.quiet_note.setText("" if stands_out else model.note)
        self.quiet_note.setVisible(bool(model.note) and not stands_out)
        set_tone(self.left, Tone.FAILED if model.tone is Tone.FAILED else Tone.PLAIN)
        self.sign_in_button.setText("Sign &in…" if model.card_in or not model.reader else "&Insert card…")
        self.sign_in_button.setVisible(not model.signed_in)
        self.remove_button.setVisible(model.card_in or model.signed_in)
        for one in (self.sign_in_button, self.remove_button):
            one.setEnabled(not busy)
            one.setToolTip("The sign-in service is being asked." if busy else "")
        self.setAccessibleDescription(". ".join(filter(None, (model.reader, *words, model.note))))


class _Reader(QWidget):
    """Whether a card is in, by a sign and by words."""

    def __init__(self) -> None:
        super().__init__()
        self._sign = Glyph()
        self._words = label(wraps=True)
        row = QHBoxLayout(self)
        tidy(row, spacing=2)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._words, 1)

    def show_reader(self, words: str, *, card_in: bool) -> None:
        self._sign.show_shape(Shape.TICK if card_in else Shape.BARRED, Tone.DONE if card_in else Tone.QUIET)
        self._words.setText(words)
        self.setVisible(bool(words))
