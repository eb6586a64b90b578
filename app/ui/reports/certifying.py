"""Leads to the go-live certificate: made in the background, shown, then saved or printed like any report."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from app.domain.errors import Refused
from app.engine.certificate import Certificate
from app.engine.reports import Medium
from app.ui.front.work_sheet import WorkSheet
from app.ui.help.help_desk import HelpDesk
from app.ui.reports.certificate_sheet import CertificateSheet
from app.ui.reports.sheet_flow import SheetFlow
from app.ui.reports.takeable import TakeCertificate
from app.ui.reports.taking import TakingFlow
from app.ui.services import Certificates


class CertificateFlow(SheetFlow[CertificateSheet]):
    """Lives in the window's thread. Signals as of `SheetFlow`."""

    def __init__(
        self, desk: Certificates, taking: TakingFlow, help_desk: HelpDesk, window: QWidget, parent: QObject
    ) -> None:
        super().__init__(help_desk, window, parent)
        self._desk = desk
        self._taking = taking

    @Slot()
    def show(self) -> None:
        """The certificate was asked for."""
        try:
            self._desk.who_takes()
        except Refused as fault:
            self.refused.emit(str(fault))
        else:
            self.open_work(WorkSheet("Go-live certificate", self._desk.make, self._window), self.on_made)

    @Slot(object)
    def on_made(self, certificate: Certificate) -> None:
        """It is there: show it."""
        sheet = CertificateSheet(certificate, self._window)
        sheet.pdf_wanted.connect(self.on_pdf_wanted)
        sheet.print_wanted.connect(self.on_print_wanted)
        self.open_sheet(sheet)

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
