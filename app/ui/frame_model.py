"""What the frame around the middle says: title, status, the menu's actions, the status bar. No widgets."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.actions import RunSituation
from app.domain.states import RunStatus
from app.engine.practice import PracticeInfo
from app.ui.card_model import CardModel
from app.ui.choose_model import ActionModel, ChooseModel
from app.ui.formatting import count, patients
from app.ui.options_model import OptionsModel
from app.ui.results_model import ResultsModel
from app.ui.running_model import RunningModel, Stage
from app.ui.tones import Tone

PRODUCT = "GP Summary Bulk Transmission"

AWAKE = ", computer kept awake"
"""Said beside the status while it is so."""

NOT_KNOWN = "Not known yet"
"""The status as long as nothing could be read."""

PageModel = ChooseModel | OptionsModel | RunningModel | ResultsModel


@dataclass(frozen=True, slots=True)
class FrameModel:
    """The frame. `segments` are the status bar's texts from left to right."""

    heading: str
    status: str
    tone: Tone
    actions: tuple[ActionModel, ...]
    may_stop: bool
    card: CardModel
    segments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WindowModel:
    """Everything the window shows at one moment; the page's class says which page it is."""

    frame: FrameModel
    page: PageModel


_STATUS: dict[RunStatus, tuple[str, Tone]] = {
    RunStatus.SCHEDULED: ("Scheduled", Tone.ACCENT),
    # Nobody is live, so it was interrupted: Resume takes it up like a paused one.
    RunStatus.RUNNING: ("Paused", Tone.ATTENTION),
    RunStatus.STOPPED: ("Paused", Tone.ATTENTION),
    RunStatus.COMPLETED: ("Stopped", Tone.DONE),
    RunStatus.ABANDONED: ("Stopped", Tone.QUIET),
}
"""The words of a run that nobody works on just now."""


_ENDED = frozenset({RunStatus.COMPLETED, RunStatus.ABANDONED})
_WAITS = frozenset({RunStatus.SCHEDULED, RunStatus.STOPPED})

_AT_WORK: dict[Stage, tuple[str, Tone]] = {
    Stage.LIVE: ("Running", Tone.ACCENT),
    Stage.STOPPING: ("Stopping", Tone.ATTENTION),
    Stage.SILENT: ("Not responding", Tone.FAILED),
}
"""The words of this window's own execution."""


def window_title(practice: PracticeInfo) -> str:
    """The window's title: the product, whose practice it is, and where it is kept if others share it."""
    whose = ", ".join(part for part in (practice.name, practice.ods_code) if part)
    shared = f"shared in {practice.shared_in}" if practice.shared_in else ""
    return " - ".join(part for part in (PRODUCT, whose, shared) if part)


def status_of(situation: RunSituation, live: RunningModel | None) -> tuple[str, Tone]:
    """The Status word. `live` is the page of this window's own execution, if it has one."""
    if live is not None and live.stage in _AT_WORK:
        return _AT_WORK[live.stage]
    if situation.live:
        # Nobody works on a run that is not running: dissents are read back, or the next one is about to begin.
        waits = situation.status in _WAITS and situation.live_elsewhere is not None
        return ("In use" if waits or situation.status in _ENDED else "Running"), Tone.ACCENT
    if situation.status is None:
        return "Not run yet", Tone.QUIET
    return _STATUS[situation.status]


def state_segment(status: str, situation: RunSituation, live: RunningModel | None) -> str:
    """The status bar's first text: the status, and how far."""
    if live is not None and live.total and live.stage in _AT_WORK:
        return f"{status}: {count(live.done)} of {count(live.total)}"
    # Who is in the scope of a scheduled one is known when it begins.
    waits = situation.status is not None and situation.status.is_open and situation.status is not RunStatus.SCHEDULED
    if waits and not situation.live:
        return f"{status}: {patients(situation.unfinished)} left"
    return status
