"""The page of all runs, newest first."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QPushButton, QWidget

from app.engine.ports import RunView
from app.ui.history.model import NO_RUNS, RUN_COLUMNS
from app.ui.history.room import MOST, held, look_back
from app.ui.page import Page
from app.ui.rows_view import RowsView
from app.ui.tones import Tone
from app.ui.widgets import Notice, bar, button, label


class RunsPage(Page):
    """Signals: `run_wanted(int)` with a run's id, `earlier_wanted(int)` with the id before which more are to be read,
    `refresh_wanted()`, `compare_wanted()`, `back_wanted()`.
    """

    topic = "history"

    run_wanted = Signal(int)
    earlier_wanted = Signal(int)
    refresh_wanted = Signal()
    compare_wanted = Signal()
    back_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.runs = held(RUN_COLUMNS, self)
        self.view = RowsView(self.runs, "runs", "Runs")
        self.message = Notice(Tone.QUIET)
        self.open_button = button("Op&en run", primary=True)
        self.earlier_button = button("Ear&lier runs")
        self.compare_button = button("Compare t&wo…")
        self.refresh_button = button("&Refresh")
        self.leave_button = button("&Back")
        self._lay_out()
        self._connect()
        self.show_runs((), more=False)

    def _lay_out(self) -> None:
        look_back(self.content)
        meaning = "Every run with what became of its patients. Open one to see who worked on it, when, and how it went."
        for part in (label("Runs", "value"), label(meaning, "secondary", wraps=True), self.message):
            self.content.addWidget(part)
        self.content.addWidget(self.view, MOST)
        self.content.addStretch(1)
        for pressed in (
            self.refresh_button,
            self.earlier_button,
            self.compare_button,
            self.open_button,
            self.leave_button,
        ):
            self.footer.addWidget(pressed)
        self.refresh_button.setToolTip("Read the list anew (F5).")
        self.view.lay_out(RUN_COLUMNS)

    def _connect(self) -> None:
        self.open_button.clicked.connect(self.on_open_clicked)
        self.earlier_button.clicked.connect(self.on_earlier_clicked)
        self.compare_button.clicked.connect(self.compare_wanted)
        self.refresh_button.clicked.connect(self.refresh_wanted)
        self.leave_button.clicked.connect(self.back_wanted)
        self.view.doubleClicked.connect(self.on_double_clicked)
        QShortcut(QKeySequence(Qt.Key.Key_F5), self).activated.connect(self.refresh_wanted)

    def show_runs(self, runs: Sequence[RunView], *, more: bool) -> None:
        """Show these runs; with `more` there are earlier ones. The chosen one stays chosen."""
        chosen = self.chosen
        self.runs.put(runs)
        self.message.say(Tone.QUIET, "" if runs else NO_RUNS)
        self.view.setVisible(bool(runs))
        ids = [run.run_id for run in runs]
        if runs:
            self.view.choose(ids.index(chosen.run_id) if chosen is not None and chosen.run_id in ids else 0)
        if runs and self.leave_button.hasFocus():
            self.view.setFocus(Qt.FocusReason.OtherFocusReason)
        bar(self.open_button, None if runs else "There is no run to open.")
        bar(self.compare_button, None if len(runs) > 1 else "There are no two runs to compare.")
        self.earlier_button.setVisible(more)

    def say(self, words: str) -> None:
        """Say why the runs cannot be shown."""
        self.show_runs((), more=False)
        self.message.say(Tone.ATTENTION, words)

    @property
    def chosen(self) -> RunView | None:
        """The run that is chosen."""
        row = self.view.currentIndex().row()
        return self.runs.row(row) if 0 <= row < self.runs.rowCount() else None

    @Slot()
    def on_open_clicked(self) -> None:
        """Open the chosen run."""
        if self.chosen is not None:
            self.run_wanted.emit(self.chosen.run_id)

    @Slot(QModelIndex)
    def on_double_clicked(self, index: QModelIndex) -> None:  # noqa: ARG002 - the signal's own
        """A run was double-clicked."""
        self.on_open_clicked()

    @Slot()
    def on_earlier_clicked(self) -> None:
        """Read the runs before the last one shown."""
        self.earlier_wanted.emit(self.runs.row(self.runs.rowCount() - 1).run_id)

    def default_button(self) -> QPushButton | None:
        """Open."""
        return self.open_button if self.open_button.isEnabled() else self.leave_button

    def back_button(self) -> QPushButton | None:
        """Back."""
        return self.leave_button

    def first_focus(self) -> QWidget | None:
        """The runs, or the way back where there are none."""
        return self.view if self.runs.rowCount() else self.leave_button
