"""The process family's four actions: their words, and when each may be pressed, derived from the run's state.

A further family is one more `Family`, whose title goes into the words; nothing here
knows a widget.
"""

from __future__ import annotations

from collections.abc import Mapping
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
    actions: Mapping[Action, ActionWords]


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

FAMILIES: Mapping[str, Family] = {CONSENT_MIGRATION.key: CONSENT_MIGRATION}


@dataclass(frozen=True, slots=True)
class RunSituation:
    """What the four actions depend on: the latest run of the family, if any, and whether one is live now.

    `status` is None when there never was a run. `live_elsewhere` is a sentence for staff: who holds the practice, where
    and since when, when another copy of the program does.
    """

    status: RunStatus | None = None
    live: bool = False
    failed: int = 0
    unfinished: int = 0
    live_elsewhere: str | None = None


def why_not(action: Action, situation: RunSituation, family: Family = CONSENT_MIGRATION) -> str | None:
    """Why this action cannot be pressed now, in one or two sentences, or None when it can.

    A run whose status is still running while nobody is live was interrupted, and counts as paused.
    """
    if situation.live_elsewhere:
        return situation.live_elsewhere
    if situation.live:
        return f"{family.title} is running. Wait for it to end, or press Stop."
    if action is Action.RUN:
        return _why_not_run(situation.status, family)
    if situation.status is None:
        return f"{family.title} has not been run yet. Press Run."
    if action is Action.RESUME:
        resumable = situation.status in {RunStatus.STOPPED, RunStatus.RUNNING}
        return None if resumable else f"No {family.title} is paused. There is nothing to resume."
    if action is Action.FAILED:
        return _why_not_failed(situation.status, situation.failed, family)
    return None


def _why_not_run(status: RunStatus | None, family: Family) -> str | None:
    if status is RunStatus.SCHEDULED:
        return (
            f"{family.title} is scheduled. Wait for it, or cancel the schedule. "
            "Resume is for one that has started and was paused."
        )
    if status is not None and status.is_open:
        return f"{family.title} is not finished. Press Resume to go on with it, or Rerun to start again."
    return None


def _why_not_failed(status: RunStatus, failed: int, family: Family) -> str | None:
    if status is RunStatus.SCHEDULED:
        return f"{family.title} is scheduled and has not started: no patient has failed yet."
    if not failed:
        return f"No patient failed in the last {family.title}."
    if status is not RunStatus.RUNNING and not may_become(RUN_TRANSITIONS, status, RunStatus.RUNNING):
        return f"The last {family.title} was abandoned and cannot be taken up again. Press Run."
    return None


def prompt(action: Action, situation: RunSituation, family: Family = CONSENT_MIGRATION) -> str:
    """What staff are asked before the action begins; a Rerun that gives up an unfinished run says so first."""
    question = family.actions[action].prompt
    if action is not Action.RERUN or situation.status is None or not situation.status.is_open:
        return question
    if situation.status is RunStatus.SCHEDULED:
        return f"The {family.title} that is scheduled will be cancelled. {question}"
    return f"The {family.title} that is not finished will be abandoned: it cannot be resumed. {question}"
