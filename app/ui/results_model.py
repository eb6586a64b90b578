"""What the results page says: the five counters, what each means, and what to do next. No widgets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.domain.actions import Action, Family
from app.domain.states import RunStatus, StopReason, stop_words
from app.engine.lists import OfWorklist, Worklist
from app.engine.ports import RunView
from app.engine.rows import Counts
from app.engine.worklists import WorklistCount
from app.ui.chart_model import ChartModel
from app.ui.choose_model import ActionModel
from app.ui.formatting import moment, patients
from app.ui.tones import Tone
from app.ui.worklists.words import not_sent

_NOBODY_FAILED = "Nobody failed."
_ALL_IN_ORDER = "Nobody failed, so there is nothing to put right."


@dataclass(frozen=True, slots=True)
class ResultsModel:
    """The results page. `tone` is DONE only when nothing is left unprocessed or sending.

    `actions` are those that these results call for, the one that makes sense next among them as the default. `chart` is
    how it went, where it went on in this window.
    """

    heading: str
    detail: str
    tone: Tone
    counts: Counts
    next_steps: tuple[str, ...]
    actions: tuple[ActionModel, ...]
    chart: ChartModel | None


def results_model(
    family: Family, run: RunView, actions: Sequence[ActionModel], chart: ChartModel | None = None
) -> ResultsModel:
    """The results of a run, whichever way it has ended so far; `actions` are the four as they stand."""
    counts = run.counts
    left = counts.unprocessed + counts.sending
    called_for = {Action.RESUME: left > 0 and run.status.is_open, Action.FAILED: counts.failed > 0}
    return ResultsModel(
        heading=_heading(family, run, left),
        detail=_detail(run),
        tone=Tone.ATTENTION if left else Tone.DONE,
        counts=counts,
        next_steps=_next_steps(run, left),
        actions=tuple(one for one in actions if called_for.get(one.action, False)),
        chart=chart,
    )


def _heading(family: Family, run: RunView, left: int) -> str:
    if left:
        return f"Not finished: {patients(left)} still to be done. Do not close the practice's work on this yet."
    if run.status is RunStatus.COMPLETED:
        return f"{family.title} has completed: nobody is unprocessed and nothing is being sent."
    return f"{family.title}: nobody is unprocessed and nothing is being sent."


def _detail(run: RunView) -> str:
    began = f"Begun on {moment(run.started_at)}" if run.started_at else "Not begun"
    ended = f", ended on {moment(run.ended_at)}" if run.ended_at else ""
    group = f" Group: {run.group}." if run.group else ""
    return f"{began}{ended}. {patients(run.counts.total)}. Operator: {run.operator}.{group}"


def _next_steps(run: RunView, left: int) -> tuple[str, ...]:
    steps = []
    if left:
        reason = StopReason.INTERRUPTED if run.status is RunStatus.RUNNING else run.stop_reason
        steps.append(stop_words(reason, run.stop_detail) if reason else "Press Resume to go on.")
    if run.counts.failed:
        steps.append(
            f"{patients(run.counts.failed)} failed. Press View to see who and why, put that right in the records, "
            "then press Failed."
        )
    if not left and not run.counts.failed:
        steps += [_NOBODY_FAILED, "You may take your Smartcard out now."]
    return tuple(steps)


def steps_with(model: ResultsModel, standing: Sequence[WorklistCount]) -> tuple[str, ...]:
    """What to do next, with the dissents to look after: they come first, behind nothing but Resume.

    `standing` is how the worklists stand; without any that is not known, and nothing is said to be in order.
    """
    dissents = tuple(_dissent_steps(standing))
    lead = 1 if model.tone is Tone.ATTENTION else 0
    steps = (*model.next_steps[:lead], *dissents, *model.next_steps[lead:])
    in_order = bool(standing) and not dissents
    return tuple(_ALL_IN_ORDER if in_order and step == _NOBODY_FAILED else step for step in steps)


def _dissent_steps(standing: Sequence[WorklistCount]) -> Iterator[str]:
    unsent = not_sent(standing)
    if unsent:
        whose = "The dissent of 1 patient has" if unsent == 1 else f"The dissents of {patients(unsent)} have"
        yield f"{whose} not reached the Spine. Press Worklists: Dissent not sent says who, and what is in the way."
    mismatched = sum(one.left for one in standing if one.source == OfWorklist(Worklist.MISMATCH))
    if mismatched:
        whose = "a dissent of 1 patient" if mismatched == 1 else f"dissents of {patients(mismatched)}"
        yield (
            f"The Spine holds {whose} that the records here do not. Press Worklists: Dissent on the Spine, not here. "
            "Ask the patient, and record the answer."
        )
