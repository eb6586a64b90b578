"""Leads through a preview: what to look at, the looking, what was found, the patients behind it, and on to the press.

Its page lies over the run's own, like those about patients. A run that begins by itself goes before: the preview stops.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.domain.actions import Action
from app.domain.errors import KnownError
from app.domain.states import StopReason
from app.engine.control import StopToken
from app.engine.lists import OfRun
from app.engine.long_work import Cancelled, WorkMeter
from app.engine.press import Press
from app.engine.preview import Depth, Preview, Wish
from app.engine.preview_compare import Comparison
from app.engine.preview_lists import CAME_OTHERWISE, PREVIEW_LISTS
from app.engine.preview_words import comparison_words, sentences
from app.engine.progress import ProgressBoard
from app.ui.asking import Asking
from app.ui.background import BackgroundCall, Ended
from app.ui.card_controller import CardController
from app.ui.frame_model import WindowModel
from app.ui.middle import Middle
from app.ui.patients.controller import PatientsController
from app.ui.patients.list_page import ListPage
from app.ui.patients.manner import FORESEEN
from app.ui.preview.model import PreviewModel, asking_model, done_model, working_model
from app.ui.preview.page import PreviewPage
from app.ui.running_model import MAY_STOP, RunningModel
from app.ui.services import Awake, Services
from app.ui.spoken import say_aloud
from app.ui.tones import Tone

_POLL_MS = 125
_SPEECH_MS = 10_000
"""How often a screen reader is told how far it is."""

Take = Callable[[StopToken, ProgressBoard, WorkMeter], Preview]


class _Taking(QObject):
    """One preview being taken, or gone on with: its thread, and what it reports. Signals: `ended(Ended)`, once."""

    ended = Signal(object)

    def __init__(self, wish: Wish, take: Take, awake: Awake, parent: QObject) -> None:
        super().__init__(parent)
        self.wish = wish
        self.token = StopToken()
        self.board = ProgressBoard()
        self.copying = WorkMeter()
        token, board, copying = self.token, self.board, self.copying

        def work() -> Preview:
            with awake.while_it_runs():
                return take(token, board, copying)

        self._call = BackgroundCall("preview", work, self)
        self._call.ended.connect(self.ended)

    def stop(self, reason: StopReason) -> None:
        """Ask it to stop: heard at once, also while the copy is being made."""
        self.token.stop(reason)
        self.copying.cancel()

    def wait(self, seconds: float) -> bool:
        """Block until it is over, for the end of the program; whether it is."""
        return self._call.wait(seconds)


class PreviewController(QObject):
    """Lives in the window's thread. Signals: `refused(str)` with a reason in words; `failed(object)` with an unexpected
    error; `told(str)` with a sentence that needs no answer; `press_wanted(Press)` when what was previewed is to be
    pressed.
    """

    told = Signal(str)
    refused = Signal(str)
    failed = Signal(object)
    press_wanted = Signal(object)

    def __init__(
        self, services: Services, card: CardController, patients: PatientsController, middle: Middle, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._services = services
        self._card = card
        self._patients = patients
        self._middle = middle
        self.page = PreviewPage()
        self.list = ListPage(services.foreseen, FORESEEN)
        self._press = Press(services.family.key, Action.RUN)
        self._taking: _Taking | None = None
        self._waits_for_card = False
        self._asks = True
        self._asking, self._counting = Asking(services, self), Asking(services, self)
        self._people = 0
        self._poll = QTimer(self, interval=_POLL_MS)
        self._poll.timeout.connect(self.on_poll)
        self._speech = QTimer(self, interval=_SPEECH_MS)
        self._speech.timeout.connect(self.on_speech_due)
        middle.add(self.page)
        patients.adopt(self.list)
        self._connect()

    def _connect(self) -> None:
        page = self.page
        page.records_wanted.connect(self.on_records_wanted)
        page.spine_wanted.connect(self.on_spine_wanted)
        page.stop_wanted.connect(self.on_stop_wanted)
        page.go_on_wanted.connect(self.on_go_on_wanted)
        page.list_wanted.connect(self.on_list_wanted)
        page.again_wanted.connect(self.on_again_wanted)
        page.press_wanted.connect(self.on_press_wanted)
        page.back_wanted.connect(self.on_back_wanted)
        self._middle.results.otherwise_wanted.connect(self.on_otherwise_wanted)
        self._card.signed_in.connect(self.on_signed_in)

    @property
    def is_busy(self) -> bool:
        """Whether a preview is being taken."""
        return self._taking is not None

    def show(self, press: Press) -> None:
        """Show the preview of this press: what was found before, or what there is to look at."""
        if self._taking is None:
            current = self._services.previews.current
            self._press, self._asks = press, current is None or current.wish.press != press
            self._count()
        self._show()
        self._middle.show_over(self.page)

    # --- what staff do ------------------------------------------------------------------------------------------

    @Slot()
    def on_records_wanted(self) -> None:
        """From the records alone."""
        self._take(Depth.RECORDS)

    @Slot()
    def on_spine_wanted(self) -> None:
        """With the Spine, by way of the sign-in where nobody is signed in."""
        if self._card.session is None:
            self._waits_for_card = True
            self._card.wanted.emit()
        else:
            self._take(Depth.SPINE)

    @Slot()
    def on_stop_wanted(self) -> None:
        """Stop was pressed."""
        if self._taking is not None:
            self._taking.stop(StopReason.USER)
            self._show()

    @Slot()
    def on_go_on_wanted(self) -> None:
        """Go on with one that was stopped short."""
        previews, current = self._services.previews, self._services.previews.current
        if current is not None:
            self._begin(current.wish, lambda token, board, _: previews.go_on(token, board))

    @Slot(str)
    def on_list_wanted(self, key: str) -> None:
        """The patients behind a number."""
        current, definition = self._services.previews.current, PREVIEW_LISTS[key]
        if current is not None:
            self.list.show_list(definition.title, definition.meaning, OfRun(current.view.run_id, definition))
            self._patients.begin_over(self.page, self.list)

    @Slot()
    def on_otherwise_wanted(self) -> None:
        """Those of the run who came otherwise than foreseen."""
        current, definition = self._services.previews.current, CAME_OTHERWISE
        if current is not None:
            self._patients.show_on(self.list, definition, current.view.run_id)

    @Slot()
    def on_again_wanted(self) -> None:
        """Another one, of the same press."""
        self._asks = True
        self._count()
        self._show()

    @Slot()
    def on_press_wanted(self) -> None:
        """On to the press itself."""
        self.on_back_wanted()
        self.press_wanted.emit(self._press)

    @Slot()
    def on_back_wanted(self) -> None:
        """Back to what lies below."""
        self._waits_for_card = False
        if self._middle.over is self.page:
            self._middle.show_below()

    # --- what happens by itself ---------------------------------------------------------------------------------

    @Slot()
    def on_signed_in(self) -> None:
        """A session is there: go on with what was waiting for it."""
        waits, self._waits_for_card = self._waits_for_card, False
        if waits and self._middle.over is self.page:
            self._take(Depth.SPINE)

    @Slot()
    def on_poll(self) -> None:
        """Look at how far it is."""
        self._show()

    @Slot()
    def on_speech_due(self) -> None:
        """Have how far it is read aloud, to whoever is at the page."""
        if self.page.isVisible():
            say_aloud(self.page, self.page.doing.text())

    @Slot(object)
    def on_changed(self, model: WindowModel) -> None:
        """The window shows something else: a run goes before."""
        page = model.page
        if isinstance(page, RunningModel) and page.stage in MAY_STOP and self._taking is not None:
            self._taking.stop(StopReason.USER)

    @Slot()
    def on_results_shown(self) -> None:
        """Results are held against what was foreseen, off this thread: it goes through everybody."""
        self._middle.results.foreseen.say(Tone.QUIET, "")
        if self._services.previews.current is not None:
            BackgroundCall("comparison", self._services.compare, self).ended.connect(self.on_compared)

    @Slot(object)
    def on_ended(self, ended: Ended) -> None:
        """It is over: show what was found, or why nothing was."""
        self._poll.stop()
        self._speech.stop()
        self._taking = None
        self._asks = not isinstance(ended.value, Preview)
        self._show()
        if isinstance(ended.value, Preview):
            self.told.emit(" ".join(sentences(ended.value)[:-1]))
        else:
            self._tell_of(ended)

    def _tell_of(self, ended: Ended) -> None:
        if isinstance(ended.error, KnownError):
            self.refused.emit(str(ended.error))
        elif ended.vanished or (ended.error is not None and not isinstance(ended.error, Cancelled)):
            self.failed.emit(ended.error or RuntimeError("a preview ended without telling how"))

    @Slot(object)
    def on_compared(self, ended: Ended) -> None:
        """It is known how a run came out against the preview; where it cannot be told nothing is said."""
        if isinstance(ended.value, Comparison):
            first, *rest = comparison_words(ended.value)
            tone = Tone.ATTENTION if ended.value.differ else Tone.QUIET
            self._middle.results.foreseen.say(tone, first, "\n".join(rest))
            self._middle.results.foreseen_button.setVisible(bool(ended.value.differ))
        elif ended.error is not None and not isinstance(ended.error, KnownError):
            self.failed.emit(ended.error)

    def shut_down(self, seconds: float) -> bool:
        """At the end of the program: stop what is under way and wait for it; whether it is over."""
        self._poll.stop()
        self._speech.stop()
        calls = [one for one in self.findChildren(QObject) if isinstance(one, BackgroundCall)]
        if self._taking is not None:
            self._taking.stop(StopReason.SHUTDOWN)
        over = [one.wait(seconds) for one in calls]
        return all(over)

    # --- within -------------------------------------------------------------------------------------------------

    def _take(self, depth: Depth) -> None:
        previews, wish = self._services.previews, Wish(self._press, depth)

        def allowed() -> Wish:
            previews.check(wish)
            return wish

        if not self._asking.is_busy:
            self._asking.ask("preview, allowed or not", allowed, self.on_allowed)

    @Slot(object)
    def on_allowed(self, ended: Ended) -> None:
        """It is known whether the preview may be taken."""
        previews, wish = self._services.previews, ended.value
        if isinstance(wish, Wish):
            self._begin(wish, lambda token, board, copying: previews.take(wish, token, board, copying))
        else:
            self._tell_of(ended)

    def _begin(self, wish: Wish, take: Take) -> None:
        if self._taking is None:
            self.list.browser.clear()
            self._taking = _Taking(wish, take, self._services.awake, self)
            self._taking.ended.connect(self.on_ended)
            self._poll.start()
            self._speech.start()
            self._show()

    def _show(self) -> None:
        self.page.show_model(self._model())

    def _model(self) -> PreviewModel:
        services, taking = self._services, self._taking
        if taking is not None:
            stopping = taking.token.is_set
            return working_model(
                services.family, taking.wish, taking.board.latest(), taking.copying.state, stopping=stopping
            )
        current = services.previews.current
        if self._asks or current is None:
            return asking_model(services.family, self._press, self._people, services.requests_per_second)
        return done_model(services.family, current)

    def _count(self) -> None:
        """Ask how many patients the press would be about; where that cannot be told nothing is said of it."""
        queries, press, self._people = self._services.queries, self._press, 0

        def people() -> tuple[Press, int]:
            return press, queries.active_count(press.group)

        if press.action.makes_new_run and not self._counting.is_busy:
            self._counting.ask("patients of a preview", people, self.on_counted)

    @Slot(object)
    def on_counted(self, ended: Ended) -> None:
        """It is known how many patients the press would be about."""
        if ended.value is None:
            return
        press, people = ended.value
        if press == self._press:
            self._people = people
            self._show()
