"""One list of patients to look through: search, filter, order, the table, and what is known of the chosen one.

A page puts it in its place and tells it which list; what is typed and pressed here changes nothing but the view.
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.engine.lists import ListQuery, PatientLine, Sort, Source
from app.ui.fields import FIELD_HEIGHT, Choice, TickBox, with_word
from app.ui.flow import FlowLayout
from app.ui.patients.columns import SORT_WORDS
from app.ui.patients.list_model import (
    NOBODY,
    NOBODY_FOUND,
    chosen_model,
    how_many,
    reason_choices,
    reason_sentences,
)
from app.ui.patients.manner import OF_RUNS, Manner
from app.ui.patients.table_model import ListReader, PatientsBeginning, PatientTable
from app.ui.rows_view import RowsView
from app.ui.tones import Tone
from app.ui.widgets import STEP, Notice, Sentences, button, frame, label, let_clear, tidy

_NOTHING_TO_SORT = "There is no list to search and sort: the line below says why."

_SEARCH_WIDTH = 60 * STEP

_TYPING_PAUSE_MS = 250
"""A search begins once nobody has typed for this long."""


class PatientBrowser(QWidget):
    """Lives in the window's thread. Signals: `patient_wanted(int)` with the id of the patient to open;
    `patient_chosen()` when another row is chosen; `counted()` when the list's length is known; `sign_in_wanted()`;
    `failed(object)` with an unexpected error.
    """

    patient_wanted = Signal(int)
    patient_chosen = Signal()
    counted = Signal()
    sign_in_wanted = Signal()
    failed = Signal(object)

    def __init__(self, reader: ListReader, manner: Manner = OF_RUNS) -> None:
        super().__init__()
        self._manner = manner
        self.query: ListQuery | None = None
        self._shown: ListQuery | None = None
        self._row = 0
        self._goes_to_rows = False
        self.total = 0
        self.found = 0
        self.table = PatientTable(reader, self)
        self.view = RowsView(self.table, "patients", "Patients")
        self.search = QLineEdit()
        self.reason = Choice()
        self.sort = Choice()
        self.reverse = TickBox("Rever&se")
        self.count = label(role="strong")
        self.message = Notice(Tone.QUIET)
        self.by_reason = Sentences(bullets=True)
        self.sign_in_button = button("Sign in…")
        self.chosen = _Chosen(manner)
        self._typing = QTimer(self, interval=_TYPING_PAUSE_MS, singleShot=True)
        self._name()
        self._lay_out()
        self._connect()

    def _name(self) -> None:
        for choice in (self.reason, self.sort):
            choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.reason.setMinimumContentsLength(16)
        self.sort.setMinimumContentsLength(11)
        self.search.setMinimumHeight(FIELD_HEIGHT)
        self.search.setMinimumWidth(_SEARCH_WIDTH)
        self.search.setPlaceholderText("Name or NHS number")
        self.search.setAccessibleName("Search by name or NHS number")
        let_clear(self.search)
        self.reason.setAccessibleName("Show only one reason")
        self.sort.setAccessibleName("Sort by")
        self.reverse.setAccessibleName("Reverse the order")

    def _lay_out(self) -> None:
        fields = QWidget()
        flow = FlowLayout(fields, spacing=3)
        for words, field in (("S&earch", self.search), ("", self.reason), ("Sort b&y", self.sort)):
            flow.addWidget(with_word(words, field) if words else field)
        flow.addWidget(self.reverse)
        self.message.add(self.sign_in_button)
        instead = QWidget()
        told = QVBoxLayout(instead)
        tidy(told, spacing=3)
        told.addWidget(self.message)
        told.addWidget(self.by_reason)
        told.addStretch(1)
        self._shown_part = QStackedWidget()
        for part in (self.view, instead):
            self._shown_part.addWidget(part)
        lines = QVBoxLayout(self)
        tidy(lines, spacing=2)
        # Room for the focus ring.
        lines.setContentsMargins(STEP, 0, STEP, 0)
        lines.addWidget(fields)
        lines.addWidget(self.count)
        lines.addWidget(self._shown_part, 1)
        lines.addWidget(self.chosen)

    def _connect(self) -> None:
        self.table.opened.connect(self.on_opened)
        self.table.refused.connect(self.on_refused)
        self.table.failed.connect(self.failed)
        self.table.dataChanged.connect(self.on_rows_read)
        self.view.row_changed.connect(self.on_row_changed)
        self.view.doubleClicked.connect(self.on_double_clicked)
        self.view.horizontalHeader().sectionClicked.connect(self.on_heading_clicked)
        self.search.textEdited.connect(self.on_typed)
        self.search.returnPressed.connect(self.on_search_entered)
        self._typing.timeout.connect(self.on_typing_paused)
        self.reason.activated.connect(self.on_reason_activated)
        self.sort.activated.connect(self.on_sort_activated)
        self.reverse.clicked.connect(self.on_reverse_clicked)
        self.sign_in_button.clicked.connect(self.sign_in_wanted)

    # --- what the page asks -----------------------------------------------------------------------------------------

    def show_list(self, source: Source) -> None:
        """Show another list from its beginning, unfiltered, by name."""
        self.search.clear()
        self.total = self.found = 0
        self._offer_sorts(source)
        self.reason.clear()
        self.reason.hide()
        self.clear()
        self._show_rows()
        self._open(ListQuery(source))

    def refresh(self) -> None:
        """Read the list anew, as it is filtered and sorted, and stay where it was looked at."""
        if self.query is not None:
            self._row = max(0, self.view.currentIndex().row())
            self._open(self.query)

    def clear(self) -> None:
        """Show nobody any more, at once."""
        self._typing.stop()
        self.query = self._shown = None
        self.hide_rows()

    def hide_rows(self) -> None:
        """Take every name away at once; `refresh` asks again whether they may be seen."""
        self.table.clear()
        self.on_row_changed()

    @property
    def chosen_line(self) -> PatientLine | None:
        """The patient that is chosen."""
        row = self.view.currentIndex().row()
        return self.table.line(row) if row >= 0 else None

    def open_chosen(self) -> None:
        """Ask for the chosen patient's story."""
        line = self.chosen_line
        if line is not None:
            self.patient_wanted.emit(line.patient_id)

    # --- what is typed and pressed ----------------------------------------------------------------------------------

    @Slot(str)
    def on_typed(self, typed: str) -> None:  # noqa: ARG002 - the signal's own
        """Something was typed: searched for in a moment."""
        self._typing.start()

    @Slot()
    def on_search_entered(self) -> None:
        """Enter in the search: searched for now, and the keyboard goes to the list once that is there."""
        self._typing.stop()
        if self.query is not None:
            # Not at once: the same Enter would open whoever is chosen.
            self._goes_to_rows = True
            self._open(replace(self.query, search=self.search.text()))

    @Slot()
    def on_typing_paused(self) -> None:
        """Search for what was typed."""
        self._typing.stop()
        if self.query is not None and self.search.text() != self.query.search:
            self._open(replace(self.query, search=self.search.text()))

    @Slot(int)
    def on_reason_activated(self, at: int) -> None:
        """Another reason was chosen."""
        if self.query is not None:
            self._open(replace(self.query, reason=self.reason.itemData(at)))

    @Slot(int)
    def on_sort_activated(self, at: int) -> None:
        """Another order was chosen."""
        self._sort_by(self.sort.itemData(at), descending=False)

    @Slot(bool)
    def on_reverse_clicked(self, reverse: bool) -> None:
        """The other way round."""
        if self.query is not None:
            self._sort_by(self.query.sort, descending=reverse)

    @Slot(int)
    def on_heading_clicked(self, section: int) -> None:
        """A heading was clicked: sorted by it, and the other way round when it was that already."""
        if self.query is None:
            return
        sort = self._manner.columns(self.query.source)[section].sort
        if sort is not None:
            self._sort_by(sort, descending=sort is self.query.sort and not self.query.descending)

    @Slot(QModelIndex)
    def on_double_clicked(self, index: QModelIndex) -> None:  # noqa: ARG002 - the signal's own
        """A row was double-clicked."""
        self.open_chosen()

    @Slot()
    def on_row_changed(self) -> None:
        """Another row is chosen."""
        self.chosen.show_line(self.chosen_line)
        self.patient_chosen.emit()

    @Slot()
    def on_rows_read(self) -> None:
        """Rows have come to hand, the chosen one perhaps among them."""
        self.on_row_changed()

    # --- what was read ----------------------------------------------------------------------------------------------

    @Slot(object)
    def on_opened(self, beginning: PatientsBeginning) -> None:
        """The list's beginning is there."""
        self.found = beginning.total
        whole = not beginning.query.search.strip() and beginning.query.reason is None
        self.total = beginning.total if whole else max(self.total, beginning.total)
        self.count.setText(how_many(self.found, self.total))
        self.view.setAccessibleDescription(self.count.text())
        self._offer_reasons(beginning)
        if beginning.lines:
            self._show_rows()
            # The list that was there already is read anew where somebody looks at it.
            self.view.choose(min(self._row, self.found - 1) if beginning.query == self._shown else 0)
            self._shown = beginning.query
        elif beginning.lines is not None:
            self._say(Tone.QUIET, NOBODY if whole else NOBODY_FOUND)
        else:
            self.by_reason.show_sentences(reason_sentences(beginning.reasons, self._manner))
        self.on_row_changed()
        self.counted.emit()

    @Slot(str)
    def on_refused(self, words: str) -> None:
        """The list may not be seen, or cannot be read."""
        focus = self.window().focusWidget()
        had_keyboard = focus is not None and self.isAncestorOf(focus)
        self._say(Tone.ATTENTION, words, refused=True)
        if had_keyboard:
            self.sign_in_button.setFocus(Qt.FocusReason.OtherFocusReason)
        self.on_row_changed()

    def _show_rows(self) -> None:
        goes_to_rows = self._goes_to_rows or self.window().focusWidget() is self.sign_in_button
        self._shown_part.setCurrentWidget(self.view)
        self._allow(True)
        if goes_to_rows:
            self._goes_to_rows = False
            self.view.setFocus(Qt.FocusReason.OtherFocusReason)

    def _say(self, tone: Tone, words: str, *, refused: bool = False) -> None:
        """Something stands in the place of the rows."""
        self._goes_to_rows = False
        self.message.say(tone, words)
        self.sign_in_button.setVisible(refused)
        self.by_reason.setVisible(refused)
        self._shown_part.setCurrentIndex(1)
        self._allow(not refused)

    def _allow(self, allowed: bool) -> None:
        """Whether there is anything to search and to sort."""
        for field in (self.search, self.reason, self.sort, self.reverse):
            field.setEnabled(allowed)
            field.setAccessibleDescription("" if allowed else _NOTHING_TO_SORT)

    def _open(self, query: ListQuery) -> None:
        self.query = query
        columns = self._manner.columns(query.source)
        self.by_reason.show_sentences(())
        self.table.open(query, columns)
        self.view.lay_out(columns, query.sort, descending=query.descending)
        self._show_order(query)

    def _sort_by(self, sort: Sort, *, descending: bool) -> None:
        if self.query is not None:
            self._open(replace(self.query, sort=sort, descending=descending))

    def _show_order(self, query: ListQuery) -> None:
        self.sort.setCurrentIndex(self.sort.findData(query.sort))
        self.reverse.setChecked(query.descending)

    def _offer_sorts(self, source: Source) -> None:
        self.sort.clear()
        for sort in dict.fromkeys(one.sort for one in self._manner.columns(source) if one.sort is not None):
            self.sort.addItem(SORT_WORDS[sort], sort)

    def _offer_reasons(self, beginning: PatientsBeginning) -> None:
        choices = reason_choices(beginning.reasons, self._manner)
        self.reason.setVisible(bool(choices))
        self.reason.clear()
        for choice in choices:
            self.reason.addItem(choice.text, choice.reason)
        self.reason.setCurrentIndex(max(0, self.reason.findData(beginning.query.reason)))


class _Chosen(QWidget):
    """Who is chosen, and what became of them; the Spine's own words stand behind Details."""

    def __init__(self, manner: Manner) -> None:
        super().__init__()
        self._manner = manner
        self._who = label(role="strong", wraps=True)
        self._what = label(wraps=True)
        self._spine = label(role="secondary", wraps=True)
        self.details_button = button("&Details")
        self.details_button.setCheckable(True)
        self.details_button.toggled.connect(self.on_details_toggled)
        box = frame("quiet")
        row = QHBoxLayout(box)
        tidy(row, margin=3, spacing=3)
        lines = QVBoxLayout()
        tidy(lines, spacing=1)
        for text in (self._who, self._what, self._spine):
            lines.addWidget(text)
        row.addLayout(lines, 1)
        row.addWidget(self.details_button, 0, Qt.AlignmentFlag.AlignTop)
        outer = QVBoxLayout(self)
        tidy(outer)
        outer.addWidget(box)
        self.show_line(None)

    def show_line(self, line: PatientLine | None) -> None:
        """Show this patient, or nobody."""
        self.setVisible(line is not None)
        if line is None:
            for text in (self._who, self._what, self._spine):
                text.clear()
            return
        model = chosen_model(line, self._manner)
        self._who.setText(model.who)
        self._what.setText(model.what)
        self._spine.setText(model.spine)
        self.details_button.setVisible(bool(model.spine))
        self._spine.setVisible(bool(model.spine) and self.details_button.isChecked())

    @Slot(bool)
    def on_details_toggled(self, shown: bool) -> None:
        """Show the Spine's own words, or hide them."""
        self._spine.setVisible(shown and bool(self._spine.text()))

    @property
    def texts(self) -> tuple[QLabel, ...]:
        """The three texts, from the top."""
        return self._who, self._what, self._spine
