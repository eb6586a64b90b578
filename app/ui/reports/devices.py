"""What a report's pages are drawn onto: a PDF file, or a printer that somebody chose."""

from __future__ import annotations

import errno
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

_PRINTER_GONE = (
    "The printer takes no more pages. Look whether it is switched on and has paper, and whether some pages came out, "
    "then print again."
)


def draw_pdf(sheets: Sheets, path: Path, progress: Progress) -> None:
    """Write a report's pages into a PDF file, with its letters in it. Raises OSError and `Cancelled`."""
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
        writer.setTitle(sheets.definition.title)
        writer.setCreator(PRODUCT)
        writer.setResolution(_PDF_DPI)
        lay_across(writer)
        ReportPages(writer, sheets).draw(progress, took_page)
    finally:
        file.close()
    took_page()


def lay_across(device: QPagedPaintDevice) -> None:
    """A4 across, with the margins of every report."""
    device.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4),
            QPageLayout.Orientation.Landscape,
            QMarginsF(MARGIN_MM, MARGIN_MM, MARGIN_MM, MARGIN_MM),
            QPageLayout.Unit.Millimeter,
        )
    )


def new_printer() -> QPrinter:
    """A printer to be chosen and then printed on; made and chosen in the window's thread."""
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setCreator(PRODUCT)
    lay_across(printer)
    return printer


def print_pages(sheets: Sheets, printer: QPrinter, progress: Progress) -> None:
    """Print a report's pages; what is given up is taken back from the printer as far as it lets it.

    Raises `BadInput` where the printer takes no pages, and `Cancelled`.
    """
    printer.setDocName(sheets.definition.title)

    def took_page() -> None:
        if printer.printerState() in {QPrinter.PrinterState.Error, QPrinter.PrinterState.Aborted}:
            raise BadInput(_PRINTER_GONE)

    try:
        ReportPages(printer, sheets).draw(progress, took_page)
    except PageFault:
        raise BadInput(_PRINTER_GONE) from None
    except BaseException:
        printer.abort()
        raise
