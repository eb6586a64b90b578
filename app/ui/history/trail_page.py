"""The page of the audit trail: filtered, in either order, however long; the chosen event; whether it is whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QComboBox, QPushButton, QWidget

from app.engine.audit_trail import TrailLine, TrailQuery, TrailVerdict
from app.engine.history_words import kind_words, verdict_words
from app.engine.paging import Mark
from app.engine.ports import RunView
from app.ui.fields import Choice, TickBox, with_word
from app.ui.flow import FlowLayout
from app.ui.history.day_field import DayField
from app.ui.history.model import (
    NO_EVENTS,
    TRAIL_COLUMNS,
    event_words,
    how_many_events,
    run_choice,
    verdict_tone,
)
from app.ui.history.room import MOST, look_back
from app.ui.page import Page
from app.ui.paged_rows import PAGE, Wanted
from app.ui.paged_table import Beginning, PagedTable
from app.ui.rows_view import RowsView
from app.ui.tones import Tone
from app.ui.widgets import Notice, bar, button, frame, label, tidy

_PAUSE_MS = 250
"""The list is read once nobody has typed for this long."""

_NO_PATIENT = "The chosen event is not about a patient."


class TrailReader(Protocol):
    """The part of the trail that a list reads from; called in other threads."""

    def count(self, query: TrailQuery) -> int:
        """How many events there are."""

    def page(self, query: TrailQuery, after: Mark | None, skip: int, limit: int) -> Sequence[TrailLine]:
        """The events beyond a mark."""


@dataclass(frozen=True, slots=True)
class TrailChoices:
    """What can be chosen from: the kinds of events there are, who acts in them, and the runs, newest first."""

    kinds: Sequence[str]
    actors: Sequence[str]
    runs: Sequence[RunView]


class TrailPage(Page):
    """Signals: `patient_wanted(int)` with the id of the chosen event's patient, `verify_wanted()`, `back_wanted()`,
    `failed(object)` with an unexpected error.
    """

    topic = "audit"

    patient_wanted = Signal(int)
    verify_wanted = Signal()
    back_wanted = Signal()
    failed = Signal(object)

    def __init__(self, reader: TrailReader) -> None:
        super().__init__()
        self.table = PagedTable(
            lambda query: _beginning_of(reader, query), lambda wanted: _page_of(reader, wanted), self
        )
        self.view = RowsView(self.table, "trail", "Events of the audit trail")
        self.kind, self.actor, self.run = Choice(), Choice(), Choice()
        self.first_day, self.last_day = DayField("&From"), DayField("&To")
        self.oldest_first = TickBox("O&ldest first")
        self.verdict, self.message = Notice(Tone.QUIET, speaks=True), Notice(Tone.QUIET)
        self.count = label(role="strong")
        self.told = label(wraps=True)
        self.verify_button = button("&Verify…")
        self.refresh_button = button("&Refresh")
        self.open_button = button("Op&en patient", primary=True)
        self.leave_button = button("&Back")
        self._pause = QTimer(self, interval=_PAUSE_MS, singleShot=True)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        look_back(self.content)
        meaning = "Everything that was done, in the order it was done, each event sealed. It names no patient."
        title = (label("Audit trail", "value"), label(meaning, "secondary", wraps=True))
        fields = QWidget()
        flow = FlowLayout(fields, spacing=3)
        for words, spoken, field in (
            ("&Kind", "Kind of event", self.kind),
            ("B&y", "Done by", self.actor),
            ("Ru&n", "Run", self.run),
        ):
            field.setAccessibleName(spoken)
            field.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            field.setMinimumContentsLength(14)
            flow.addWidget(with_word(words, field))
        for day in (self.first_day, self.last_day):
            flow.addWidget(day)
        flow.addWidget(self.oldest_first)
        box = frame("quiet")
        inside = FlowLayout(box, column=True)
        tidy(inside, margin=3)
        inside.addWidget(self.told)
        self._box = box
        for part in (*title, fields, self.verdict, self.count, self.message):
            self.content.addWidget(part)
        self.content.addWidget(self.view, MOST)
        self.content.addWidget(box)
        self.content.addStretch(1)
        for pressed in (self.refresh_button, self.verify_button, self.open_button, self.leave_button):
            self.footer.addWidget(pressed)
        self.refresh_button.setToolTip("Read the list anew (F5).")

    def _connect(self) -> None:
        self.table.opened.connect(self.on_opened)
        self.table.refused.connect(self.on_refused)
        self.table.failed.connect(self.failed)
        self.table.dataChanged.connect(self.on_row_changed)
        self.view.row_changed.connect(self.on_row_changed)
        self.view.doubleClicked.connect(self.on_open_clicked)
        for field in (self.kind, self.actor, self.run):
            field.activated.connect(self.refresh)
        for day in (self.first_day, self.last_day):
            day.changed.connect(self._pause.start)
        self._pause.timeout.connect(self.refresh)
        self.oldest_first.clicked.connect(self.refresh)
        self.open_button.clicked.connect(self.on_open_clicked)
        self.verify_button.clicked.connect(self.verify_wanted)
        self.refresh_button.clicked.connect(self.refresh)
        self.leave_button.clicked.connect(self.back_wanted)
        QShortcut(QKeySequence(Qt.Key.Key_F5), self).activated.connect(self.refresh)

    def begin(self) -> None:
        """Show the whole trail, newest first, until the choices are known and anything is chosen."""
        self.offer(TrailChoices((), (), ()))
        for day in (self.first_day, self.last_day):
            day.clear()
        self.oldest_first.setChecked(False)
        self.verdict.say(Tone.QUIET, "")
        self.refresh()

    def offer(self, choices: TrailChoices) -> None:
        """Let these be chosen from; what is chosen stays so where it is among them."""
        _fill(self.kind, "Every kind", [(kind_words(kind), kind) for kind in choices.kinds])
        _fill(self.actor, "Everybody", [(actor, actor) for actor in choices.actors])
        _fill(self.run, "Every run", [(run_choice(run), run.run_id) for run in choices.runs])

    @property
    def query(self) -> TrailQuery:
        """What is chosen."""
        return TrailQuery(
            kind=self.kind.currentData() or "",
            actor=self.actor.currentData() or "",
            run_id=self.run.currentData(),
            first_day=self.first_day.day,
            last_day=self.last_day.day,
            descending=not self.oldest_first.isChecked(),
        )

    @Slot()
    def refresh(self) -> None:
        """Read the list anew, as it is chosen."""
        self._pause.stop()
        self.table.open(self.query, TRAIL_COLUMNS)
        self.view.lay_out(TRAIL_COLUMNS)

    def clear(self) -> None:
        """Nobody looks any more."""
        self._pause.stop()
        self.table.clear()

    def show_verdict(self, verdict: TrailVerdict) -> None:
        """Say whether the trail is whole."""
        self.verdict.say(verdict_tone(verdict), verdict_words(verdict))

    @property
    def chosen(self) -> TrailLine | None:
        """The event that is chosen."""
        row = self.view.currentIndex().row()
        line = self.table.line(row) if row >= 0 else None
        return line if isinstance(line, TrailLine) else None

    @Slot(object)
    def on_opened(self, beginning: Beginning) -> None:
        """The list's beginning is there."""
        self.count.setText(how_many_events(beginning.total))
        self.view.setAccessibleDescription(self.count.text())
        self.view.setVisible(bool(beginning.total))
        self.message.say(Tone.QUIET, "" if beginning.total else NO_EVENTS)
        if beginning.total:
            self.view.choose(0)
        self.on_row_changed()

    @Slot(str)
    def on_refused(self, words: str) -> None:
        """The trail cannot be read."""
        self.count.setText("")
        self.view.hide()
        self.message.say(Tone.ATTENTION, words)
        self.on_row_changed()

    @Slot()
    def on_row_changed(self) -> None:
        """Another event is chosen, or it has come to hand."""
        line = self.chosen
        self._box.setVisible(line is not None)
        self.told.setText(event_words(line) if line is not None else "")
        bar(self.open_button, None if line is not None and line.patient_id is not None else _NO_PATIENT)

    @Slot()
    def on_open_clicked(self) -> None:
        """Open the patient of the chosen event."""
        line = self.chosen
        if line is not None and line.patient_id is not None:
            self.patient_wanted.emit(line.patient_id)

    def default_button(self) -> QPushButton | None:
        """Open patient, where the event is about one."""
        return self.open_button if self.open_button.isEnabled() else None

    def back_button(self) -> QPushButton | None:
        """Back."""
        return self.leave_button

    def first_focus(self) -> QWidget | None:
        """The events."""
        return self.view


def _fill(field: QComboBox, everything: str, lines: Sequence[tuple[str, object]]) -> None:
    chosen = field.currentData()
    field.clear()
    field.addItem(everything, None)
    for words, value in lines:
        field.addItem(words, value)
    field.setCurrentIndex(max(0, field.findData(chosen) if chosen is not None else 0))


def _beginning_of(reader: TrailReader, query: TrailQuery) -> Beginning:
    return Beginning(query, reader.count(query), reader.page(query, None, 0, PAGE))


def _page_of(reader: TrailReader, wanted: Wanted) -> Sequence[TrailLine]:
    return reader.page(wanted.query, wanted.after, wanted.skip, wanted.count)
