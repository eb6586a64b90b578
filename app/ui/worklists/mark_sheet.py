"""The dialog that marks a patient on a worklist: dealt with, or still to do, with a short note."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QLineEdit, QRadioButton, QWidget

from app.engine.patient_line import Handling
from app.engine.worklists import LONGEST_NOTE
from app.ui.fields import FIELD_HEIGHT
from app.ui.front.sheet import Sheet
from app.ui.tones import Tone
from app.ui.widgets import Notice, button, label

_EXPLANATION = (
    "Dealt with takes the patient off this worklist until something newer is found. "
    "To do leaves the patient here, with the note."
)
_NOTE_HINT = "A few words for whoever looks next. They are part of the patient's data here, and nothing is sent."


class MarkSheet(Sheet):
    """Signals: `accepted_mark(bool, str)` with whether it is dealt with and the note; `unmark_wanted()`."""

    accepted_mark = Signal(bool, str)
    unmark_wanted = Signal()

    def __init__(self, mark: Handling | None, parent: QWidget) -> None:
        super().__init__("Mark a patient", parent, width=150, height=78)
        self.dealt_with = QRadioButton("&Dealt with")
        self.still_to_do = QRadioButton("&To do")
        (self.still_to_do if mark is not None and not mark.dealt_with else self.dealt_with).setChecked(True)
        self.note = QLineEdit(mark.note if mark is not None else "")
        self.note.setMaxLength(LONGEST_NOTE)
        self.note.setMinimumHeight(FIELD_HEIGHT)
        self.note.setAccessibleName("Note")
        self.note.setAccessibleDescription(_NOTE_HINT)
        self.message = Notice(Tone.FAILED, speaks=True)
        self.ok_button = button("&Mark", primary=True)
        self.unmark_button = button("Remove m&ark")
        self.unmark_button.setVisible(mark is not None)
        self.cancel_button = button("Cancel")
        named = label("&Note")
        named.setBuddy(self.note)
        explained = label(_EXPLANATION, "secondary", wraps=True)
        hint = label(_NOTE_HINT, "help", wraps=True)
        for part in (explained, self.dealt_with, self.still_to_do, named, self.note, hint, self.message):
            self.content.addWidget(part)
        self.content.addStretch(1)
        self.add_buttons(self.unmark_button, self.ok_button, self.cancel_button)
        self.default, self.back = self.ok_button, self.cancel_button
        self.ok_button.clicked.connect(self.on_ok)
        self.unmark_button.clicked.connect(self.unmark_wanted)
        self.cancel_button.clicked.connect(self.dismiss)
        self.dealt_with.setFocus()

    @Slot()
    def on_ok(self) -> None:
        """Mark was pressed."""
        self.message.say(Tone.FAILED, "")
        self.accepted_mark.emit(self.dealt_with.isChecked(), self.note.text())

    def refuse(self, words: str) -> None:
        """It cannot be so: the reason, where one looks."""
        self.message.say(Tone.FAILED, words)
