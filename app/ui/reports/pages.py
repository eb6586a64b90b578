"""Draws a report page by page onto whatever has pages: a PDF file or a printer. Nothing of it is kept in memory.

Black on white, thin rules, no shading: it stays legible on the oldest printer. May be used from any thread, one painter
at a time: Qt allows it for these devices.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import islice

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QGuiApplication, QPagedPaintDevice, QPainter, QPen

from app.engine.long_work import Progress
from app.engine.patient_line import PatientLine
from app.engine.reports import Sheets
from app.ui.reports.printed import NOBODY, PRINTED_COLUMNS, Head, head_of

MARGIN_MM = 10.0
_MM_AN_INCH = 25.4
_TITLE_PT, _TEXT_PT, _SMALLEST_PT = 13.0, 8.0, 6.0
_STEP_PT = 1.0
_PADDING_MM = 0.9
_GAP_MM = 1.5
_REMEMBERED = 8192
_ELIDED = Qt.TextElideMode.ElideRight


class PageFault(OSError):
    """The device took no page: it is full, gone, or was never there."""


class _Fonts:
    """The sizes of one face, with what they measure on the device."""

    def __init__(self, device: QPagedPaintDevice, *, bold: bool = False) -> None:
        self.sizes: list[tuple[QFont, QFontMetricsF]] = []
        points = _TEXT_PT
        while points >= _SMALLEST_PT:
            self.sizes.append(_font(device, points, bold=bold))
            points -= _STEP_PT
        # Most words come again on every page: terms, reasons, the operator.
        self.fitted = lru_cache(_REMEMBERED)(self._fit)

    def _fit(self, text: str, width: float) -> tuple[int, str]:
        """The largest size in which a text has room, by its place; what has none in the smallest is cut."""
        for at, (_, measured) in enumerate(self.sizes):
            if measured.horizontalAdvance(text) <= width:
                return at, text
        return len(self.sizes) - 1, self.sizes[-1][1].elidedText(text, _ELIDED, width)


def _font(device: QPagedPaintDevice, points: float, *, bold: bool = False) -> tuple[QFont, QFontMetricsF]:
    font = QFont(QGuiApplication.font())
    font.setPointSizeF(points)
    font.setBold(bold)
    return font, QFontMetricsF(font, device)


class ReportPages:
    """One report on one device, which is set up: A4 across, its margins, its resolution."""

    def __init__(self, device: QPagedPaintDevice, sheets: Sheets) -> None:
        self._device = device
        self._sheets = sheets
        self._head = head_of(sheets)
        self._mm = device.logicalDpiX() / _MM_AN_INCH
        self._width = float(device.width())
        self._height = float(device.height())
        self._title = _font(device, _TITLE_PT, bold=True)
        self._plain, self._bold = _Fonts(device), _Fonts(device, bold=True)
        self._line = self._plain.sizes[0][1].lineSpacing()
        self._row = 2 * self._line + 2 * _PADDING_MM * self._mm
        scale = self._width / sum(column.width for column in PRINTED_COLUMNS)
        self._columns = [(column, column.width * scale) for column in PRINTED_COLUMNS]
        self._top = self._height_of_head()
        room = self._height - self._top - self._row - 2 * self._line
        self.rows_a_page = max(1, int(room // self._row))
        self.pages = max(1, -(-sheets.rows.patients // self.rows_a_page))

    def draw(self, progress: Progress, took_page: Callable[[], None]) -> None:
        """Draw every page; `took_page` is asked after each whether the device takes any more, and raises if not.

        Raises `Cancelled` and `PageFault`.
        """
        painter = QPainter()
        if not painter.begin(self._device):
            raise PageFault(0, "the pages cannot be begun")
        try:
            self._draw(painter, progress, took_page)
        finally:
            painter.end()
        took_page()

    def _draw(self, painter: QPainter, progress: Progress, took_page: Callable[[], None]) -> None:
        lines, total = self._sheets.rows.lines, self._sheets.rows.patients
        for page in range(1, self.pages + 1):
            progress("Drawing the pages", (page - 1) * self.rows_a_page, total)
            if page > 1:
                took_page()
                if not self._device.newPage():
                    raise PageFault(0, "a new page cannot be begun")
            self._draw_page(painter, page, islice(lines, self.rows_a_page))
        progress("Drawing the pages", total, total)

    def _draw_page(self, painter: QPainter, page: int, lines: Iterator[PatientLine]) -> None:
        painter.setPen(QPen(Qt.GlobalColor.black, 0.15 * self._mm))
        self._draw_head(painter, self._head)
        y = self._draw_headings(painter, self._top)
        if self._sheets.rows.patients == 0:
            self._put(painter, self._plain, NOBODY, 0, y + _PADDING_MM * self._mm, self._width)
        for line in lines:
            self._draw_row(painter, line, y)
            y += self._row
        self._draw_foot(painter, page)

    # --- the parts of a page ----------------------------------------------------------------------------------------

    def _height_of_head(self) -> float:
        lines = 2 + bool(self._head.warning)
        return self._title[1].lineSpacing() + lines * self._line + 2 * _GAP_MM * self._mm

    def _draw_head(self, painter: QPainter, head: Head) -> None:
        font, measured = self._title
        right = min(self._bold.sizes[0][1].horizontalAdvance(head.practice), self._width / 2)
        self._put(painter, self._bold, head.practice, self._width - right, 0, right)
        painter.setFont(font)
        room = self._width - right - 2 * _GAP_MM * self._mm
        painter.drawText(QPointF(0, measured.ascent()), measured.elidedText(head.title, _ELIDED, room))
        y = measured.lineSpacing() + _GAP_MM * self._mm / 2
        how_many = self._bold.sizes[0][1].horizontalAdvance(head.how_many)
        self._put(painter, self._bold, head.how_many, self._width - how_many, y, how_many)
        self._put(painter, self._plain, head.meaning, 0, y, self._width - how_many - 2 * _GAP_MM * self._mm)
        y += self._line
        self._put(painter, self._plain, head.run, 0, y, self._width)
        if head.warning:
            self._put(painter, self._bold, head.warning, 0, y + self._line, self._width)

    def _draw_headings(self, painter: QPainter, y: float) -> float:
        self._rule(painter, y)
        x = 0.0
        for column, width in self._columns:
            self._put_lines(painter, (self._bold, self._bold), column.heading, x, y, width)
            x += width
        self._rule(painter, y + self._row)
        self._rule(painter, y + self._row - 0.3 * self._mm)
        return y + self._row

    def _draw_row(self, painter: QPainter, line: PatientLine, y: float) -> None:
        x = 0.0
        for column, width in self._columns:
            faces = (self._bold if column.is_name else self._plain, self._plain)
            self._put_lines(painter, faces, column.lines(line), x, y, width)
            x += width
        self._rule(painter, y + self._row)

    def _draw_foot(self, painter: QPainter, page: int) -> None:
        y = self._height - self._line
        words = f"Page {page:,} of {self.pages:,}"
        width = self._plain.sizes[0][1].horizontalAdvance(words)
        self._put(painter, self._plain, words, self._width - width, y, width)
        self._put(painter, self._plain, self._head.taken, 0, y, self._width - width - 2 * _GAP_MM * self._mm)

    # --- what they are made of --------------------------------------------------------------------------------------

    def _put_lines(
        self, painter: QPainter, faces: tuple[_Fonts, _Fonts], texts: tuple[str, str], x: float, y: float, width: float
    ) -> None:
        room = width - _GAP_MM * self._mm
        for at, (face, text) in enumerate(zip(faces, texts, strict=True)):
            self._put(painter, face, text, x, y + _PADDING_MM * self._mm + at * self._line, room)

    def _put(self, painter: QPainter, face: _Fonts, text: str, x: float, y: float, width: float) -> None:
        """One line of text with its top left corner there, as large as it has room."""
        if not text:
            return
        # The width that a text was measured by may be short of it by the rounding of the last bit.
        at, fitting = face.fitted(text, width + 0.01)
        painter.setFont(face.sizes[at][0])
        painter.drawText(QPointF(x, y + face.sizes[0][1].ascent()), fitting)

    def _rule(self, painter: QPainter, y: float) -> None:
        painter.drawLine(QPointF(0, y), QPointF(self._width, y))
