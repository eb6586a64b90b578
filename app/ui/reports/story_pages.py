"""A patient's story on pages of A4: a PDF file or paper. Every text goes in as it is, never as markup.

Each page says whose story it is, for pages that come apart. May be used from any thread.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QPagedPaintDevice,
    QPainter,
    QPalette,
    QPen,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtPrintSupport import QPrinter

from app.clock import london_text
from app.domain.errors import BadInput
from app.engine.certificate_words import warning_of
from app.engine.story_desk import StoryTaken
from app.ui.patients.story_model import StoryModel
from app.ui.patients.story_text import Rank, StoryLine, person_lines, story_lines
from app.ui.reports.devices import PRINTER_GONE, pdf_file
from app.ui.reports.pages import PageFault
from app.ui.reports.printed import CONFIDENTIAL, practice_words

TITLE = "A patient's story"
_TEXT_PT, _SMALL_PT, _NAME_PT = 9.0, 7.0, 13.0


def draw_story(model: StoryModel, taken: StoryTaken, path: Path) -> None:
    """Write a story into a PDF file, whose title names nobody. Raises OSError."""
    with pdf_file(path, TITLE, across=False) as (writer, took_page):
        _StoryPages(writer, model, taken).draw()
        took_page()


def print_story(model: StoryModel, taken: StoryTaken, printer: QPrinter) -> None:
    """Print a story. Raises `BadInput` where the printer takes no page."""
    printer.setDocName(TITLE)
    try:
        _StoryPages(printer, model, taken).draw()
    except PageFault:
        raise BadInput(PRINTER_GONE) from None


class _StoryPages:
    """One story on one device, which is set up: A4 upright, its margins, its resolution."""

    def __init__(self, device: QPagedPaintDevice, model: StoryModel, taken: StoryTaken) -> None:
        self._device, self._model, self._taken = device, model, taken
        self._width, self._height = float(device.width()), float(device.height())
        self._bold, self._small = _font(_TEXT_PT, bold=True), _font(_SMALL_PT)
        self._line = QFontMetricsF(self._bold, device).lineSpacing()
        self._small_line = QFontMetricsF(self._small, device).lineSpacing()
        self._head = [line.text for line in person_lines(model)]
        # The number and the date of birth stand first among the facts.
        self._who = ", ".join((model.name, *(value for _, value in model.facts[:2])))
        self._foot = [f"{CONFIDENTIAL} Taken {london_text(taken.at)} by {taken.by}."]
        self._foot = [
            ". ".join(filter(None, (practice_words(taken.practice), warning_of(taken.practice)))),
            *self._foot,
        ]
        self._top = 2.5 * self._line
        self._room = self._height - self._top - (len(self._foot) + 1) * self._small_line
        self._document = self._written()

    def draw(self) -> None:
        """Draw every page. Raises `PageFault`."""
        painter = QPainter()
        if not painter.begin(self._device):
            raise PageFault(0, "the pages cannot be begun")
        pages = self._document.pageCount()
        try:
            for page in range(pages):
                if page and not self._device.newPage():
                    raise PageFault(0, "a new page cannot be begun")
                self._draw_body(painter, page)
                self._draw_edges(painter, page + 1, pages)
        finally:
            ended = painter.end()
        if not ended:
            raise PageFault(0, "the pages cannot be ended")

    def _draw_body(self, painter: QPainter, page: int) -> None:
        shown = QRectF(0, page * self._room, self._width, self._room)
        context = QAbstractTextDocumentLayout.PaintContext()
        palette = QPalette()
        palette.setColor(QPalette.ColorRole.Text, Qt.GlobalColor.black)
        context.palette = palette
        context.clip = shown
        painter.save()
        painter.translate(0, self._top - shown.top())
        painter.setClipRect(shown)
        self._document.documentLayout().draw(painter, context)
        painter.restore()

    def _draw_edges(self, painter: QPainter, page: int, pages: int) -> None:
        """Whose story it is above; of which practice, who took it, and which page it is, below."""
        painter.setPen(QPen(Qt.GlobalColor.black, self._line / 20))
        self._put(painter, self._bold, self._who, 0.0)
        painter.drawLine(QPointF(0, 1.5 * self._line), QPointF(self._width, 1.5 * self._line))
        y = self._height - len(self._foot) * self._small_line
        self._put(painter, self._small, f"Page {page} of {pages}", self._height - self._small_line, at_right=True)
        for text in self._foot:
            self._put(painter, self._small, text, y)
            y += self._small_line

    def _put(self, painter: QPainter, font: QFont, text: str, y: float, *, at_right: bool = False) -> None:
        measured = QFontMetricsF(font, self._device)
        shown = measured.elidedText(text, Qt.TextElideMode.ElideMiddle, self._width)
        x = self._width - measured.horizontalAdvance(shown) if at_right else 0.0
        painter.setFont(font)
        painter.drawText(QPointF(x, y + measured.ascent()), shown)

    def _written(self) -> QTextDocument:
        document = QTextDocument()
        document.setDocumentMargin(0)
        document.setDefaultFont(_font(_TEXT_PT))
        document.documentLayout().setPaintDevice(self._device)
        document.setPageSize(QSizeF(self._width, self._room))
        writer = _Writer(document, self._line)
        writer.line(self._model.name, _NAME_PT, bold=True)
        for text in self._head:
            writer.line(text, _TEXT_PT)
        for line in story_lines(self._model):
            writer.story_line(line)
        return document


class _Writer:
    """Puts lines into a document, each a block of its own."""

    def __init__(self, document: QTextDocument, line: float) -> None:
        self._cursor = QTextCursor(document)
        self._line = line
        self._is_first = True

    def story_line(self, line: StoryLine) -> None:
        """A line of the story: a heading with air above it, what stands behind Details smaller."""
        if line.rank is Rank.HEADING:
            self.line(line.text, _TEXT_PT, bold=True, above=0.8)
        elif line.rank is Rank.DETAIL:
            self.line(line.text, _SMALL_PT, indent=1.5)
        else:
            self.line(line.text, _TEXT_PT)

    def line(self, text: str, points: float, *, bold: bool = False, above: float = 0.0, indent: float = 0.0) -> None:
        """One line or as many as it takes; the air above and before it in lines."""
        block = QTextBlockFormat()
        # What is above a block the document brings to the device's own measure, what is before it not.
        block.setTopMargin(above * _TEXT_PT)
        block.setLeftMargin(indent * self._line)
        if self._is_first:
            self._cursor.setBlockFormat(block)
        else:
            self._cursor.insertBlock(block)
        self._is_first = False
        letters = QTextCharFormat()
        letters.setFontPointSize(points)
        letters.setFontWeight(QFont.Weight.Bold if bold else QFont.Weight.Normal)
        self._cursor.insertText(text, letters)


def _font(points: float, *, bold: bool = False) -> QFont:
    font = QFont(QGuiApplication.font())
    font.setPointSizeF(points)
    font.setBold(bold)
    return font
