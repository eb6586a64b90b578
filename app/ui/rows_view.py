"""A table as staff see it: whole rows, one chosen, the keyboard leaves it with Tab. Knows only columns and rows."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractItemModel, QItemSelectionModel, Qt, Signal, Slot
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from app.ui.columns import Column
from app.ui.paged_table import AnyIndex
from app.ui.widgets import STEP, steady_figures

_PADDING = 6 * STEP


def show_whole_rows(table: QTableView) -> None:
    """What every table of the program has in common: one row is chosen, nothing wraps, Tab leads out of it."""
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setTabKeyNavigation(False)
    table.setWordWrap(False)
    table.setShowGrid(False)
    table.verticalHeader().hide()
    table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    headings = table.horizontalHeader()
    headings.setHighlightSections(False)
    headings.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


class RowsView(QTableView):
    """Signals: `row_changed()` when another row is chosen, or none.

    `widths` are those somebody has given the columns, by the headings of the list: whoever keeps them from one start to
    the next reads and fills it.
    """

    row_changed = Signal()

    def __init__(self, table: QAbstractItemModel, name: str, spoken: str) -> None:
        """`name` is what its widths are kept by, `spoken` what a screen reader calls it."""
        super().__init__()
        self._laid_out: Sequence[Column] = ()
        self._is_laying_out = False
        self.widths: dict[str, list[int]] = {}
        self.setObjectName(name)
        self.setModel(table)
        self.setAccessibleName(spoken)
        show_whole_rows(self)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setCornerButtonEnabled(False)
        steady_figures(self)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 3 * STEP)
        headings = self.horizontalHeader()
        headings.setSectionsClickable(True)
        headings.sectionResized.connect(self.on_resized)

    def lay_out(self, columns: Sequence[Column], sort: object = None, *, descending: bool = False) -> None:
        """Give the columns their widths, once for each kind of list, and mark the one that is sorted by."""
        headings = self.horizontalHeader()
        if columns != self._laid_out:
            self._laid_out = columns
            self._is_laying_out = True
            for at, width in enumerate(self.widths.get(_key(columns)) or self._usual_widths(columns)):
                headings.resizeSection(at, width)
            self._is_laying_out = False
        sorted_by = next((at for at, column in enumerate(columns) if sort is not None and column.sort is sort), -1)
        headings.setSortIndicatorShown(sorted_by >= 0)
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        headings.setSortIndicator(sorted_by, order)

    def _usual_widths(self, columns: Sequence[Column]) -> list[int]:
        headings, advance = self.horizontalHeader(), self.fontMetrics().horizontalAdvance
        return [
            max(advance(column.sample) + _PADDING, headings.sectionSizeHint(at)) for at, column in enumerate(columns)
        ]

    @Slot()
    def on_resized(self) -> None:
        """A column has another width; where somebody gave it that, it is kept for this kind of list."""
        if not self._is_laying_out and self._laid_out:
            headings = self.horizontalHeader()
            self.widths[_key(self._laid_out)] = [headings.sectionSize(at) for at in range(len(self._laid_out))]

    def choose(self, row: int) -> None:
        """Choose a row and have it in sight."""
        index = self.model().index(row, 0)
        self.selectionModel().setCurrentIndex(
            index, QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        )
        self.scrollTo(index)

    def currentChanged(self, current: AnyIndex, previous: AnyIndex) -> None:  # noqa: N802 - Qt's name
        """Tell that another row is chosen."""
        super().currentChanged(current, previous)
        if current.row() != previous.row():
            self.row_changed.emit()


def _key(columns: Sequence[Column]) -> str:
    """What tells this kind of list from the others."""
    return "|".join(column.heading for column in columns)
