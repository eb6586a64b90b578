"""The page of the reports: which list, its patients below, and the three ways it can be taken out of the program."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from app.engine.run_lists import LISTS, OUTCOMES, ListDefinition
from app.ui.fields import Choice
from app.ui.flow import FlowLayout
from app.ui.help.topics import REPORTS
from app.ui.patients.list_page import ListPage
from app.ui.patients.table_model import ListReader
from app.ui.widgets import STEP, bar, button, label, tidy

_NOT_COUNTED = "The list is still being read."


class ReportsPage(ListPage):
    """Signals: `report_chosen()` when another list is chosen; `csv_wanted()`, `pdf_wanted()`, `print_wanted()`."""

    report_chosen = Signal()
    csv_wanted = Signal()
    pdf_wanted = Signal()
    print_wanted = Signal()

    topic = REPORTS

    def __init__(self, reader: ListReader) -> None:
        super().__init__(reader)
        self.report = Choice()
        self.report.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.report.setMinimumContentsLength(24)
        self.report.setAccessibleName("Report")
        for definition in LISTS.values():
            self.report.addItem(definition.title, definition)
        self.csv_button = button("Save as CS&V…")
        self.pdf_button = button("Save as PD&F…")
        self.print_button = button("Pri&nt…")
        # The choice above it says which list this is.
        self.title.hide()
        self.content.insertWidget(0, self._ways_out())
        self._connect_ways()
        self._allow_ways()

    def _ways_out(self) -> QWidget:
        line = QWidget()
        flow = FlowLayout(line, spacing=3)
        choice = QWidget()
        pair = QHBoxLayout(choice)
        tidy(pair, spacing=2)
        named = label("Repor&t", "secondary")
        named.setBuddy(self.report)
        pair.addWidget(named)
        pair.addWidget(self.report, 1)
        flow.addWidget(choice)
        for one in self._ways:
            flow.addWidget(one)
        line.setContentsMargins(STEP, STEP, STEP, 0)
        return line

    def _connect_ways(self) -> None:
        self.report.activated.connect(self.report_chosen)
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
