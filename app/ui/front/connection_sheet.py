"""Testing the connection: what was found, line by line, each with its sign and in words."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.engine.connection import ConnectionReport, Remark, Verdict
from app.engine.long_work import Cancelled, Progress, WorkState
from app.ui.background import Ended
from app.ui.front.long_task import LongTask
from app.ui.front.sheet import Sheet
from app.ui.front.told import words_of
from app.ui.front.work_bar import WorkBar
from app.ui.glyph import Glyph, Shape
from app.ui.spoken import say_aloud
from app.ui.tones import Tone
from app.ui.widgets import button, frame, label, tidy

Look = Callable[[Progress], ConnectionReport]

ALL_GOOD = "The connection works."
NOT_GOOD = "The connection does not work yet."

_SIGNS = {
    Verdict.GOOD: (Shape.TICK, Tone.DONE),
    Verdict.NOTE: (Shape.INFORMATION, Tone.QUIET),
    Verdict.BAD: (Shape.CROSS, Tone.FAILED),
}


class ConnectionSheet(Sheet):
    """Looks at once. Signals: `settings_wanted()`; `failed(object)` with an unexpected error."""

    settings_wanted = Signal()
    failed = Signal(object)

    def __init__(self, look: Look, parent: QWidget | None) -> None:
        super().__init__("Connection to the Spine", parent, width=150, height=90)
        self._look = look
        self._task: LongTask | None = None
        self._leaving = False
        self.bar = WorkBar()
        self.verdict = label(role="value")
        self.remarks: list[str] = []
        self._list = frame("panel")
        self._lines = QVBoxLayout(self._list)
        tidy(self._lines, margin=4, spacing=3)
        self.again_button = button("&Test again")
        self.settings_button = button("&Settings…")
        self.close_button = button("Close", primary=True)
        self.default = self.back = self.close_button
        self.content.addWidget(self.verdict)
        self.content.addWidget(self.bar)
        self.content.addWidget(self._list)
        self.content.addStretch(1)
        self.add_buttons(self.again_button, self.settings_button, self.close_button)
        self.again_button.clicked.connect(self.on_again)
        self.settings_button.clicked.connect(self.on_settings)
        self.close_button.clicked.connect(self.on_close)
        self.on_again()

    @Slot()
    def on_again(self) -> None:
        """Look, or look again."""
        self._task = LongTask("connection", self._look, self)
        self._task.progressed.connect(self.on_progressed)
        self._task.ended.connect(self.on_ended)
        self.verdict.setText("Testing the connection…")
        self._list.setVisible(False)
        self.bar.setVisible(True)
        self.again_button.setEnabled(False)

    @Slot(object)
    def on_progressed(self, state: WorkState) -> None:
        """It is a little further."""
        self.bar.show_state(state)

    @Slot(object)
    def on_ended(self, ended: Ended) -> None:
        """Both services were asked."""
        self._task = None
        self.again_button.setEnabled(True)
        if self._leaving:
            self.dismiss()
        elif isinstance(ended.value, ConnectionReport):
            self._show(ended.value)
        elif words := words_of(ended.error):
            self._show(ConnectionReport([Remark(Verdict.BAD, words)]))
        elif ended.error is not None and not isinstance(ended.error, Cancelled):
            self.dismiss()
            self.failed.emit(ended.error)

    @Slot()
    def on_settings(self) -> None:
        """To the settings, where most of it is mended."""
        self.on_close()
        self.settings_wanted.emit()

    @Slot()
    def on_close(self) -> None:
        """Close; a look that is under way is given up, and nobody waits for it here."""
        self._leaving = True
        if self._task is not None:
            self._task.cancel()
            self.hide()
        else:
            self.dismiss()

    def wait(self, seconds: float) -> bool:
        """At the end of the program: wait for a look under way; whether it is over."""
        return self._task is None or self._task.wait(seconds)

    def _show(self, report: ConnectionReport) -> None:
        while (item := self._lines.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        self.remarks = [remark.words for remark in report.remarks]
        for remark in report.remarks:
            self._lines.addWidget(_line(remark))
        self.verdict.setText(ALL_GOOD if report.is_good else NOT_GOOD)
        self.verdict.setAccessibleDescription(" ".join(self.remarks))
        self.bar.setVisible(False)
        self._list.setVisible(True)
        say_aloud(self, " ".join((self.verdict.text(), *self.remarks)))
        (self.close_button if report.is_good else self.again_button).setFocus()


def _line(remark: Remark) -> QWidget:
    line = QWidget()
    row = QHBoxLayout(line)
    tidy(row, spacing=3)
    row.addWidget(Glyph(*_SIGNS[remark.verdict]), 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(label(remark.words, wraps=True), 1)
    return line
