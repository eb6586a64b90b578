"""What stands on the pages of a report, in words: head, columns, rows, foot. No Qt.

Every row has two lines and no more, so that it is known beforehand how many pages there will be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.clock import london_text
from app.domain.actions import FAMILIES
from app.domain.outcomes import STATE_LABELS
from app.domain.states import RunStatus, StopReason
from app.engine.certificate_words import warning_of
from app.engine.patient_line import LineOutcome, PatientLine
from app.engine.ports import RunView
from app.engine.practice import PracticeInfo
from app.engine.reports import Sheets
from app.ui.formatting import patients
from app.ui.patients import words

NOBODY = "Nobody is on this list."
CONFIDENTIAL = "Confidential: names patients."

_STATUS_WORDS = {
    RunStatus.SCHEDULED: "scheduled",
    RunStatus.RUNNING: "not ended yet",
    RunStatus.STOPPED: "paused",
    RunStatus.COMPLETED: "completed",
    RunStatus.ABANDONED: "abandoned",
}


@dataclass(frozen=True, slots=True)
class Head:
    """What stands at the top and the foot of every page."""

    title: str
    practice: str
    meaning: str
    run: str
    how_many: str
    taken: str
    warning: str


@dataclass(frozen=True, slots=True)
class PrintedColumn:
    """One column: the two lines of its heading, its share of the width in millimetres, and a patient's two lines."""

    heading: tuple[str, str]
    width: float
    lines: Callable[[PatientLine], tuple[str, str]]
    is_name: bool = False


def practice_words(practice: PracticeInfo) -> str:
    """The practice's name and code, as far as they are known."""
    return ", ".join(filter(None, (practice.name, practice.ods_code))) or "Practice without a name"


def run_words(run: RunView) -> str:
    """One run in a line: which, when, by whom, how it stands."""
    family = FAMILIES[run.family].title if run.family in FAMILIES else run.family
    parts = [f"{family}, run {run.run_id}, begun {london_text(run.started_at or run.created_at)} by {run.operator}"]
    parts.append(f"on {run.workstation}" if run.workstation else "")
    ended = f" {london_text(run.ended_at)}" if run.ended_at is not None else ""
    interrupted = run.stop_reason is StopReason.INTERRUPTED
    parts.append(f", {'interrupted' if interrupted else _STATUS_WORDS[run.status]}{ended}")
    group = f". Only the group {run.group}" if run.group else ""
    return f"{parts[0]} {parts[1]}".rstrip() + parts[2] + group + "."


def head_of(sheets: Sheets) -> Head:
    """The head of a report's pages."""
    definition = sheets.definition
    return Head(
        title=definition.title,
        practice=practice_words(sheets.practice),
        meaning=definition.meaning,
        run=run_words(sheets.run),
        how_many=patients(sheets.rows.patients),
        taken=f"{CONFIDENTIAL} Taken {london_text(sheets.taken_at)} by {sheets.taken_by}.",
        warning=warning_of(sheets.practice),
    )


def _told(text: Callable[[LineOutcome], str], line: PatientLine) -> str:
    return text(line.outcome) if line.outcome is not None else words.NOTHING


def _outcome(line: PatientLine) -> tuple[str, str]:
    reason = _told(lambda told: words.reason(told.reason), line)
    return _told(lambda told: STATE_LABELS[told.state], line), "" if reason == words.NOTHING else reason


def _spine_said(line: PatientLine) -> tuple[str, str]:
    return (line.outcome.spine_code, line.outcome.spine_text) if line.outcome is not None else ("", "")


PRINTED_COLUMNS = (
    PrintedColumn(("Surname", "Forename"), 44, lambda line: (line.surname, line.forename), is_name=True),
    PrintedColumn(
        ("NHS number", "Born"),
        23,
        lambda line: (words.spaced_number(line.nhs_number), words.day(line.date_of_birth)),
    ),
    PrintedColumn(
        ("Registration", "Reference"),
        24,
        lambda line: (words.REGISTRATION_WORDS[line.registration], line.patient_ref),
    ),
    PrintedColumn(
        ("Here before", "Here now"),
        39,
        lambda line: (
            # Of a patient nobody has looked at yet, what counts now is what counted before.
            words.term(
                line.code_now if line.outcome is None or line.outcome.code_before is None else line.outcome.code_before
            ),
            words.term(line.code_now),
        ),
    ),
    PrintedColumn(
        ("Summary", "Attempts"),
        17,
        lambda line: (
            _told(lambda told: words.summary(told.summary), line),
            _told(lambda told: str(told.attempts), line),
        ),
    ),
    PrintedColumn(
        ("Spine before", "Spine now"),
        29,
        lambda line: (
            _told(lambda told: words.permission(told.permission_before), line),
            _told(lambda told: words.permission(told.permission_after), line),
        ),
    ),
    PrintedColumn(("Outcome", "Reason"), 47, _outcome),
    PrintedColumn(("Spine's code", "and words"), 26, _spine_said),
    PrintedColumn(
        ("Time", "Operator"),
        28,
        lambda line: (
            _told(lambda told: words.time_of(told.processed_at), line),
            _told(lambda told: told.operator, line),
        ),
    ),
)
"""What a page of A4 across has room for; what is too long is set smaller, and cut with a sign only then."""
