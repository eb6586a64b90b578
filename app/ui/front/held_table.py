"""The table model over rows that are all at hand: what the tables around a practice share. Longer lists are paged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

Row = TypeVar("Row")
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class HeldColumn(Generic[Row]):
    """One column: its heading, and what stands in it; numbers stay numbers, so that they are sorted as such."""

    heading: str
    value: Callable[[Row], Any]
    is_number: bool = False


class HeldTable(QAbstractTableModel, Generic[Row]):
    """Rows in the order they were put in. At most `most` are kept, the oldest go first; None keeps all.

    `tip` is what is said of a row besides its cells.
    """

    def __init__(
        self,
        columns: Sequence[HeldColumn[Row]],
        parent: QObject,
        *,
        most: int | None = None,
        tip: Callable[[Row], str | None] = lambda _: None,
    ) -> None:
        super().__init__(parent)
        self._columns = columns
        self._most = most
        self._tip = tip
        self._rows: list[Row] = []

    def put(self, rows: Sequence[Row]) -> None:
        """Show these instead."""
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def add(self, rows: Sequence[Row]) -> None:
        """Add rows at the end."""
        most = self._most if self._most is not None else len(self._rows) + len(rows)
        rows = rows[-most:]
        if not rows:
            return
        too_many = len(self._rows) + len(rows) - most
        if too_many > 0:
            self.beginRemoveRows(QModelIndex(), 0, too_many - 1)
            del self._rows[:too_many]
            self.endRemoveRows()
        first = len(self._rows)
        self.beginInsertRows(QModelIndex(), first, first + len(rows) - 1)
        self._rows += rows
        self.endInsertRows()

    def row(self, at: int) -> Row:
        """What stands in a row."""
        return self._rows[at]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802 - Qt's signature
        """How many there are."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802 - Qt's signature
        """How many columns there are."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A cell, or the row's tip."""
        if role == Qt.ItemDataRole.DisplayRole:
            return self._columns[index.column()].value(self._rows[index.row()])
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(self._rows[index.row()])
        return self._alignment(index.column(), role)

    def _alignment(self, column: int, role: int) -> Qt.AlignmentFlag | None:
        """Numbers and their headings stand on the right; None leaves everything else where the table has it."""
        if role == Qt.ItemDataRole.TextAlignmentRole and self._columns[column].is_number:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """The columns' names."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section].heading
        return self._alignment(section, role) if orientation is Qt.Orientation.Horizontal else None
