"""The log as a table: a bounded number of entries, newest last, and what of them a filter lets through."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QSortFilterProxyModel, Qt

from app.ui.front.log_tail import LogEntry

KEPT_ENTRIES = 5_000

COLUMNS = ("Time", "Level", "Message", "Where")

Index = QModelIndex | QPersistentModelIndex


class LogModel(QAbstractTableModel):
    """At most `kept` entries; the oldest go first."""

    def __init__(self, parent: QObject, kept: int = KEPT_ENTRIES) -> None:
        super().__init__(parent)
        self._kept = kept
        self._entries: list[LogEntry] = []

    def add(self, entries: Sequence[LogEntry]) -> None:
        """Add entries at the end."""
        entries = entries[-self._kept :]
        if not entries:
            return
        too_many = len(self._entries) + len(entries) - self._kept
        if too_many > 0:
            self.beginRemoveRows(QModelIndex(), 0, too_many - 1)
            del self._entries[:too_many]
            self.endRemoveRows()
        first = len(self._entries)
        self.beginInsertRows(QModelIndex(), first, first + len(entries) - 1)
        self._entries += entries
        self.endInsertRows()

    def entry(self, row: int) -> LogEntry:
        """The entry of a row."""
        return self._entries[row]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802 - Qt's signature
        """How many entries there are."""
        return 0 if parent.isValid() else len(self._entries)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802 - Qt's signature
        """Time, level, message, where."""
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A cell's text; the whole entry as its tip."""
        entry = self._entries[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return (entry.at, entry.level.capitalize(), entry.message, entry.where)[index.column()]
        return None

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """The columns' names."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        return None


class LogFilter(QSortFilterProxyModel):
    """Lets through what is at least so severe and holds a text, in any letter case."""

    def __init__(self, source: LogModel) -> None:
        super().__init__(source.parent())
        self._log = source
        self._severity = 0
        self._text = ""
        self.setSourceModel(source)

    def set_severity(self, severity: int) -> None:
        """Let nothing through that is less severe."""
        self._severity = severity
        self.invalidate()

    def set_text(self, text: str) -> None:
        """Let only entries through that hold this text; every one holds an empty one."""
        self._text = text.strip().casefold()
        self.invalidate()

    def shown(self) -> list[LogEntry]:
        """What is let through, in order."""
        return [self._log.entry(self.mapToSource(self.index(row, 0)).row()) for row in range(self.rowCount())]

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:  # noqa: ARG002, N802 - Qt's name and signature
        """Whether this entry is let through."""
        entry = self._log.entry(row)
        return entry.severity >= self._severity and self._text in entry.text.casefold()
