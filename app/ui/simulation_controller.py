"""Owns what the Simulation menu does: each thing is asked of the simulated Spine, off the window's thread."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from PySide6.QtCore import QObject, Signal, Slot

from app.domain.errors import KnownError
from app.domain.session import CardSession
from app.engine.simulation import Disturbance, SimulationControls
from app.ui.background import BackgroundCall, Ended
from app.ui.card_controller import CardController
from app.ui.formatting import duration

HOUR = timedelta(hours=1)
WHOLE_SESSION = timedelta(hours=10)
BEFORE_THE_END = timedelta(minutes=5)
TROUBLE_LASTS = timedelta(minutes=1)

_TROUBLES = {
    Disturbance.SLOW: "answers slowly",
    Disturbance.FAILING: "answers with errors",
    Disturbance.UNREACHABLE: "cannot be reached",
}


class SimulationController(QObject):
    """Lives in the window's thread.

    Signals: `done(str)` with what is different now; `refused(str)` with a reason in words; `failed(object)` with an
    unexpected error; `busy_changed(bool)` while the simulated Spine is asked.
    """

    done = Signal(str)
    refused = Signal(str)
    failed = Signal(object)
    busy_changed = Signal(bool)

    def __init__(self, controls: SimulationControls, card: CardController, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controls = controls
        self._card = card
        self._call: BackgroundCall | None = None
        self._words = ""

    @property
    def is_busy(self) -> bool:
        """Whether the simulated Spine is being asked."""
        return self._call is not None

    def let_time_pass(self, length: timedelta) -> None:
        """Move the time of Spine and program forward by so much."""
        seconds = length.total_seconds()
        self._ask(f"{duration(seconds)} have passed.", lambda: self._controls.let_time_pass(seconds))

    def revoke(self, session: CardSession) -> None:
        """End this session at the sign-in service; this program notices when it uses it next."""
        words = "The session was ended at the sign-in service. It is noticed with the next message."
        self._ask(words, lambda: self._controls.revoke_session(session.card_uid))

    def disturb(self, disturbance: Disturbance) -> None:
        """Have the Spine in trouble for a while."""
        seconds = TROUBLE_LASTS.total_seconds()
        words = f"The Spine {_TROUBLES[disturbance]} for {duration(seconds)} from now."
        self._ask(words, lambda: self._controls.disturb(disturbance, seconds))

    def clear(self) -> None:
        """Have the Spine answer as usual."""
        self._ask("The Spine answers as usual.", self._controls.clear_disturbance)

    def shut_down(self, seconds: float) -> bool:
        """Wait for a call under way, at the end of the program; whether it is over."""
        return self._call is None or self._call.wait(seconds)

    @Slot(object)
    def on_ended(self, ended: Ended) -> None:
        """The simulated Spine has answered, or could not be asked."""
        self._call = None
        self.busy_changed.emit(False)
        # Whatever was done, the session may be another now.
        self._card.on_tick()
        if isinstance(ended.error, KnownError):
            self.refused.emit(str(ended.error))
        elif ended.error is not None:
            self.failed.emit(ended.error)
        elif not ended.vanished:
            self.done.emit(self._words)

    def _ask(self, words: str, call: Callable[[], object]) -> None:
        if self._call is not None:
            return
        self._words = words
        self._call = BackgroundCall("simulation", call, self)
        self._call.ended.connect(self.on_ended)
        self.busy_changed.emit(True)
