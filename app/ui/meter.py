"""The progress bar of a run: calm while it moves, striped while it is held, empty while nothing is known yet."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QProgressBar

from app.ui.running_model import BarLook
from app.ui.widgets import STEP

_RADIUS = 4.0
_STRIPE = 10.0


class Meter(QProgressBar):
    """A progress bar whose value is what has been done, drawn from the palette."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextVisible(False)
        self._look = BarLook.BUSY

    def show_progress(self, done: int, total: int, look: BarLook) -> None:
        """Show so much of so much."""
        self._look = look
        # Qt takes 0 to 0 for "busy" and would draw and announce that.
        self.setRange(0, max(1, total))
        self.setValue(done)
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Wide, and as high as five steps."""
        return QSize(60 * STEP, 5 * STEP)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """It may become narrow, never low."""
        return QSize(20 * STEP, 5 * STEP)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002 - Qt's name and signature
        """Draw track, what is done, and its stripes."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.palette()
        whole = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        track = QPainterPath()
        track.addRoundedRect(whole, _RADIUS, _RADIUS)
        painter.fillPath(track, palette.color(QPalette.ColorRole.Mid))
        share = self.value() / self.maximum()
        if share > 0:
            done = QRectF(whole.left(), whole.top(), whole.width() * share, whole.height())
            painter.setClipPath(track)
            painter.fillRect(done, palette.color(QPalette.ColorRole.Highlight))
            if self._look is BarLook.HELD:
                painter.setClipRect(done, Qt.ClipOperation.IntersectClip)
                self._stripe(painter, done, palette.color(QPalette.ColorRole.HighlightedText))
        painter.end()

    @staticmethod
    def _stripe(painter: QPainter, area: QRectF, colour: QColor) -> None:
        faint = QColor(colour)
        faint.setAlphaF(0.45)
        painter.setPen(QPen(faint, _STRIPE / 2))
        x = area.left() - area.height()
        while x < area.right() + area.height():
            painter.drawLine(round(x), round(area.bottom()) + 2, round(x + area.height()), round(area.top()) - 2)
            x += _STRIPE * 1.6
