"""Tonight and the next days as a line: when it works, pauses, is done, and how far the session reaches.

Shows a `NightModel`; draws, and decides nothing. No stretch is told by its colour alone: each has its own pattern, and
the same in words is its accessible description. The ink is that of the text around it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPalette, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy

from app.ui.hatching import Hatch, fill
from app.ui.night_model import Mark, NightModel, StretchKind
from app.ui.widgets import STEP

_BAR = 5 * STEP
_KEY = 3 * STEP

_HATCHES = {StretchKind.WORK: Hatch.FULL, StretchKind.NEEDS_CARD: Hatch.RISING, StretchKind.PAUSE: Hatch.FAINT}
_WORDS = {
    StretchKind.WORK: "working",
    StretchKind.NEEDS_CARD: "needs a new sign-in",
    StretchKind.PAUSE: "paused",
}


@dataclass(frozen=True, slots=True)
class _Event:
    """Words at a point of the line: where the point is and where they begin and end, in pixels, and their row."""

    at: float
    left: float
    right: float
    row: int
    text: str


class NightLine(QLabel):
    """A picture of a plan's nights."""

    def __init__(self) -> None:
        super().__init__()
        self._model: NightModel | None = None
        self._events: list[_Event] = []
        self._rows = 1
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAccessibleName("When it works and pauses")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        # A label with a picture is one to a screen reader too; what is to be seen is drawn below.
        self.setPixmap(QPixmap(1, 1))

    def show_model(self, model: NightModel | None) -> None:
        """Show this line; nothing where there is none."""
        if model != self._model:
            self._model = model
            self.setAccessibleDescription("" if model is None else model.words)
            self.setToolTip("")
            self._place_events()
            self.update()
        self.setVisible(model is not None)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """What happens at one point is told where there is room for it."""
        super().resizeEvent(event)
        self._place_events()

    def _place_events(self) -> None:
        rows = self._rows
        self._events = [] if self._model is None else list(self._placed(self._model.events, self.width() - 1.0))
        self._rows = 1 + max((one.row for one in self._events), default=0)
        if self._rows != rows:
            self.updateGeometry()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As wide as there is room for."""
        return QSize(100 * STEP, self._height())

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """High enough for the key, the words, the line and its times."""
        return QSize(60 * STEP, self._height())

    def _height(self) -> int:
        return int((self._rows + 2) * self._row() + _BAR + 4 * STEP)

    def _row(self) -> float:
        return self.fontMetrics().height() + 2.0

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002 - Qt's name and signature
        """Draw the key, what happens, the line, and its times."""
        if self._model is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inner = QRectF(self.rect()).adjusted(0.5, STEP, -0.5, 0.0)
        self._draw_key(painter, inner, self._model)
        bar = QRectF(inner.left(), inner.bottom() - self._row() - STEP - _BAR, inner.width(), _BAR)
        self._draw_stretches(painter, bar, self._model)
        self._draw_marks(painter, bar, self._model.marks)
        self._draw_events(painter, bar, inner.top() + self._row() + STEP)
        painter.end()

    def _colour(self, role: QPalette.ColorRole) -> QColor:
        return self.palette().color(role)

    def _fill(self, painter: QPainter, area: QRectF, kind: StretchKind) -> None:
        path = QPainterPath()
        path.addRect(area)
        role = QPalette.ColorRole.WindowText if kind is StretchKind.PAUSE else QPalette.ColorRole.Highlight
        fill(painter, path, _HATCHES[kind], self._colour(role), self._colour(QPalette.ColorRole.Base))

    def _draw_key(self, painter: QPainter, inner: QRectF, model: NightModel) -> None:
        x, shown = inner.left(), {stretch.kind for stretch in model.stretches}
        for kind, words in _WORDS.items():
            if kind in shown:
                self._fill(painter, QRectF(x, inner.top() + (self._row() - _KEY) / 2, _KEY, _KEY), kind)
                painter.setPen(self._colour(QPalette.ColorRole.WindowText))
                x += _KEY + 1.5 * STEP
                painter.drawText(QPointF(x, inner.top() + self.fontMetrics().ascent()), words)
                x += self.fontMetrics().horizontalAdvance(words) + 4 * STEP

    def _draw_stretches(self, painter: QPainter, bar: QRectF, model: NightModel) -> None:
        painter.setPen(QPen(self._colour(QPalette.ColorRole.Mid), 1.0))
        painter.drawLine(QPointF(bar.left(), bar.center().y()), QPointF(bar.right(), bar.center().y()))
        for stretch in model.stretches:
            left = bar.left() + bar.width() * stretch.begins
            width = max(2.0, bar.width() * (stretch.ends - stretch.begins))
            # A pause is lower than work, so that the two differ in shape as well.
            inset = _BAR / 4 if stretch.kind is StretchKind.PAUSE else 0.0
            self._fill(painter, QRectF(left, bar.top() + inset, width, bar.height() - 2 * inset), stretch.kind)

    def _draw_marks(self, painter: QPainter, bar: QRectF, marks: tuple[Mark, ...]) -> None:
        metrics, free_from = self.fontMetrics(), bar.left() - 4 * STEP
        # A new date matters more than an hour beside it.
        for mark in sorted(marks, key=lambda mark: mark.at):
            x, width = bar.left() + bar.width() * mark.at, metrics.horizontalAdvance(mark.text)
            painter.setPen(QPen(self._colour(QPalette.ColorRole.Mid), 1.0))
            painter.drawLine(QPointF(x, bar.bottom()), QPointF(x, bar.bottom() + STEP))
            left = min(max(x - width / 2, bar.left()), bar.right() - width)
            if left >= free_from:
                role = QPalette.ColorRole.WindowText if mark.is_day else QPalette.ColorRole.PlaceholderText
                painter.setPen(self._colour(role))
                painter.drawText(QPointF(left, bar.bottom() + 1.5 * STEP + metrics.ascent()), mark.text)
                free_from = left + width + 2 * STEP

    def _placed(self, events: tuple[Mark, ...], room: float) -> Iterator[_Event]:
        """Each on the first row with room for it."""
        metrics, ends = self.fontMetrics(), [0.0] * len(events)
        for event in events:
            x, width = room * event.at, metrics.horizontalAdvance(event.text)
            left = x - STEP - width if x + STEP + width > room else x + STEP
            row = next(row for row, end in enumerate(ends) if end <= max(0.0, min(left, x)))
            ends[row] = max(left + width, x) + 2 * STEP
            yield _Event(x, left, left + width, row, event.text)

    def _draw_events(self, painter: QPainter, bar: QRectF, top: float) -> None:
        """With a line down to its point each, broken where it would strike out the words of another."""
        painter.setPen(QPen(self._colour(QPalette.ColorRole.WindowText), 1.0))
        for event in self._events:
            x, y = bar.left() + event.at, top + event.row * self._row()
            painter.drawText(QPointF(bar.left() + event.left, y + self.fontMetrics().ascent()), event.text)
            for row in range(event.row, self._rows):
                if not any(other.row == row and other.left < event.at < other.right for other in self._events):
                    begins = top + row * self._row()
                    painter.drawLine(QPointF(x, begins), QPointF(x, begins + self._row()))
            painter.drawLine(QPointF(x, top + self._rows * self._row()), QPointF(x, bar.bottom() + STEP))
