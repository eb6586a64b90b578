"""The page of the worklists: each with how many are left, and beside them the chosen one's patients and actions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from app.engine.lists import OfWorklist, Worklist
from app.engine.patient_line import PatientLine
from app.engine.worklists import WorklistCount, words_of
from app.ui.fields import TickBox
from app.ui.flow import FlowLayout
from app.ui.help.topics import WORKLISTS
from app.ui.patients.list_page import ListPage
from app.ui.patients.table_model import ListReader
from app.ui.tones import Tone
from app.ui.widgets import STEP, Notice, bar, button, label, tidy
from app.ui.worklists.words import NO_PATIENT, left_words, title_of, why_not_record

_LIST_WIDTH = 64 * STEP
_LEAST_LIST_WIDTH = 40 * STEP


class WorklistsPage(ListPage):
    """Signals: `mark_wanted()`, `add_wanted()`, `check_wanted()` and `record_wanted()` for the chosen patient.

    `why_not_record` says why whoever is signed in may record no dissent, None when they may.
    """

    mark_wanted = Signal()
    add_wanted = Signal()
    check_wanted = Signal()
    record_wanted = Signal()

    topic = WORKLISTS

    def __init__(self, reader: ListReader, may_record: Callable[[], str | None]) -> None:
        super().__init__(reader)
        self._may_record = may_record
        self._counts: Sequence[WorklistCount] = ()
        self._shown: OfWorklist | None = None
        self.list = QListWidget()
        self.list.setProperty("role", "groups")
        self.list.setAccessibleName("Worklists")
        self.list.setMinimumWidth(_LEAST_LIST_WIDTH)
        self.list.setMaximumWidth(_LIST_WIDTH)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.to_do = label(role="strong", wraps=True)
        self.news = Notice(Tone.QUIET, speaks=True)
        self.dealt_with = TickBox("Show those dealt &with")
        self.mark_button = button("Mar&k…")
        self.add_button = button("Add to a group…")
        self.check_button = button("Check agai&n")
        self.record_button = button("Record dissen&t here…")
        self._lay_out_columns()
        self._connect_worklists()
        self._allow()

    def _lay_out_columns(self) -> None:
        ways = QWidget()
        flow = FlowLayout(ways, spacing=3)
        for one in (self.mark_button, self.add_button, self.check_button, self.record_button):
            flow.addWidget(one)
        right = QVBoxLayout()
        tidy(right, spacing=2)
        news = QWidget()
        line = QVBoxLayout(news)
        tidy(line)
        line.addWidget(self.news)
        for part in (self.title, self.meaning, self.to_do, news, ways):
            self.content.removeWidget(part)
            right.addWidget(part)
        for part in (news, ways):
            part.setContentsMargins(STEP, 0, STEP, 0)
        self.to_do.setContentsMargins(STEP, 0, STEP, 0)
        self.content.removeWidget(self.browser)
        right.addWidget(self.browser, 1)
        columns = QHBoxLayout()
        tidy(columns, spacing=3)
        # Room for the focus ring.
        columns.setContentsMargins(STEP, STEP, 0, STEP)
        columns.addWidget(self.list, 1)
        columns.addLayout(right, 3)
        self.content.addLayout(columns, 1)
        ways_in_order = (self.mark_button, self.add_button, self.check_button, self.record_button)
        in_order = (self.list, *ways_in_order)
        for before, after in zip(in_order, (*in_order[1:], self.browser.fields.search), strict=True):
            QWidget.setTabOrder(before, after)
        self.browser.fields.add(self.dealt_with)

    def _connect_worklists(self) -> None:
        self.list.currentRowChanged.connect(self.on_row_chosen)
        self.dealt_with.clicked.connect(self.on_row_chosen)
        self.mark_button.clicked.connect(self.mark_wanted)
        self.add_button.clicked.connect(self.add_wanted)
        self.check_button.clicked.connect(self.check_wanted)
        self.record_button.clicked.connect(self.record_wanted)

    # --- what is shown ----------------------------------------------------------------------------------------------

    def show_counts(self, counts: Sequence[WorklistCount]) -> None:
        """Show the worklists with these numbers; the chosen one stays chosen, else the first with somebody left is."""
        chosen = self._shown
        self._counts = counts
        self.list.blockSignals(True)
        self.list.clear()
        for one in counts:
            item = QListWidgetItem(f"{title_of(one)}\n{'    ' if one.source.reason else ''}{left_words(one)}")
            spoken = f"{words_of(one.source).title}: {left_words(one)}"
            item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)
            item.setToolTip(spoken)
            self.list.addItem(item)
        self.list.setMinimumWidth(min(self.list.sizeHintForColumn(0) + 2 * STEP, _LIST_WIDTH))
        self.list.setCurrentRow(self._row_of(chosen))
        self.list.blockSignals(False)
        self.on_row_chosen()

    def _row_of(self, chosen: OfWorklist | None) -> int:
        if chosen is not None:
            plain = replace(chosen, dealt_with=False)
            for row, one in enumerate(self._counts):
                if one.source == plain:
                    return row
        return next((row for row, one in enumerate(self._counts) if one.left), 0)

    def tell(self, tone: Tone, words: str) -> None:
        """A sentence about what was just done, until another list is chosen."""
        self.news.say(tone, words)

    @property
    def chosen(self) -> WorklistCount | None:
        """The worklist that is chosen."""
        row = self.list.currentRow()
        return self._counts[row] if 0 <= row < len(self._counts) else None

    @property
    def chosen_patient(self) -> PatientLine | None:
        """The patient that is chosen in it."""
        return self.browser.chosen_line

    @Slot()
    def on_row_chosen(self) -> None:
        """Another worklist, or another part of it, was chosen: its patients."""
        one = self.chosen
        if one is None:
            return
        source = replace(one.source, dealt_with=self.dealt_with.isChecked())
        if source != self._shown or self.browser.query is None:
            self._shown = source
            words = words_of(source)
            self.news.say(Tone.QUIET, "")
            self.to_do.setText(words.to_do)
            self.show_list(words.title, words.meaning, source)
        self._allow()

    @Slot()
    def on_patient_chosen(self) -> None:
        """Another patient is chosen, or nobody."""
        super().on_patient_chosen()
        self._allow()

    def _allow(self) -> None:
        chosen = self.browser.chosen_line is not None
        nobody = None if chosen else NO_PATIENT
        bar(self.mark_button, nobody)
        bar(self.add_button, nobody)
        bar(self.check_button, nobody, "Ask the Spine what it holds of this patient now.")
        worklist = self._shown.worklist if self._shown is not None else Worklist.DISSENT_NOT_SENT
        why_not = why_not_record(worklist, chosen=chosen, why_not=self._may_record())
        bar(self.record_button, why_not, "Add the dissent that the Spine holds to the record here. Nothing is sent.")

    def first_focus(self) -> QWidget | None:
        """The worklists."""
        return self.list
