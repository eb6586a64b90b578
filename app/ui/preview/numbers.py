"""The numbers of a preview, one a line: how many, of what, and the way to these patients."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton

from app.engine.preview_words import MOST_LINES
from app.ui.preview.model import NumberLine
from app.ui.widgets import STEP, button, label, steady_figures, tidy


class NumberLines(QFrame):
    """Signals: `chosen(str)` with the key of the list behind a number."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self._lines: list[tuple[QLabel, QLabel, QPushButton]] = []
        self._keys: dict[QPushButton, str] = {}
        self._grid = QGridLayout(self)
        tidy(self._grid, margin=3)
        self._grid.setHorizontalSpacing(3 * STEP)
        self._grid.setVerticalSpacing(STEP)
        self._grid.setColumnStretch(1, 1)
        # Made beforehand: the Tab key goes by the order in which they came.
        for _ in range(MOST_LINES):
            self._add()

    def show_numbers(self, numbers: Sequence[NumberLine]) -> None:
        """Show these instead of those before."""
        for at, (number, words, view) in enumerate(self._lines):
            is_used = at < len(numbers)
            for one in (number, words, view):
                one.setVisible(is_used)
            if is_used:
                self._fill(numbers[at], number, words, view)

    def _add(self) -> None:
        number, words, view = label(role="value"), label(wraps=True), button("View")
        number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        steady_figures(number)
        view.clicked.connect(self.on_clicked)
        for column, one in enumerate((number, words, view)):
            self._grid.addWidget(one, len(self._lines), column)
        self._lines.append((number, words, view))

    def _fill(self, line: NumberLine, number: QLabel, words: QLabel, view: QPushButton) -> None:
        number.setText(line.text)
        words.setText(line.words)
        view.setVisible(bool(line.number))
        view.setAccessibleName(f"View {line.text}: {line.words}")
        view.setAccessibleDescription("Shows these patients.")
        self._keys[view] = line.key

    @Slot()
    def on_clicked(self) -> None:
        """Tell which list is wanted."""
        sender = self.sender()
        if isinstance(sender, QPushButton) and sender in self._keys:
            self.chosen.emit(self._keys[sender])

    def button_of(self, key: str) -> QPushButton:
        """What leads to the patients of a list."""
        return next(view for view, one in self._keys.items() if one == key and view.isVisibleTo(self))

    def texts(self) -> list[tuple[str, str]]:
        """What is shown: number and words."""
        return [(number.text(), words.text()) for number, words, _ in self._lines if words.isVisibleTo(self)]
