"""The five counters in a row: word, number, and on the results page what the number means."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.domain.outcomes import ItemState
from app.engine.rows import Counts
from app.ui.formatting import count
from app.ui.results_model import COUNTER_WORDS, number_of
from app.ui.tones import Tone
from app.ui.widgets import STEP, frame, label, set_tone, steady_figures, tidy

_WIDEST = "000,000"
_TONES = {
    ItemState.SENT: Tone.DONE,
    ItemState.SENDING: Tone.ACCENT,
    ItemState.FAILED: Tone.FAILED,
}


class _Counter(QWidget):
    """One counter. Its marker is coloured only while there is something to count."""

    def __init__(self, state: ItemState, *, explains: bool) -> None:
        super().__init__()
        words = COUNTER_WORDS[state]
        self._tone = _TONES.get(state, Tone.QUIET)
        self._words = words
        self._marker = frame("marker")
        self._marker.setFixedHeight(STEP - 1)
        self._word = label(words.label, "secondary")
        self._number = label(count(0), "number")
        for one in (self._word, self._number):
            one.setAlignment(Qt.AlignmentFlag.AlignRight)
        steady_figures(self._number)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        layout = QVBoxLayout(self)
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
        layout.addLayout(inner)
        self.show_number(0)

    def show_number(self, number: int) -> None:
        """Show the number, in its place."""
        self._number.setText(count(number))
        self._number.setMinimumWidth(self._number.fontMetrics().horizontalAdvance(_WIDEST))
        set_tone(self._marker, self._tone if number else Tone.PLAIN)
        self.setAccessibleName(f"{self._words.label}: {count(number)}")
        self.setAccessibleDescription(self._words.meaning)
        self.setToolTip(self._words.meaning)

    @property
    def number_label(self) -> QLabel:
        """The label that shows the number."""
        return self._number


def _meaning(words: str) -> QLabel:
    made = label(words, "help", wraps=True)
    made.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
    return made


class Counters(QFrame):
    """All five, of one width. With `explains`, the meanings stand below the numbers."""

    def __init__(self, *, explains: bool = False) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self._counters = {state: _Counter(state, explains=explains) for state in COUNTER_WORDS}
        layout = QHBoxLayout(self)
        tidy(layout)
        layout.setContentsMargins(1, 1, 1, 1)
        for at, counter in enumerate(self._counters.values()):
            if at:
                line = frame("rule")
                line.setFixedWidth(1)
                layout.addWidget(line)
            layout.addWidget(counter, 1)

    def show_counts(self, counts: Counts) -> None:
        """Show these numbers."""
        for state, counter in self._counters.items():
            counter.show_number(number_of(counts, state))

    def text_of(self, state: ItemState) -> str:
        """The number of one counter as it is shown."""
        return self._counters[state].number_label.text()
