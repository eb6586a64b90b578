"""Shows the reports of the latest run, and leads to taking one out, to the certificate and to Confirm dissents."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from app.domain.errors import KnownError, Refused
from app.engine.reports import Medium, Report
from app.ui.asking import Asking
from app.ui.background import Ended
from app.ui.help.help_desk import HelpDesk
from app.ui.patients.controller import PatientsController
from app.ui.reports.certifying import CertificateFlow
from app.ui.reports.confirming import ConfirmFlow
from app.ui.reports.page import ReportsPage
from app.ui.reports.takeable import TakeReport
from app.ui.reports.taking import TakingFlow
from app.ui.services import Services


class ReportsController(QObject):
    """Lives in the window's thread. Signals: `refused(str)` with a reason in words; `failed(object)` with an unexpected
    error; `told(str)` with what was done.
    """

    refused = Signal(str)
    failed = Signal(object)
    told = Signal(str)

    def __init__(
        self,
        services: Services,
        patients: PatientsController,
        help_desk: HelpDesk,
        window: QWidget,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._services = services
        self._patients = patients
        self._asking = Asking(services, self)
        self._run_id: int | None = None
        self.page = ReportsPage(services.patients)
        self.taking = TakingFlow(help_desk, window, self)
        self.certificate = CertificateFlow(services.certificates, self.taking, help_desk, window, self)
        self.confirming = ConfirmFlow(services, help_desk, window, self)
        patients.adopt(self.page)
        self._connect()

    def _connect(self) -> None:
        page, taking = self.page, self.taking
        page.report_chosen.connect(self.on_report_chosen)
        page.csv_wanted.connect(self.on_csv_wanted)
        page.pdf_wanted.connect(self.on_pdf_wanted)
        page.print_wanted.connect(self.on_print_wanted)
        page.group_wanted.connect(self._patients.group_changes.on_keep_wanted)
        for flow in (taking, self.certificate, self.confirming):
            flow.refused.connect(self.refused)
            flow.failed.connect(self.failed)
        self.confirming.group_wanted.connect(self._patients.group_changes.on_keep_wanted)
        taking.taken.connect(self.told)

    @Slot()
    def show(self) -> None:
        """The reports of the latest run."""
        family = self._services.family
        queries = self._services.queries

        def latest() -> int:
            run = queries.latest_run(family.key)
            if run is None:
                raise Refused(f"{family.title} has not been run yet, so there is nothing to report.")
            return run.run_id

        if not self._asking.is_busy:
            self._asking.ask("latest run", latest, self.on_run_known)

    @Slot(object)
    def on_run_known(self, ended: Ended) -> None:
        """It is known which run is told of."""
        if isinstance(ended.error, KnownError):
            self.refused.emit(str(ended.error))
        elif ended.error is not None:
            self.failed.emit(ended.error)
        else:
            self._run_id = ended.value
            self.on_report_chosen()

    @Slot()
    def on_report_chosen(self) -> None:
        """Another list is to be seen."""
        if self._run_id is not None:
            self._patients.show_on(self.page, self.page.definition, self._run_id)

    @Slot()
    def on_csv_wanted(self) -> None:
        """Save as CSV was pressed."""
        self._take(Medium.CSV)

    @Slot()
    def on_pdf_wanted(self) -> None:
        """Save as PDF was pressed."""
        self._take(Medium.PDF)

    @Slot()
    def on_print_wanted(self) -> None:
        """Print was pressed."""
        self._take(Medium.PRINT)

    def _take(self, medium: Medium) -> None:
        if self._run_id is not None:
            report = Report(self._run_id, self.page.definition)
            self.taking.begin(TakeReport(self._services.reports, report, self.page.patients), medium)

    def shut_down(self, seconds: float) -> bool:
        """At the end of the program: whether nothing is under way any more."""
        # Each of them, also after one that did not end.
        over = [flow.shut_down(seconds) for flow in (self.taking, self.certificate, self.confirming)]
        over.append(self._asking.wait(seconds))
        return all(over)
