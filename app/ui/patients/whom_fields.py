"""Naming patients in a dialog: by NHS numbers, typed, pasted or from a file, or by a search. Checks nothing itself."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, QTimer, Signal, Slot
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QRadioButton, QStackedWidget, QVBoxLayout, QWidget

from app.engine.groups import GroupDraft
from app.ui.fields import FIELD_HEIGHT
from app.ui.front.file_field import FileField
from app.ui.patients.groups_model import draft_words, fault_lines, size_words
from app.ui.widgets import STEP, label, tidy

_TYPING_PAUSE_MS = 300
_LEAST_TEXT_HEIGHT = 24 * STEP

_NUMBERS_HINT = "One NHS number a line, as you have them: spaces and hyphens do not matter."
_FILE_HINT = "A CSV file with a column nhs_number, or with nothing but NHS numbers."
_SEARCH_HINT = "A name or the beginning of an NHS number: everybody who is found is taken."


class WhomFields(QWidget):
    """Signals: `text_given(str)`, `file_given(object)` with a path, and `search_given(str)` when there is something new
    to look at; the answer comes by `show_draft`, `show_found` or `show_nothing`. `named(bool)`: whether anybody is.
    """

    text_given = Signal(str)
    file_given = Signal(object)
    search_given = Signal(str)
    named = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.by_numbers = QRadioButton("N&HS numbers, typed or pasted")
        self.by_file = QRadioButton("NHS numbers from a &file")
        self.by_search = QRadioButton("Patients found by a &search")
        self.numbers = _plain_text("NHS numbers", _NUMBERS_HINT)
        self.file = FileField("File of NHS numbers", hint=_FILE_HINT)
        self.search = QLineEdit()
        self.search.setMinimumHeight(FIELD_HEIGHT)
        self.search.setAccessibleName("Name or NHS number")
        self.search.setPlaceholderText("Name or NHS number")
        self.found = label(role="strong", wraps=True)
        self.faults = _plain_text("Lines that lead to nobody", "")
        self.faults.setReadOnly(True)
        self._sources = QStackedWidget()
        self._pause = QTimer(self, interval=_TYPING_PAUSE_MS, singleShot=True)
        self._lay_out()
        self._connect()
        self.by_numbers.setChecked(True)
        self.show_nothing()

    def _lay_out(self) -> None:
        hints = {self.numbers: _NUMBERS_HINT, self.file: _FILE_HINT, self.search: _SEARCH_HINT}
        content = QVBoxLayout(self)
        tidy(content, spacing=4)
        choices = QVBoxLayout()
        tidy(choices, spacing=2)
        content.addLayout(choices)
        for choice, field in zip(self._choices(), hints, strict=True):
            choices.addWidget(choice)
            page = QWidget()
            lines = QVBoxLayout(page)
            tidy(lines, margin=1, spacing=1)
            lines.addWidget(label(hints[field], "help", wraps=True))
            lines.addWidget(field, 1 if field is self.numbers else 0)
            if field is not self.numbers:
                lines.addStretch(1)
            self._sources.addWidget(page)
        content.addWidget(self._sources, 2)
        content.addWidget(self.found)
        content.addWidget(self.faults, 1)

    def _connect(self) -> None:
        for choice in self._choices():
            choice.toggled.connect(self.on_source_toggled)
        for changed in (self.numbers.textChanged, self.file.changed, self.search.textChanged):
            changed.connect(self.on_changed)
        self._pause.timeout.connect(self.on_paused)

    def _choices(self) -> tuple[QRadioButton, ...]:
        return self.by_numbers, self.by_file, self.by_search

    def in_order(self) -> tuple[QWidget, ...]:
        """Everything that takes the keyboard, in the order of Tab."""
        fields = (self.numbers, self.file.line, self.file.browse_button, self.search, self.faults)
        return (*self._choices(), *fields)

    @Slot(bool)
    def on_source_toggled(self, chosen: bool) -> None:
        """Another way of naming patients was chosen."""
        if chosen:
            self._sources.setCurrentIndex([one.isChecked() for one in self._choices()].index(True))
            self.on_changed()

    @Slot()
    def on_changed(self) -> None:
        """Something was typed or chosen: looked at in a moment; until then nothing can be made of it."""
        self.show_nothing()
        self._pause.start()

    @Slot()
    def on_paused(self) -> None:
        """Nobody has typed for a moment."""
        path: Path | None = self.file.path
        if self.by_numbers.isChecked() and self.numbers.toPlainText().strip():
            self.text_given.emit(self.numbers.toPlainText())
        elif self.by_file.isChecked() and path is not None:
            self.file_given.emit(path)
        elif self.by_search.isChecked() and self.search.text().strip():
            self.search_given.emit(self.search.text())

    def show_draft(self, draft: GroupDraft) -> None:
        """Whom the numbers mean, and every line that leads to nobody."""
        self.found.setText(draft_words(draft))
        self.faults.setPlainText(fault_lines(draft))
        self.faults.setVisible(bool(draft.faults))
        self.named.emit(bool(draft.patient_ids))

    def show_found(self, members: int, active: int) -> None:
        """How many the search finds."""
        self.found.setText(f"{size_words(members, active)}." if members else "Nobody was found.")
        self.named.emit(members > 0)

    def show_nothing(self) -> None:
        """Nobody is named yet."""
        self.found.clear()
        self.faults.hide()
        self.named.emit(False)


class _Text(QPlainTextEdit):
    """As high as there is room: Qt's own wish would make the dialog scroll."""

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """It can do with the least."""
        return QSize(super().sizeHint().width(), _LEAST_TEXT_HEIGHT)


def _plain_text(name: str, hint: str) -> QPlainTextEdit:
    made = _Text()
    made.setAccessibleName(name)
    made.setAccessibleDescription(hint)
    made.setTabChangesFocus(True)
    made.setMinimumHeight(_LEAST_TEXT_HEIGHT)
    return made
