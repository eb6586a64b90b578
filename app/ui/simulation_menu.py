"""The Simulation menu, there only with a simulated Spine: what a trainer can make happen, and why not just now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from PySide6.QtCore import Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from app.clock import Clock, london_text
from app.engine.simulation import Disturbance
from app.ui.card_controller import CardController
from app.ui.simulation_controller import BEFORE_THE_END, HOUR, WHOLE_SESSION, SimulationController

TITLE = "Si&mulation"

_NOBODY = "Nobody is signed in."
_ENDS_ALREADY = "The session ends within 5 minutes already."
_NO_CARD = "There is no card in the reader."
_BUSY = "The simulated Spine is being asked."


@dataclass(frozen=True, slots=True)
class _Entry:
    action: QAction
    why_not: Callable[[], str]


class SimulationMenu(QMenu):
    """Looks at the card each time it is opened; what its entries do is the controller's affair."""

    def __init__(self, controller: SimulationController, card: CardController, clock: Clock, parent: QWidget) -> None:
        super().__init__(TITLE, parent)
        self.setToolTipsVisible(True)
        self._controller = controller
        self._card = card
        self._clock = clock
        self._entries: list[_Entry] = []
        self.time = QAction(self)
        self.time.setEnabled(False)
        self.addAction(self.time)
        self.addSeparator()
        self.one_hour = self._add("Let &1 hour pass", self.on_one_hour)
        self.near_the_end = self._add(
            "Let time pass until &5 minutes before the session ends", self.on_near_the_end, self._why_not_near_the_end
        )
        self.ten_hours = self._add("Let 1&0 hours pass", self.on_ten_hours)
        self.addSeparator()
        self.remove_card = self._add("Remo&ve the card", card.remove_card, self._why_no_removal)
        self.revoke = self._add("&End the session at the sign-in service", self.on_revoke, self._why_no_revocation)
        self.addSeparator()
        self.slow = self._add("Spine: &slow for a minute", self.on_slow)
        self.failing = self._add("Spine: &failing for a minute", self.on_failing)
        self.unreachable = self._add("Spine: &unreachable for a minute", self.on_unreachable)
        self.usual = self._add("Spine: &as usual again", self.on_usual)
        self.aboutToShow.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Say what time it is there, and what cannot be done just now."""
        self.time.setText(f"It is {london_text(self._clock.now())} at the simulated Spine")
        for entry in self._entries:
            why_not = _BUSY if self._controller.is_busy else entry.why_not()
            entry.action.setEnabled(not why_not)
            entry.action.setToolTip(why_not)

    @Slot()
    def on_one_hour(self) -> None:
        """An hour passes."""
        self._controller.let_time_pass(HOUR)

    @Slot()
    def on_near_the_end(self) -> None:
        """All but five minutes of the session pass."""
        left = self._left()
        if left is not None:
            self._controller.let_time_pass(left - BEFORE_THE_END)

    @Slot()
    def on_ten_hours(self) -> None:
        """As long as a session lasts passes."""
        self._controller.let_time_pass(WHOLE_SESSION)

    @Slot()
    def on_revoke(self) -> None:
        """The session is ended elsewhere."""
        session = self._card.session
        if session is not None:
            self._controller.revoke(session)

    @Slot()
    def on_slow(self) -> None:
        """The Spine takes its time."""
        self._controller.disturb(Disturbance.SLOW)

    @Slot()
    def on_failing(self) -> None:
        """The Spine answers with errors."""
        self._controller.disturb(Disturbance.FAILING)

    @Slot()
    def on_unreachable(self) -> None:
        """The Spine is gone."""
        self._controller.disturb(Disturbance.UNREACHABLE)

    @Slot()
    def on_usual(self) -> None:
        """The Spine is well."""
        self._controller.clear()

    def _add(self, words: str, does: Callable[[], None], why_not: Callable[[], str] = str) -> QAction:
        action = self.addAction(words)
        action.triggered.connect(does)
        self._entries.append(_Entry(action, why_not))
        return action

    def _left(self) -> timedelta | None:
        session = self._card.session
        return None if session is None else session.time_left(self._clock.now())

    def _why_not_near_the_end(self) -> str:
        left = self._left()
        if left is None:
            return _NOBODY
        return "" if left > BEFORE_THE_END else _ENDS_ALREADY

    def _why_no_removal(self) -> str:
        return "" if self._card.card is not None else _NO_CARD

    def _why_no_revocation(self) -> str:
        return "" if self._card.session is not None else _NOBODY
