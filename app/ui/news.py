"""What is told of a run to people who look elsewhere. It names no patient. No widgets."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.actions import Action, Family
from app.domain.states import RunStatus, StopReason, stop_words
from app.engine.ports import RunView
from app.ui.formatting import patients

_AS_MEANT = {StopReason.USER, StopReason.SHUTDOWN, StopReason.WINDOW_CLOSED}
"""A run that has paused for one of these has done what somebody wanted of it."""


@dataclass(frozen=True, slots=True)
class News:
    """A sentence to be told, and whether it needs somebody; what does not has gone as planned."""

    words: str
    needs_somebody: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which news the practice wants to be told by the tray."""

    trouble: bool = True
    progress: bool = False

    def wants(self, news: News) -> bool:
        """Whether these are among them."""
        return self.trouble if news.needs_somebody else self.progress


def begun_by_itself(family: Family, action: Action) -> News:
    """A set time has come."""
    began = "started" if action.makes_new_run else "gone on"
    return News(f"{family.title} has {began} by itself, at its set time.", needs_somebody=False)


def run_ended(family: Family, run: RunView) -> News:
    """An execution is over."""
    if run.status is not RunStatus.COMPLETED:
        reason = run.stop_reason or StopReason.USER
        words = f"{family.title} is paused. {stop_words(reason, run.stop_detail)}"
        return News(words, needs_somebody=reason not in _AS_MEANT)
    failed, left = run.counts.failed, run.counts.unprocessed + run.counts.sending
    over = [f"{patients(number)} {what}." for number, what in ((failed, "failed"), (left, "not settled")) if number]
    return News(" ".join((f"{family.title}: process completed.", *over)), needs_somebody=bool(over))
