"""The dialogs that make a group and rename one. They check nothing themselves: what is typed is told by signals."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QSize, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QFormLayout,
    QLineEdit,
    QPlainTextEdit,
    QRadioButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.engine.groups import LONGEST_NAME, GroupDraft
from app.ui.fields import FIELD_HEIGHT
from app.ui.front.file_field import FileField
from app.ui.front.sheet import Sheet
from app.ui.patients.groups_model import draft_words, fault_lines, size_words
from app.ui.tones import Tone
from app.ui.widgets import STEP, Notice, bar, button, label, tidy

_TYPING_PAUSE_MS = 300
_LEAST_TEXT_HEIGHT = 24 * STEP

_NUMBERS_HINT = "One NHS number a line, as you have them: spaces and hyphens do not matter."
_FILE_HINT = "A CSV file with a column nhs_number, or with nothing but NHS numbers."
_SEARCH_HINT = "A name or the beginning of an NHS number: everybody who is found goes into the group."


class NameSheet(Sheet):
    """What both dialogs share: the name, a sentence below it, OK and Cancel. Signals: `accepted_name(str)`."""

    accepted_name = Signal(str)

    def __init__(self, title: str, what: str, name: str, parent: QWidget, *, width: int = 110, height: int = 0) -> None:
        super().__init__(title, parent, width=width, height=height)
        self.name = QLineEdit(name)
        self.name.setMaxLength(2 * LONGEST_NAME)
        self.name.setMinimumHeight(FIELD_HEIGHT)
        self.name.setAccessibleName("Group name")
        self.name.selectAll()
        self.message = Notice(Tone.FAILED)
        self.ok_button = button(what, primary=True)
        self.cancel_button = button("Cancel")
        named = label("Group &name")
        named.setBuddy(self.name)
        form = QFormLayout()
        form.setHorizontalSpacing(4 * STEP)
        form.addRow(named, self.name)
        self.content.addLayout(form)
        self.add_buttons(self.ok_button, self.cancel_button)
        self.default, self.back = self.ok_button, self.cancel_button
        self.ok_button.clicked.connect(self.on_ok)
        self.cancel_button.clicked.connect(self.dismiss)
        self.name.setFocus()

    @Slot()
    def on_ok(self) -> None:
        """OK was pressed."""
        self.message.say(Tone.FAILED, "")
        self.accepted_name.emit(self.name.text())

    def refuse(self, words: str) -> None:
        """It cannot be so: the reason, where one looks."""
        self.message.say(Tone.FAILED, words)


class RenameSheet(NameSheet):
    """Another name for a group."""

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__("Rename group", "&Rename", name, parent)
        self.content.addWidget(self.message)
        self.content.addStretch(1)


class KeepSheet(NameSheet):
    """A group of everybody on the list that is shown."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("Keep as group", "&Make group", "", parent)
        self.sizes = label("Counting…", wraps=True)
        self.content.addWidget(self.sizes)
        self.content.addWidget(self.message)
        self.content.addStretch(1)

    def show_sizes(self, members: int, active: int) -> None:
        """So many the group would hold."""
        self.sizes.setText(f"The group will hold {size_words(members, active)}.")


class NewGroupSheet(NameSheet):
    """A group of NHS numbers, typed, pasted or from a file, or of those found by a search.

    Signals: `text_given(str)`, `file_given(object)` with a path, and `search_given(str)` when there is something new to
    look at; the answer comes by `show_draft`, `show_found` or `refuse`.
    """

    text_given = Signal(str)
    file_given = Signal(object)
    search_given = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__("New group", "&Make group", "", parent, width=150, height=135)
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
        self._show_nothing()

    def _lay_out(self) -> None:
        hints = {self.numbers: _NUMBERS_HINT, self.file: _FILE_HINT, self.search: _SEARCH_HINT}
        choices = QVBoxLayout()
        tidy(choices, spacing=2)
        self.content.addLayout(choices)
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
        self.content.addWidget(self._sources, 2)
        self.content.addWidget(self.found)
        self.content.addWidget(self.faults, 1)
        self.content.addWidget(self.message)
        fields = (self.numbers, self.file.line, self.file.browse_button, self.search, self.faults)
        in_order = (self.name, *self._choices(), *fields, self.ok_button, self.cancel_button)
        for before, after in pairwise(in_order):
            QWidget.setTabOrder(before, after)

    def _connect(self) -> None:
        for choice in self._choices():
            choice.toggled.connect(self.on_source_toggled)
        for changed in (self.numbers.textChanged, self.file.changed, self.search.textChanged):
            changed.connect(self.on_changed)
        self._pause.timeout.connect(self.on_paused)

    def _choices(self) -> tuple[QRadioButton, ...]:
        return self.by_numbers, self.by_file, self.by_search

    @Slot(bool)
    def on_source_toggled(self, chosen: bool) -> None:
        """Another way of naming patients was chosen."""
        if chosen:
            self._sources.setCurrentIndex([one.isChecked() for one in self._choices()].index(True))
            self.on_changed()

    @Slot()
    def on_changed(self) -> None:
        """Something was typed or chosen: looked at in a moment; until then nothing can be made of it."""
        self._show_nothing()
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
        self._allow(bool(draft.patient_ids))

    def show_found(self, members: int, active: int) -> None:
        """How many the search finds."""
        self.found.setText(f"{size_words(members, active)}." if members else "Nobody was found.")
        self._allow(members > 0)

    def refuse(self, words: str) -> None:
        """It cannot be so."""
        super().refuse(words)

    def _show_nothing(self) -> None:
        self.found.clear()
        self.faults.hide()
        self.message.say(Tone.FAILED, "")
        self._allow(False)

    def _allow(self, allowed: bool) -> None:
        bar(self.ok_button, None if allowed else "Name at least one patient of this practice first.")


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
