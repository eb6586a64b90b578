"""The page of a run under way, or paused: how far, how fast, the five counters, and the buttons that end it or go on.

Shows a `RunningModel`; which buttons there are follows from its stage alone.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.ui.chart import Chart
from app.ui.counters import Counters
from app.ui.flow import FlowLayout
from app.ui.meter import Meter
from app.ui.night_line import NightLine
from app.ui.page import Page
from app.ui.running_model import MAY_STOP, RunningModel, Stage
from app.ui.widgets import Notice, bar, button, label, steady_figures, tidy
from app.ui.worklists.notice import WorklistsNotice

_WIDEST = "0:00:00"


class _Fact(QWidget):
    """A small figure under its word."""

    def __init__(self, word: str) -> None:
        super().__init__()
        self._word = word
        self._value = label(role="value")
        steady_figures(self._value)
        layout = QVBoxLayout(self)
        tidy(layout, spacing=1)
        layout.addWidget(label(word, "help"))
        layout.addWidget(self._value)

    def show_value(self, value: str) -> None:
        self._value.setText(value)
        # Nothing beside it moves when a digit is added.
        self._value.setMinimumWidth(self._value.fontMetrics().horizontalAdvance(_WIDEST))
        self.setAccessibleName(f"{self._word}: {value}")


class RunningPage(Page):
    """Signals: `stop_wanted()`, `stop_and_close_wanted()`, `resume_wanted()`, `back_wanted()`."""

    topic = "running"

    stop_wanted = Signal()
    stop_and_close_wanted = Signal()
    resume_wanted = Signal()
    back_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.note = Notice()
        self.worklists = WorklistsNotice()
        self.headline = label(role="value")
        self.left = label(role="lead")
        self.percent = label(role="value")
        self.meter = Meter()
        self.meter.setAccessibleName("Patients checked")
        self.counters = Counters()
        self.night = NightLine()
        self.chart = Chart()
        self._average = _Fact("Average time per patient")
        self._patient_rate = _Fact("Patients per second")
        self._request_rate = _Fact("Requests per second")
        self._elapsed = _Fact("Elapsed")
        self.stop_button = button("S&top")
        self.stop_and_close_button = button("Stop a&nd Close")
        self.resume_button = button("Re&sume", primary=True)
        self.leave_button = button("&Back to the actions")
        self.stop_button.clicked.connect(self.stop_wanted)
        self.stop_and_close_button.clicked.connect(self.stop_and_close_wanted)
        self.resume_button.clicked.connect(self.resume_wanted)
        self.leave_button.clicked.connect(self.back_wanted)
        self._stage = Stage.LIVE
        self._lay_out()

    def _lay_out(self) -> None:
        for text in (self.headline, self.left, self.percent):
            steady_figures(text)
        self.content.addWidget(self.note)
        self.content.addWidget(self.worklists)
        self.content.addWidget(_ends(self.headline, self.left))
        bar = QHBoxLayout()
        tidy(bar, spacing=3)
        bar.addWidget(self.meter, 1)
        bar.addWidget(self.percent)
        self.percent.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.content.addLayout(bar)
        facts = QWidget()
        flow = FlowLayout(facts, spacing=8)
        for fact in (self._average, self._patient_rate, self._request_rate, self._elapsed):
            flow.addWidget(fact)
        self.content.addWidget(facts)
        self.content.addWidget(self.counters)
        self.content.addWidget(self.night)
        self.content.addWidget(self.chart, 1)
        for one in (self.resume_button, self.leave_button, self.stop_button, self.stop_and_close_button):
            self.footer.addWidget(one)

    def show_model(self, model: RunningModel) -> None:
        """Show this moment of the run."""
        self.headline.setText(model.headline)
        self.left.setText(model.left)
        self.percent.setText(model.percent)
        self.percent.setMinimumWidth(self.percent.fontMetrics().horizontalAdvance("100 %"))
        self.meter.show_progress(model.done, model.total, model.bar)
        self.meter.setAccessibleDescription(model.headline)
        self._average.show_value(model.average)
        self._patient_rate.show_value(model.patient_rate)
        self._request_rate.show_value(model.request_rate)
        self._elapsed.show_value(model.elapsed)
        self.counters.show_counts(model.counts)
        self.night.show_model(model.night)
        self.chart.show_model(model.chart)
        if model.note is None:
            self.note.hide()
        else:
            self.note.say(model.note.tone, model.note.text)
        bar(self.resume_button, model.why_no_resume)
        self.worklists.want(model.stage is Stage.PAUSED)
        self._show_stage(model.stage)

    def _show_stage(self, stage: Stage) -> None:
        is_new, self._stage = stage is not self._stage, stage
        if stage is Stage.STOPPING and (self.stop_button.hasFocus() or self.stop_and_close_button.hasFocus()):
            # Else the keyboard would go to whatever comes next, and a second Enter would press that.
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        for one in (self.resume_button, self.leave_button):
            one.setVisible(stage is Stage.PAUSED)
        for one in (self.stop_button, self.stop_and_close_button):
            one.setVisible(stage in {Stage.LIVE, Stage.STOPPING, Stage.SILENT})
            bar(one, None if stage in MAY_STOP else "It is stopping already.")
        if is_new and self.isVisible() and (focus := self.default_button()) is not None:
            focus.setFocus(Qt.FocusReason.OtherFocusReason)

    def default_button(self) -> QPushButton | None:
        """Resume while paused; nothing while it runs, so that a stray Enter stops nobody."""
        return self.resume_button if self._stage is Stage.PAUSED else None

    def back_button(self) -> QPushButton | None:
        """Back, while paused."""
        return self.leave_button if self._stage is Stage.PAUSED else None

    def first_focus(self) -> QWidget | None:
        """Resume while paused, else Stop."""
        return self.default_button() or self.stop_button


def _ends(left: QLabel, right: QLabel) -> QWidget:
    row = QWidget()
    flow = FlowLayout(row, spacing=4)
    flow.addWidget(left)
    flow.keep_last(right)
    return row
