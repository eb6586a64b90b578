"""Lists of patients: whom they can be of, what can be asked of them, and the port that counts and pages them.

A list is never held as a whole: its rows come in pages, each begun at the `Mark` of a row that is known already. Which
lists of a run there are is told in `run_lists`, what a row holds in `patient_line`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from app.domain.outcomes import ItemState, Reason
from app.engine.paging import Mark
from app.engine.patient_line import PatientLine
from app.engine.run_lists import OUTCOMES, ListDefinition


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
