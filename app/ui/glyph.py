"""The few signs that stand beside words, drawn in the colour of the text around them."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QLabel

from app.ui.tones import Tone

_SIDE = 16.0


class Shape(Enum):
    """What is drawn, within a square of 16."""

    INFORMATION = "information"
    TICK = "tick"
    WARNING = "warning"
    CROSS = "cross"
    DOT = "dot"
    PAUSE = "pause"
    BARRED = "barred"


class Glyph(QLabel):
    """One sign, as large as the text beside it. It says nothing that the words do not say too."""

    def __init__(self, shape: Shape = Shape.INFORMATION, tone: Tone = Tone.PLAIN) -> None:
        super().__init__()
        self._shape = shape
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("tone", tone.value)

    def show_shape(self, shape: Shape, tone: Tone) -> None:
        """Change the sign and its tone."""
        self._shape = shape
        if self.property("tone") != tone.value:
            self.setProperty("tone", tone.value)
            self.style().unpolish(self)
            self.style().polish(self)
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """A square of the text's height."""
        side = self.fontMetrics().height()
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Never smaller than its size."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002 - Qt's name and signature
        """Draw the sign."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = min(self.width(), self.height())
        painter.translate((self.width() - side) / 2, (self.height() - side) / 2)
        painter.scale(side / _SIDE, side / _SIDE)
        draw(painter, self._shape, self.palette().color(self.foregroundRole()))
        painter.end()


def draw(painter: QPainter, shape: Shape, colour: QColor) -> None:
    """Draw a sign in a square of 16 at the painter's origin."""
    pen = QPen(colour, 2.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if shape is Shape.TICK:
        painter.drawPolyline(_points((2.5, 8.5), (6.5, 12.5), (13.5, 4)))
    elif shape is Shape.CROSS:
        painter.drawLine(QPointF(3.5, 3.5), QPointF(12.5, 12.5))
        painter.drawLine(QPointF(12.5, 3.5), QPointF(3.5, 12.5))
    elif shape is Shape.WARNING:
        pen.setWidthF(1.6)
        painter.setPen(pen)
        painter.drawPolygon(_points((8, 2), (15, 14), (1, 14)))
        painter.drawLine(QPointF(8, 6.6), QPointF(8, 9.8))
        _dot(painter, colour, 8, 12, 0.95)
    elif shape is Shape.INFORMATION:
        pen.setWidthF(1.5)
        painter.setPen(pen)
        painter.drawEllipse(QRectF(1.5, 1.5, 13, 13))
        painter.drawLine(QPointF(8, 7.6), QPointF(8, 11.4))
        _dot(painter, colour, 8, 4.9, 1.05)
    elif shape is Shape.BARRED:
        pen.setWidthF(1.5)
        painter.setPen(pen)
        painter.drawEllipse(QRectF(2, 2, 12, 12))
        painter.drawLine(QPointF(4.2, 11.8), QPointF(11.8, 4.2))
    elif shape is Shape.PAUSE:
        pen.setWidthF(2.6)
        painter.setPen(pen)
        painter.drawLine(QPointF(5.5, 4), QPointF(5.5, 12))
        painter.drawLine(QPointF(10.5, 4), QPointF(10.5, 12))
    else:
        _dot(painter, colour, 8, 8, 4)


def _points(*corners: tuple[float, float]) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in corners])


def _dot(painter: QPainter, colour: QColor, x: float, y: float, radius: float) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(QPointF(x, y), radius, radius)
