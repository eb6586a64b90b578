"""Every remark about a list in a table: file, line, column, reason; the chosen one in full below it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
    Slot,
)
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QVBoxLayout, QWidget

from app.engine.list_preview import Finding
from app.ui.widgets import STEP, label, tidy

COLUMNS = ("File", "Line", "Column", "Reason")

Index = QModelIndex | QPersistentModelIndex


class FindingsModel(QAbstractTableModel):
    """The remarks, in the order they were found."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._findings: Sequence[Finding] = ()

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """Show these instead."""
        self.beginResetModel()
        self._findings = findings
        self.endResetModel()

    def finding(self, row: int) -> Finding:
        """The remark of a row."""
        return self._findings[row]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802 - Qt's signature
        """How many there are."""
        return 0 if parent.isValid() else len(self._findings)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802 - Qt's signature
        """File, line, column, reason."""
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A cell; lines are numbers, so that they are sorted as such."""
        finding = self._findings[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return (finding.file, finding.line, finding.column, finding.reason)[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return finding.reason
        return None

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """The columns' names."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        return None


class FindingsTable(QWidget):
    """A table over a `FindingsModel`; a press on a column's name sorts by it."""

    def __init__(self) -> None:
        super().__init__()
        self._model = FindingsModel(self)
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
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setTabKeyNavigation(False)
        table.setWordWrap(False)
        table.setShowGrid(False)
        table.verticalHeader().hide()
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        table.setMinimumHeight(36 * STEP)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        # As found, until somebody wants another order.
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        for column, width in enumerate((32, 16, 34)):
            table.setColumnWidth(column, width * STEP)
        header.setStretchLastSection(True)

    def show_findings(self, findings: Sequence[Finding], name: str) -> None:
        """Show these remarks, all of them; `name` says what they are to those who cannot see them."""
        self._model.show_findings(findings)
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
        self.reason.setText(
            str(self._model.finding(self._sorted.mapToSource(current).row())) if current.isValid() else ""
        )
