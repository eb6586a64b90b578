"""The table model over a list of patients: asks for pages as they come into view, in another thread, and never waits.

A row that is not at hand yet shows as empty for a moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal, Slot

from app.domain.errors import KnownError, Refused
from app.engine.lists import ListQuery, Mark, OfRun, PatientLine, ReasonCount
from app.ui.background import BackgroundCall, Ended
from app.ui.patients.columns import Column
from app.ui.patients.paged_rows import PAGE, PagedRows, Wanted

AnyIndex = QModelIndex | QPersistentModelIndex

_MOST_WAITING = 3
"""Pages asked for while another is read; the oldest have been scrolled past."""


class ListReader(Protocol):
    """The part of the viewer that a table reads from; called in other threads."""

    def count(self, query: ListQuery) -> int:
        """How many patients the list holds."""

    def reasons(self, source: OfRun) -> list[ReasonCount]:
        """A list's patients by state and reason."""

    def page(self, query: ListQuery, after: Mark | None, skip: int, limit: int) -> list[PatientLine]:
        """The rows beyond a mark."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """A list's length, its patients by reason where it is of a run, and its first rows.

    `lines` is None where names may not be seen, and `refusal` says why.
    """

    query: ListQuery
    total: int
    reasons: Sequence[ReasonCount]
    lines: Sequence[PatientLine] | None
    refusal: str = ""


class PatientTable(QAbstractTableModel):
    """Lives in the window's thread; one read at a time is under way in another.

    Signals: `opened(Beginning)` once a list's beginning is there; `refused(str)` when it may not be seen or cannot be
    read; `failed(object)` with an unexpected error.
    """

    opened = Signal(object)
    refused = Signal(str)
    failed = Signal(object)

    def __init__(self, reader: ListReader, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reader = reader
        self._columns: Sequence[Column] = ()
        self._rows: PagedRows | None = None
        self._opening: ListQuery | None = None
        self._waiting: list[int] = []
        self._call: BackgroundCall | None = None
        self._reading: ListQuery | Wanted | None = None
        # Goes up with every list and every clearing: what was read for an earlier one is shown to nobody.
        self._edition = 0
        self._reading_for = 0

    # --- what the page asks -----------------------------------------------------------------------------------------

    def open(self, query: ListQuery, columns: Sequence[Column]) -> None:
        """Show this list from its beginning, as soon as it is read; what is shown stays until then."""
        if columns != self._columns:
            self.beginResetModel()
            self._columns, self._rows = columns, None
            self.endResetModel()
        self._edition += 1
        self._opening = query
        self._waiting.clear()
        self._read_next()

    def clear(self) -> None:
        """Show nobody any more, at once."""
        self.beginResetModel()
        self._edition += 1
        self._rows, self._opening = None, None
        self._waiting.clear()
        self.endResetModel()

    def line(self, row: int) -> PatientLine | None:
        """The patient of a row, None where that is not at hand."""
        return self._rows.line(row) if self._rows is not None else None

    @property
    def is_reading(self) -> bool:
        """Whether a read is under way."""
        return self._call is not None

    def wait(self, seconds: float) -> bool:
        """Block until the read under way is over, for the end of the program; whether it is."""
        self._opening = None
        self._waiting.clear()
        return self._call is None or self._call.wait(seconds)

    # --- what the view asks -----------------------------------------------------------------------------------------

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's name and default
        """The list's length, however much of it is at hand."""
        return 0 if parent.isValid() or self._rows is None else self._rows.total

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's name and default
        """The columns of this list."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A cell's text; a row that is not at hand is asked for."""
        if role not in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole} or self._rows is None:
            return None
        line = self._rows.line(index.row())
        if line is None:
            self._ask_for(index.row())
            return ""
        self._rows.touch(index.row())
        return self._columns[index.column()].text(line)

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """A column's heading."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section].heading if section < len(self._columns) else None
        return None

    # --- reading ----------------------------------------------------------------------------------------------------

    def _ask_for(self, row: int) -> None:
        page = row // PAGE
        if page in self._waiting:
            return
        self._waiting.append(page)
        del self._waiting[:-_MOST_WAITING]
        self._read_next()

    def _read_next(self) -> None:
        """Begin the next read, unless one is under way: a new list first, then the page asked for last."""
        if self._call is not None:
            return
        if self._opening is not None:
            self._reading, self._opening = self._opening, None
            self._begin(self._reading)
            return
        while self._waiting and self._rows is not None:
            wanted = self._rows.wanted(self._waiting[-1] * PAGE)
            if wanted is not None:
                self._reading = wanted
                self._begin(wanted)
                return
            self._waiting.pop()

    def _begin(self, what: ListQuery | Wanted) -> None:
        reader = self._reader
        if isinstance(what, Wanted):
            call = BackgroundCall("page of a list", lambda: _page_of(reader, what), self)
        else:
            call = BackgroundCall("list", lambda: _beginning_of(reader, what), self)
        self._call, self._reading_for = call, self._edition
        call.ended.connect(self.on_read)

    @Slot(object)
    def on_read(self, ended: Ended) -> None:
        """A read is over: show what it found, unless another list is wanted by now, or none."""
        reading, self._call, self._reading = self._reading, None, None
        if self._reading_for == self._edition:
            self._take(reading, ended)
        self._read_next()

    def _take(self, reading: ListQuery | Wanted | None, ended: Ended) -> None:
        if isinstance(ended.error, KnownError):
            self.clear()
            self.refused.emit(str(ended.error))
        elif ended.error is not None or ended.vanished:
            self.clear()
            self.failed.emit(ended.error or RuntimeError("a read ended without telling how"))
        elif isinstance(reading, ListQuery):
            self._show(ended.value)
        elif isinstance(reading, Wanted) and self._rows is not None:
            self._show_page(self._rows, reading, ended.value)

    def _show(self, beginning: Beginning) -> None:
        self.beginResetModel()
        lines = beginning.lines
        self._rows = None if lines is None else PagedRows(beginning.query, beginning.total, lines)
        self._waiting.clear()
        self.endResetModel()
        self.opened.emit(beginning)
        if lines is None:
            self.refused.emit(beginning.refusal)

    def _show_page(self, rows: PagedRows, wanted: Wanted, lines: Sequence[PatientLine]) -> None:
        new = rows.take(wanted, lines)
        if new is None:
            self._opening = rows.query
        elif new:
            last = len(self._columns) - 1
            self.dataChanged.emit(self.index(new.start, 0), self.index(new.stop - 1, last))


def _page_of(reader: ListReader, wanted: Wanted) -> list[PatientLine]:
    return reader.page(wanted.query, wanted.after, wanted.skip, wanted.count)


def _beginning_of(reader: ListReader, query: ListQuery) -> Beginning:
    total = reader.count(query)
    reasons = reader.reasons(query.source) if isinstance(query.source, OfRun) else []
    try:
        return Beginning(query, total, reasons, reader.page(query, None, 0, PAGE))
    except Refused as refusal:
        return Beginning(query, total, reasons, None, str(refusal))
