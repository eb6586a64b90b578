"""How far long work is: what is being done in words, and a bar that moves also where the length is not known."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPalette
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.engine.long_work import WorkState
from app.ui.formatting import count, percent
from app.ui.meter import Meter
from app.ui.running_model import BarLook
from app.ui.widgets import label, steady_figures, tidy

_BLOCK = 0.25
_ROUND = 16
"""In so many looks the block of a bar without a length crosses it."""


class WorkBar(QWidget):
    """Shows a `WorkState`."""

    def __init__(self) -> None:
        super().__init__()
        self.doing = label(wraps=True)
        self.numbers = label(role="secondary")
        steady_figures(self.numbers)
        self.bar = _Bar()
        layout = QVBoxLayout(self)
        tidy(layout, spacing=2)
        layout.addWidget(self.doing)
        layout.addWidget(self.bar)
        layout.addWidget(self.numbers)
        self.show_state(WorkState("Getting ready"))

    def show_state(self, state: WorkState) -> None:
        """Show where the work stands."""
        if state.doing:
            self.doing.setText(f"{state.doing}…")
        self.numbers.setText(_numbers(state))
        self.bar.show_state(state)
        self.bar.setAccessibleName(state.doing or self.doing.text())
        self.bar.setAccessibleDescription(self.numbers.text() or "It goes on; how long it takes is not known.")

    def show_words(self, words: str) -> None:
        """Say something else for the moment, such as that the work is being given up."""
        self.doing.setText(words)


def _numbers(state: WorkState) -> str:
    if state.total > 0:
        return f"{percent(min(state.done, state.total), state.total)} %"
    return count(state.done) if state.done else ""


class _Bar(Meter):
    def __init__(self) -> None:
        super().__init__()
        self._looks = 0
        self._has_length = False

    def show_state(self, state: WorkState) -> None:
        """Show so much of so much, or that it goes on."""
        self._looks += 1
        self._has_length = state.total > 0
        self.show_progress(min(state.done, state.total), state.total, BarLook.BUSY)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the bar; without a length a block that wanders along it."""
        super().paintEvent(event)
        if self._has_length:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        track = QPainterPath()
        track.addRoundedRect(QRectF(self.rect()), 4, 4)
        painter.setClipPath(track)
        width = self.width() * _BLOCK
        left = (self._looks % _ROUND) / _ROUND * (self.width() + width) - width
        painter.fillRect(QRectF(left, 0, width, self.height()), self.palette().color(QPalette.ColorRole.Highlight))
        painter.end()
