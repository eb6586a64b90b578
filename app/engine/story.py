"""One patient's story: the record before and now, each run's decision, and everything that happened, in order.

Values and the port only; how it is told in sentences is the screen's affair.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from app.domain.outcomes import Reason
from app.domain.patient import RegistrationStatus
from app.engine.audit_trail import AuditAction
from app.engine.lists import Worklist
from app.engine.patient_line import LineOutcome
from app.engine.spine_port import AnswerKind


class Happening(StrEnum):
    """What the audit trail tells of one patient, in its words."""

    ENTRY_CONVERTED = AuditAction.ENTRY_CONVERTED
    ENTRY_ADDED = AuditAction.ENTRY_ADDED
    MESSAGE_PREPARED = AuditAction.MESSAGE_PREPARED
    MESSAGE_MOVED = AuditAction.MESSAGE_MOVED
    ATTEMPT_STARTED = AuditAction.ATTEMPT_STARTED
    ATTEMPT_ENDED = AuditAction.ATTEMPT_ENDED
    OUTCOME = AuditAction.OUTCOME
    SPINE_CHECKED = AuditAction.SPINE_CHECKED
    SPINE_NOT_TOLD = AuditAction.SPINE_NOT_TOLD
    DISSENT_READ_BACK = AuditAction.DISSENT_READ_BACK
    PATIENT_MARKED = AuditAction.PATIENT_MARKED
    REPORT_TAKEN = AuditAction.REPORT_TAKEN


OUTSIDE_RUNS = frozenset(
    {
        Happening.SPINE_CHECKED,
        Happening.SPINE_NOT_TOLD,
        Happening.DISSENT_READ_BACK,
        Happening.PATIENT_MARKED,
        Happening.REPORT_TAKEN,
    }
)
"""What people do about one patient between the runs, each for itself."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who the patient is. What names them is left out of the representation, which may end up in a log."""

    patient_id: int
    patient_ref: str = field(repr=False)
    nhs_number: str | None = field(repr=False)
    surname: str = field(repr=False)
    forename: str = field(repr=False)
    date_of_birth: date = field(repr=False)
    sex: str
    registration: RegistrationStatus
    fp69: bool
    sensitive: bool
    pds_linked: bool
    record_in_use: bool
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TermLine:
    """One sharing entry of the record. `counts` says that it is the one that settles what the patient wants.

    `is_consent` is off for the other sharing codes, which are not about the summary; `is_ahead` says that the entry is
    dated in the future and does not count yet.
    """

    code: str
    term: str
    event_date: date
    recorded_at: datetime | None
    recorded_by: str = field(repr=False)
    is_consent: bool
    is_ahead: bool
    counts: bool


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to send a message. Without an end it is under way. `resent_because` is a `ResendReason` value or ''.

    `spine_code` and `spine_text` are the Spine's own words.
    """

    correlation_id: str
    started_at: datetime
    ended_at: datetime | None
    answer: AnswerKind | None
    http_status: int | None
    spine_code: str
    spine_text: str
    resent_because: str


@dataclass(frozen=True, slots=True)
class StoryEvent:
    """One event of the trail: when, by whom, from what to what. `attempt` goes with the two events about one, `reason`
    and `rule` (the row of the decision table) with an outcome; an earlier version wrote no rule.
    """

    number: int
    at: datetime
    actor: str
    what: Happening
    before: str | None
    after: str | None
    detail: str
    request_id: str | None
    attempt: Attempt | None
    reason: Reason | None = None
    rule: int | None = None


@dataclass(frozen=True, slots=True)
class RunStory:
    """One run as far as it concerns the patient: how it decided, and its events from the first to the last.

    `rule` is the row of the decision table that decided last, None where an earlier version did. `before` and `after`
    are the record as this run found and left it.
    """

    run_id: int
    family: str
    begun_at: datetime
    group: str | None
    outcome: LineOutcome
    events: tuple[StoryEvent, ...]
    rule: int | None = None
    before: tuple[TermLine, ...] = ()
    after: tuple[TermLine, ...] = ()


@dataclass(frozen=True, slots=True)
class MarkNote:
    """How somebody marked the patient on a worklist. The note is patient data, like a name."""

    worklist: Worklist
    dealt_with: bool
    note: str = field(repr=False)
    by: str = field(repr=False)
    at: datetime


@dataclass(frozen=True, slots=True)
class PatientStory:
    """Everything known of one patient.

    `before` is the record as it stood before the migration changed anything in it. `record_replaced` says that some of
    what the migration changed is no longer in the record: a newer list took its place. `runs` from the first to the
    latest, `outside` what happened between them, `marks` those on worklists.
    `left_out` counts the earliest events that were too many to tell.
    """

    person: Person
    before: tuple[TermLine, ...]
    now: tuple[TermLine, ...]
    record_replaced: bool
    runs: tuple[RunStory, ...]
    left_out: int = 0
    outside: tuple[StoryEvent, ...] = ()
    marks: tuple[MarkNote, ...] = ()


class PatientStories(Protocol):
    """Read-only; one short read."""

    def story(self, patient_id: int) -> PatientStory | None:
        """What is known of a patient, None where there is no such patient."""
