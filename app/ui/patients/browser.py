"""One list of patients to look through: search, filter, order, the table, and what is known of the chosen one.

A page puts it in its place and tells it which list; what is typed and pressed here changes nothing but the view.
"""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.engine.lists import ListQuery, OfRun, Source
from app.engine.patient_line import PatientLine
from app.engine.rows import Counts
from app.engine.run_lists import ListDefinition
from app.ui.flow import FlowLayout, Lines
from app.ui.paged_rows import PAGE
from app.ui.patients.chosen_patient import ChosenPatient
from app.ui.patients.list_model import NOBODY, NOBODY_FOUND, how_many, reason_sentences
from app.ui.patients.manner import OF_RUNS, Manner
from app.ui.patients.moved_on import moved_on_words, number_on
from app.ui.patients.search_bar import SearchBar
from app.ui.patients.table_model import ListReader, PatientsBeginning, PatientTable
from app.ui.rows_view import RowsView
from app.ui.spoken import say_aloud
from app.ui.tones import Tone
from app.ui.widgets import STEP, Notice, Sentences, button, label, tidy


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
        self._patient: int | None = None
        self._goes_to_rows = False
        self._run: tuple[int, Counts] | None = None
        self._read_at: Counts | None = None
        self.total = 0
        self.found = 0
        self.table = PatientTable(reader, self)
        self.view = RowsView(self.table, "patients", "Patients")
        self.fields = SearchBar(manner)
        self.count = label(role="strong")
        self.moved = label(role="secondary", wraps=True)
        self.message = Notice(Tone.QUIET, speaks=True)
        self.by_reason = Sentences(bullets=True)
        self.sign_in_button = button("Sign in…")
        self.chosen = ChosenPatient(manner)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
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
        lines.addWidget(self.fields)
        length = QWidget()
        flow = FlowLayout(length, spacing=3)
        flow.addWidget(self.count)
        flow.addWidget(Lines(self.moved))
        lines.addWidget(length)
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
        self.fields.wanted.connect(self.open)
        self.fields.entered.connect(self.on_search_entered)
        self.sign_in_button.clicked.connect(self.sign_in_wanted)

    # --- what the page asks -----------------------------------------------------------------------------------------

    def show_list(self, source: Source) -> None:
        """Show another list from its beginning, unfiltered, by name."""
        self.total = self.found = 0
        self.clear()
        self._show_rows()
        query = ListQuery(source)
        self.fields.begin(query)
        self.open(query)

    @Slot(ListQuery)
    def open(self, query: ListQuery) -> None:
        """Show what this asks for, as soon as it is read; what is shown stays until then."""
        self.query = query
        self._read_at = self._run[1] if self._run is not None else None
        columns = self._manner.columns(query.source)
        self.by_reason.show_sentences(())
        self.table.open(query, columns)
        self.view.lay_out(columns, query.sort, descending=query.descending)
        self.fields.show_query(query)

    def refresh(self) -> None:
        """Read the list anew, as it is filtered and sorted, and stay where it was looked at."""
        if self.query is not None:
            line = self.chosen_line
            self._row = max(0, self.view.currentIndex().row())
            self._patient = None if line is None else line.patient_id
            self.open(self.query)

    def show_run(self, run_id: int, counts: Counts) -> None:
        """How a run's counters stand by now: where the list is one of that run, whether it is still what it was.

        What was read stays until it is asked for anew, so that nobody loses their place; a list of nobody has none.
        """
        self._run = run_id, counts
        words = self._moved_on()
        if words != self.moved.text():
            self.moved.setText(words)
            self.view.setAccessibleDescription(self._length())
        if self._has_somebody_by_now() and not self.table.is_reading:
            self.refresh()

    def clear(self) -> None:
        """Show nobody any more, at once."""
        self.query = self._shown = self._patient = self._read_at = None
        self.moved.clear()
        self.fields.show_query(None)
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

    # --- what is pressed --------------------------------------------------------------------------------------------

    @Slot(ListQuery)
    def on_search_entered(self, query: ListQuery) -> None:
        """Enter in the search: the keyboard goes to the list once that is there."""
        # Not at once: the same Enter would open whoever is chosen.
        self._goes_to_rows = True
        self.open(query)

    @Slot(int)
    def on_heading_clicked(self, section: int) -> None:
        """A heading was clicked."""
        sort = self._manner.columns(self.query.source)[section].sort if self.query is not None else None
        if sort is not None:
            self.fields.turn_by(sort)

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
        self._follow_patient()
        self.on_row_changed()

    # --- what was read ----------------------------------------------------------------------------------------------

    @Slot(object)
    def on_opened(self, beginning: PatientsBeginning) -> None:
        """The list's beginning is there."""
        self.found = beginning.total
        whole = not beginning.query.search.strip() and beginning.query.reason is None
        self.total = beginning.total if whole else max(self.total, beginning.total)
        self.count.setText(how_many(self.found, self.total))
        self.moved.setText(self._moved_on())
        self.view.setAccessibleDescription(self._length())
        self.fields.offer_reasons(beginning.reasons)
        if beginning.lines:
            self._show_rows()
            if self._shown is not None and beginning.query != self._shown and self.isVisible():
                # Searched or filtered, with the keyboard in the field still.
                say_aloud(self, self.count.text())
            # The list that was there already is read anew where somebody looks at it.
            self.view.choose(min(self._row, self.found - 1) if beginning.query == self._shown else 0)
            self._follow_patient()
        elif beginning.lines is not None:
            self._say(Tone.QUIET, NOBODY if whole else NOBODY_FOUND)
        else:
            self.by_reason.show_sentences(reason_sentences(beginning.reasons, self._manner))
        self._shown = beginning.query
        self.on_row_changed()
        self.counted.emit()

    def _overtaken_by(self) -> tuple[ListDefinition, Counts] | None:
        """The list and the counters of its run as they stand by now; None where it is of no run that goes on."""
        # What would happen is listed from a copy of the practice, whose runs are others.
        source = self.query.source if self.query is not None and self._manner is OF_RUNS else None
        if self._run is None or not isinstance(source, OfRun) or source.run_id != self._run[0]:
            return None
        return source.definition, self._run[1]

    def _moved_on(self) -> str:
        by = self._overtaken_by()
        return "" if by is None or self._read_at is None else moved_on_words(by[0], self.total, self._read_at, by[1])

    def _has_somebody_by_now(self) -> bool:
        by, query = self._overtaken_by(), self.query
        if by is None or query is None or query != self._shown or query.search or query.reason is not None:
            return False
        return not self.total and bool(number_on(*by))

    def _length(self) -> str:
        return " ".join(filter(None, (self.count.text(), self.moved.text())))

    def _follow_patient(self) -> None:
        """Whoever was chosen when the list was read anew may stand a little above or below the same row by now."""
        row = self.view.currentIndex().row()
        if self._patient is None or row < 0 or self.table.line(row) is None:
            return
        wanted, self._patient = self._patient, None
        for at in range(max(0, row - PAGE), min(self.found, row + PAGE)):
            line = self.table.line(at)
            if line is not None and line.patient_id == wanted:
                self.view.choose(at)
                return

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
        self.fields.allow(True)
        if goes_to_rows:
            self._goes_to_rows = False
            self.view.setFocus(Qt.FocusReason.OtherFocusReason)

    def _say(self, tone: Tone, words: str, *, refused: bool = False) -> None:
        """Something stands in the place of the rows."""
        self._goes_to_rows = False
        self._shown_part.setCurrentIndex(1)
        self.message.say(tone, words)
        self.sign_in_button.setVisible(refused)
        self.by_reason.setVisible(refused)
        self.fields.allow(not refused)
