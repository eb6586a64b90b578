"""The page of two runs beside one another: the counters, and how patients' outcomes differ, with lists behind."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QGridLayout, QPushButton, QVBoxLayout, QWidget

from app.engine.history import Comparison, Difference
from app.engine.ports import RunView
from app.ui.fields import Choice, with_word
from app.ui.flow import FlowLayout
from app.ui.history.model import (
    DIFFERENCE_COLUMNS,
    NO_RUNS,
    ONE_RUN,
    comparison_words,
    counter_lines,
    run_choice,
)
from app.ui.history.room import MOST, held, look_back
from app.ui.page import Page
from app.ui.rows_view import RowsView
from app.ui.tones import Tone
from app.ui.widgets import STEP, Notice, bar, button, frame, label, steady_figures, tidy

_ROWS_SEEN = 5


class ComparePage(Page):
    """Signals: `runs_chosen(int, int)` with the ids of the two runs, `difference_wanted(object)` with a `Difference`,
    `back_wanted()`.
    """

    topic = "history"

    runs_chosen = Signal(int, int)
    difference_wanted = Signal(object)
    back_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = Choice(), Choice()
        self.message = Notice(Tone.QUIET)
        self.told = label(role="strong", wraps=True)
        self.differences = held(DIFFERENCE_COLUMNS, self)
        self.view = RowsView(self.differences, "differences", "Patients whose outcome differs")
        self.compared: Comparison | None = None
        self.open_button = button("Sho&w patients", primary=True)
        self.leave_button = button("&Back")
        self._lay_out()
        self._connect()
        self.show_runs(())

    def _lay_out(self) -> None:
        look_back(self.content)
        title = label("Two runs compared", "value")
        fields = QWidget()
        flow = FlowLayout(fields, spacing=3)
        for words, field in (("&First", self.first), ("Seco&nd", self.second)):
            field.setAccessibleName(words.replace("&", "") + " run")
            field.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            field.setMinimumContentsLength(32)
            flow.addWidget(with_word(words, field))
        self._fields = fields
        self._panel = frame("panel")
        inside = QVBoxLayout(self._panel)
        tidy(inside, margin=3)
        self._counters = QGridLayout()
        tidy(self._counters)
        self._counters.setHorizontalSpacing(8 * STEP)
        self._counters.setVerticalSpacing(STEP)
        inside.addLayout(self._counters)
        self.view.lay_out(DIFFERENCE_COLUMNS)
        self.view.setMinimumHeight((_ROWS_SEEN + 1) * self.view.verticalHeader().defaultSectionSize())
        for part in (title, fields, self.message, self._panel, self.told):
            self.content.addWidget(part)
        self.content.addWidget(self.view, MOST)
        self.content.addStretch(1)
        self.footer.addWidget(self.open_button)
        self.footer.addWidget(self.leave_button)

    def _connect(self) -> None:
        self.first.activated.connect(self.on_chosen)
        self.second.activated.connect(self.on_chosen)
        self.view.doubleClicked.connect(self.on_double_clicked)
        self.open_button.clicked.connect(self.on_open_clicked)
        self.leave_button.clicked.connect(self.back_wanted)

    def show_runs(self, runs: Sequence[RunView]) -> None:
        """Offer these runs, the two chosen that have begun last; they come newest first."""
        begun = [at for at, run in enumerate(runs) if run.started_at is not None]
        latest, before = begun[:2] if len(begun) > 1 else (0, 1)
        for field, at in ((self.first, before), (self.second, latest)):
            field.clear()
            for run in runs:
                field.addItem(run_choice(run), run.run_id)
            field.setCurrentIndex(min(at, len(runs) - 1))
        self._fields.setVisible(len(runs) > 1)
        self._show_nothing()
        self.message.say(Tone.QUIET, "" if len(runs) > 1 else ONE_RUN if runs else NO_RUNS)
        if len(runs) > 1:
            if self.leave_button.hasFocus():
                self.first.setFocus(Qt.FocusReason.OtherFocusReason)
            self.on_chosen()

    def show_comparison(self, compared: Comparison) -> None:
        """Show how the two chosen runs differ."""
        if (compared.first.run_id, compared.second.run_id) != self.chosen:
            return
        self.compared = compared
        self._show_counters(compared)
        self.told.setText(comparison_words(compared))
        self.differences.put(compared.differences)
        self.view.setVisible(bool(compared.differences))
        self.view.setAccessibleDescription(self.told.text())
        if compared.differences:
            self.view.choose(0)
        bar(self.open_button, None if compared.differences else "There is no difference to look behind.")

    def say(self, words: str) -> None:
        """Say why there is nothing to compare."""
        self._show_nothing()
        self.message.say(Tone.ATTENTION, words)

    @property
    def chosen(self) -> tuple[int, int]:
        """The ids of the two runs."""
        return self.first.currentData(), self.second.currentData()

    @property
    def difference(self) -> Difference | None:
        """The difference that is chosen."""
        row = self.view.currentIndex().row()
        return self.differences.row(row) if 0 <= row < self.differences.rowCount() else None

    @Slot()
    def on_chosen(self) -> None:
        """Other runs were chosen."""
        self._show_nothing()
        first, second = self.chosen
        if first == second:
            self.message.say(Tone.ATTENTION, "This is one run twice. Choose another one beside it.")
        else:
            self.runs_chosen.emit(first, second)

    @Slot()
    def on_open_clicked(self) -> None:
        """Look behind the chosen difference."""
        if self.difference is not None:
            self.difference_wanted.emit(self.difference)

    @Slot(QModelIndex)
    def on_double_clicked(self, index: QModelIndex) -> None:  # noqa: ARG002 - the signal's own
        """A difference was double-clicked."""
        self.on_open_clicked()

    def _show_nothing(self) -> None:
        self.compared = None
        self.message.say(Tone.QUIET, "")
        self.told.setText("")
        self.differences.put(())
        self._panel.hide()
        self.view.hide()
        bar(self.open_button, "There is no difference to look behind.")

    def _show_counters(self, compared: Comparison) -> None:
        while (gone := self._counters.takeAt(0)) is not None:
            widget = gone.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        headings = ("", f"Run {compared.first.run_id}", f"Run {compared.second.run_id}", "Change")
        lines = [(one.label, one.first, one.second, one.change) for one in counter_lines(compared)]
        for row, texts in enumerate((headings, *lines)):
            for column, text in enumerate(texts):
                cell = label(text, "help" if row == 0 else "")
                steady_figures(cell)
                side = Qt.AlignmentFlag.AlignRight if 0 < column < 3 else Qt.AlignmentFlag.AlignLeft
                self._counters.addWidget(cell, row, column, side)
        self._counters.setColumnStretch(len(headings), 1)
        self._panel.show()

    def default_button(self) -> QPushButton | None:
        """Show patients, where there is a difference."""
        return self.open_button if self.open_button.isEnabled() else self.leave_button

    def back_button(self) -> QPushButton | None:
        """Back."""
        return self.leave_button

    def first_focus(self) -> QWidget | None:
        """The first choice, or the way back where there is nothing to choose."""
        return self.first if self._fields.isVisibleTo(self) else self.leave_button
