"""Every remark about a list in a table: file, line, column, reason; the chosen one in full below it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QSortFilterProxyModel, Qt, Slot
from PySide6.QtWidgets import QTableView, QVBoxLayout, QWidget

from app.engine.list_preview import Finding
from app.ui.front.held_table import HeldColumn, HeldTable
from app.ui.rows_view import show_whole_rows
from app.ui.widgets import STEP, label, tidy

COLUMNS: tuple[HeldColumn[Finding], ...] = (
    HeldColumn("File", lambda finding: finding.file),
    HeldColumn("Line", lambda finding: finding.line),
    HeldColumn("Column", lambda finding: finding.column),
    HeldColumn("Reason", lambda finding: finding.reason),
)


class FindingsTable(QWidget):
    """The remarks in the order they were found; a press on a column's name sorts by it."""

    def __init__(self) -> None:
        super().__init__()
        self._model = HeldTable(COLUMNS, self, tip=lambda finding: finding.reason)
        self._sorted = QSortFilterProxyModel(self)
        self._sorted.setSourceModel(self._model)
        self.table = QTableView()
        self.reason = label(wraps=True)
        self._set_up()
        layout = QVBoxLayout(self)
        tidy(layout, margin=1, spacing=2)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.reason)
        self.table.selectionModel().currentRowChanged.connect(self.on_row_changed)

    def _set_up(self) -> None:
        table = self.table
        table.setModel(self._sorted)
        table.setSortingEnabled(True)
        show_whole_rows(table)
        table.setMinimumHeight(36 * STEP)
        header = table.horizontalHeader()
        # As found, until somebody wants another order.
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        for column, width in enumerate((32, 16, 34)):
            table.setColumnWidth(column, width * STEP)
        header.setStretchLastSection(True)

    def show_findings(self, findings: Sequence[Finding], name: str) -> None:
        """Show these remarks, all of them; `name` says what they are to those who cannot see them."""
        self._model.put(findings)
        self.table.setAccessibleName(name)
        self.reason.setText("")
        self.reason.setVisible(bool(findings))
        if findings:
            self.table.selectRow(0)

    def texts(self) -> list[tuple[str, ...]]:
        """The table's cells as they stand, row by row."""
        rows, columns = range(self._sorted.rowCount()), range(len(COLUMNS))
        return [tuple(str(self._sorted.index(row, column).data()) for column in columns) for row in rows]

    @Slot(QModelIndex, QModelIndex)
    def on_row_changed(self, current: QModelIndex, before: QModelIndex) -> None:  # noqa: ARG002 - Qt's signature
        """Another remark was chosen: show all of it."""
        self.reason.setText(str(self._model.row(self._sorted.mapToSource(current).row())) if current.isValid() else "")
