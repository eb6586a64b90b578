"""The step before OK: which action, with which group and times, by way of the sign-in where nobody is signed in."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal, Slot

from app.domain.actions import Action, why_not
from app.domain.errors import BadInput, KnownError
from app.domain.states import RunStatus
from app.engine.operator import Press
from app.engine.ports import GroupView
from app.ui.asking import Asking
from app.ui.background import Ended
from app.ui.card_controller import CardController
from app.ui.execution import AtOnce
from app.ui.presenter import Showing, WindowState
from app.ui.schedule_controller import ScheduleController
from app.ui.services import Services
from app.ui.times_model import Times, daily_times


class PressStep(QObject):
    """Writes what is chosen into the window's state. Lives in the window's thread.

    Signals: `wanted(Showing)` when another page is to be shown; `changed()` when something else is chosen;
    `begins(Order)` with what is to be carried out at once; `refused(str)` with a reason in words; `failed(object)` with
    an unexpected error.
    """

    wanted = Signal(Showing)
    changed = Signal()
    begins = Signal(object)
    refused = Signal(str)
    failed = Signal(object)

    def __init__(
        self,
        services: Services,
        state: WindowState,
        card: CardController,
        schedule: ScheduleController,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._services = services
        self._state = state
        self._card = card
        self._schedule = schedule
        self._waits_for_card: Press | None = None
        self._makes_up: Action | None = None
        self._asking = Asking(services, self)
        self._asked: Press | None = None
        self._leaves = False

    def chosen_press(self) -> Press:
        """What the step before OK would press; on the page of the actions, the one that makes sense next."""
        state, family = self._state, self._services.family
        if state.showing is Showing.OPTIONS:
            return Press(family.key, state.action, state.group)
        held = state.schedule
        if held is not None and state.situation.status is RunStatus.SCHEDULED:
            # What is scheduled cannot be run by hand but by a Rerun, which takes its place.
            return Press(family.key, Action.RERUN, held.schedule.group)
        next_ones = (Action.RUN, Action.RESUME, Action.RERUN)
        possible = (one for one in next_ones if why_not(one, state.situation, family) is None)
        return Press(family.key, next(possible, Action.RUN))

    @Slot(Action)
    def choose(self, action: Action) -> None:
        """An action was pressed."""
        self.choose_press(Press(self._services.family.key, action))

    @Slot(object)
    def choose_press(self, press: Press) -> None:
        """To the step before OK with this chosen, by way of the sign-in where nobody is signed in."""
        if self._state.is_live or self._asking.is_busy:
            return
        if self._card.session is None:
            self._waits_for_card = press
            self._card.wanted.emit()
            return
        operator, queries = self._services.operator, self._services.queries

        def whom_it_may_be_for() -> tuple[Sequence[GroupView], int]:
            operator.check(Press(press.family, press.action))
            return queries.groups(), queries.active_count()

        self._asked = press
        self._asking.ask("press", whom_it_may_be_for, self.on_press_looked_at)

    @Slot(object)
    def on_press_looked_at(self, ended: Ended) -> None:
        """It is known whether what was chosen may be pressed."""
        press, self._asked = self._asked, None
        if press is None or self._state.is_live or self._leaves:
            # Nobody waits for it any more.
            return
        if ended.error is not None:
            self.wanted.emit(Showing.CHOOSE)
            if isinstance(ended.error, KnownError):
                self.refused.emit(str(ended.error))
            else:
                self.failed.emit(ended.error)
            return
        state, action = self._state, press.action
        state.groups, state.everyone = ended.value
        # Whoever goes on with a run that has times means to keep them; the fields show them.
        goes_on = action is Action.RESUME or action is self._makes_up
        state.times = daily_times(state.schedule) if goes_on else Times()
        group = press.group if press.group in {one.name for one in state.groups} else None
        state.action, state.group, state.step, self._makes_up = action, group, state.step + 1, None
        self.wanted.emit(Showing.OPTIONS)

    @Slot(Action)
    def make_up(self, action: Action) -> None:
        """What was missed is to be done now, with the times that were set."""
        self._makes_up = action
        self.choose(action)

    @Slot()
    def resume(self) -> None:
        """Resume was pressed on the page of a paused run."""
        self.choose(Action.RESUME)

    @Slot(object)
    def choose_group(self, group: str | None) -> None:
        """Another group was chosen; None is everyone."""
        self._state.group = group
        self.changed.emit()

    @Slot(object)
    def choose_times(self, times: Times) -> None:
        """Other times were chosen."""
        self._state.times = times
        self.changed.emit()

    @Slot()
    def accept(self) -> None:
        """OK was pressed: begin, or keep it for its time."""
        state = self._state
        if self._state.is_live or state.showing is not Showing.OPTIONS or self._schedule.is_busy:
            return
        press = Press(self._services.family.key, state.action, state.group)
        if not state.times.are_set:
            self.begins.emit(AtOnce(self._services.operator, press))
            return
        try:
            planned = state.times.planned(self._services.clock.now())
        except BadInput as refused:
            self.refused.emit(str(refused))
        else:
            self._schedule.press(press, planned.plan)

    @Slot()
    def on_signed_in(self) -> None:
        """A session is there: go on with what was waiting for it."""
        waiting, self._waits_for_card = self._waits_for_card, None
        if waiting is not None:
            self.choose_press(waiting)
        else:
            self.changed.emit()

    @Slot()
    def on_sign_in_given_up(self) -> None:
        """Nobody signed in after all."""
        self._waits_for_card = self._makes_up = None

    def forget(self) -> None:
        """What was chosen, and is still being looked at, is not wanted any more."""
        self._asked = None

    def leave(self) -> None:
        """The window is to close: nothing is to be pressed any more."""
        self._leaves = True

    def wait(self, seconds: float) -> bool:
        """Block until no answer is waited for, for the end of the program; whether none is."""
        return self._asking.wait(seconds)
