"""Shows the reports of a run, the latest unless another is chosen; leads to taking one out, to the certificate and to
Confirm dissents.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from app.domain.errors import KnownError, Refused
from app.domain.states import RunStatus
from app.engine.ports import RunView
from app.engine.reports import Medium, Report
from app.engine.rows import Counts
from app.ui.asking import Asking
from app.ui.background import BackgroundCall, Ended
from app.ui.help.help_desk import HelpDesk
from app.ui.page import Page
from app.ui.patients.controller import PatientsController
from app.ui.reports.certifying import CertificateFlow
from app.ui.reports.confirming import ConfirmFlow
from app.ui.reports.page import ReportsPage
from app.ui.reports.take_story import TakeStory
from app.ui.reports.takeable import TakeReport
from app.ui.reports.taking import TakingFlow
from app.ui.services import Services

_MOST_RUNS = 100
"""Runs to choose from; more than most practices will ever have. Earlier ones are reached through the history."""


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
        self._latest: int | None = None
        self._below: Page | None = None
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
        story = self._patients.story
        story.pdf_wanted.connect(self.on_story_pdf_wanted)
        story.print_wanted.connect(self.on_story_print_wanted)
        for flow in (taking, self.certificate, self.confirming):
            flow.refused.connect(self.refused)
            flow.failed.connect(self.failed)
        self.confirming.group_wanted.connect(self._patients.group_changes.on_keep_wanted)
        taking.taken.connect(self.told)

    @Slot()
    def show(self) -> None:
        """The reports of the latest run; of an earlier one, where that is chosen on the page."""
        self._ask_for(None, None)

    def show_over(self, below: Page, run_id: int) -> None:
        """The reports of one run over somebody else's page, to which the way back leads."""
        self._ask_for(run_id, below)

    def _ask_for(self, run_id: int | None, below: Page | None) -> None:
        """Have a run told of, the latest unless another is named."""
        family, queries = self._services.family, self._services.queries

        def known() -> tuple[RunView, int | None]:
            latest = queries.latest_run(family.key)
            run = latest if run_id is None else queries.run(run_id)
            if run is None:
                raise Refused(f"{family.title} has not been run yet, so there is nothing to report.")
            return run, latest.run_id if latest is not None else None

        if not self._asking.is_busy:
            self._below = below
            self._asking.ask("run to tell of", known, self.on_run_known)

    @Slot(object)
    def on_run_known(self, ended: Ended) -> None:
        """It is known which run is told of; the others to choose from are read meanwhile."""
        if isinstance(ended.error, KnownError):
            self.refused.emit(str(ended.error))
        elif ended.error is not None:
            self.failed.emit(ended.error)
        else:
            run, self._latest = ended.value
            self.page.offer_runs([run], run.run_id, self._latest)
            self._read_runs()
            if self._below is not None:
                self._patients.begin_over(self._below, self.page)
            self.on_report_chosen()

    @Slot()
    def on_report_chosen(self) -> None:
        """Another list, or that of another run, is to be seen."""
        if self.page.chosen_run is not None:
            self._patients.show_on(self.page, self.page.definition, self.page.chosen_run.run_id)

    @Slot(int, object)
    def on_counted(self, run_id: int, counts: Counts) -> None:  # noqa: ARG002 - the signal's own
        """The latest run is this one by now: the page says so of the one it shows."""
        if self.page.isVisible() and run_id != self._latest:
            self._latest = run_id
            self._read_runs()

    @Slot(object)
    def on_runs_read(self, ended: Ended) -> None:
        """The runs to choose from are known; where they cannot be read, there is the one that is shown."""
        chosen = self.page.chosen_run
        if isinstance(ended.error, KnownError) or chosen is None:
            return
        if ended.error is not None or ended.vanished:
            self.failed.emit(ended.error or RuntimeError("a read ended without telling how"))
            return
        runs: list[RunView] = [run for run in ended.value if run.run_id == chosen.run_id or _has_patients(run)]
        if chosen.run_id not in {run.run_id for run in runs}:
            runs.append(chosen)
        self.page.offer_runs(runs, chosen.run_id, self._latest)

    def _read_runs(self) -> None:
        history = self._services.history
        BackgroundCall("runs", lambda: history.runs(None, _MOST_RUNS), self).ended.connect(self.on_runs_read)

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

    @Slot()
    def on_story_pdf_wanted(self) -> None:
        """A patient's story is to be saved."""
        self._take_story(Medium.PDF)

    @Slot()
    def on_story_print_wanted(self) -> None:
        """A patient's story is to be printed."""
        self._take_story(Medium.PRINT)

    def _take_story(self, medium: Medium) -> None:
        shown = self._patients.shown_story
        if shown is not None:
            self.taking.begin(TakeStory(self._services.stories, *shown), medium)

    def _take(self, medium: Medium) -> None:
        if self.page.chosen_run is not None:
            report = Report(self.page.chosen_run.run_id, self.page.definition)
            self.taking.begin(TakeReport(self._services.reports, report, self.page.patients), medium)

    def shut_down(self, seconds: float) -> bool:
        """At the end of the program: whether nothing is under way any more."""
        # Each of them, also after one that did not end.
        over = [flow.shut_down(seconds) for flow in (self.taking, self.certificate, self.confirming)]
        over.append(self._asking.wait(seconds))
        over += [one.wait(seconds) for one in self.children() if isinstance(one, BackgroundCall)]
        return all(over)


def _has_patients(run: RunView) -> bool:
    """One that waits for its time has none yet, and one that was given up before it never had any."""
    return run.started_at is not None or run.status is RunStatus.RUNNING
