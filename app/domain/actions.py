"""The process family's four actions: their words, and when each may be pressed, derived from the run's state.

Screen page, sections 2 and 3. A further family is one more `Family`; nothing here knows a widget.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.domain.states import RUN_TRANSITIONS, RunStatus, may_become


class Action(StrEnum):
    """What staff can press."""

    RUN = "run"
    RESUME = "resume"
    RERUN = "rerun"
    FAILED = "failed"

    @property
    def makes_new_run(self) -> bool:
        """Whether pressing this begins from the first patient."""
        return self in {Action.RUN, Action.RERUN}


@dataclass(frozen=True, slots=True)
class ActionWords:
    """How one action is named, explained and asked about."""

    label: str
    meaning: str
    prompt: str


@dataclass(frozen=True, slots=True)
class Family:
    """One of the screen's process families."""

    key: str
    title: str
    actions: dict[Action, ActionWords]


_SCAN = (
    "This action will update ACS with the locally held consent preference values where required. "
    "All active patients will be scanned. Do you wish to proceed?"
)

CONSENT_MIGRATION = Family(
    key="consent-migration",
    title="Consent Migration",
    actions={
        Action.RUN: ActionWords(
            "Run", "Scan every active patient and send each dissent held here to the Spine.", _SCAN
        ),
        Action.RESUME: ActionWords(
            "Resume",
            "Go on with a Consent Migration that was paused, where it left off.",
            "Continue with the consent migration?",
        ),
        Action.RERUN: ActionWords(
            "Rerun",
            "Start again from the first patient.",
            f"A Consent Migration has already been run. {_SCAN}",
        ),
        Action.FAILED: ActionWords(
            "Failed",
            "Try the failed patients of the last run again.",
            "This action will reprocess all failed consent migrations from the previous attempt. "
            "Do you wish to proceed?",
        ),
    },
)

FAMILIES: dict[str, Family] = {CONSENT_MIGRATION.key: CONSENT_MIGRATION}


@dataclass(frozen=True, slots=True)
class RunSituation:
    """What the four actions depend on: the latest run of the family, if any, and whether one is live now.

    `status` is None when there never was a run. `live_elsewhere` names who holds the practice, where and since when,
    when another copy of the program does.
    """

    status: RunStatus | None = None
    live: bool = False
    failed: int = 0
    unfinished: int = 0
    live_elsewhere: str | None = None


def why_not(action: Action, situation: RunSituation) -> str | None:
    """Why this action cannot be pressed now, in one sentence, or None when it can."""
    if situation.live:
        return (
            situation.live_elsewhere or "A Consent Migration is running. Wait for it to end, or press Stop."
        )
    status = situation.status
    if action is Action.RUN:
        return _why_not_run(status)
    if status is None:
        return "No Consent Migration has been run yet. Press Run."
    if action is Action.RESUME:
        resumable = status in {RunStatus.STOPPED, RunStatus.RUNNING}
        return None if resumable else "No Consent Migration is paused. There is nothing to resume."
    if action is Action.FAILED:
        # A run found as running without anybody live is one that was interrupted: it may be taken up.
        reachable = status is RunStatus.RUNNING or may_become(RUN_TRANSITIONS, status, RunStatus.RUNNING)
        if not reachable or status is RunStatus.SCHEDULED:
            return "The last Consent Migration cannot be taken up again. Press Run or Rerun."
        return None if situation.failed else "No patient failed in the last Consent Migration."
    return None


def _why_not_run(status: RunStatus | None) -> str | None:
    if status is RunStatus.SCHEDULED:
        return "A Consent Migration is scheduled. Wait for it, or cancel it first; Resume goes on with a paused one."
    if status is not None and status.is_open:
        return "A Consent Migration is not finished. Press Resume to go on with it, or Rerun to start again."
    return None
