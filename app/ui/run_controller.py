"""Owns what the window is about: which page, which action, which execution. Knows no widget.

What may be pressed, and why not, follows from the domain's tables each time; nothing is switched on or off by hand.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.domain.actions import Action, RunSituation
from app.domain.errors import KnownError
from app.domain.states import RunStatus, StopReason
from app.engine.operator import Press
from app.engine.ports import GroupView, RunView
from app.ui.background import Ended
from app.ui.card_controller import CardController
from app.ui.choose_model import action_models, choose_model
from app.ui.execution import Execution
from app.ui.frame_model import TIMES_NOT_SET, FrameModel, PageModel, WindowModel, state_segment, status_of
from app.ui.options_model import Plan, options_model
from app.ui.results_model import results_model
from app.ui.running_model import RunningModel, finished_model, paused_model, starting_model
from app.ui.services import Services

_POLL_MS = 125
"""How often a live execution is looked at: eight times a second."""

_TICK_MS = 1000
_READ_EVERY_TICKS = 5
"""Another computer may start or end a run while nobody touches this one."""


class Screen(Enum):
    """Which page the middle shows."""

    CHOOSE = "choose"
    OPTIONS = "options"
    RUNNING = "running"
    RESULTS = "results"


class RunController(QObject):
    """Lives in the window's thread.

    Signals: `changed(WindowModel)` whenever something to show may have changed; `completed()` when a run is complete;
    `refused(str)` with a reason in words; `failed(object)` with an unexpected error; `exit_asked(str)` with what
    closing would do to a live run; `exit_ready()` when nothing is under way any more and the window may close.
    """

    changed = Signal(object)
    completed = Signal()
    refused = Signal(str)
    failed = Signal(object)
    exit_asked = Signal(str)
    exit_ready = Signal()

    def __init__(self, services: Services, card: CardController, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._card = card
        self._screen = Screen.CHOOSE
        self._situation = RunSituation()
        self._latest: RunView | None = None
        self._trouble: str | None = None
        self._waits_for_card: Action | None = None
        self._action = Action.RUN
        self._group: str | None = None
        self._groups: list[GroupView] = []
        self._everyone = 0
        self._execution: Execution | None = None
        self._last_page: RunningModel | None = None
        self._stop_and_close = False
        self._exiting = False
        self._ticks = 0
        self._poll = self._timer(_POLL_MS)
        self._poll.timeout.connect(self.on_poll)
        self._tick = self._timer(_TICK_MS)
        self._tick.timeout.connect(self.on_tick)
        card.removed.connect(self.on_card_changed)
        card.busy_changed.connect(self.on_card_changed)

    @property
    def is_live(self) -> bool:
        """Whether this window's own execution is under way."""
        return self._execution is not None

    def open(self) -> None:
        """Read how things stand, show it, and keep it up to date from now on."""
        self._read()
        self._tick.start()
        self._show()

    # --- what staff do ------------------------------------------------------------------------------------------

    @Slot(Action)
    def choose(self, action: Action) -> None:
        """An action was pressed: to the step before OK, by way of the sign-in where nobody is signed in."""
        if self._execution is not None:
            return
        if self._card.session is None:
            self._waits_for_card = action
            self._card.wanted.emit()
            return
        try:
            self._services.operator.check(Press(self._services.family.key, action))
            self._groups = self._services.queries.groups()
            self._everyone = self._services.queries.active_count()
        except KnownError as fault:
            self._go_to(Screen.CHOOSE)
            self.refused.emit(str(fault))
            return
        self._action, self._group = action, None
        self._go_to(Screen.OPTIONS)

    @Slot()
    def resume(self) -> None:
        """Resume was pressed on the page of a paused run."""
        self.choose(Action.RESUME)

    @Slot()
    def retry_failed(self) -> None:
        """Failed was pressed on the results."""
        self.choose(Action.FAILED)

    @Slot(object)
    def choose_group(self, group: str | None) -> None:
        """Another group was chosen; None is everyone."""
        self._group = group
        self._show()

    @Slot()
    def accept(self) -> None:
        """OK was pressed: begin."""
        if self._execution is not None or self._screen is not Screen.OPTIONS:
            return
        press = Press(self._services.family.key, self._action, self._group)
        self._stop_and_close = False
        self._screen = Screen.RUNNING
        self._execution = Execution(self._services.operator, press, self._services.clock, self)
        self._execution.ended.connect(self.on_execution_ended)
        self._poll.start()
        self._show()

    @Slot()
    def stop(self) -> None:
        """Stop was pressed."""
        if self._execution is not None:
            self._execution.stop(StopReason.USER)
            self._show()

    @Slot()
    def stop_and_close(self) -> None:
        """Stop and Close was pressed: back to the actions once it has stopped."""
        self._stop_and_close = self._execution is not None
        self.stop()

    @Slot()
    def go_back(self) -> None:
        """Back to the actions."""
        if self._execution is None:
            self._go_to(Screen.CHOOSE)

    @Slot()
    def show_results(self) -> None:
        """The results of the latest run were asked for, or "Process completed." was answered."""
        if self._execution is None and self._latest is not None:
            self._go_to(Screen.RESULTS)

    @Slot()
    def request_exit(self) -> None:
        """The window is to be closed: ask first."""
        if self._exiting:
            return
        title = self._services.family.title
        self.exit_asked.emit(
            f"{title} is running. It is stopped first and keeps its place: press Resume another time to go on."
            if self._execution is not None
            else ""
        )

    @Slot()
    def confirm_exit(self) -> None:
        """Close, and stop a live run first without waiting for it here."""
        if self._execution is None:
            self.exit_ready.emit()
            return
        self._exiting = True
        self._execution.stop(StopReason.SHUTDOWN)
        self._show()

    def shut_down(self, seconds: float) -> bool:
        """At the end of the program, whatever brought it: stop what still works and wait for it; whether it is over."""
        self._poll.stop()
        self._tick.stop()
        if self._execution is None:
            return True
        self._execution.stop(StopReason.SHUTDOWN)
        return self._execution.wait(seconds)

    # --- what happens by itself ---------------------------------------------------------------------------------

    @Slot()
    def on_signed_in(self) -> None:
        """A session is there: go on with what was waiting for it."""
        waiting, self._waits_for_card = self._waits_for_card, None
        if waiting is not None:
            self.choose(waiting)
        else:
            self._show()

    @Slot()
    def on_sign_in_given_up(self) -> None:
        """Nobody signed in after all."""
        self._waits_for_card = None

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
        waits = self._screen in {Screen.CHOOSE, Screen.OPTIONS}
        if waits and self._execution is None and self._ticks % _READ_EVERY_TICKS == 0:
            self._read()
        self._show()

    @Slot(object)
    def on_execution_ended(self, ended: Ended) -> None:
        """The execution's thread is over: show how the run stands now, by the database."""
        self._poll.stop()
        self._execution = None
        self._read()
        if self._exiting:
            self.exit_ready.emit()
        elif isinstance(ended.value, RunView):
            self._show_end(ended.value)
        else:
            self._go_to(Screen.CHOOSE)
            self._tell_of(ended)

    def _show_end(self, run: RunView) -> None:
        last = self._last_page or starting_model(self._action)
        if run.status is RunStatus.COMPLETED:
            self._last_page = finished_model(last, run)
            self._show()
            self.completed.emit()
        elif self._stop_and_close:
            self._go_to(Screen.CHOOSE)
        else:
            self._last_page = paused_model(last, run)
            self._show()

    def _tell_of(self, ended: Ended) -> None:
        if isinstance(ended.error, KnownError):
            self.refused.emit(str(ended.error))
        elif ended.error is not None:
            self.failed.emit(ended.error)
        else:
            self.refused.emit("The run ended without telling how. Nothing is lost: press Resume to go on with it.")

    # --- showing ------------------------------------------------------------------------------------------------

    def model(self) -> WindowModel:
        """Everything the window shows, as things stand at this moment."""
        page = self._page()
        live = page if isinstance(page, RunningModel) else None
        situation = self._situation_now()
        status, tone = status_of(situation, live)
        card = self._card.model()
        segments = (
            state_segment(status, situation, live),
            TIMES_NOT_SET,
            card.brief,
            f"Spine: {self._services.spine_label}",
        )
        actions = action_models(self._services.family, situation, self._trouble)
        may_stop = self._execution is not None and not self._execution.is_stopping
        frame = FrameModel(self._services.family.title, status, tone, actions, may_stop, card, segments)
        return WindowModel(frame, page)

    def _page(self) -> PageModel:
        services = self._services
        if self._screen is Screen.RUNNING:
            if self._execution is not None:
                self._last_page = self._execution.model()
            return self._last_page or starting_model(self._action)
        if self._screen is Screen.RESULTS and self._latest is not None:
            return results_model(services.family, self._latest)
        if self._screen is Screen.OPTIONS:
            return options_model(services.family, self._plan(), self._card.session, services.clock.now())
        return choose_model(services.family, self._situation_now(), self._latest, self._trouble)

    def _plan(self) -> Plan:
        return Plan(
            action=self._action,
            situation=self._situation_now(),
            group=self._group,
            groups=self._groups,
            everyone=self._everyone,
            run_group=self._latest.group if self._latest else None,
            requests_per_second=self._services.requests_per_second,
        )

    def _situation_now(self) -> RunSituation:
        return replace(self._situation, live=True) if self._execution is not None else self._situation

    def _go_to(self, screen: Screen) -> None:
        self._screen = screen
        self._read()
        self._show()

    def _read(self) -> None:
        family = self._services.family.key
        try:
            self._situation = self._services.operator.situation(family)
            self._latest = self._services.queries.latest_run(family)
        except KnownError as fault:
            self._trouble = str(fault)
        else:
            self._trouble = None

    def _show(self) -> None:
        self.changed.emit(self.model())

    def _timer(self, milliseconds: int) -> QTimer:
        timer = QTimer(self)
        timer.setInterval(milliseconds)
        return timer
