"""Fills that can be told apart without their colours: full, faint, and lines in one direction or another."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

_APART = 7.0
_LINE = 2.0
_FAINT = 0.28


class Hatch(Enum):
    """How an area is filled."""

    FULL = "full"
    FAINT = "faint"
    RISING = "rising"
    UPRIGHT = "upright"


def fill(painter: QPainter, area: QPainterPath, hatch: Hatch, ink: QColor, ground: QColor) -> None:
    """Fill an area with an ink; `ground` is the colour of the lines across it. A faint one gets an edge of full ink."""
    painter.save()
    painter.fillPath(area, _faded(ink) if hatch is Hatch.FAINT else ink)
    if hatch is Hatch.FAINT:
        painter.strokePath(area, QPen(ink, 1.0))
    elif hatch is not Hatch.FULL:
        painter.setClipPath(area, Qt.ClipOperation.IntersectClip)
        painter.setPen(QPen(ground, _LINE))
        painter.drawLines([part for line in _lines(area.boundingRect(), hatch) for part in line])
    painter.restore()


def _faded(ink: QColor) -> QColor:
    faded = QColor(ink)
    faded.setAlphaF(_FAINT)
    return faded


def _lines(around: QRectF, hatch: Hatch) -> list[tuple[QPointF, QPointF]]:
    """Lines across a rectangle; they stand still when it grows, so that nothing crawls while a run goes on."""
    slant = around.height() if hatch is Hatch.RISING else 0.0
    # For a rising line x plus y is the same everywhere: the first one is found from there.
    offset = around.bottom() if hatch is Hatch.RISING else 0.0
    first = ((around.left() - slant + offset) // _APART) * _APART - offset
    lines = []
    x = first
    while x < around.right() + slant:
        lines.append((QPointF(x, around.bottom()), QPointF(x + slant, around.top())))
        x += _APART
    return lines
