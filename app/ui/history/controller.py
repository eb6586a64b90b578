"""Leads through the history: runs, one run, two runs compared, the audit trail, and back. Owns their pages.

They lie over the run's own page, which goes on below. Everything is read in other threads. The pages name no patient:
whoever is behind a number or an event is shown by the pages about patients, which ask whether they may.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal, SignalInstance, Slot
from PySide6.QtWidgets import QWidget

from app.clock import london_date
from app.domain.errors import KnownError
from app.engine.history import Comparison, Difference, behind_difference
from app.ui.background import BackgroundCall, Ended
from app.ui.front.work_sheet import WorkSheet
from app.ui.history.compare_page import ComparePage
from app.ui.history.model import difference_words
from app.ui.history.run_page import RunPage
from app.ui.history.runs_page import RunsPage
from app.ui.history.trail_page import TrailChoices, TrailPage
from app.ui.middle import Middle
from app.ui.page import Page
from app.ui.patients.controller import PatientsController
from app.ui.services import Services

_RUNS = 100
"""Runs read at once; more than most practices will ever have."""

_GONE = "This run is not there any more."


class HistoryController(QObject):
    """Lives in the window's thread. Signals:
    `failed(object)` with an unexpected error, `refused(str)` with a reason."""

    failed = Signal(object)
    refused = Signal(str)

    def __init__(self, services: Services, middle: Middle, patients: PatientsController, window: QWidget) -> None:
        super().__init__(window)
        self._services = services
        self._history, self._trail = services.history, services.trail
        self._middle = middle
        self._patients = patients
        self._window = window
        self.runs = RunsPage()
        self.run = RunPage()
        self.compare = ComparePage()
        self.trail = TrailPage(services.trail)
        self.sheet: WorkSheet | None = None
        self._way: list[Page] = []
        self._wanted_run: int | None = None
        for page in (self.runs, self.run, self.compare, self.trail):
            middle.add(page)
            page.back_wanted.connect(self.go_back)
        self._connect()

    def _connect(self) -> None:
        self.runs.run_wanted.connect(self.show_run)
        self.runs.earlier_wanted.connect(self.on_earlier_wanted)
        self.runs.refresh_wanted.connect(self.on_refresh_wanted)
        self.runs.compare_wanted.connect(self.on_compare_wanted)
        self.run.execution_chosen.connect(self.on_execution_chosen)
        self.compare.runs_chosen.connect(self.on_runs_chosen)
        self.compare.difference_wanted.connect(self.on_difference_wanted)
        self.trail.patient_wanted.connect(self.on_patient_wanted)
        self.trail.verify_wanted.connect(self.on_verify_wanted)
        self.trail.failed.connect(self.failed)

    # --- where staff go ---------------------------------------------------------------------------------------------

    @Slot()
    def show_runs(self) -> None:
        """All runs."""
        self._read_runs(self.on_runs_read)
        self._begin_with(self.runs)

    @Slot(int)
    def show_run(self, run_id: int) -> None:
        """One run, over the list it was chosen from."""
        history = self._history
        self._wanted_run = run_id
        self.run.say("")
        self._go_to(self.run)
        self._read("run", lambda: history.run(run_id)).connect(self.on_run_read)

    @Slot()
    def show_compare(self) -> None:
        """Two runs beside one another, beginning with the two latest."""
        self._read_runs(self.on_runs_to_compare_read)
        self._begin_with(self.compare)

    @Slot()
    def show_trail(self) -> None:
        """The audit trail."""
        history, trail = self._history, self._trail
        today = london_date(self._services.clock.now())
        for day in (self.trail.first_day, self.trail.last_day):
            day.offer(today)
        self.trail.begin()
        self._begin_with(self.trail)
        self._read("choices", lambda: TrailChoices(trail.kinds(), trail.actors(), history.runs(None, _RUNS))).connect(
            self.on_choices_read
        )

    @Slot()
    def go_back(self) -> None:
        """To where one came from."""
        left = self._way.pop() if self._way else None
        if left is self.trail:
            self.trail.clear()
        if self._way:
            self._middle.show_over(self._way[-1])
        else:
            self._middle.show_below()

    def _begin_with(self, page: Page) -> None:
        self._way = []
        self._go_to(page)

    def _go_to(self, page: Page) -> None:
        self._way.append(page)
        self._middle.show_over(page)

    # --- what is pressed --------------------------------------------------------------------------------------------

    @Slot()
    def on_refresh_wanted(self) -> None:
        """Read the runs anew."""
        self._read_runs(self.on_runs_read)

    @Slot(int)
    def on_earlier_wanted(self, before: int) -> None:
        """Read the runs before this one."""
        history, known = self._history, [self.runs.runs.row(at) for at in range(self.runs.runs.rowCount())]

        def read() -> tuple[list[Any], bool]:
            found = history.runs(before, _RUNS)
            return [*known, *found], len(found) == _RUNS

        self._read("runs", read).connect(self.on_runs_read)

    @Slot()
    def on_compare_wanted(self) -> None:
        """Compare was pressed beside the runs."""
        self._read_runs(self.on_runs_to_compare_read)
        self._go_to(self.compare)

    @Slot(int)
    def on_execution_chosen(self, execution_id: int) -> None:
        """How this execution went is to be drawn."""
        history = self._history
        self._read("course", lambda: (execution_id, history.course(execution_id))).connect(self.on_course_read)

    @Slot(int, int)
    def on_runs_chosen(self, first: int, second: int) -> None:
        """These two runs are to be compared."""
        history = self._history
        self._read("comparison", lambda: history.compare(first, second)).connect(self.on_compared)

    @Slot(object)
    def on_difference_wanted(self, difference: Difference) -> None:
        """The patients behind a difference."""
        compared = self.compare.compared
        if compared is not None:
            source = behind_difference(compared, difference)
            words = difference_words(compared, difference)
            self._patients.show_list_over(self.compare, source.definition.title, words, source)

    @Slot(int)
    def on_patient_wanted(self, patient_id: int) -> None:
        """The patient an event is about."""
        self._patients.show_story_over(self.trail, patient_id)

    @Slot()
    def on_verify_wanted(self) -> None:
        """Have every event of the trail looked at, behind a dialog that tells how far it is."""
        sheet = WorkSheet("Verifying the audit trail", self._trail.verify, self._window)
        sheet.succeeded.connect(self.trail.show_verdict)
        sheet.refused.connect(self.refused)
        sheet.failed.connect(self.failed)
        self.sheet = sheet
        sheet.finished.connect(self.on_sheet_closed)
        sheet.open()

    @Slot()
    def on_sheet_closed(self) -> None:
        """The trail was looked at, or it was given up."""
        self.sheet = None

    # --- what was read ----------------------------------------------------------------------------------------------

    @Slot(object)
    def on_runs_read(self, ended: Ended) -> None:
        """The runs are there."""
        if isinstance(ended.error, KnownError):
            self.runs.say(str(ended.error))
        elif not self._tell_of(ended):
            runs, more = ended.value
            self.runs.show_runs(runs, more=more)

    @Slot(object)
    def on_runs_to_compare_read(self, ended: Ended) -> None:
        """The runs that can be compared are there."""
        if isinstance(ended.error, KnownError):
            self.compare.say(str(ended.error))
        elif not self._tell_of(ended):
            self.compare.show_runs(ended.value[0])

    @Slot(object)
    def on_run_read(self, ended: Ended) -> None:
        """A run with its executions is there."""
        if isinstance(ended.error, KnownError):
            self.run.say(str(ended.error))
        elif self._tell_of(ended):
            return
        elif ended.value is None:
            self.run.say(_GONE)
        elif ended.value.run.run_id == self._wanted_run:
            self.run.show_history(ended.value)

    @Slot(object)
    def on_course_read(self, ended: Ended) -> None:
        """How an execution went is known; where it cannot be read there is no picture, and the rest stands."""
        if not isinstance(ended.error, KnownError) and not self._tell_of(ended):
            self.run.show_course(*ended.value)

    @Slot(object)
    def on_compared(self, ended: Ended) -> None:
        """Two runs were compared."""
        if isinstance(ended.error, KnownError):
            self.compare.say(str(ended.error))
        elif not self._tell_of(ended) and isinstance(ended.value, Comparison):
            self.compare.show_comparison(ended.value)

    @Slot(object)
    def on_choices_read(self, ended: Ended) -> None:
        """What can be chosen from is known; where it cannot be read, everything is shown."""
        if not isinstance(ended.error, KnownError) and not self._tell_of(ended):
            self.trail.offer(ended.value)

    def _read_runs(self, take: Callable[[Ended], None]) -> None:
        history = self._history

        def read() -> tuple[list[Any], bool]:
            found = list(history.runs(None, _RUNS))
            return found, len(found) == _RUNS

        self._read("runs", read).connect(take)

    def _read(self, name: str, call: Callable[[], object]) -> SignalInstance:
        """Begin a read in another thread; its `ended` signal."""
        return BackgroundCall(name, call, self).ended

    def _tell_of(self, ended: Ended) -> bool:
        """Hand on an error nobody expected; whether there was one."""
        if ended.error is not None or ended.vanished:
            self.failed.emit(ended.error or RuntimeError("a read ended without telling how"))
            return True
        return False

    def shut_down(self, seconds: float) -> bool:
        """At the end of the program: give up what is under way and wait for it; whether it is over."""
        if self.sheet is not None:
            self.sheet.on_cancel()
        reads = [one for one in self.findChildren(QObject) if isinstance(one, BackgroundCall)]
        over = [self.trail.table.wait(seconds), *(one.wait(seconds) for one in reads)]
        return all(over) and (self.sheet is None or self.sheet.wait(seconds))
