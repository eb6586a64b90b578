"""What became of each occurrence of a plan: one outcome each, with a reason in words that staff understand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Outcome(StrEnum):
    """How an occurrence ended; the first two began work."""

    FIRED = "fired"
    LATE = "late"
    MISSED = "missed"
    SKIPPED = "skipped"

    @property
    def began(self) -> bool:
        """Whether the run began or went on with it."""
        return self in {Outcome.FIRED, Outcome.LATE}


class Why(StrEnum):
    """Why an occurrence was late, missed or skipped."""

    ASLEEP = "asleep"
    PROGRAM_CLOSED = "program_closed"
    NO_CARD = "no_card"
    SESSION_ENDED = "session_ended"
    NO_RIGHT = "no_right"
    SPINE_UNREACHABLE = "spine_unreachable"
    ANOTHER_RUN = "another_run"
    WINDOW_OVER = "window_over"
    REFUSED = "refused"
    STOPPED_BY_PERSON = "stopped_by_person"
    ALREADY_RUNNING = "already_running"
    RUN_OVER = "run_over"
    CHANGED = "changed"


WHY_WORDS: dict[Why, str] = {
    Why.ASLEEP: "the computer was asleep or switched off, or its clock was changed",
    Why.PROGRAM_CLOSED: "the program was not open",
    Why.NO_CARD: "nobody was signed in with a Smartcard",
    Why.SESSION_ENDED: "the Smartcard session had ended",
    Why.NO_RIGHT: "the person signed in may not start it",
    Why.SPINE_UNREACHABLE: "the Spine could not be reached",
    Why.ANOTHER_RUN: "somebody else was working on this practice",
    Why.WINDOW_OVER: "the stop time had come before it could begin",
    Why.REFUSED: "it could not be started",
    Why.STOPPED_BY_PERSON: "it was stopped by hand, and only a person undoes that: press Resume",
    Why.ALREADY_RUNNING: "it was already running",
    Why.RUN_OVER: "there was nothing left to do",
    Why.CHANGED: "something else was pressed, or the times were cancelled, before it could begin",
}


OUTCOME_WORDS: dict[Outcome, str] = {
    Outcome.FIRED: "Begun in time",
    Outcome.LATE: "Begun late",
    Outcome.MISSED: "Missed",
    Outcome.SKIPPED: "Left out",
}


def outcome_words(outcome: Outcome, why: Why | None, detail: str = "") -> str:
    """An outcome as a sentence. `detail` is a whole sentence that takes the place of the reason's words."""
    told = OUTCOME_WORDS[outcome]
    if detail:
        return f"{told}. {detail}"
    return f"{told}." if why is None else f"{told}: {WHY_WORDS[why]}."


@dataclass(frozen=True, slots=True)
class Recorded:
    """An occurrence's outcome as it stands in the database. `why` is None where it began in time."""

    outcome: Outcome
    why: Why | None
    recorded_at: datetime

    def counts_at(self, now: datetime) -> bool:
        """Whether it settles the occurrence at this instant.

        What was written at a time that is yet to come was written by a wrong clock. It stands all the same where work
        was begun: nothing is begun twice.
        """
        return self.outcome.began or self.recorded_at <= now
