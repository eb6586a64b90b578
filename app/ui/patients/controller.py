"""Leads from the counters to the patients behind them, to one patient's story, and back. Owns the pages about patients.

They lie over the run's own page, which goes on below. Whoever may not see names sees none: the viewer says so at every
read, and what is on the screen goes as soon as the card does.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal, SignalInstance, Slot

from app.domain.errors import KnownError, Refused
from app.domain.outcomes import ItemState
from app.engine.lists import JoinedSince, ListQuery, OfPractice, OfRun, Source
from app.engine.ports import RunQueries
from app.engine.rows import Counts
from app.engine.run_lists import COUNTER_LISTS, ListDefinition
from app.engine.story import PatientStory
from app.ui.asking import Asking
from app.ui.background import BackgroundCall, Ended
from app.ui.middle import Middle
from app.ui.page import Page
from app.ui.patients.browser import PatientBrowser
from app.ui.patients.groups_controller import GroupsController
from app.ui.patients.groups_page import GroupsPage
from app.ui.patients.list_page import ListPage
from app.ui.patients.story_model import StoryModel, story_model
from app.ui.patients.story_page import StoryPage
from app.ui.patients.story_taking import StoryTaking
from app.ui.services import Services, Viewer

_LOOK_MS = 1000
"""How often it is asked whether names may still be seen: a session ends without a word."""

_NO_SUCH_PATIENT = "This patient is no longer in the practice's list."


class PatientsController(QObject):
    """Lives in the window's thread. Signals: `sign_in_wanted()`; `refused(str)` with a reason in words;
    `failed(object)` with an unexpected error; `joined(int)` with how many patients joined since the latest run began;
    `told(str)` with a sentence that needs no answer.
    """

    sign_in_wanted = Signal()
    refused = Signal(str)
    failed = Signal(object)
    joined = Signal(int)
    told = Signal(str)

    def __init__(self, services: Services, middle: Middle, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._middle = middle
        self._viewer = services.patients
        self.list = ListPage(services.patients)
        self.story = StoryPage()
        self.taking = StoryTaking(self.story, services.stories, middle, self)
        self.groups = GroupsPage(services.patients)
        self._browsers: list[PatientBrowser] = []
        middle.add(self.story)
        self.group_changes = GroupsController(services, self.groups, middle, self)
        self._way: list[Page] = []
        self._asking = Asking(services, self)
        self._patient: int | None = None
        self._names_seen = False
        self._look = QTimer(self, interval=_LOOK_MS)
        self._look.timeout.connect(self.on_look)
        self._connect()

    def _connect(self) -> None:
        for counters in (self._middle.running.counters, self._middle.results.counters):
            counters.chosen.connect(self.show_counter)
        for page in (self.list, self.groups):
            self.adopt(page)
        self.story.sign_in_wanted.connect(self.sign_in_wanted)
        self.story.copy_wanted.connect(self.on_copy_wanted)
        self.taking.told.connect(self.told)
        self.taking.refused.connect(self.refused)
        self.taking.failed.connect(self.failed)
        self.story.back_wanted.connect(self.go_back)
        changes = self.group_changes
        self.list.group_wanted.connect(changes.on_keep_wanted)
        changes.refused.connect(self.refused)
        changes.failed.connect(self.failed)
        changes.told.connect(self.told)

    def adopt(self, page: ListPage | GroupsPage) -> None:
        """Look after a page with a list of patients: its rows go with the card, its patients open over it."""
        browser = page.browser
        self._middle.add(page)
        self._browsers.append(browser)
        browser.patient_wanted.connect(self.show_story)
        browser.sign_in_wanted.connect(self.sign_in_wanted)
        browser.failed.connect(self.failed)
        page.back_wanted.connect(self.go_back)

    # --- where staff go ---------------------------------------------------------------------------------------------

    @Slot(ItemState)
    def show_counter(self, state: ItemState) -> None:
        """The patients behind one of the five counters of the latest run."""
        definition = COUNTER_LISTS[state]
        self._show_of_run(definition.title, definition.meaning, lambda run_id: OfRun(run_id, definition))

    @Slot()
    def show_practice(self) -> None:
        """Everybody on the practice's list, to find one."""
        meaning = "Everybody on the practice's list, active or not."
        self.list.show_list("Find a patient", meaning, OfPractice(), search_first=True)
        self._begin_with(self.list)

    def show_on(self, page: ListPage, definition: ListDefinition, run_id: int) -> None:
        """A list of a run on a page of its own, which was adopted."""
        page.show_list(definition.title, definition.meaning, OfRun(run_id, definition))
        self.show_page(page)

    def show_page(self, page: ListPage) -> None:
        """A page of its own, which was adopted and shows its list itself."""
        if page not in self._way:
            self._begin_with(page)

    @Slot()
    def show_joined(self) -> None:
        """The patients who joined since the latest run began."""
        self._show_of_run("Joined since the run began", "Active patients whom the run did not take in.", JoinedSince)

    @Slot()
    def show_groups(self) -> None:
        """The patient groups."""
        self.group_changes.read()
        self._begin_with(self.groups)

    @Slot(int)
    def show_story(self, patient_id: int) -> None:
        """One patient's story, over the list it was chosen from."""
        self._patient = patient_id
        self.story.say("")
        self._go_to(self.story)
        self._read_story()

    @Slot()
    def go_back(self) -> None:
        """To where one came from."""
        left = self._way.pop()
        if isinstance(left, ListPage | GroupsPage):
            left.browser.clear()
        if self._way:
            self._middle.show_over(self._way[-1])
        else:
            self._leave()
            self._middle.show_below()

    def show_list_over(self, page: Page, title: str, meaning: str, source: Source) -> None:
        """A list over somebody else's page, to which the way back leads."""
        self.list.show_list(title, meaning, source)
        self._way = [page]
        self._go_to(self.list)

    def show_story_over(self, page: Page, patient_id: int) -> None:
        """One patient's story over somebody else's page, to which the way back leads."""
        self._way = [page]
        self.show_story(patient_id)

    def _show_of_run(self, title: str, meaning: str, source: Callable[[int], Source]) -> None:
        queries, family = self._services.queries, self._services.family

        def found() -> tuple[str, str, Source]:
            run = queries.latest_run(family.key)
            if run is None:
                raise Refused(f"{family.title} has not been run yet, so there is nobody to show.")
            return title, meaning, source(run.run_id)

        if not self._asking.is_busy:
            self._asking.ask("latest run", found, self.on_source_known)

    @Slot(object)
    def on_source_known(self, ended: Ended) -> None:
        """It is known which run a list is of."""
        if isinstance(ended.error, KnownError):
            self.refused.emit(str(ended.error))
        elif not self._tell_of(ended):
            self.list.show_list(*ended.value)
            self._begin_with(self.list)

    def begin_over(self, below: Page, page: ListPage) -> None:
        """Show a page that was adopted over one of somebody else's, which the way back leads to."""
        self._way = [below]
        self._go_to(page)

    def _begin_with(self, page: Page) -> None:
        self._way = []
        self._go_to(page)

    def _go_to(self, page: Page) -> None:
        self._way.append(page)
        self._middle.show_over(page)
        self._names_seen = self._viewer.why_not() is None
        self._look.start()

    def _leave(self) -> None:
        """No page about patients is shown any more: no name stays behind it."""
        self._way, self._patient = [], None
        self._look.stop()
        for browser in self._browsers:
            browser.clear()
        self.story.say("")

    # --- who may look -----------------------------------------------------------------------------------------------

    @Slot()
    def on_look(self) -> None:
        """Somebody signed in or out, a session ended, or the run's page has taken the place of the patients'."""
        if self._middle.over not in self._way:
            self._leave()
            return
        may_see = self._viewer.why_not() is None
        if may_see is not self._names_seen:
            self._names_seen = may_see
            self.story.say("")
            for browser in self._browsers:
                browser.hide_rows()
                browser.refresh()
            self._read_story()

    @property
    def shown_story(self) -> tuple[int, StoryModel] | None:
        """The patient whose story is shown, with the page."""
        model = self.story.model
        return None if self._patient is None or model is None else (self._patient, model)

    @Slot()
    def on_copy_wanted(self) -> None:
        """The story that is shown is to be copied."""
        if self._patient is not None:
            self.taking.begin(self._patient)

    # --- reading ----------------------------------------------------------------------------------------------------

    @Slot()
    def on_results_shown(self) -> None:
        """With the results comes how many patients they do not hold."""
        queries, viewer, family = self._services.queries, self._viewer, self._services.family.key
        self._begin("who joined", lambda: _joined_since_latest(queries, viewer, family)).connect(self.on_joined)

    @Slot(int, object)
    def on_counted(self, run_id: int, counts: Counts) -> None:
        """A run's counters stand so by now."""
        for browser in self._browsers:
            browser.show_run(run_id, counts)

    @Slot(object)
    def on_joined(self, ended: Ended) -> None:
        """It is known how many joined; where it cannot be read nothing is said, for nothing depends on it."""
        if not isinstance(ended.error, KnownError) and not self._tell_of(ended):
            self.joined.emit(ended.value)

    @Slot(object)
    def on_story_read(self, ended: Ended) -> None:
        """The story is there, or cannot be told."""
        if isinstance(ended.error, KnownError):
            self.story.say(str(ended.error))
            return
        if self._tell_of(ended):
            return
        patient_id, story = ended.value
        if patient_id != self._patient or self._viewer.why_not() is not None:
            return
        if isinstance(story, PatientStory):
            self.story.show_model(story_model(story))
        else:
            self.story.say(_NO_SUCH_PATIENT)

    def _read_story(self) -> None:
        if self._patient is not None:
            viewer, patient_id = self._viewer, self._patient
            self._begin("patient's story", lambda: (patient_id, viewer.story(patient_id))).connect(self.on_story_read)

    def _begin(self, name: str, call: Callable[[], object]) -> SignalInstance:
        """Begin a read in another thread; its `ended` signal."""
        return BackgroundCall(name, call, self).ended

    def _tell_of(self, ended: Ended) -> bool:
        """Hand on an error nobody expected; whether there was one."""
        if ended.error is not None or ended.vanished:
            self.failed.emit(ended.error or RuntimeError("a read ended without telling how"))
            return True
        return False

    @property
    def is_reading(self) -> bool:
        """Whether a read is under way, but for those of the lists."""
        return any(isinstance(one, BackgroundCall) for one in self.children())

    def shut_down(self, seconds: float) -> bool:
        """At the end of the program: wait for the reads under way; whether they are over."""
        self._look.stop()
        # Those of the groups' controller are among them.
        reads = [one for one in self.findChildren(QObject) if isinstance(one, BackgroundCall)]
        over = [browser.table.wait(seconds) for browser in self._browsers]
        over += [one.wait(seconds) for one in reads]
        return all(over)


def _joined_since_latest(queries: RunQueries, viewer: Viewer, family: str) -> int:
    run = queries.latest_run(family)
    return 0 if run is None else viewer.count(ListQuery(JoinedSince(run.run_id)))
