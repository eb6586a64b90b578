"""The table model over a long list: asks for pages as they come into view, in another thread, and never waits.

A row that is not at hand yet shows as empty for a moment.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal, Slot

from app.domain.errors import KnownError
from app.ui.background import BackgroundCall, Ended
from app.ui.columns import Column
from app.ui.paged_rows import PAGE, Line, PagedRows, Wanted

AnyIndex = QModelIndex | QPersistentModelIndex

_MOST_WAITING = 3
"""Pages asked for while another is read; the oldest have been scrolled past."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """A list's length and its first rows. `lines` is None where they may not be seen, and `refusal` says why."""

    query: Any
    total: int
    lines: Sequence[Line] | None
    refusal: str = ""


class PagedTable(QAbstractTableModel):
    """Lives in the window's thread; one read at a time is under way in another. `begin` and `page` are called there.

    Signals: `opened(Beginning)` once a list's beginning is there; `refused(str)` when it may not be seen or cannot be
    read; `failed(object)` with an unexpected error.
    """

    opened = Signal(object)
    refused = Signal(str)
    failed = Signal(object)

    def __init__(
        self,
        begin: Callable[[Any], Beginning],
        page: Callable[[Wanted], Sequence[Line]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._read_beginning = begin
        self._read_page = page
        self._columns: Sequence[Column] = ()
        self._rows: PagedRows | None = None
        self._opening: Any = None
        self._waiting: list[int] = []
        self._call: BackgroundCall | None = None
        self._reading: Any = None
        # Goes up with every list and every clearing: what was read for an earlier one is shown to nobody.
        self._edition = 0
        self._reading_for = 0

    # --- what the page asks -----------------------------------------------------------------------------------------

    def open(self, query: Any, columns: Sequence[Column]) -> None:
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
        """Show nothing any more, at once."""
        self.beginResetModel()
        self._edition += 1
        self._rows, self._opening = None, None
        self._waiting.clear()
        self.endResetModel()

    def line(self, row: int) -> Any:
        """What stands in a row, None where that is not at hand."""
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

    def _begin(self, what: Any) -> None:
        read_page, read_beginning = self._read_page, self._read_beginning
        if isinstance(what, Wanted):
            call = BackgroundCall("page of a list", lambda: read_page(what), self)
        else:
            call = BackgroundCall("list", lambda: read_beginning(what), self)
        self._call, self._reading_for = call, self._edition
        call.ended.connect(self.on_read)

    @Slot(object)
    def on_read(self, ended: Ended) -> None:
        """A read is over: show what it found, unless another list is wanted by now, or none."""
        reading, self._call, self._reading = self._reading, None, None
        if self._reading_for == self._edition:
            self._take(reading, ended)
        self._read_next()

    def _take(self, reading: Any, ended: Ended) -> None:
        if isinstance(ended.error, KnownError):
            self.clear()
            self.refused.emit(str(ended.error))
        elif ended.error is not None or ended.vanished:
            self.clear()
            self.failed.emit(ended.error or RuntimeError("a read ended without telling how"))
        elif not isinstance(reading, Wanted):
            self._show(ended.value)
        elif self._rows is not None:
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

    def _show_page(self, rows: PagedRows, wanted: Wanted, lines: Sequence[Line]) -> None:
        new = rows.take(wanted, lines)
        if new is None:
            self._opening = rows.query
        elif new:
            last = len(self._columns) - 1
            self.dataChanged.emit(self.index(new.start, 0), self.index(new.stop - 1, last))
