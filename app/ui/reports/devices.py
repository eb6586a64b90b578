"""What a report's pages are drawn onto: a PDF file, or a printer that somebody chose."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QFile, QFileDevice, QIODevice, QMarginsF
from PySide6.QtGui import QPagedPaintDevice, QPageLayout, QPageSize, QPdfWriter
from PySide6.QtPrintSupport import QPrinter

from app.domain.errors import BadInput
from app.engine.long_work import Progress
from app.engine.reports import Sheets
from app.ui.frame_model import PRODUCT
from app.ui.reports.pages import MARGIN_MM, PageFault, ReportPages

_PDF_DPI = 600

PRINTER_GONE = (
    "The printer takes no more pages. Look whether it is switched on and has paper, and whether some pages came out, "
    "then print again."
)


def draw_pdf(sheets: Sheets, path: Path, progress: Progress) -> None:
    """Write a report's pages into a PDF file, with its letters in it. Raises OSError and `Cancelled`."""
    with pdf_file(path, sheets.definition.title, across=True) as (writer, took_page):
        ReportPages(writer, sheets).draw(progress, took_page)


@contextmanager
def pdf_file(path: Path, title: str, *, across: bool) -> Iterator[tuple[QPdfWriter, Callable[[], None]]]:
    """A PDF file to draw into, and what raises OSError once the disk takes no more of it."""
    file = QFile(str(path))
    if not file.open(QIODevice.OpenModeFlag.WriteOnly | QIODevice.OpenModeFlag.Truncate):
        raise OSError(errno.EACCES, file.errorString())

    def took_page() -> None:
        # Qt writes on into a full disk without a word.
        file.flush()
        if file.error() is not QFileDevice.FileError.NoError:
            raise OSError(errno.EIO, file.errorString())

    try:
        writer = QPdfWriter(file)
        writer.setTitle(title)
        writer.setCreator(PRODUCT)
        writer.setResolution(_PDF_DPI)
        lay_out(writer, across=across)
        yield writer, took_page
    finally:
        file.close()
    took_page()


def lay_out(device: QPagedPaintDevice, *, across: bool) -> None:
    """A4 across or upright, with the margins of every report."""
    kind = QPageLayout.Orientation
    device.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4),
            kind.Landscape if across else kind.Portrait,
            QMarginsF(MARGIN_MM, MARGIN_MM, MARGIN_MM, MARGIN_MM),
            QPageLayout.Unit.Millimeter,
        )
    )


def new_printer(*, upright: bool = False) -> QPrinter:
    """A printer to be chosen and then printed on; made and chosen in the window's thread."""
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setCreator(PRODUCT)
    lay_out(printer, across=not upright)
    return printer


def print_pages(sheets: Sheets, printer: QPrinter, progress: Progress) -> None:
    """Print a report's pages; what is given up is taken back from the printer as far as it lets it.

    Raises `BadInput` where the printer takes no pages, and `Cancelled`.
    """
    printer.setDocName(sheets.definition.title)

    def took_page() -> None:
        if printer.printerState() in {QPrinter.PrinterState.Error, QPrinter.PrinterState.Aborted}:
            raise BadInput(PRINTER_GONE)

    try:
        ReportPages(printer, sheets).draw(progress, took_page)
    except PageFault:
        raise BadInput(PRINTER_GONE) from None
    except BaseException:
        printer.abort()
        raise
