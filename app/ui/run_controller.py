"""Owns what the window is about: which page, which execution. What is to be pressed is the step's. Knows no widget.

What may be pressed, and why not, follows from the domain's tables each time; nothing is switched on or off by hand.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.domain.errors import KnownError
from app.domain.states import RunStatus, StopReason
from app.engine.ports import RunView
from app.engine.schedule_rows import DueOccurrence
from app.ui.background import Ended
from app.ui.card_controller import CardController
from app.ui.card_foresight import foretold
from app.ui.execution import Execution
from app.ui.exit_words import exit_detail, schedule_detail
from app.ui.frame_model import WindowModel
from app.ui.news import begun_by_itself, run_ended
from app.ui.presenter import Showing, WindowState, window_model
from app.ui.press_step import PressStep
from app.ui.reading import Reading, take_in_end
from app.ui.results_model import ResultsModel
from app.ui.running_model import finished_model, paused_model
from app.ui.schedule_controller import ScheduleController
from app.ui.services import Order, Services

_POLL_MS = 125
"""How often a live execution is looked at: eight times a second."""

_TICK_MS = 1000
_READ_EVERY_TICKS = 5
"""Another computer may start or end a run while nobody touches this one."""


class RunController(QObject):
    """Lives in the window's thread.

    Signals: `changed(WindowModel)` whenever something to show may have changed; `counted(int, Counts)` with the latest
    run's id and counters, as often; `results_shown()` when results have newly come to be shown; `completed()` when a
    run is complete;
    `refused(str)` with a reason in words; `failed(object)` with an unexpected error; `news(News)` with what has
    happened to the run; `left()` when a run that was live has ended after `leave`.
    """

    changed = Signal(object)
    counted = Signal(int, object)
    results_shown = Signal()
    completed = Signal()
    refused = Signal(str)
    failed = Signal(object)
    news = Signal(object)
    left = Signal()

    def __init__(
        self, services: Services, card: CardController, schedule: ScheduleController, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._services = services
        self._card = card
        self._schedule = schedule
        self._by_itself = False
        self._state = WindowState()
        self._shown: WindowModel | None = None
        self._shows_results = False
        self._execution: Execution | None = None
        self._stop_and_close = False
        self._leaves = False
        self._ticks = 0
        self._reading = Reading(services, self._state, self)
        self.step = PressStep(services, self._state, card, schedule, self)
        self._poll = QTimer(self, interval=_POLL_MS)
        self._poll.timeout.connect(self.on_poll)
        self._tick = QTimer(self, interval=_TICK_MS)
        self._tick.timeout.connect(self.on_tick)
        card.removed.connect(self.on_card_changed)
        card.busy_changed.connect(self.on_card_changed)
        self.step.wanted.connect(self._go_to)
        self.step.changed.connect(self.on_step_changed)
        self.step.begins.connect(self.begin)
        self.step.refused.connect(self.refused)
        self.step.failed.connect(self.failed)
        schedule.begins.connect(self.begin)
        schedule.scheduled.connect(self.go_back)
        schedule.changed.connect(self.refresh)
        self._reading.changed.connect(self.on_read)
        self._reading.failed.connect(self.failed)

    @property
    def is_live(self) -> bool:
        """Whether this window's own execution is under way."""
        return self._execution is not None

    @property
    def is_unanswered(self) -> bool:
        """Whether the practice's database has not answered for longer than it takes to find one out of reach."""
        return self._reading.is_silent()

    @property
    def has_schedule(self) -> bool:
        """Whether something is scheduled, as last read."""
        return self._state.schedule is not None

    def open(self) -> None:
        """Read how things stand, show it, and keep it up to date from now on."""
        self._tick.start()
        self._go_to(Showing.CHOOSE)

    # --- what staff do ------------------------------------------------------------------------------------------

    @Slot(object)
    def begin(self, order: Order) -> None:
        """Carry out a press: one made by hand, or one whose time has come."""
        if self.is_live or self._leaves:
            # The watch asks again while its time lasts.
            return
        state = self._state
        self._by_itself = isinstance(order.press.timing, DueOccurrence)
        self._execution = Execution(order, self._services.awake, self._services.clock, self)
        self._execution.ended.connect(self.on_execution_ended)
        self._stop_and_close = False
        state.action = order.press.action
        state.showing, state.is_live, state.running = Showing.RUNNING, True, None
        self._poll.start()
        # The next tick reads what this press has made of the times.
        self._ticks = -1
        self._show()
        if self._by_itself:
            self.news.emit(begun_by_itself(self._services.family, order.press.action))

    @Slot()
    def stop(self) -> None:
        """Stop was pressed."""
        self._stop(StopReason.USER)

    @Slot()
    def stop_and_close(self) -> None:
        """Stop and Close was pressed: back to the actions once it has stopped."""
        self._stop_and_close = self.is_live
        self._stop(StopReason.USER)

    @Slot()
    def go_back(self) -> None:
        """Back to the actions."""
        self.step.forget()
        if not self.is_live:
            self._go_to(Showing.CHOOSE)

    @Slot()
    def refresh(self) -> None:
        """Something has changed outside of any run: read how things stand, and show it on the page that is shown."""
        self._reading.read()
        self._show()

    @Slot()
    def show_results(self) -> None:
        """The results of the latest run were asked for, or "Process completed." was answered."""
        if not self.is_live and self._state.latest is not None:
            self._go_to(Showing.RESULTS)

    def leaving_means(self) -> tuple[str, bool]:
        """What closing the window would do, in words, and whether something is to begin by itself."""
        state = self._state
        told = exit_detail(self._services.family, state.situation, state.latest)
        pending = schedule_detail(state.schedule, self._services.clock.now())
        return " ".join(filter(None, (told, pending))), bool(pending)

    def leave(self) -> bool:
        """The window is to close: begin nothing any more. Whether a live run is to be waited for, by `left`."""
        self._leaves = True
        self.step.leave()
        self._stop(StopReason.SHUTDOWN)
        return self.is_live

    def shut_down(self, seconds: float) -> bool:
        """At the end of the program, whatever brought it: stop what still works and wait for it; whether it is over."""
        self._poll.stop()
        self._tick.stop()
        if self._execution is not None:
            self._execution.stop(StopReason.SHUTDOWN)
        # Each of them, also after one that did not end.
        over = [one.wait(seconds) for one in (self._execution, self._reading, self.step) if one is not None]
        return all(over)

    # --- what happens by itself ---------------------------------------------------------------------------------

    @Slot()
    def on_step_changed(self) -> None:
        """Something else is chosen on the step before OK."""
        self._show()

    @Slot()
    def on_card_changed(self) -> None:
        """The session, or what is known of it, is another."""
        self._show()

    @Slot()
    def on_poll(self) -> None:
        """Look at the live execution."""
        self._show()

    @Slot()
    def on_tick(self) -> None:
        """A second has passed: times left are shorter, and now and then the database is asked again."""
        self._ticks += 1
        if self._reading.is_silent():
            # What was chosen meanwhile would be shown when nobody expects it any more.
            self.step.forget()
        elif self._ticks % _READ_EVERY_TICKS == 0:
            self._reading.read()
        self._show(only_news=True)

    @Slot()
    def on_read(self) -> None:
        """How things stand was asked for, and is known now."""
        self._show(only_news=True)

    @Slot(object)
    def on_execution_ended(self, ended: Ended) -> None:
        """The execution's thread is over: show how the run stands now, by the database."""
        self._poll.stop()
        if self._execution is not None:
            # The last snapshot is always there, and may not have been looked at yet.
            self._state.running = self._execution.reported()
        self._execution, self._state.is_live = None, False
        if isinstance(ended.value, RunView):
            take_in_end(self._state, ended.value)
        self._reading.read()
        if self._leaves:
            self.left.emit()
        elif isinstance(ended.value, RunView):
            self._show_end(ended.value)
            self.news.emit(run_ended(self._services.family, ended.value))
        else:
            self._go_to(Showing.CHOOSE)
            self._tell_of(ended)
        self._schedule.wake()

    def _show_end(self, run: RunView) -> None:
        last, self._state.running_of = self._state.running_page, run.run_id
        if run.status is RunStatus.COMPLETED:
            self._state.running = finished_model(last, run)
            self._show()
            self.completed.emit()
        elif self._stop_and_close:
            self._go_to(Showing.CHOOSE)
        else:
            self._state.running = paused_model(last, run)
            self._show()

    def _tell_of(self, ended: Ended) -> None:
        if isinstance(ended.error, KnownError) and self._by_itself:
            # Of what was to begin by itself the schedule tells, with its time.
            return
        if isinstance(ended.error, KnownError):
            self.refused.emit(str(ended.error))
        elif ended.error is not None:
            self.failed.emit(ended.error)
        else:
            self.refused.emit("The run ended without telling how. Nothing is lost: press Resume to go on with it.")

    # --- within -------------------------------------------------------------------------------------------------

    def _stop(self, reason: StopReason) -> None:
        if self._execution is not None:
            self._execution.stop(reason)
            self._show()

    @Slot(Showing)
    def _go_to(self, showing: Showing) -> None:
        self._state.showing = showing
        self._reading.read()
        self._show()

    def _show(self, *, only_news: bool = False) -> None:
        """Tell what there is to show; with `only_news` unless that is what was told last, to the letter."""
        if self._execution is not None:
            running, now = self._execution.model(), self._services.clock.now()
            held = self._state.schedule
            plan = None if held is None else held.schedule.plan
            self._state.running = foretold(running, self._execution.snapshot, self._card.session, now, plan)
        model = window_model(self._services, self._state, self._card.model(), self._card.session)
        if not only_news or model != self._shown:
            shows_results = isinstance(model.page, ResultsModel)
            came, self._shows_results = shows_results and not self._shows_results, shows_results
            self._shown = model
            self.changed.emit(model)
            if came:
                self.results_shown.emit()
        snapshot = self._execution.snapshot if self._execution is not None else None
        stands = snapshot if snapshot is not None else self._state.latest
        if stands is not None:
            self.counted.emit(stands.run_id, stands.counts)
