"""The page of one run: its counters, its executions with who, where, when and why, and how one of them went."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QPushButton, QVBoxLayout, QWidget

from app.domain.states import RunStatus
from app.engine.history import CoursePoint, ExecutionView, RunHistory
from app.ui.chart import Chart
from app.ui.history.model import EXECUTION_COLUMNS, course_chart, execution_words, run_model
from app.ui.history.room import MOST, held, look_back
from app.ui.page import Page
from app.ui.rows_view import RowsView
from app.ui.tones import Tone
from app.ui.widgets import STEP, Notice, Sentences, bar, button, frame, label, steady_figures, tidy

_FACTS_IN_A_ROW = 5
_ROWS_SEEN = 4

_NO_RUN = "There is no run to be seen."
_NOBODY = "Nobody is in this run, so there is nothing to report."
_NOT_YET = "Nobody has worked on this run yet: it waits for its time."
_NEVER = "Nobody has worked on this run: it was scheduled and given up before it began."


class RunPage(Page):
    """Signals: `execution_chosen(int)` with the id of the execution whose course is to be read; `reports_wanted(int)`
    with the run's id; `back_wanted()`.
    """

    topic = "history"

    execution_chosen = Signal(int)
    reports_wanted = Signal(int)
    back_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.title = label(role="value", wraps=True)
        self.state = label(role="strong", wraps=True)
        self.message = Notice(Tone.ATTENTION)
        self.executions = held(EXECUTION_COLUMNS, self)
        self.view = RowsView(self.executions, "executions", "Executions")
        self.pauses = Sentences(bullets=True)
        self.course = label(role="strong", wraps=True)
        self.chart = Chart()
        self.reports_button = button("Reports of &this run…")
        self.leave_button = button("&Back", primary=True)
        self._run_id: int | None = None
        self._lay_out()
        self.reports_button.clicked.connect(self.on_reports_clicked)
        self.view.row_changed.connect(self.on_row_changed)
        self.leave_button.clicked.connect(self.back_wanted)

    def _lay_out(self) -> None:
        look_back(self.content)
        panel = frame("panel")
        inside = QVBoxLayout(panel)
        tidy(inside, margin=3)
        self._facts = QGridLayout()
        tidy(self._facts)
        self._facts.setHorizontalSpacing(6 * STEP)
        self._facts.setVerticalSpacing(2 * STEP)
        inside.addLayout(self._facts)
        self._panel = panel
        self.view.lay_out(EXECUTION_COLUMNS)
        for part in (self.title, self.state, self.message, panel, self.view, self.pauses, self.course):
            self.content.addWidget(part)
        self.chart.setMinimumHeight(46 * STEP)
        self.content.addWidget(self.chart, MOST)
        self.content.addStretch(1)
        self.footer.addWidget(self.reports_button)
        self.footer.addWidget(self.leave_button)

    def show_history(self, history: RunHistory) -> None:
        """Show this run with its latest execution chosen."""
        model, self._run_id = run_model(history), history.run.run_id
        bar(self.reports_button, None if history.run.counts.total else _NOBODY)
        self.message.say(Tone.ATTENTION, "")
        self.title.setText(model.title)
        self.state.setText(model.state)
        self._show_facts(model.facts)
        self.pauses.show_sentences(model.pauses)
        self.pauses.setVisible(bool(model.pauses))
        self._show_parts(bool(history.executions))
        self.executions.put(history.executions)
        rows = min(len(history.executions), _ROWS_SEEN)
        # Below the rows stands the bar that scrolls to the columns on the right.
        self.view.setFixedHeight((rows + 2) * self.view.verticalHeader().defaultSectionSize())
        if history.executions:
            self.view.choose(len(history.executions) - 1)
            if self.leave_button.hasFocus():
                self.view.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            waits = history.run.status is RunStatus.SCHEDULED
            self.message.say(Tone.QUIET, _NOT_YET if waits else _NEVER)

    def say(self, words: str) -> None:
        """Say why there is no run to be seen."""
        for one in (self.title, self.state):
            one.setText("")
        self._run_id = None
        bar(self.reports_button, _NO_RUN)
        self._show_facts(())
        self.executions.put(())
        self.pauses.show_sentences(())
        self._show_parts(False)
        self.message.say(Tone.ATTENTION, words)

    def show_course(self, execution_id: int, points: Sequence[CoursePoint]) -> None:
        """Draw how an execution went, where it is still the chosen one."""
        if self.chosen is not None and self.chosen.execution_id == execution_id:
            self.chart.show_model(course_chart(points))

    @Slot()
    def on_reports_clicked(self) -> None:
        """Its lists of patients are wanted."""
        if self._run_id is not None:
            self.reports_wanted.emit(self._run_id)

    @property
    def chosen(self) -> ExecutionView | None:
        """The execution that is chosen."""
        row = self.view.currentIndex().row()
        return self.executions.row(row) if 0 <= row < self.executions.rowCount() else None

    @Slot()
    def on_row_changed(self) -> None:
        """Another execution is chosen: its words at once, its picture once that is read."""
        chosen = self.chosen
        self.course.setText(execution_words(chosen) if chosen is not None else "")
        self.chart.show_model(course_chart(()))
        if chosen is not None:
            self.execution_chosen.emit(chosen.execution_id)

    def _show_parts(self, shown: bool) -> None:
        for part in (self.view, self.course, self.chart):
            part.setVisible(shown)

    def _show_facts(self, facts: Sequence[tuple[str, str]]) -> None:
        while (gone := self._facts.takeAt(0)) is not None:
            widget = gone.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for at, (word, value) in enumerate(facts):
            self._facts.addWidget(_fact(word, value), at // _FACTS_IN_A_ROW, at % _FACTS_IN_A_ROW)
        self._panel.setVisible(bool(facts))

    def back_button(self) -> QPushButton | None:
        """Back."""
        return self.leave_button

    def default_button(self) -> QPushButton | None:
        """Back: there is nothing else to do here."""
        return self.leave_button

    def first_focus(self) -> QWidget | None:
        """The executions; the way back until they are there."""
        return self.view if self.view.isVisibleTo(self) else self.leave_button


def _fact(word: str, value: str) -> QWidget:
    cell = QWidget()
    lines = QVBoxLayout(cell)
    tidy(lines)
    number = label(value, wraps=True)
    steady_figures(number)
    lines.addWidget(label(word, "help", wraps=True))
    lines.addWidget(number)
    return cell
