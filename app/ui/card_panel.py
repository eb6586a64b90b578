"""The Smartcard panel of the side column: card in or out, who is signed in, in which role, and for how long still."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.ui.card_model import CardModel
from app.ui.flow import FlowLayout, Lines
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
        self.remove_button = button("Remove car&d")
        self.sign_in_button.clicked.connect(self.sign_in_wanted)
        self.remove_button.clicked.connect(self.removal_wanted)
        self._brief = False
        self._shown: CardModel | None = None
        self._texts = (self.name, self.role, self.since, self.ends, self.left)
        self._layout = FlowLayout(self, column=True)
        self._blocks = (Lines(self.reader, self.name, self.role), Lines(self.since, self.ends, self.left))
        for part in (*self._blocks, Lines(self.quiet_note), self.note, self.sign_in_button, self.remove_button):
            self._layout.addWidget(part)
        self.setAccessibleName("Smartcard")

    def fold(self, *, folded: bool, brief: bool) -> None:
        """Lie in lines, or stand in a column again; where it has to be `brief`, only with who and how long still."""
        self._brief = brief
        self._layout.set_column(not folded)
        # Room for the focus ring.
        tidy(self._layout, margin=1, spacing=5 if folded else 2)
        if self._shown is not None:
            self._show(self._shown)

    def show_model(self, model: CardModel, *, busy: bool) -> None:
        """Show the reader as it stands; while the sign-in service is asked nothing can be pressed."""
        self._shown = model
        self._show(model)
        # Asked of the window: the keyboard itself is with the dialog while somebody signs in.
        had_keyboard = self.window().focusWidget() in (self, self.sign_in_button, self.remove_button)
        if had_keyboard:
            # A button that is barred or hidden would hand it on to Close, and a second Enter would press that.
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.sign_in_button.setText("Sign &in…" if model.card_in or not model.reader else "&Insert card…")
        self.sign_in_button.setVisible(not model.signed_in)
        self.remove_button.setVisible(model.card_in or model.signed_in)
        for one in (self.sign_in_button, self.remove_button):
            one.setEnabled(not busy)
            one.setToolTip("The sign-in service is being asked." if busy else "")
        if had_keyboard and not busy:
            pressed = self.remove_button if model.signed_in else self.sign_in_button
            pressed.setFocus(Qt.FocusReason.OtherFocusReason)
        words = (model.reader, model.name, model.role, model.since, model.ends, model.left, model.note)
        self.setAccessibleDescription(". ".join(filter(None, words)))

    def _show(self, model: CardModel) -> None:
        words = (model.name, model.role, model.since, model.ends, model.left)
        for text, shown in zip(self._texts, words, strict=True):
            text.setText(shown)
            text.setVisible(bool(shown) and not (self._brief and text not in (self.name, self.left)))
        self.reader.show_reader("" if self._brief and model.name else model.reader, card_in=model.card_in)
        stands_out = model.tone in {Tone.ATTENTION, Tone.FAILED}
        note = "" if self._brief and model.name else model.note
        self.note.say(model.tone, note if stands_out else "")
        self.quiet_note.setText("" if stands_out else note)
        self.quiet_note.setVisible(bool(note) and not stands_out)
        set_tone(self.left, Tone.FAILED if model.tone is Tone.FAILED else Tone.PLAIN)
        for block in self._blocks:
            block.updateGeometry()


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
