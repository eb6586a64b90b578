"""Shows the worklists, and has their patients marked, looked at on the Spine, and dissents recorded. Owns their page.

Every read, change and question is made in another thread; what came of it is read from the rows again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal, SignalInstance, Slot
from PySide6.QtWidgets import QMessageBox, QWidget

from app.domain.errors import KnownError
from app.engine.lists import OfWorklist
from app.engine.mismatches import Told
from app.engine.patient_line import PatientLine
from app.engine.worklists import WorklistCount
from app.ui import dialogs
from app.ui.background import BackgroundCall, Ended
from app.ui.choose_model import ChooseModel
from app.ui.frame_model import PageModel, WindowModel
from app.ui.help.help_desk import HelpDesk
from app.ui.help.topics import WORKLISTS
from app.ui.patients.controller import PatientsController
from app.ui.results_model import ResultsModel
from app.ui.running_model import RunningModel, Stage
from app.ui.services import Services
from app.ui.tones import Tone
from app.ui.worklists.group_flow import GroupFlow
from app.ui.worklists.mark_sheet import MarkSheet
from app.ui.worklists.page import WorklistsPage
from app.ui.worklists.words import RECORD_DETAIL, RECORD_QUESTION, open_worklists

_TITLE = "Record dissent here"


class WorklistsController(QObject):
    """Lives in the window's thread. Signals: `refused(str)` with a reason in words; `failed(object)` with an unexpected
    error; `counted(int)` with how many worklists have patients left; `standing(object)` with the numbers of all of
    them, none where they are not known.
    """

    refused = Signal(str)
    failed = Signal(object)
    counted = Signal(int)
    standing = Signal(object)

    def __init__(
        self,
        services: Services,
        patients: PatientsController,
        help_desk: HelpDesk,
        window: QWidget,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._worklists = services.worklists
        self._mismatches = services.mismatches
        self._viewer = services.patients
        self._patients = patients
        self._help = help_desk
        self._window = window
        self.page = WorklistsPage(services.patients, services.mismatches.why_not_record)
        self.grouping = GroupFlow(services, help_desk, window, self)
        self.sheet: MarkSheet | None = None
        self.question: QMessageBox | None = None
        self._about: PatientLine | None = None
        self._is_changing = False
        self._is_asking = False
        self._tells: object = None
        patients.adopt(self.page)
        page = self.page
        page.mark_wanted.connect(self.on_mark_wanted)
        page.add_wanted.connect(self.on_add_wanted)
        page.check_wanted.connect(self.on_check_wanted)
        page.record_wanted.connect(self.on_record_wanted)
        page.group_wanted.connect(patients.group_changes.on_keep_wanted)
        page.refresh_button.clicked.connect(self.read)
        self.grouping.told.connect(self.on_grouped)
        self.grouping.refused.connect(self.refused)
        self.grouping.failed.connect(self.failed)

    # --- reading ----------------------------------------------------------------------------------------------------

    @Slot()
    def show(self) -> None:
        """The worklists as they stand."""
        self._patients.show_page(self.page)
        self.read()

    @Slot()
    def read(self) -> None:
        """Count anew."""
        self._begin("worklists", self._worklists.overview).connect(self.on_counted)

    @Slot(object)
    def on_changed(self, model: WindowModel) -> None:
        """The window shows something else: with what became of a run comes how the dissents stand."""
        before, self._tells = self._tells, _what_it_tells(model.page)
        if self._tells == before:
            return
        self.standing.emit(())
        if self._tells is not None:
            self._begin("worklists", self._worklists.overview).connect(self.on_stood)

    @Slot(object)
    def on_stood(self, ended: Ended) -> None:
        """How they stand; where that cannot be read the line stays away, for nobody has asked."""
        if not isinstance(ended.error, KnownError) and self._is_sound(ended):
            # The page of the worklists is not shown anew for it: what it tells of what was just done would go.
            self._tell(ended.value)

    @Slot(object)
    def on_counted(self, ended: Ended) -> None:
        """The numbers are there."""
        if self._is_sound(ended):
            # Nobody's names are read for a page that nobody sees.
            if self.page.isVisible():
                self.page.show_counts(ended.value)
            self._tell(ended.value)

    def _tell(self, counts: Sequence[WorklistCount]) -> None:
        self.counted.emit(open_worklists(counts))
        self.standing.emit(counts)

    # --- marking ----------------------------------------------------------------------------------------------------

    @Slot()
    def on_mark_wanted(self) -> None:
        """Mark the chosen patient."""
        line = self.page.chosen_patient
        if line is None or self.sheet is not None or not self._may_see():
            return
        self._about = line
        sheet = MarkSheet(line.handling, self._window)
        sheet.accepted_mark.connect(self.on_mark_accepted)
        sheet.unmark_wanted.connect(self.on_unmark_wanted)
        sheet.finished.connect(self.on_sheet_closed)
        self.sheet = sheet
        self._help.serve(sheet, WORKLISTS)
        sheet.open()

    @Slot(bool, str)
    def on_mark_accepted(self, dealt_with: bool, note: str) -> None:
        """The dialog's Mark was pressed."""
        line, source = self._about, self._source
        if line is not None and line.seen is not None and source is not None:
            whose, seen, worklists = line.patient_id, line.seen, self._worklists
            self._change(lambda: worklists.mark(source.worklist, whose, seen, note, dealt_with=dealt_with))

    @Slot()
    def on_unmark_wanted(self) -> None:
        """The mark is to go."""
        line, source = self._about, self._source
        if line is not None and source is not None:
            whose, worklists = line.patient_id, self._worklists
            self._change(lambda: worklists.unmark(source.worklist, whose))

    @Slot(object)
    def on_marked(self, ended: Ended) -> None:
        """The mark is made, or refused."""
        self._is_changing = False
        if self.sheet is not None:
            self.sheet.ok_button.setEnabled(True)
        if isinstance(ended.error, KnownError) and self.sheet is not None:
            self.sheet.refuse(str(ended.error))
        elif self._is_sound(ended):
            if self.sheet is not None:
                self.sheet.dismiss()
            self._look_again()

    @Slot()
    def on_sheet_closed(self) -> None:
        """The dialog is done with."""
        if self.sheet is not None:
            self.sheet.deleteLater()
        self.sheet = None

    def _change(self, change: Callable[[], None]) -> None:
        if self._is_changing:
            return
        self._is_changing = True
        if self.sheet is not None:
            self.sheet.ok_button.setEnabled(False)
        self._begin("mark", change).connect(self.on_marked)

    # --- groups -----------------------------------------------------------------------------------------------------

    @Slot()
    def on_add_wanted(self) -> None:
        """Put the chosen patient into a group."""
        line = self.page.chosen_patient
        if line is not None and self._may_see():
            self.grouping.begin(line.patient_id)

    @Slot(str)
    def on_grouped(self, words: str) -> None:
        """The patient is in the group."""
        self.page.tell(Tone.DONE, words)

    # --- the Spine --------------------------------------------------------------------------------------------------

    @Slot()
    def on_check_wanted(self) -> None:
        """Ask the Spine about the chosen patient."""
        line = self.page.chosen_patient
        if line is not None:
            whose, mismatches = line.patient_id, self._mismatches
            self._ask(lambda: mismatches.check_again(whose))

    @Slot()
    def on_record_wanted(self) -> None:
        """Record a dissent for the chosen patient: asked first."""
        line = self.page.chosen_patient
        if line is None or not self._may_see():
            return
        self._about = line
        self.question = dialogs.ask(self._window, _TITLE, RECORD_QUESTION, detail=RECORD_DETAIL)
        self.question.finished.connect(self.on_record_answered)

    @Slot(int)
    def on_record_answered(self, answer: int) -> None:
        """Yes records it."""
        self.question = None
        if answer == QMessageBox.StandardButton.Yes.value and self._about is not None:
            whose, mismatches = self._about.patient_id, self._mismatches
            self._ask(lambda: mismatches.record_dissent(whose))

    @Slot(object)
    def on_told(self, ended: Ended) -> None:
        """The Spine has told, or could not be asked; what was found since is read either way."""
        self._is_asking = False
        if isinstance(ended.error, KnownError):
            self._look_again()
            self.page.tell(Tone.ATTENTION, str(ended.error))
        elif self._is_sound(ended):
            self._look_again()
            told = ended.value
            if isinstance(told, Told):
                self.page.tell(Tone.DONE, told.words)

    def _ask(self, question: Callable[[], Told]) -> None:
        # Pressed again meanwhile: the answer that is on its way is as good.
        if self._is_asking:
            return
        self._is_asking = True
        self.page.tell(Tone.QUIET, "Asking the Spine…")
        self._begin("look at one patient", question).connect(self.on_told)

    # --- within -----------------------------------------------------------------------------------------------------

    @property
    def _source(self) -> OfWorklist | None:
        chosen = self.page.chosen
        return chosen.source if chosen is not None else None

    def _look_again(self) -> None:
        self.page.browser.refresh()
        self.read()

    def _may_see(self) -> bool:
        why_not = self._viewer.why_not()
        if why_not is not None:
            self.refused.emit(why_not)
        return why_not is None

    def _begin(self, name: str, call: Callable[[], object]) -> SignalInstance:
        """Begin a call in another thread; its `ended` signal."""
        return BackgroundCall(name, call, self).ended

    def _is_sound(self, ended: Ended) -> bool:
        """Whether a call has returned; if not, its error is told."""
        if isinstance(ended.error, KnownError):
            self.refused.emit(str(ended.error))
        elif ended.error is not None or ended.vanished:
            self.failed.emit(ended.error or RuntimeError("a call ended without telling how"))
        return ended.error is None and not ended.vanished

    @property
    def is_busy(self) -> bool:
        """Whether a read, a change or a question is under way."""
        return any(isinstance(one, BackgroundCall) for one in self.children())

    def shut_down(self, seconds: float) -> bool:
        """At the end of the program: wait for what is under way; whether it is over."""
        over = [one.wait(seconds) for one in self.children() if isinstance(one, BackgroundCall)]
        return all([*over, self.grouping.shut_down(seconds)])


def _what_it_tells(page: PageModel) -> object:
    """What a page tells of a run that nobody works on just now; None where it tells nothing of the kind."""
    if isinstance(page, ResultsModel):
        return ResultsModel
    if isinstance(page, RunningModel):
        return RunningModel if page.stage is Stage.PAUSED else None
    return (page.history, page.advice) if isinstance(page, ChooseModel) and page.has_results else None
