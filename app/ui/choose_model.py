"""What the choosing page says: the four actions with their reasons, and what became of the last run. No widgets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.actions import Action, Family, RunSituation, why_not
from app.domain.states import STOP_WORDS, RunStatus, StopReason, stop_words
from app.engine.ports import RunView
from app.ui.counter_words import on_the_way
from app.ui.formatting import count, moment, patients
from app.ui.times_model import ScheduleModel
from app.ui.tones import Tone

_SENSIBLE_NEXT = (Action.RESUME, Action.FAILED, Action.RUN)
"""Which action staff most likely want next; a Rerun is never suggested."""

_STOPPING_THERE = "It was asked to stop, and pauses as soon as the messages under way have been answered."

ASKING = "The practice database is being asked how things stand."
CHECKING = "The practice database is being checked. This takes a moment."
"""The troubles of a window that knows nothing yet."""
IN_USE_HERE = "This practice is in use here just now. Wait until that has ended."
ASKED_AGAIN = "It is asked again by itself every few seconds. Nothing that was recorded is lost."


@dataclass(frozen=True, slots=True)
class ActionModel:
    """One action as it is offered; `why_not` is None where it can be pressed."""

    action: Action
    label: str
    meaning: str
    why_not: str | None
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class ChooseModel:
    """The choosing page. `history` is one line about the last run, `advice` what is to be said and done about it.

    `may_stop_there` says that a run is under way at another computer, and has not been asked to stop yet.
    """

    history: str
    advice: str
    tone: Tone
    has_results: bool
    actions: tuple[ActionModel, ...]
    schedule: ScheduleModel | None = None
    may_stop_there: bool = False


def choose_model(
    family: Family, situation: RunSituation, latest: RunView | None, trouble: str | None = None
) -> ChooseModel:
    """The page for a situation. `trouble` says why nothing can be read just now; then nothing can be pressed."""
    actions = action_models(family, situation, trouble)
    if trouble in {ASKING, CHECKING}:
        return ChooseModel(trouble, "", Tone.QUIET, False, actions)
    if trouble is not None:
        advice = f"{trouble}\n{ASKED_AGAIN}"
        return ChooseModel("The practice database cannot be read.", advice, Tone.FAILED, False, actions)
    history, advice, tone = _history(family, situation, latest)
    has_results = latest is not None and latest.counts.total > 0 and not situation.live
    is_there = situation.live_elsewhere is not None and situation.status is RunStatus.RUNNING
    may_stop = is_there and latest is not None and not latest.stop_requested
    return ChooseModel(history, advice or _common_reason(actions), tone, has_results, actions, may_stop_there=may_stop)


def action_models(family: Family, situation: RunSituation, trouble: str | None = None) -> tuple[ActionModel, ...]:
    """The four actions in their order, each with its reason where it cannot be pressed."""
    reasons = {action: trouble or why_not(action, situation, family) for action in family.actions}
    default = _sensible_next(situation, reasons)
    return tuple(
        ActionModel(action, _label(action, words.label, situation), words.meaning, reasons[action], action is default)
        for action, words in family.actions.items()
    )


def _common_reason(actions: tuple[ActionModel, ...]) -> str:
    """The reason why nothing at all can be pressed, where there is one: it is then said once, not four times."""
    reasons = {one.why_not for one in actions}
    return next(iter(reasons)) or "" if len(reasons) == 1 else ""


def _sensible_next(situation: RunSituation, reasons: Mapping[Action, str | None]) -> Action | None:
    if situation.status is RunStatus.COMPLETED and not situation.failed:
        # All is done: nothing is suggested.
        return None
    return next((action for action in _SENSIBLE_NEXT if action in reasons and reasons[action] is None), None)


def _label(action: Action, label: str, situation: RunSituation) -> str:
    return f"{label} ({count(situation.failed)})" if action is Action.FAILED and situation.failed else label


def _history(family: Family, situation: RunSituation, latest: RunView | None) -> tuple[str, str, Tone]:
    if latest is None:
        return f"{family.title} has not been run in this practice yet.", "", Tone.QUIET
    if situation.live and latest.status is RunStatus.RUNNING:
        return _running(situation, latest)
    tellers = {
        RunStatus.SCHEDULED: _scheduled,
        RunStatus.RUNNING: _interrupted,
        RunStatus.STOPPED: _paused,
        RunStatus.COMPLETED: _completed,
        RunStatus.ABANDONED: _abandoned,
    }
    history, advice, tone = tellers[latest.status](latest)
    if situation.live:
        # A list is brought in, say, or dissents are read back: what the last run calls for has to wait.
        return history, situation.live_elsewhere or IN_USE_HERE, Tone.ACCENT
    return history, advice, tone


def _running(situation: RunSituation, run: RunView) -> tuple[str, str, Tone]:
    since = f"Running since {moment(run.started_at)}" if run.started_at else "Running"
    far = f"{count(run.counts.checked)} of {patients(run.counts.total)} checked so far."
    wished = f"\n{_STOPPING_THERE}" if run.stop_requested else ""
    told = f"{since}, started by {run.operator} on {run.workstation}: {far}"
    return told, f"{situation.live_elsewhere or ''}{wished}", Tone.ACCENT


def _scheduled(run: RunView) -> tuple[str, str, Tone]:
    return f"Scheduled on {moment(run.created_at)} by {run.operator}; not started yet.", "", Tone.ACCENT


def _interrupted(run: RunView) -> tuple[str, str, Tone]:
    return f"Interrupted: {_left(run)}.", STOP_WORDS[StopReason.INTERRUPTED], Tone.ATTENTION


def _paused(run: RunView) -> tuple[str, str, Tone]:
    began = f"Begun on {moment(run.started_at)}, last" if run.started_at else "Last"
    advice = stop_words(run.stop_reason, run.stop_detail) if run.stop_reason else "Press Resume to go on."
    said = " ".join(filter(None, (advice, on_the_way(run.counts.sending))))
    return f"Paused: {_left(run)}.", f"{said}\n{began} worked on by {run.operator}.", Tone.ATTENTION


def _completed(run: RunView) -> tuple[str, str, Tone]:
    counts = run.counts
    when = f" on {moment(run.ended_at)}" if run.ended_at else ""
    told = f"Completed{when} by {run.operator}."
    numbers = f"{count(counts.sent)} sent, {count(counts.failed)} failed, {count(counts.not_required)} not required."
    if counts.failed:
        return told, f"{numbers} Put right what is wrong with those that failed, then press Failed.", Tone.ACCENT
    return told, numbers, Tone.DONE


def _abandoned(run: RunView) -> tuple[str, str, Tone]:
    when = f" on {moment(run.ended_at)}" if run.ended_at else ""
    return f"The last one was abandoned{when}: {_left(run)}.", "", Tone.QUIET


def _left(run: RunView) -> str:
    left = run.counts.unprocessed + run.counts.sending
    return f"{count(left)} of {patients(run.counts.total)} left"
