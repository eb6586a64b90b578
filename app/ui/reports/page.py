"""The page of the reports: which list of which run, its patients, and the three ways it can be taken out."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QWidget

from app.engine.ports import RunView
from app.engine.run_lists import LISTS, OUTCOMES, ListDefinition
from app.ui.fields import Choice, with_word
from app.ui.flow import FlowLayout
from app.ui.help.topics import REPORTS
from app.ui.history.model import run_choice
from app.ui.patients.list_page import ListPage
from app.ui.patients.table_model import ListReader
from app.ui.reports.words import about_run
from app.ui.widgets import STEP, bar, button, label

_NOT_COUNTED = "The list is still being read."


class ReportsPage(ListPage):
    """Signals: `report_chosen()` when another list, or another run, is chosen; `csv_wanted()`, `pdf_wanted()`,
    `print_wanted()`.
    """

    report_chosen = Signal()
    csv_wanted = Signal()
    pdf_wanted = Signal()
    print_wanted = Signal()

    topic = REPORTS

    def __init__(self, reader: ListReader) -> None:
        super().__init__(reader)
        self.report, self.run = _choice("Report", 24), _choice("Run", 28)
        self.about = label(role="secondary", wraps=True)
        self.about.setContentsMargins(STEP, 0, STEP, 0)
        self._runs: Sequence[RunView] = ()
        self._latest: int | None = None
        for definition in LISTS.values():
            self.report.addItem(definition.title, definition)
        self.csv_button = button("Save as CS&V…")
        self.pdf_button = button("Save as PD&F…")
        self.print_button = button("Pri&nt…")
        # The choice above it says which list this is.
        self.title.hide()
        self.content.insertWidget(0, self._ways_out())
        self.content.insertWidget(1, self.about)
        self._connect_ways()
        self._allow_ways()

    def _ways_out(self) -> QWidget:
        line = QWidget()
        flow = FlowLayout(line, spacing=3)
        flow.addWidget(with_word("Repor&t", self.report))
        flow.addWidget(with_word("&Which run", self.run))
        for one in self._ways:
            flow.addWidget(one)
        line.setContentsMargins(STEP, STEP, STEP, 0)
        return line

    def _connect_ways(self) -> None:
        self.report.activated.connect(self.report_chosen)
        self.run.activated.connect(self.on_run_chosen)
        self.csv_button.clicked.connect(self.csv_wanted)
        self.pdf_button.clicked.connect(self.pdf_wanted)
        self.print_button.clicked.connect(self.print_wanted)
        self.browser.counted.connect(self.on_counted)

    @property
    def _ways(self) -> tuple[QWidget, ...]:
        return self.csv_button, self.pdf_button, self.print_button

    @property
    def definition(self) -> ListDefinition:
        """The list that is chosen."""
        chosen = self.report.currentData()
        return chosen if isinstance(chosen, ListDefinition) else OUTCOMES

    def offer_runs(self, runs: Sequence[RunView], chosen: int, latest: int | None) -> None:
        """Offer these runs, the newest first, with one of them chosen; whether that is the latest is said below."""
        self._runs, self._latest = runs, latest
        self.run.clear()
        for run in runs:
            self.run.addItem(run_choice(run), run.run_id)
        self.run.setCurrentIndex(self.run.findData(chosen))
        self._say_which()

    @property
    def chosen_run(self) -> RunView | None:
        """The run that is chosen; None before any was offered."""
        at = self.run.currentIndex()
        return self._runs[at] if 0 <= at < len(self._runs) else None

    @Slot()
    def on_run_chosen(self) -> None:
        """Another run is to be reported on."""
        self._say_which()
        self.report_chosen.emit()

    def _say_which(self) -> None:
        run = self.chosen_run
        self.about.setText("" if run is None else about_run(run, is_latest=run.run_id == self._latest))
        self.run.setAccessibleDescription(self.about.text())

    @property
    def patients(self) -> int:
        """How many patients the list holds, whatever is searched for in it."""
        return self.browser.total

    @Slot()
    def on_counted(self) -> None:
        """It is known how long the list is."""
        self._allow_ways()

    def _allow_ways(self) -> None:
        counted = self.browser.query is not None
        for one in (self.csv_button, self.pdf_button, self.print_button):
            bar(one, None if counted else _NOT_COUNTED, "The whole list, whatever is searched for in it.")


def _choice(name: str, letters: int) -> Choice:
    choice = Choice()
    choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    choice.setMinimumContentsLength(letters)
    choice.setAccessibleName(name)
    return choice
