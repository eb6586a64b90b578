"""The texts of the status bar: in one line where they fit, else in as many as they need."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from app.ui.flow import FlowLayout
from app.ui.widgets import label, steady_figures


class StatusLine(QWidget):
    """The first text at the left, the others after it, the last at the right."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._layout = FlowLayout(self, spacing=0)
        self._texts = tuple(label() for _ in range(number))
        for text in self._texts[:-1]:
            steady_figures(text)
            self._layout.addWidget(text)
        self._layout.keep_last(self._texts[-1])

    def show_texts(self, texts: Sequence[str]) -> None:
        """Show these, from left to right."""
        for one, shown in zip(self._texts, texts, strict=True):
            one.setText(shown)
        self._fit()

    def texts(self) -> tuple[str, ...]:
        """What is shown, from left to right."""
        return tuple(one.text() for one in self._texts)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """A status bar asks nobody how high they get when they are narrow."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        height = self._layout.heightForWidth(self.width())
        if height != self.minimumHeight():
            self.setFixedHeight(height)
