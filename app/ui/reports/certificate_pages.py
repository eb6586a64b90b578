"""A certificate as one page: on the screen, in a PDF file, on paper. Every text goes in as it is, never as markup."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QSizeF, Qt
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QFont,
    QGuiApplication,
    QPagedPaintDevice,
    QPainter,
    QPalette,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFrameFormat,
    QTextLength,
    QTextTableFormat,
)
from PySide6.QtPrintSupport import QPrinter

from app.domain.errors import BadInput
from app.engine import certificate_words as words
from app.engine.certificate import Certificate
from app.ui.reports.devices import PRINTER_GONE, pdf_file

_LARGEST_PT, _SMALLEST_PT, _STEP_PT = 9.0, 6.0, 0.5
_SIGNED = "Signed: ______________________________     Name: ______________________________     Date: ______________"


def draw_certificate(certificate: Certificate, path: Path) -> None:
    """Write a certificate into a PDF file. Raises OSError."""
    with pdf_file(path, words.TITLE, across=False) as (writer, took_page):
        if not _paint(certificate, writer):
            raise OSError(0, "the page cannot be begun")
        took_page()


def print_certificate(certificate: Certificate, printer: QPrinter) -> None:
    """Print a certificate. Raises `BadInput` where the printer takes no page."""
    printer.setDocName(words.TITLE)
    if not _paint(certificate, printer):
        raise BadInput(PRINTER_GONE)


def certificate_document(certificate: Certificate, points: float, parent: QObject | None = None) -> QTextDocument:
    """A certificate in letters of this size, in the colours of whatever shows it."""
    document = QTextDocument(parent)
    document.setDocumentMargin(0)
    font = QFont(QGuiApplication.font())
    font.setPointSizeF(points)
    document.setDefaultFont(font)
    _Writer(document, points).write(certificate)
    return document


def _paint(certificate: Certificate, device: QPagedPaintDevice) -> bool:
    """Whether the device took the page: the certificate, as large as it fits on one."""
    painter = QPainter()
    if not painter.begin(device):
        return False
    document = _on_one_page(certificate, device)
    context = QAbstractTextDocumentLayout.PaintContext()
    palette = QPalette()
    palette.setColor(QPalette.ColorRole.Text, Qt.GlobalColor.black)
    context.palette = palette
    document.documentLayout().draw(painter, context)
    return painter.end()


def _on_one_page(certificate: Certificate, device: QPagedPaintDevice) -> QTextDocument:
    points = _LARGEST_PT
    while True:
        document = certificate_document(certificate, points)
        document.documentLayout().setPaintDevice(device)
        document.setPageSize(QSizeF(device.width(), device.height()))
        if document.pageCount() == 1 or points <= _SMALLEST_PT:
            return document
        points -= _STEP_PT


class _Writer:
    def __init__(self, document: QTextDocument, points: float) -> None:
        self._cursor = QTextCursor(document)
        self._points = points
        self._is_first = True

    def write(self, certificate: Certificate) -> None:
        """Write the whole of it."""
        self._line(words.TITLE, larger=1.5, bold=True)
        self._line(words.practice_line(certificate), larger=1.2, bold=True)
        self._line(words.taken_line(certificate))
        if warning := words.warning(certificate):
            self._line(warning, bold=True)
        self._line(words.verdict(certificate), larger=1.2, bold=True, above=0.8)
        self._heading("Latest outcome of every active patient, over all runs")
        self._table(words.outcome_rows(certificate), (28, 50, 22), width=65, last_is_number=True)
        self._heading("What must hold")
        self._table(words.check_rows(certificate), (8, 92), bold=words.NOT_PASSED)
        self._lines("Left to look after", words.exception_lines(certificate) or ["Nothing."])
        self._lines("Dissents read back", words.read_back_lines(certificate))
        self._lines("Runs", words.run_lines(certificate))
        self._line(words.seal_line(certificate), above=0.8)
        self._line(_SIGNED, above=2.0)

    def _lines(self, heading: str, lines: Sequence[str]) -> None:
        self._heading(heading)
        for line in lines:
            self._line(line)

    def _heading(self, text: str) -> None:
        self._line(text, larger=1.1, bold=True, above=0.8)

    def _line(self, text: str, *, larger: float = 1.0, bold: bool = False, above: float = 0.0) -> None:
        """One line or as many as it takes; `above` is the air before it, in lines."""
        block = QTextBlockFormat()
        block.setTopMargin(above * self._points * 1.5)
        if self._is_first:
            self._cursor.setBlockFormat(block)
        else:
            self._cursor.insertBlock(block)
        self._is_first = False
        self._cursor.insertText(text, self._letters(larger=larger, bold=bold))

    def _table(
        self,
        rows: Sequence[Sequence[str]],
        widths: Sequence[int],
        *,
        width: int = 100,
        bold: str = "",
        last_is_number: bool = False,
    ) -> None:
        """Rows of cells; those that begin with `bold`, or with the sum before its parts, stand out."""
        look = QTextTableFormat()
        look.setBorder(0.5)
        look.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
        look.setBorderCollapse(True)
        look.setBorderBrush(Qt.GlobalColor.gray)
        look.setCellPadding(self._points * 0.15)
        look.setCellSpacing(0)
        look.setWidth(QTextLength(QTextLength.Type.PercentageLength, width))
        shares = [QTextLength(QTextLength.Type.PercentageLength, share) for share in widths]
        look.setColumnWidthConstraints(shares)
        table = self._cursor.insertTable(len(rows), len(widths), look)
        for at, row in enumerate(rows):
            stands_out = row[0] == bold if bold else bool(row[0])
            for column, text in enumerate(row):
                cell = table.cellAt(at, column).firstCursorPosition()
                if last_is_number and column == len(row) - 1:
                    block = QTextBlockFormat()
                    block.setAlignment(Qt.AlignmentFlag.AlignRight)
                    cell.setBlockFormat(block)
                cell.insertText(text, self._letters(bold=stands_out))
        self._cursor.movePosition(QTextCursor.MoveOperation.End)

    def _letters(self, *, larger: float = 1.0, bold: bool = False) -> QTextCharFormat:
        letters = QTextCharFormat()
        letters.setFontPointSize(self._points * larger)
        letters.setFontWeight(QFont.Weight.Bold if bold else QFont.Weight.Normal)
        return letters
