"""Leads to the go-live certificate: made in the background, shown, then saved or printed like any report."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from app.domain.errors import Refused
from app.engine.certificate import Certificate
from app.engine.reports import Medium
from app.ui.front.work_sheet import WorkSheet
from app.ui.help.help_desk import HelpDesk
from app.ui.help.topics import REPORTS
from app.ui.reports.certificate_sheet import CertificateSheet
from app.ui.reports.takeable import TakeCertificate
from app.ui.reports.taking import TakingFlow
from app.ui.services import Certificates


class CertificateFlow(QObject):
    """Lives in the window's thread. Signals: `refused(str)` with a reason in words; `failed(object)` with an unexpected
    error.
    """

    refused = Signal(str)
    failed = Signal(object)

    def __init__(
        self, desk: Certificates, taking: TakingFlow, help_desk: HelpDesk, window: QWidget, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._desk = desk
        self._taking = taking
        self._help = help_desk
        self._window = window
        self.work: WorkSheet | None = None
        self.sheet: CertificateSheet | None = None

    @Slot()
    def show(self) -> None:
        """The certificate was asked for."""
        try:
            self._desk.who_takes()
        except Refused as fault:
            self.refused.emit(str(fault))
            return
        work = WorkSheet("Go-live certificate", self._desk.make, self._window)
        work.succeeded.connect(self.on_made)
        work.refused.connect(self.refused)
        work.failed.connect(self.failed)
        work.finished.connect(self.on_work_finished)
        self._help.serve(work, REPORTS)
        self.work = work
        work.open()

    @Slot(object)
    def on_made(self, certificate: Certificate) -> None:
        """It is there: show it."""
        sheet = CertificateSheet(certificate, self._window)
        sheet.pdf_wanted.connect(self.on_pdf_wanted)
        sheet.print_wanted.connect(self.on_print_wanted)
        sheet.finished.connect(self.on_sheet_finished)
        self._help.serve(sheet, REPORTS)
        self.sheet = sheet
        sheet.open()

    @Slot()
    def on_pdf_wanted(self) -> None:
        """Save as PDF was pressed."""
        self._take(Medium.PDF)

    @Slot()
    def on_print_wanted(self) -> None:
        """Print was pressed."""
        self._take(Medium.PRINT)

    def _take(self, medium: Medium) -> None:
        if self.sheet is not None:
            self._taking.begin(TakeCertificate(self._desk, self.sheet.certificate), medium, self.sheet)

    @Slot()
    def on_work_finished(self) -> None:
        """The making is over, however it ended."""
        if self.work is not None:
            self.work.deleteLater()
            self.work = None

    @Slot()
    def on_sheet_finished(self) -> None:
        """The dialog is closed."""
        if self.sheet is not None:
            self.sheet.deleteLater()
            self.sheet = None

    def shut_down(self, seconds: float) -> bool:
        """At the end of the program: give up what is under way; whether it is over."""
        return self.work is None or self.work.wait(seconds)
