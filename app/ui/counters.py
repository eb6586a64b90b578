"""The five counters in a row: word, number, and on the results page what the number means. Each can be pressed."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout

from app.domain.outcomes import ItemState
from app.engine.rows import Counts
from app.ui.counter_words import COUNTER_WORDS, number_of
from app.ui.formatting import count
from app.ui.tones import Tone
from app.ui.widgets import STEP, frame, label, set_look, set_tone, steady_figures, tidy

_WIDEST = "000,000"
_WHAT_A_PRESS_DOES = "Press to see these patients."
_TONES = {
    ItemState.SENT: Tone.DONE,
    ItemState.SENDING: Tone.ACCENT,
    ItemState.FAILED: Tone.FAILED,
}


class _Counter(QPushButton):
    """One counter. Its marker is coloured only while there is something to count. Signals: `chosen(ItemState)`."""

    chosen = Signal(ItemState)

    def __init__(self, state: ItemState, *, explains: bool) -> None:
        super().__init__()
        self.setProperty("role", "counter")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(self.on_clicked)
        self._state = state
        words = COUNTER_WORDS[state]
        self._tone = _TONES.get(state, Tone.QUIET)
        self._words = words
        self._marker = frame("marker")
        self._marker.setFixedHeight(STEP - 1)
        self._word = label(words.label, "secondary")
        self._number = label(count(0), "number")
        self._view = label("View" if explains else "", "link")
        self._view.setAlignment(Qt.AlignmentFlag.AlignRight)
        for one in (self._word, self._number):
            one.setAlignment(Qt.AlignmentFlag.AlignRight)
        steady_figures(self._number)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._inside = layout = QVBoxLayout(self)
        tidy(layout)
        layout.addWidget(self._marker)
        inner = QVBoxLayout()
        tidy(inner, margin=3, spacing=1)
        inner.addWidget(self._word)
        inner.addWidget(self._number)
        if explains:
            inner.addSpacing(STEP)
            inner.addWidget(_meaning(words.meaning))
        inner.addStretch(1)
        if explains:
            inner.addWidget(self._view)
        layout.addLayout(inner)
        self.show_number(0)

    def show_number(self, number: int) -> None:
        """Show the number, in its place."""
        self._number.setText(count(number))
        self._number.setMinimumWidth(self._number.fontMetrics().horizontalAdvance(_WIDEST))
        set_tone(self._marker, self._tone if number else Tone.PLAIN)
        self._view.setVisible(bool(number and self._view.text()))
        self.setAccessibleName(f"{self._words.label}: {count(number)}")
        self.setAccessibleDescription(f"{self._words.meaning} {_WHAT_A_PRESS_DOES}")
        self.setToolTip(f"{self._words.meaning} {_WHAT_A_PRESS_DOES}")

    @Slot()
    def on_clicked(self) -> None:
        """Tell which counter it was."""
        self.chosen.emit(self._state)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """The size of what stands in it; a button of Qt's own knows only its text."""
        return self._inside.totalSizeHint()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """The least size of what stands in it."""
        return self._inside.totalMinimumSize()

    @property
    def number_label(self) -> QLabel:
        """The label that shows the number."""
        return self._number


def _meaning(words: str) -> QLabel:
    made = label(words, "help", wraps=True)
    made.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
    return made


class Counters(QFrame):
    """All five, of one width. With `explains`, the meanings stand below the numbers. Signals: `chosen(ItemState)`."""

    chosen = Signal(ItemState)

    def __init__(self, *, explains: bool = False) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self._counters = {state: _Counter(state, explains=explains) for state in COUNTER_WORDS}
        self._columns = 0
        self._grid = QGridLayout(self)
        tidy(self._grid)
        self._grid.setContentsMargins(1, 1, 1, 1)
        for counter in self._counters.values():
            counter.chosen.connect(self.chosen)
        self._arrange(len(self._counters))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As narrow as two of them: where there is no room for all in one line they take more."""
        return QSize(2 * self._widest(), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """As many in a line as there is room for: all five, or three and two, or two at a time."""
        super().resizeEvent(event)
        fitting = self.width() // max(1, self._widest())
        self._arrange(next((columns for columns in (5, 3) if columns <= fitting), 2))

    def _widest(self) -> int:
        return max(counter.minimumSizeHint().width() for counter in self._counters.values()) + 1

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for counter in self._counters.values():
            self._grid.removeWidget(counter)
        for at, counter in enumerate(self._counters.values()):
            self._grid.addWidget(counter, at // columns, at % columns)
            set_look(counter, "first", "true" if at % columns == 0 else "false")
        for column in range(len(self._counters)):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)

    def show_counts(self, counts: Counts) -> None:
        """Show these numbers."""
        for state, counter in self._counters.items():
            counter.show_number(number_of(counts, state))

    def text_of(self, state: ItemState) -> str:
        """The number of one counter as it is shown."""
        return self._counters[state].number_label.text()

    def button_of(self, state: ItemState) -> QPushButton:
        """What is pressed to see one counter's patients."""
        return self._counters[state]
