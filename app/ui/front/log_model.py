"""The log as a table: a bounded number of entries, newest last, and what of them a filter lets through."""

from __future__ import annotations

from PySide6.QtCore import QObject, QSortFilterProxyModel

from app.ui.front.held_table import HeldColumn, HeldTable, Index
from app.ui.front.log_tail import LogEntry

KEPT_ENTRIES = 5_000

COLUMNS: tuple[HeldColumn[LogEntry], ...] = (
    HeldColumn("Time", lambda entry: entry.at),
    HeldColumn("Level", lambda entry: entry.level.capitalize()),
    HeldColumn("Message", lambda entry: entry.message),
    HeldColumn("Where", lambda entry: entry.where),
)


def log_table(parent: QObject, kept: int = KEPT_ENTRIES) -> HeldTable[LogEntry]:
    """A table of at most so many entries."""
    return HeldTable(COLUMNS, parent, most=kept)


class LogFilter(QSortFilterProxyModel):
    """Lets through what is at least so severe and holds a text, in any letter case."""

    def __init__(self, source: HeldTable[LogEntry]) -> None:
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
        return [self._log.row(self.mapToSource(self.index(row, 0)).row()) for row in range(self.rowCount())]

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:  # noqa: ARG002, N802 - Qt's name and signature
        """Whether this entry is let through."""
        entry = self._log.row(row)
        return entry.severity >= self._severity and self._text in entry.text.casefold()
