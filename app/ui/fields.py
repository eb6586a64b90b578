"""Input fields whose signs the style sheet cannot draw without picture files: the combo's arrow, the box's tick."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QStyle, QStyleOptionButton, QWidget

from app.ui.glyph import Shape, draw
from app.ui.widgets import STEP, label, tidy

FIELD_HEIGHT = 7 * STEP
"""The least height of a field, and of the label that stands beside its first line."""


class Choice(QComboBox):
    """A combo box with an arrow in the colour of its text."""

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumHeight(FIELD_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the box, then the arrow."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Text), 1.6))
        x, y = self.width() - 3.5 * STEP, self.height() / 2
        painter.drawPolyline([QPointF(x - 4, y - 2), QPointF(x, y + 2), QPointF(x + 4, y - 2)])
        painter.end()


class TickBox(QCheckBox):
    """A check box with a tick in it when it is ticked."""

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """With room for the last letter of a short word, which the style sheet's spacing would take."""
        return super().sizeHint() + QSize(STEP, 0)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the box, then the tick."""
        super().paintEvent(event)
        if not self.isChecked():
            return
        option = QStyleOptionButton()
        self.initStyleOption(option)
        box = QRectF(self.style().subElementRect(QStyle.SubElement.SE_CheckBoxIndicator, option, self))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(box.center().x() - 6, box.center().y() - 6)
        painter.scale(0.75, 0.75)
        draw(painter, Shape.TICK, self.palette().color(QPalette.ColorRole.HighlightedText))
        painter.end()


def with_word(words: str, field: QWidget) -> QWidget:
    """A field with its word before it, which stay together."""
    pair = QWidget()
    row = QHBoxLayout(pair)
    tidy(row, spacing=2)
    named = label(words, "secondary")
    named.setBuddy(field)
    row.addWidget(named)
    row.addWidget(field, 1)
    return pair
