"""The dialog for an error nobody expected: what it means for the user, and a report to save that names no patient."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from app.ui.tones import Tone
from app.ui.widgets import Notice, button, label, tidy, widen

REPORT_NAME = "scr-bulk-report.txt"


class ErrorDialog(QDialog):
    """Shows a report that has been freed of names and numbers before it came here."""

    def __init__(self, report: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Something unexpected happened")
        self._report = report
        self._chooser: QFileDialog | None = None
        self.saved = Notice(Tone.DONE, speaks=True)
        self.save_button = button("&Save report…")
        self.close_button = button("Close", primary=True)
        self.close_button.setDefault(True)
        self.save_button.clicked.connect(self.on_save_wanted)
        self.close_button.clicked.connect(self.accept)
        layout = QVBoxLayout(self)
        tidy(layout, margin=5, spacing=4)
        layout.addWidget(label("The program met an error it did not expect.", "value"))
        layout.addWidget(
            label(
                "Nothing that was sent or recorded is lost, and a run that was under way can be resumed. "
                "Save the report and give it to whoever looks after this program; it holds no patient's details.",
                wraps=True,
            )
        )
        layout.addWidget(self._details(), 1)
        layout.addWidget(self.saved)
        buttons = QHBoxLayout()
        tidy(buttons, spacing=2)
        buttons.addStretch(1)
        buttons.addWidget(self.save_button)
        buttons.addWidget(self.close_button)
        layout.addLayout(buttons)
        widen(layout, 130)

    def _details(self) -> QPlainTextEdit:
        details = QPlainTextEdit(self._report)
        details.setReadOnly(True)
        details.setTabChangesFocus(True)
        details.setAccessibleName("Report")
        return details

    @Slot()
    def on_save_wanted(self) -> None:
        """Ask where to."""
        self._chooser = QFileDialog(self, "Save report", REPORT_NAME, "Text (*.txt)")
        self._chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        self._chooser.fileSelected.connect(self.save_to)
        self._chooser.open()

    @Slot(str)
    def save_to(self, path: str) -> None:
        """Write the report there, and say whether that worked."""
        try:
            Path(path).write_text(self._report, encoding="utf-8")
        except OSError:
            self.saved.say(Tone.FAILED, "The report could not be written there. Choose another folder.")
        else:
            self.saved.say(Tone.DONE, f"Saved as {path}.")
