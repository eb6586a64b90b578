"""Taking something out of the program, step by step: who may, where to, whether it is meant, then the work itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths, Signal, Slot
from PySide6.QtPrintSupport import QPrintDialog, QPrinter, QPrinterInfo
from PySide6.QtWidgets import QDialog, QFileDialog, QMessageBox, QWidget

from app.domain.errors import Refused
from app.engine.reports import Medium
from app.ui import dialogs
from app.ui.frame_model import PRODUCT
from app.ui.front.sheet import Sheet
from app.ui.front.work_sheet import WorkSheet
from app.ui.help.help_desk import HelpDesk
from app.ui.help.topics import REPORTS
from app.ui.reports import words
from app.ui.reports.takeable import Takeable

_FILTERS = {Medium.CSV: "CSV files (*.csv)", Medium.PDF: "PDF files (*.pdf)"}
_TITLES = {
    Medium.CSV: "Saving as CSV",
    Medium.PDF: "Saving as PDF",
    Medium.PRINT: "Printing",
}


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is to be taken, and where to as far as that is known."""

    what: Takeable
    medium: Medium
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

    def __init__(self, help_desk: HelpDesk, window: QWidget, parent: QObject) -> None:
        super().__init__(parent)
        self._help = help_desk
        self._window = self._over = window
        self._wanted: _Wanted | None = None
        self._printer: QPrinter | None = None
        self.chooser: QFileDialog | QPrintDialog | None = None
        self.question: QMessageBox | None = None
        self.sheet: WorkSheet | None = None

    def begin(self, what: Takeable, medium: Medium, over: QWidget | None = None) -> None:
        """Something is to be taken out: may this person, and where to? Asked `over` the dialog that shows it."""
        self._over = over or self._window
        if self._who(what) is None:
            return
        self._wanted = _Wanted(what, medium)
        if medium is Medium.PRINT:
            self._choose_printer(what)
        else:
            self._choose_file(what.file_name(medium), medium)

    def _who(self, what: Takeable) -> str | None:
        """Who would take it now; None, and said why, where nobody may."""
        try:
            return what.who()
        except Refused as fault:
            self.refused.emit(str(fault))
            return None

    # --- where to ---------------------------------------------------------------------------------------------------

    def _choose_file(self, name: str, medium: Medium) -> None:
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        chooser = QFileDialog(self._over, _TITLES[medium], folder, _FILTERS[medium])
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

    def _choose_printer(self, what: Takeable) -> None:
        if not QPrinterInfo.availablePrinterNames():
            self.refused.emit(words.NO_PRINTER)
            return
        self._printer = what.new_printer()
        chooser = QPrintDialog(self._printer, self._over)
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
        wanted = self._wanted
        if wanted is None or (who := self._who(wanted.what)) is None:
            return
        self._wanted = replace(wanted, place=place, printer=printer)
        question, detail = wanted.what.question(wanted.medium), wanted.what.detail(wanted.medium, place, who)
        self.question = dialogs.ask(self._over, PRODUCT, question, detail=detail)
        self.question.finished.connect(self.on_answered)

    @Slot(int)
    def on_answered(self, answer: int) -> None:
        """Yes: have it written or printed."""
        wanted, self.question = self._wanted, None
        if answer == QMessageBox.StandardButton.Yes.value and wanted is not None:
            work = wanted.what.work(wanted.medium, wanted.place, wanted.printer)
            self._open(WorkSheet(_TITLES[wanted.medium], work, self._over))
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
    def on_taken(self, told: str) -> None:
        """The file is there, or the printer has the pages."""
        self.taken.emit(told)

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
