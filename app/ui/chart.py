"""The chart of a run: outcomes over time stacked, the pace as a line. Shows a `ChartModel`; draws, and decides nothing.

No outcome is told by its colour alone: each has its own pattern, in the picture as in the key above it. The inks come
from the style sheet.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Property, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPalette, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QLabel, QSizePolicy

from app.domain.outcomes import ItemState
from app.ui.chart_model import STACK, ChartModel, chart_model
from app.ui.counter_words import COUNTER_WORDS, number_of
from app.ui.formatting import count, per_second
from app.ui.hatching import Hatch, fill
from app.ui.timeline import Moment
from app.ui.widgets import STEP

_THINNEST = 3.0
"""A band with anybody in it can be seen, however few they are beside all others."""

_PACE_LINE, _PACE_HALO = 2.0, 4.5
_KEY = 3.5 * STEP
_WAITING_STRIP = 1.5 * STEP
_GRID_LINES = 4

_HATCHES = {
    ItemState.FAILED: Hatch.RISING,
    ItemState.SENT: Hatch.FULL,
    ItemState.SENDING: Hatch.UPRIGHT,
    ItemState.NOT_REQUIRED: Hatch.FAINT,
}


@dataclass(frozen=True, slots=True)
class _Plot:
    """Where the course is drawn, and how its values become points."""

    area: QRectF
    model: ChartModel

    def x(self, seconds: float) -> float:
        return self.area.left() + self.area.width() * min(1.0, seconds / self.model.span)

    def height_of(self, number: int) -> float:
        return self.area.height() * number / max(1, self.model.total)

    def pace_y(self, pace: float) -> float:
        return self.area.bottom() - self.area.height() * min(1.0, pace / self.model.fastest)


def _ink(state: ItemState) -> Property:
    """The colour of an outcome, for the style sheet to set."""

    def get(chart: Chart) -> QColor:
        return chart.ink(state)

    def put(chart: Chart, colour: QColor) -> None:
        chart.take_ink(state, colour)

    return Property(QColor, get, put)


class Chart(QLabel):
    """A picture of a run's course, with the same told in words as its accessible description."""

    failed_ink = _ink(ItemState.FAILED)
    sent_ink = _ink(ItemState.SENT)
    sending_ink = _ink(ItemState.SENDING)
    not_required_ink = _ink(ItemState.NOT_REQUIRED)

    def __init__(self) -> None:
        super().__init__()
        self._model = chart_model(())
        self._inks: dict[ItemState, QColor] = {}
        self.setProperty("role", "chart")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAccessibleName("Patients over time")
        self.setAccessibleDescription(self._model.words)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        # A label with a picture is one to a screen reader too; what is to be seen is drawn below.
        self.setPixmap(QPixmap(1, 1))

    def show_model(self, model: ChartModel) -> None:
        """Show this course."""
        if model is not self._model:
            self._model = model
            self.setAccessibleDescription(model.words)
            self.update()

    def ink(self, state: ItemState) -> QColor:
        """The colour of an outcome; that of the text until the style sheet has set one."""
        return self._inks.get(state, self.palette().color(QPalette.ColorRole.WindowText))

    def take_ink(self, state: ItemState, colour: QColor) -> None:
        """The style sheet sets the colour of an outcome."""
        self._inks[state] = colour
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As high as there is room for."""
        return QSize(100 * STEP, 60 * STEP)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """High enough to be read: the key, the times, and a picture between them."""
        return QSize(60 * STEP, 3 * self.fontMetrics().height() + 22 * STEP)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002 - Qt's name and signature
        """Draw the key, the axes and the course."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(self._colour(QPalette.ColorRole.Mid), 1.0))
        painter.setBrush(self._colour(QPalette.ColorRole.Base))
        painter.drawRoundedRect(frame, 6, 6)
        inner = frame.adjusted(3 * STEP, 2 * STEP, -3 * STEP, -2 * STEP)
        top = self._draw_key(painter, inner)
        plot = _Plot(self._plot_area(inner, top), self._model)
        if self._model.is_a_course:
            self._draw_axes(painter, plot)
            self._draw_bands(painter, plot)
            self._draw_waiting(painter, plot)
            self._draw_pace(painter, plot)
        else:
            painter.setPen(self._colour(QPalette.ColorRole.PlaceholderText))
            painter.drawText(plot.area, Qt.AlignmentFlag.AlignCenter, "The picture grows as patients are checked.")
        painter.end()

    def _colour(self, role: QPalette.ColorRole) -> QColor:
        return self.palette().color(role)

    # --- the key ------------------------------------------------------------------------------------------------

    def _draw_key(self, painter: QPainter, inner: QRectF) -> float:
        """The patterns with their words, in as many lines as they need; where the last of them ends."""
        metrics = self.fontMetrics()
        line = max(float(metrics.height()), _KEY) + STEP
        x, y = inner.left(), inner.top()
        keys: list[tuple[str, ItemState | None]] = [(COUNTER_WORDS[state].label, state) for state in STACK]
        for words, state in (*keys, ("Pace, patients a second", None)):
            width = _KEY + 2 * STEP + metrics.horizontalAdvance(words)
            if x > inner.left() and x + width > inner.right():
                x, y = inner.left(), y + line
            sample = QRectF(x, y + (line - STEP - _KEY) / 2, _KEY, _KEY)
            self._draw_sample(painter, sample, state)
            painter.setPen(self._colour(QPalette.ColorRole.WindowText))
            words_at = QRectF(x + _KEY + 1.5 * STEP, y, width, line - STEP)
            painter.drawText(words_at, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)
            x += width + 4 * STEP
        return y + line

    def _draw_sample(self, painter: QPainter, sample: QRectF, state: ItemState | None) -> None:
        if state is None:
            y = sample.center().y()
            self._draw_line(painter, [QPointF(sample.left(), y), QPointF(sample.right(), y)])
            return
        path = QPainterPath()
        path.addRect(sample)
        fill(painter, path, _HATCHES[state], self.ink(state), self._colour(QPalette.ColorRole.Base))

    # --- the axes -----------------------------------------------------------------------------------------------

    def _plot_area(self, inner: QRectF, top: float) -> QRectF:
        metrics = self.fontMetrics()
        left = metrics.horizontalAdvance(count(self._model.total)) + 2 * STEP
        right = metrics.horizontalAdvance(per_second(self._model.fastest)) + 2 * STEP
        return QRectF(
            inner.left() + left,
            top + metrics.height() / 2,
            inner.width() - left - right,
            inner.bottom() - top - 1.5 * metrics.height() - STEP,
        )

    def _draw_axes(self, painter: QPainter, plot: _Plot) -> None:
        area, metrics = plot.area, self.fontMetrics()
        faint, text = QPen(self._colour(QPalette.ColorRole.Mid), 1.0), self._colour(QPalette.ColorRole.PlaceholderText)
        half = metrics.height() / 2
        for step in range(_GRID_LINES + 1):
            y = area.bottom() - area.height() * step / _GRID_LINES
            painter.setPen(faint)
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        painter.setPen(text)
        for y, patients, pace in ((area.bottom(), 0, 0.0), (area.top(), self._model.total, self._model.fastest)):
            on_left = QRectF(0, y - half, area.left() - 1.5 * STEP, 2 * half)
            painter.drawText(on_left, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, count(patients))
            on_right = QRectF(area.right() + 1.5 * STEP, y - half, self.width(), 2 * half)
            pace_text = per_second(pace) if pace else "0"
            painter.drawText(on_right, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, pace_text)
        for mark in self._model.times:
            x = plot.x(mark.value)
            width = metrics.horizontalAdvance(mark.text)
            painter.setPen(faint)
            painter.drawLine(QPointF(x, area.bottom()), QPointF(x, area.bottom() + STEP))
            painter.setPen(text)
            at = min(max(x - width / 2, area.left()), area.right() - width)
            painter.drawText(QPointF(at, area.bottom() + STEP + metrics.ascent()), mark.text)

    # --- the course ---------------------------------------------------------------------------------------------

    def _draw_bands(self, painter: QPainter, plot: _Plot) -> None:
        """From the bottom up. Few among many still show as a thin band, at the cost of the band above all others."""
        moments = self._model.moments
        xs = [plot.x(moment.seconds) for moment in moments]
        lower = [plot.area.bottom()] * len(moments)
        for state in STACK:
            upper = self._edge(plot, moments, lower, state)
            if upper != lower:
                path = QPainterPath()
                corners = [QPointF(x, y) for x, y in zip(xs, upper, strict=True)]
                corners += [QPointF(x, y) for x, y in zip(reversed(xs), reversed(lower), strict=True)]
                path.addPolygon(QPolygonF(corners))
                path.closeSubpath()
                fill(painter, path, _HATCHES[state], self.ink(state), self._colour(QPalette.ColorRole.Base))
            lower = upper

    @staticmethod
    def _edge(plot: _Plot, moments: tuple[Moment, ...], lower: list[float], state: ItemState) -> list[float]:
        is_top = state is STACK[-1]
        upper = []
        for moment, below in zip(moments, lower, strict=True):
            number = number_of(moment.counts, state)
            if is_top:
                # The mountain's top is the true number of patients checked, whatever the thin bands below took.
                upper.append(min(below, plot.area.bottom() - plot.height_of(moment.counts.checked)))
            else:
                upper.append(below - (max(_THINNEST, plot.height_of(number)) if number else 0.0))
        return upper

    def _draw_waiting(self, painter: QPainter, plot: _Plot) -> None:
        """A strip along the top, with its word, for every time in which the Spine was waited for."""
        if not self._model.has_waited:
            return
        moments, area = self._model.moments, plot.area
        ink = self._colour(QPalette.ColorRole.WindowText)
        painter.setPen(ink)
        below = area.adjusted(STEP, _WAITING_STRIP, -STEP, 0)
        painter.drawText(below, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, "waited for the Spine")
        for at, moment in enumerate(moments):
            if moment.waits:
                end = moments[at + 1].seconds if at + 1 < len(moments) else moment.seconds
                left, right = plot.x(moment.seconds), plot.x(end)
                strip = QPainterPath()
                strip.addRect(QRectF(left, area.top(), max(1.0, right - left), _WAITING_STRIP))
                fill(painter, strip, Hatch.RISING, ink, self._colour(QPalette.ColorRole.Base))

    def _draw_pace(self, painter: QPainter, plot: _Plot) -> None:
        points = [
            QPointF(plot.x(moment.seconds), plot.pace_y(pace))
            for moment, pace in zip(self._model.moments, self._model.paces, strict=True)
            if pace is not None
        ]
        if len(points) > 1:
            self._draw_line(painter, points)

    def _draw_line(self, painter: QPainter, points: list[QPointF]) -> None:
        """A line that is seen on whatever it runs over."""
        for role, width in (
            (QPalette.ColorRole.Base, _PACE_HALO),
            (QPalette.ColorRole.WindowText, _PACE_LINE),
        ):
            pen = QPen(self._colour(role), width)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.setPen(pen)
            painter.drawPolyline(points)
