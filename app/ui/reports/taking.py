"""Taking a report out of the program, step by step: who may, where to, whether it is meant, then the work itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths, Signal, Slot
from PySide6.QtPrintSupport import QPrintDialog, QPrinter, QPrinterInfo
from PySide6.QtWidgets import QDialog, QFileDialog, QMessageBox, QWidget

from app.domain.errors import Refused
from app.engine.long_work import Progress
from app.engine.reports import Medium, Report, Sheets
from app.ui import dialogs
from app.ui.frame_model import PRODUCT
from app.ui.front.sheet import Sheet
from app.ui.front.work_sheet import WorkSheet
from app.ui.help.help_desk import HelpDesk
from app.ui.help.topics import REPORTS
from app.ui.reports import words
from app.ui.reports.devices import draw_pdf, new_printer, print_pages
from app.ui.services import Reports

_FILTERS = {Medium.CSV: "CSV files (*.csv)", Medium.PDF: "PDF files (*.pdf)"}
_TITLES = {
    Medium.CSV: "Saving the report as CSV",
    Medium.PDF: "Saving the report as PDF",
    Medium.PRINT: "Printing the report",
}


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is to be taken, as far as it is known; `patients` is how many the list held when it was looked at."""

    report: Report
    medium: Medium
    patients: int
    place: str = ""
    printer: QPrinter | None = None


class TakingFlow(QObject):
    """One taking at a time. Lives in the window's thread.

    Signals: `refused(str)` with the reason in words; `failed(object)` with an unexpected error; `taken(str)` with what
    was done. `chooser`, `question` and `sheet` are what was shown last.
    """

    refused = Signal(str)
    failed = Signal(object)
    taken = Signal(str)

    def __init__(self, desk: Reports, help_desk: HelpDesk, window: QWidget, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._help = help_desk
        self._window = window
        self._wanted: _Wanted | None = None
        self._printer: QPrinter | None = None
        self.chooser: QFileDialog | QPrintDialog | None = None
        self.question: QMessageBox | None = None
        self.sheet: WorkSheet | None = None

    def begin(self, report: Report, medium: Medium, patients: int) -> None:
        """A report is to be taken out: may this person, and where to?"""
        if self._who() is None:
            return
        self._wanted = _Wanted(report, medium, patients)
        if medium is Medium.PRINT:
            self._choose_printer()
        else:
            self._choose_file(words.file_name(report.definition.key, report.run_id, medium), medium)

    def _who(self) -> str | None:
        """Who would take it now; None, and said why, where nobody may."""
        try:
            return self._desk.who_takes().user_name
        except Refused as fault:
            self.refused.emit(str(fault))
            return None

    # --- where to ---------------------------------------------------------------------------------------------------

    def _choose_file(self, name: str, medium: Medium) -> None:
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        chooser = QFileDialog(self._window, "Save the report", folder, _FILTERS[medium])
        chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        chooser.setDefaultSuffix(Path(name).suffix.removeprefix("."))
        chooser.selectFile(name)
        chooser.fileSelected.connect(self.on_file_chosen)
        chooser.finished.connect(self.on_chooser_finished)
        self.chooser = chooser
        chooser.open()

    @Slot(str)
    def on_file_chosen(self, path: str) -> None:
        """It is known where the file goes."""
        self._ask(path, None)

    def _choose_printer(self) -> None:
        if not QPrinterInfo.availablePrinterNames():
            self.refused.emit(words.NO_PRINTER)
            return
        self._printer = new_printer()
        chooser = QPrintDialog(self._printer, self._window)
        chooser.accepted.connect(self.on_printer_chosen)
        chooser.finished.connect(self.on_chooser_finished)
        self.chooser = chooser
        # Its own `open` wants the name of a slot.
        QDialog.open(chooser)

    @Slot()
    def on_printer_chosen(self) -> None:
        """It is known which printer it is."""
        printer = self._printer
        if printer is not None:
            # Instead of paper some systems offer a file.
            self._ask(Path(printer.outputFileName()).name or printer.printerName(), printer)

    @Slot()
    def on_chooser_finished(self) -> None:
        """It is chosen, or given up."""
        if self.chooser is not None:
            self.chooser.deleteLater()
            self.chooser = None

    # --- whether it is meant ----------------------------------------------------------------------------------------

    def _ask(self, place: str, printer: QPrinter | None) -> None:
        wanted, who = self._wanted, self._who()
        if wanted is None or who is None:
            return
        self._wanted = _Wanted(wanted.report, wanted.medium, wanted.patients, place, printer)
        question = words.question(wanted.medium, wanted.patients)
        self.question = dialogs.ask(self._window, PRODUCT, question, detail=words.detail(wanted.medium, place, who))
        self.question.finished.connect(self.on_answered)

    @Slot(int)
    def on_answered(self, answer: int) -> None:
        """Yes: have it written or printed."""
        wanted, self.question = self._wanted, None
        if answer == QMessageBox.StandardButton.Yes.value and wanted is not None:
            self._open(WorkSheet(_TITLES[wanted.medium], _work_of(self._desk, wanted), self._window))
        else:
            self._wanted = None

    # --- the work ---------------------------------------------------------------------------------------------------

    def _open(self, sheet: WorkSheet) -> None:
        self.sheet = sheet
        sheet.succeeded.connect(self.on_taken)
        sheet.refused.connect(self.refused)
        sheet.failed.connect(self.failed)
        sheet.finished.connect(self.on_sheet_finished)
        self._help.serve(sheet, REPORTS)
        sheet.open()

    @Slot(object)
    def on_taken(self, patients: int) -> None:
        """The file is there, or the printer has the pages."""
        if self._wanted is not None:
            self.taken.emit(words.done(self._wanted.medium, self._wanted.place, patients))

    @Slot()
    def on_sheet_finished(self) -> None:
        """The work is over, however it ended."""
        sheet = self.sender()
        if isinstance(sheet, Sheet):
            self.sheet = None
            sheet.deleteLater()

    def shut_down(self, seconds: float) -> bool:
        """At the end of the program: give up what is under way; whether it is over."""
        return self.sheet is None or self.sheet.wait(seconds)


def _work_of(desk: Reports, wanted: _Wanted) -> Callable[[Progress], int]:
    """The work in a thread of its own; a printer is handed over to it whole."""
    report, place, printer = wanted.report, Path(wanted.place), wanted.printer
    if wanted.medium is Medium.CSV:
        return lambda progress: desk.save_csv(report, place, progress)
    if printer is None:
        return lambda progress: desk.save_pages(report, place, draw_pdf, progress)

    def put(sheets: Sheets, progress: Progress) -> None:
        print_pages(sheets, printer, progress)

    return lambda progress: desk.put_on_paper(report, wanted.place, put, progress)
