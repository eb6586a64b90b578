"""What the window knows of the database: read in a few short reads, in whichever thread, and taken into its state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal, Slot

from app.domain.actions import RunSituation
from app.domain.errors import KnownError
from app.engine.ports import RunView
from app.engine.schedule_rows import ActiveSchedule, OccurrenceView
from app.ui.asking import Asking
from app.ui.background import Ended
from app.ui.choose_model import ASKING
from app.ui.presenter import WindowState
from app.ui.services import Services

_SHOWN_TIMES = 5
"""How many of the latest times are shown with what became of them."""

SILENCE_SECONDS = 6.0
"""For so long a server may think before the window says so: longer than a connection to one out of reach is tried."""
SILENT = (
    "The server with the practice database does not answer. Check the network and the server; nothing has to be done "
    "here."
)


@dataclass(frozen=True, slots=True)
class Moment:
    """How things stood at one moment."""

    stored: RunSituation
    latest: RunView | None
    schedule: ActiveSchedule | None
    occurrences: Sequence[OccurrenceView]


class Reading(QObject):
    """Keeps what a window knows up to date. Lives in the window's thread.

    Signals: `changed()` when an answer has come that was waited for; `failed(object)` with an unexpected error.
    """

    changed = Signal()
    failed = Signal(object)

    def __init__(self, services: Services, state: WindowState, parent: QObject) -> None:
        super().__init__(parent)
        self._services = services
        self._state = state
        self._asking = Asking(services, self)
        self._again = False
        if not self._asking.at_once:
            state.trouble = ASKING

    def read(self) -> None:
        """Read how things stand; what is asked for while that goes on is read once more."""
        self._again = self._asking.is_busy
        if not self._again:
            self._asking.ask("how things stand", lambda: _read(self._services), self.on_read)

    @Slot(object)
    def on_read(self, ended: Ended) -> None:
        """How things stand is known, or why not."""
        take_in(self._state, ended)
        if ended.error is not None and not isinstance(ended.error, KnownError):
            self.failed.emit(ended.error)
        if self._again:
            self.read()
        if not self._asking.at_once:
            self.changed.emit()

    def is_silent(self) -> bool:
        """Whether an answer is overdue: then the window says so, and offers nothing until one comes."""
        if self._asking.waits_for <= SILENCE_SECONDS:
            return False
        self._state.trouble = SILENT
        return True

    def wait(self, seconds: float) -> bool:
        """Block until no answer is waited for, for the end of the program; whether none is."""
        return self._asking.wait(seconds)


def _read(services: Services) -> Moment:
    family = services.family.key
    return Moment(
        services.operator.situation(family),
        services.queries.latest_run(family),
        services.times.active(),
        services.times.history(_SHOWN_TIMES),
    )


def take_in(state: WindowState, ended: Ended) -> None:
    """Have the window know what was read; where that failed it says why, and offers nothing that rests on it."""
    if isinstance(ended.value, Moment):
        found = ended.value
        state.stored, state.latest = found.stored, found.latest
        state.schedule, state.occurrences = found.schedule, found.occurrences
        state.trouble = None
    elif isinstance(ended.error, KnownError):
        state.trouble = str(ended.error)


def take_in_end(state: WindowState, run: RunView) -> None:
    """Have the window know how a run of its own has ended, before it is read."""
    counts = run.counts
    state.latest = run
    state.stored = RunSituation(run.status, False, counts.failed, counts.unprocessed + counts.sending)
