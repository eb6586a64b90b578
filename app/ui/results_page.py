"""The page after a run has ended: the five counters with their meanings, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.domain.actions import Action
from app.engine.worklists import WorklistCount
from app.ui.action_button import ActionButton
from app.ui.chart import Chart
from app.ui.chart_model import ChartModel
from app.ui.counters import Counters
from app.ui.page import Page
from app.ui.patients.joined import JoinedNotice
from app.ui.results_model import ResultsModel, steps_with
from app.ui.widgets import Notice, Sentences, button, frame, label, set_primary, tidy
from app.ui.worklists.notice import WorklistsNotice

_CALLED_FOR = (Action.RESUME, Action.FAILED)


class ResultsPage(Page):
    """Signals: `action_chosen(Action)`, `otherwise_wanted()`, `back_wanted()`."""

    topic = "results"

    action_chosen = Signal(Action)
    otherwise_wanted = Signal()
    back_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._model: ResultsModel | None = None
        self._standing: Sequence[WorklistCount] = ()
        self.heading = Notice()
        self.detail = label(role="secondary", wraps=True)
        self.counters = Counters(explains=True)
        self.worklists = WorklistsNotice()
        self.joined = JoinedNotice()
        self.foreseen = Notice()
        self.foreseen_button = button("View them")
        self.foreseen_button.clicked.connect(self.otherwise_wanted)
        self.foreseen.add(self.foreseen_button)
        self.steps = Sentences(bullets=True)
        self.chart = Chart()
        self.buttons = {action: ActionButton(action, large=False) for action in _CALLED_FOR}
        self.leave_button = button("&Back to the actions")
        self.leave_button.clicked.connect(self.back_wanted)
        self._default: QPushButton = self.leave_button
        self.content.addWidget(self.heading)
        self.content.addWidget(self.detail)
        self.content.addWidget(self.counters)
        self.content.addWidget(self.worklists)
        self.content.addWidget(self.joined)
        self.content.addWidget(self.foreseen)
        self.content.addWidget(self._next_box())
        self.content.addWidget(self.chart, 1)
        self.content.addStretch(1)
        for one in self.buttons.values():
            one.chosen.connect(self.action_chosen)
            self.footer.addWidget(one)
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
        self._model = model
        self._show_steps()
        self._show_chart(model.chart)
        self._default = self.leave_button
        shown = {one.action: one for one in model.actions}
        for action, one in self.buttons.items():
            one.setVisible(action in shown)
            if action in shown:
                one.show_model(shown[action])
                if shown[action].is_default:
                    self._default = one
        set_primary(self.leave_button, self._default is self.leave_button)

    @Slot(object)
    def show_standing(self, counts: Sequence[WorklistCount]) -> None:
        """How the worklists stand; without any that is not known."""
        self._standing = counts
        self.worklists.show_counts(counts)
        self._show_steps()

    def _show_steps(self) -> None:
        if self._model is not None:
            self.steps.show_sentences(steps_with(self._model, self._standing))

    def _show_chart(self, chart: ChartModel | None) -> None:
        """How it went, over all the room that is left; where that is not known the room stays empty."""
        is_shown = chart is not None and chart.is_a_course
        self.chart.setVisible(is_shown)
        self.content.setStretch(self.content.count() - 1, 0 if is_shown else 1)
        if chart is not None:
            self.chart.show_model(chart)

    def default_button(self) -> QPushButton | None:
        """Resume or Failed where that is what makes sense next, else the way back."""
        return self._default

    def back_button(self) -> QPushButton | None:
        """The way back."""
        return self.leave_button
