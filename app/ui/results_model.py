"""What the results page says: the five counters, what each means, and what to do next. No widgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.actions import Action, Family
from app.domain.states import RunStatus, StopReason, stop_words
from app.engine.ports import RunView
from app.engine.rows import Counts
from app.ui.chart_model import ChartModel
from app.ui.choose_model import ActionModel
from app.ui.formatting import moment, patients
from app.ui.tones import Tone


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
        steps.append("Nobody failed, so there is nothing to put right.")
        steps.append("You may take your Smartcard out now.")
    return tuple(steps)
