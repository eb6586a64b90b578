"""The columns of the lists of patients: heading, width, what they say of a patient, and what sorts by them. No Qt."""

from __future__ import annotations

from collections.abc import Callable

from app.domain.outcomes import STATE_LABELS
from app.engine.lists import OfRun, OfWorklist, Sort, Source, Worklist
from app.engine.patient_line import LineOutcome, PatientLine
from app.ui.columns import Column
from app.ui.patients import words

_A_NUMBER = "000 000 0000"
_A_DAY = "00/00/0000"
_A_TIME = "00/00/0000 00:00"
A_TERM = "No Preference Expressed"
A_PERMISSION = "No dissent (Ask)"


def _registration(line: PatientLine) -> str:
    return words.REGISTRATION_WORDS[line.registration]


def of_run(heading: str, sample: str, text: Callable[[LineOutcome], str], sort: Sort | None = None) -> Column:
    """A column of what became of a patient in the list's run."""
    return Column(heading, sample, lambda line: text(line.outcome) if line.outcome is not None else words.NOTHING, sort)


WHO = (
    Column("Surname", "Featherstonehaugh", lambda line: line.surname, Sort.NAME),
    Column("Forename", "Christopher", lambda line: line.forename),
    Column("Born", _A_DAY, lambda line: words.day(line.date_of_birth), Sort.BORN),
    Column("NHS number", _A_NUMBER, lambda line: words.spaced_number(line.nhs_number), Sort.NHS_NUMBER),
)
REGISTRATION = Column("Registration", "Transferred out", _registration, Sort.REGISTRATION)
HERE_NOW = Column("Here now", A_TERM, lambda line: words.term(line.code_now))
_OUTCOME = of_run("Outcome", "Not Required", lambda told: STATE_LABELS[told.state], Sort.OUTCOME)
_WHAT_BECAME = (
    of_run("Reason", "NHS number missing or invalid", lambda told: words.reason(told.reason), Sort.REASON),
    of_run("Time", _A_TIME, lambda told: words.time_of(told.processed_at), Sort.TIME),
    of_run("Here before", A_TERM, lambda told: words.term(told.code_before), Sort.HERE_BEFORE),
    HERE_NOW,
    of_run("Summary", "Not told", lambda told: words.summary(told.summary), Sort.SUMMARY),
    of_run("Spine before", A_PERMISSION, lambda told: words.permission(told.permission_before), Sort.SPINE_BEFORE),
    of_run("Spine now", A_PERMISSION, lambda told: words.permission(told.permission_after)),
    of_run("Attempts", "00", lambda told: str(told.attempts), Sort.ATTEMPTS),
    REGISTRATION,
    of_run("Operator", "Christopher Example", lambda told: told.operator or words.NOTHING),
)
_MARKED = Column("Marked", "Found again", lambda line: words.mark(line.handling))
_NOTE = Column("Note", "Letter to the patient on Monday", lambda line: words.note(line.handling))
_LOOKED = Column("Last look", "No dissent (Ask), 00/00/0000 00:00", lambda line: words.look(line.look))
_REASON, _TIME = _WHAT_BECAME[:2]
_OF_FAILED = (*WHO, _REASON, _MARKED, _NOTE, _TIME, HERE_NOW, _LOOKED, REGISTRATION)
_OF_WORKLIST = (*WHO, _MARKED, _NOTE, HERE_NOW, _LOOKED, _OUTCOME, _REASON, _TIME, REGISTRATION)

SORT_WORDS: dict[Sort, str] = {
    Sort.NAME: "Name",
    Sort.BORN: "Born",
    Sort.NHS_NUMBER: "NHS number",
    Sort.OUTCOME: "Outcome",
    Sort.REASON: "Reason",
    Sort.TIME: "Time",
    Sort.HERE_BEFORE: "Here before",
    Sort.SUMMARY: "Summary",
    Sort.SPINE_BEFORE: "Spine before",
    Sort.ATTEMPTS: "Attempts",
    Sort.REGISTRATION: "Registration",
}


def columns_of(source: Source) -> tuple[Column, ...]:
    """The columns that make sense for a list: the outcome only where it is not the same for everybody."""
    if isinstance(source, OfWorklist):
        return _OF_FAILED if source.worklist is Worklist.FAILED else _OF_WORKLIST
    if not isinstance(source, OfRun):
        return (*WHO, REGISTRATION, HERE_NOW)
    same_for_all = len(source.definition.states) == 1
    return (*WHO, *(() if same_for_all else (_OUTCOME,)), *_WHAT_BECAME)
