"""What is told of a run to people who look elsewhere. It names no patient. No widgets."""

from __future__ import annotations

from app.domain.actions import Action, Family
from app.domain.states import RunStatus, StopReason, stop_words
from app.engine.ports import RunView


def begun_by_itself(family: Family, action: Action) -> str:
    """A set time has come."""
    began = "started" if action.makes_new_run else "gone on"
    return f"{family.title} has {began} by itself, at its set time."


def ended_words(family: Family, run: RunView) -> str:
    """An execution is over."""
    if run.status is RunStatus.COMPLETED:
        return f"{family.title}: process completed."
    return f"{family.title} is paused. {stop_words(run.stop_reason or StopReason.USER, run.stop_detail)}"
