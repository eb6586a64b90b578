"""Lists of patients: which there are, as data, what can be asked of them, and the port that counts and pages them.

A further worklist or report is one more `ListDefinition`. A list is never held as a whole: its rows come in pages,
each begun at the `Mark` of a row that is known already.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from app.domain.decision import Permission, SpineConsent, Summary
from app.domain.outcomes import ItemState, Reason
from app.domain.patient import RegistrationStatus


class Trait(StrEnum):
    """What puts a patient of a run on a list beside the outcome and its reason."""

    MISMATCH = "mismatch"
    """The Spine holds a dissent that the record does not."""
    LEGACY_CONVERTED = "legacy_converted"
    """An old term was replaced by the current one in this run."""
    CONSENT_WIDENED = "consent_widened"
    """93C2. counted and was replaced in this run by 9Ndn., which takes in additional data."""
    MARKED = "marked"
    """A preview marked the patient on its copy: the run came otherwise than foreseen."""
    NOTHING_TOLD = "nothing_told"
    """The Spine was asked and told nothing of the patient: no summary, no permission."""
    SEVERAL_TERMS = "several_terms"
    """The record holds more than one consent term now."""
    FUTURE_DATED = "future_dated"
    """An entry of the record is dated after today."""
    DISSENT_NOT_SENT = "dissent_not_sent"
    """The record's entry that counts is a dissent, or a future-dated one is all there is, and nothing that any run or
    look told shows that it is on the Spine (consent rules, section 4)."""


@dataclass(frozen=True, slots=True)
class ListDefinition:
    """One list of a run's patients: those in one of the states, for one of the reasons, with the trait.

    What is left empty asks for nothing. `key` is the report's name where it is one.
    """

    key: str
    title: str
    meaning: str
    states: frozenset[ItemState] = frozenset()
    reasons: frozenset[Reason] = frozenset()
    trait: Trait | None = None


OUTCOMES = ListDefinition("outcomes", "All patients of the run", "Everybody the run takes, with what became of them.")

COUNTER_LISTS: Mapping[ItemState, ListDefinition] = {
    ItemState.UNPROCESSED: ListDefinition(
        "unprocessed", "Unprocessed", "Nothing was attempted for these patients.", frozenset({ItemState.UNPROCESSED})
    ),
    ItemState.SENT: ListDefinition(
        "dissent-sent", "Sent", "The dissents of these patients reached the Spine.", frozenset({ItemState.SENT})
    ),
    ItemState.SENDING: ListDefinition(
        "sending", "Sending", "The messages of these patients are on their way.", frozenset({ItemState.SENDING})
    ),
    ItemState.FAILED: ListDefinition(
        "failed",
        "Failed",
        "Nothing could be sent for these patients. Put right what is wrong, then press Failed.",
        frozenset({ItemState.FAILED}),
    ),
    ItemState.NOT_REQUIRED: ListDefinition(
        "not-required",
        "Not Required",
        "No consent message was needed for these patients.",
        frozenset({ItemState.NOT_REQUIRED}),
    ),
}
"""The patients behind each of the five counters."""

LISTS: Mapping[str, ListDefinition] = {
    one.key: one
    for one in (
        OUTCOMES,
        *COUNTER_LISTS.values(),
        ListDefinition(
            "dissent-not-sent",
            "Dissent not sent",
            "These patients object, and nothing shows that the Spine knows it.",
            trait=Trait.DISSENT_NOT_SENT,
        ),
        ListDefinition(
            "mismatch",
            "Dissent on the Spine, not here",
            "The Spine holds a dissent that the practice's record does not. Ask the patient.",
            trait=Trait.MISMATCH,
        ),
        ListDefinition(
            "implied-consent-added",
            "Implied consent added",
            "These patients have a summary and had no consent recorded, so 9Ndl. was added.",
            frozenset({ItemState.NOT_REQUIRED}),
            frozenset({Reason.IMPLIED_CONSENT_ADDED}),
        ),
        ListDefinition(
            "legacy-converted",
            "Old terms converted",
            "An old consent term of these patients was replaced by the current one.",
            trait=Trait.LEGACY_CONVERTED,
        ),
        ListDefinition(
            "several-terms",
            "More than one consent term",
            "The records of these patients hold more than one consent term. The latest counts.",
            trait=Trait.SEVERAL_TERMS,
        ),
        ListDefinition(
            "future-dated",
            "Dated in the future",
            "An entry of these patients is dated in the future and does not count yet. Check its year.",
            trait=Trait.FUTURE_DATED,
        ),
    )
}
"""Every list of a run, by its key."""


@dataclass(frozen=True, slots=True)
class Was:
    """The outcome that patients had in another run, with its reason or none."""

    run_id: int
    state: ItemState
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class OfRun:
    """The patients of a run's cohort that a definition asks for; with `was`, those of them alone whom another run left
    like that.
    """

    run_id: int
    definition: ListDefinition = OUTCOMES
    was: Was | None = None


@dataclass(frozen=True, slots=True)
class JoinedSince:
    """Patients who are active now, belong to the run's group if it has one, and are not in its cohort."""

    run_id: int


@dataclass(frozen=True, slots=True)
class OfGroup:
    """The members of a saved group, active or not."""

    name: str


@dataclass(frozen=True, slots=True)
class OfPractice:
    """Every patient of the practice's list."""


class Worklist(StrEnum):
    """What staff have to look after once a run is over, over all runs and the whole practice; told in `worklists`."""

    DISSENT_NOT_SENT = "dissent-not-sent"
    MISMATCH = "mismatch"
    FAILED = "failed"
    SEVERAL_TERMS = "several-terms"
    FUTURE_DATED = "future-dated"


@dataclass(frozen=True, slots=True)
class OfWorklist:
    """The active patients on a worklist as things stand now, but for those marked as dealt with, or only those.

    With a `reason`, those whose latest outcome has it. A mark counts until there is a newer finding about the patient.
    """

    worklist: Worklist
    reason: Reason | None = None
    dealt_with: bool = False


Source = OfRun | JoinedSince | OfGroup | OfPractice | OfWorklist


class Sort(StrEnum):
    """What a list can be sorted by; those from `OUTCOME` on only where it is of a run, or of all runs."""

    NAME = "name"
    NHS_NUMBER = "nhs_number"
    BORN = "born"
    REGISTRATION = "registration"
    OUTCOME = "outcome"
    REASON = "reason"
    TIME = "time"
    HERE_BEFORE = "here_before"
    SUMMARY = "summary"
    SPINE_BEFORE = "spine_before"
    ATTEMPTS = "attempts"

    @property
    def needs_run(self) -> bool:
        """Whether only a list of a run has this."""
        return self not in {Sort.NAME, Sort.NHS_NUMBER, Sort.BORN, Sort.REGISTRATION}


@dataclass(frozen=True, slots=True)
class ListQuery:
    """Which patients, and in which order. `search` is a name or an NHS number as somebody typed it, or a part of one.

    The search is left out of the representation, which may end up in a log.
    """

    source: Source
    reason: Reason | None = None
    search: str = field(default="", repr=False)
    sort: Sort = Sort.NAME
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A row's place in the order it was read in: what it was sorted by, and what tells equals apart."""

    value: str | int = field(repr=False)
    tie: int


@dataclass(frozen=True, slots=True)
class LineOutcome:
    """What became of a patient in a run.

    `code_before` is the entry that counted when the patient was first taken in hand, '' where there was none and None
    before that. `spine_code` and `spine_text` are the Spine's own words. `operator` worked on the patient last.
    """

    state: ItemState
    reason: Reason | None
    mismatch: bool
    code_before: str | None
    summary: Summary | None
    permission_before: Permission | None
    attempts: int
    processed_at: datetime | None
    spine_code: str
    spine_text: str
    operator: str

    @property
    def permission_after(self) -> Permission | None:
        """What the Spine holds since, as far as this run knows."""
        found = self.reason in {Reason.ALREADY_ON_SPINE, Reason.DISSENT_ON_SPINE}
        return Permission.NO if found or self.state is ItemState.SENT else self.permission_before


@dataclass(frozen=True, slots=True)
class Handling:
    """How somebody marked a patient on a worklist. `counts` is off once there is a newer finding about the patient.

    The note is patient data, and left out of the representation, which may end up in a log.
    """

    dealt_with: bool
    note: str = field(repr=False)
    by: str = field(repr=False)
    at: datetime
    counts: bool


@dataclass(frozen=True, slots=True)
class Look:
    """What the latest look at one patient on the Spine told, and who took it."""

    consent: SpineConsent
    at: datetime
    by: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Seen:
    """What was known of a patient when the row was read: the record's version, the end of the audit trail, and the
    latest execution that had touched the patient, 0 for none.
    """

    version: int
    audit_number: int
    execution_id: int


@dataclass(frozen=True, slots=True)
class PatientLine:
    """One row of a list. `code_now` is the entry that counts today, '' for none; `outcome` goes with lists of a run,
    and with worklists, where it is the latest over all runs; `handling`, `look` and `seen` go with worklists.

    What names the patient is left out of the representation, which may end up in a log.
    """

    patient_id: int
    patient_ref: str = field(repr=False)
    nhs_number: str | None = field(repr=False)
    surname: str = field(repr=False)
    forename: str = field(repr=False)
    date_of_birth: date = field(repr=False)
    registration: RegistrationStatus
    code_now: str
    outcome: LineOutcome | None
    mark: Mark
    handling: Handling | None = None
    look: Look | None = None
    seen: Seen | None = None


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How many patients of a list are in a state for a reason; None where none is told yet."""

    state: ItemState
    reason: Reason | None
    patients: int


class PatientLists(Protocol):
    """Read-only; each call is one short read, whatever the list's length. Raises `Refused` for an unknown group."""

    def count(self, query: ListQuery) -> int:
        """How many patients the list holds."""

    def reasons(self, source: OfRun | OfWorklist) -> list[ReasonCount]:
        """The list's patients by state and reason, the most frequent reason first."""

    def page(self, query: ListQuery, after: Mark | None, skip: int, limit: int) -> list[PatientLine]:
        """The rows beyond a mark, or from the first, leaving out so many."""


_PAGE = 1000
"""Rows of one read of a whole list: a few milliseconds, whatever the list's length."""


def every_line(lists: PatientLists, query: ListQuery) -> Iterator[PatientLine]:
    """The list from its first row to its last, a page at a time: for files and prints, which take all of it."""
    after: Mark | None = None
    while page := lists.page(query, after, 0, _PAGE):
        yield from page
        after = page[-1].mark
