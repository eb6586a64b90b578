"""The log in a window of its own: its end as it grows, filtered by level and text, to be saved. It names no patient."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt, QTimer, Slot
from PySide6.QtGui import QCloseEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPlainTextEdit,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.ui.fields import FIELD_HEIGHT, Choice
from app.ui.formatting import count
from app.ui.front.log_model import LogFilter, log_table
from app.ui.front.log_tail import LEVELS, LogTail
from app.ui.rows_view import show_whole_rows
from app.ui.tones import Tone
from app.ui.widgets import STEP, Notice, button, label, let_clear, tidy

SAVED_NAME = "scr-bulk-log.txt"

_LOOK_MS = 1000
_SEVERITIES = (("Everything", 0), ("Warnings and errors", LEVELS.index("WARNING")), ("Errors", LEVELS.index("ERROR")))


class LogWindow(QWidget):
    """Looks at the log file once a second while it is shown."""

    def __init__(self, file: Path, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle("Log")
        self._tail = LogTail(file)
        self._model = log_table(self)
        self.entries = LogFilter(self._model)
        self._chooser: QFileDialog | None = None
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self.on_look)
        self.level = Choice()
        for words, severity in _SEVERITIES:
            self.level.addItem(words, severity)
        self.text = QLineEdit()
        let_clear(self.text)
        self.text.setPlaceholderText("Text to look for")
        self.table = QTableView()
        self.detail = QPlainTextEdit()
        self.number = label(role="help")
        self.note = Notice(Tone.DONE, speaks=True)
        self.save_button = button("&Save as…")
        self.close_button = button("Close", primary=True)
        self._set_up_table()
        self._lay_out()
        self.level.currentIndexChanged.connect(self.on_level_changed)
        self.text.textChanged.connect(self.on_text_changed)
        self.save_button.clicked.connect(self.on_save_wanted)
        self.close_button.clicked.connect(self.close)
        self.table.selectionModel().currentRowChanged.connect(self.on_row_changed)

    def _set_up_table(self) -> None:
        table = self.table
        table.setModel(self.entries)
        table.setAccessibleName("Log entries")
        table.setObjectName("log")
        show_whole_rows(table)
        header = table.horizontalHeader()
        for column, width in enumerate((38, 22, 100, 40)):
            table.setColumnWidth(column, width * STEP)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        self.detail.setReadOnly(True)
        self.detail.setTabChangesFocus(True)
        self.detail.setAccessibleName("The chosen entry")
        self.detail.setPlaceholderText("Choose an entry to read all of it.")
        self.detail.setMaximumHeight(24 * STEP)

    def _lay_out(self) -> None:
        filters = QHBoxLayout()
        tidy(filters, spacing=2)
        for words, field in (("S&how", self.level), ("&Find", self.text)):
            caption = label(words)
            caption.setBuddy(field)
            field.setAccessibleName(words.replace("&", ""))
            field.setMinimumHeight(FIELD_HEIGHT)
            filters.addWidget(caption)
            filters.addWidget(field, 1 if field is self.text else 0)
        buttons = QHBoxLayout()
        tidy(buttons, spacing=2)
        buttons.addWidget(self.number, 1)
        buttons.addWidget(self.save_button)
        buttons.addWidget(self.close_button)
        layout = QVBoxLayout(self)
        tidy(layout, margin=4, spacing=3)
        layout.addLayout(filters)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.detail)
        layout.addWidget(self.note)
        layout.addLayout(buttons)
        self.resize(230 * STEP, 150 * STEP)

    # --- what staff do ------------------------------------------------------------------------------------------

    @Slot(int)
    def on_level_changed(self, at: int) -> None:
        """Another level was chosen."""
        self.entries.set_severity(self.level.itemData(at))
        self._count()

    @Slot(str)
    def on_text_changed(self, text: str) -> None:
        """Another text is looked for."""
        self.entries.set_text(text)
        self._count()

    @Slot(QModelIndex, QModelIndex)
    def on_row_changed(self, current: QModelIndex, before: QModelIndex) -> None:  # noqa: ARG002 - Qt's signature
        """Another entry was chosen: show all of it."""
        if not current.isValid():
            self.detail.clear()
            return
        entry = self._model.row(self.entries.mapToSource(current).row())
        self.detail.setPlainText("\n".join((entry.message, *entry.error)))

    @Slot()
    def on_save_wanted(self) -> None:
        """Ask where to."""
        self._chooser = QFileDialog(self, "Save log", SAVED_NAME, "Text (*.txt)")
        self._chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        self._chooser.fileSelected.connect(self.save_to)
        self._chooser.open()

    @Slot(str)
    def save_to(self, path: str) -> None:
        """Write what is shown there, and say whether that worked."""
        shown = self.entries.shown()
        try:
            Path(path).write_text("".join(f"{entry.text}\n" for entry in shown), encoding="utf-8")
        except OSError:
            self.note.say(Tone.FAILED, "The log could not be written there. Choose another folder.")
        else:
            self.note.say(Tone.DONE, f"Saved {_entries(len(shown))} as {path}.")

    # --- what happens by itself ---------------------------------------------------------------------------------

    @Slot()
    def on_look(self) -> None:
        """Show what is new; whoever stands at the end stays there."""
        bar = self.table.verticalScrollBar()
        is_at_end = bar.value() >= bar.maximum()
        self._model.add(self._tail.read())
        self._count()
        if is_at_end:
            self.table.scrollToBottom()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Begin to look."""
        super().showEvent(event)
        self.on_look()
        self._timer.start()
        self.text.setFocus()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Nobody looks any more."""
        self._timer.stop()
        super().closeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Escape closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def _count(self) -> None:
        shown, held = self.entries.rowCount(), self._model.rowCount()
        if not held:
            self.number.setText(f"There is no log yet in {self._tail.path.parent}.")
        else:
            self.number.setText(_entries(held) if shown == held else f"{count(shown)} of {_entries(held)}")


def _entries(number: int) -> str:
    return f"{count(number)} entr{'y' if number == 1 else 'ies'}"
