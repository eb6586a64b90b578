"""A layout that puts its widgets beside one another in as many lines as they need, or below one another in a column.

Qt's own box layouts squeeze what has no room; here it goes to the next line.
"""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLabel, QLayout, QLayoutItem, QVBoxLayout, QWidget

from app.ui.widgets import STEP, tidy


class FlowLayout(QLayout):
    """Lines of widgets, `spacing` steps apart; as a `column`, one widget a line over the whole width.

    The widget `keep_last` is told stands at the end: at the right of the last line, or at the foot of the column.
    """

    def __init__(self, parent: QWidget, *, column: bool = False, spacing: int = 2) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._last: QWidget | None = None
        self._column = column
        tidy(self, spacing=spacing)

    def set_column(self, column: bool) -> None:
        """Below one another, or in lines."""
        self._column = column
        self.invalidate()

    def keep_last(self, widget: QWidget) -> None:
        """Add a widget that stands at the very end."""
        self._last = widget
        self.addWidget(widget)

    def addItem(self, item: QLayoutItem) -> None:  # noqa: N802 - Qt's name
        """Qt hands over an item."""
        self._items.append(item)

    def count(self) -> int:
        """How many items there are."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # noqa: N802 - Qt's name
        """An item, None beyond the last."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # noqa: N802 - Qt's name
        """Give an item up."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:  # noqa: N802 - Qt's name
        """It wants no more room than it needs."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        """The narrower, the higher."""
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        """How high it is then."""
        return self._place(QRect(0, 0, width, 0), apply=False)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Everything in one line, or the column."""
        shown = [item.sizeHint() for item in self._shown()]
        margins = self.contentsMargins()
        gaps = self.spacing() * max(0, len(shown) - 1)
        widths = [size.width() for size in shown]
        width = max(widths, default=0) if self._column else sum(widths) + gaps
        width += margins.left() + margins.right()
        return QSize(width, self.heightForWidth(width))

    def minimumSize(self) -> QSize:  # noqa: N802 - Qt's name
        """As wide as the widest must be; the height follows from the width there is."""
        margins = self.contentsMargins()
        widest = max((item.minimumSize().width() for item in self._shown()), default=0)
        return QSize(widest + margins.left() + margins.right(), margins.top() + margins.bottom())

    def setGeometry(self, rect: QRect) -> None:  # noqa: N802 - Qt's name
        """Put everything in its place."""
        super().setGeometry(rect)
        self._place(rect, apply=True)

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _place(self, rect: QRect, *, apply: bool) -> int:
        """Lay out within a rectangle's width; how high that is."""
        margins = self.contentsMargins()
        area = rect.marginsRemoved(margins)
        y = area.top()
        for line in self._lines(area.width()):
            heights = [_height(item, width) for item, width in line]
            x = area.left()
            for (item, width), height in zip(line, heights, strict=True):
                if apply:
                    at = QPoint(x, y + (0 if self._column else (max(heights) - height) // 2))
                    item.setGeometry(QRect(self._at_end(item, at, width, height, area), QSize(width, height)))
                x += width + self.spacing()
            y += max(heights) + self.spacing()
        return y - self.spacing() + margins.bottom() - rect.top()

    def _lines(self, room: int) -> list[list[tuple[QLayoutItem, int]]]:
        lines: list[list[tuple[QLayoutItem, int]]] = []
        left = -1
        beside_last = room - self._last.sizeHint().width() - self.spacing() if self._last is not None else room
        for item in self._shown():
            # What can be broken into more lines leaves room for the last one beside it.
            most = beside_last if item.hasHeightForWidth() and item.widget() is not self._last else room
            width = room if self._column else min(most, item.sizeHint().width())
            if left < width:
                lines.append([])
                left = room
            lines[-1].append((item, width))
            left -= width + self.spacing()
        return lines

    def _at_end(self, item: QLayoutItem, at: QPoint, width: int, height: int, area: QRect) -> QPoint:
        if item.widget() is not self._last:
            return at
        if self._column:
            return QPoint(at.x(), max(at.y(), area.bottom() + 1 - height))
        return QPoint(area.right() + 1 - width, at.y())


def _height(item: QLayoutItem, width: int) -> int:
    return item.heightForWidth(width) if item.hasHeightForWidth() else item.sizeHint().height()


class Lines(QWidget):
    """A few texts below one another, as wide as the longest where there is room, else broken into more lines."""

    def __init__(self, *parts: QWidget) -> None:
        super().__init__()
        self._parts = parts
        layout = QVBoxLayout(self)
        tidy(layout, spacing=1)
        for part in parts:
            layout.addWidget(part)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """The longest text in one line."""
        width = max((_natural_width(part) for part in self._parts if part.isVisibleTo(self)), default=0)
        return QSize(width, self.heightForWidth(width))


def _natural_width(part: QWidget) -> int:
    if isinstance(part, QLabel):
        part.ensurePolished()
        return part.fontMetrics().horizontalAdvance(part.text()) + STEP
    texts = part.findChildren(QLabel)
    return sum(_natural_width(one) if one.text() else one.sizeHint().width() + 2 * STEP for one in texts)
