"""The page after a run has ended: the five counters with their meanings, and what to do next."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.ui.counters import Counters
from app.ui.page import Page
from app.ui.results_model import ResultsModel
from app.ui.widgets import Notice, Sentences, button, frame, label, set_primary, tidy


class ResultsPage(Page):
    """Signals: `failed_wanted()`, `back_wanted()`."""

    failed_wanted = Signal()
    back_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.heading = Notice()
        self.detail = label(role="secondary", wraps=True)
        self.counters = Counters(explains=True)
        self.steps = Sentences(bullets=True)
        self.failed_button = button("&Failed")
        self.leave_button = button("&Back to the actions")
        self.failed_button.clicked.connect(self.failed_wanted)
        self.leave_button.clicked.connect(self.back_wanted)
        self._suggests_failed = False
        self.content.addWidget(self.heading)
        self.content.addWidget(self.detail)
        self.content.addWidget(self.counters)
        self.content.addWidget(self._next_box())
        self.content.addStretch(1)
        self.footer.addWidget(self.failed_button)
        self.footer.addWidget(self.leave_button)

    def _next_box(self) -> QWidget:
        box = frame("quiet")
        layout = QVBoxLayout(box)
        tidy(layout, margin=4, spacing=2)
        layout.addWidget(label("What to do next", "strong"))
        layout.addWidget(self.steps)
        return box

    def show_model(self, model: ResultsModel) -> None:
        """Show these results."""
        self.heading.say(model.tone, model.heading)
        self.detail.setText(model.detail)
        self.counters.show_counts(model.counts)
        self.steps.show_sentences(model.next_steps)
        self._suggests_failed = model.suggests_failed
        self.failed_button.setVisible(model.suggests_failed)
        set_primary(self.failed_button, model.suggests_failed)
        set_primary(self.leave_button, not model.suggests_failed)

    def default_button(self) -> QPushButton | None:
        """Failed where somebody failed, else the way back."""
        return self.failed_button if self._suggests_failed else self.leave_button

    def back_button(self) -> QPushButton | None:
        """The way back."""
        return self.leave_button
