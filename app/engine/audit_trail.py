"""The audit trail: the kinds of events, and how they can be looked through and checked. Who wrote what is storage's
affair.

Patients stand in it by the database's own number and never by name, so that no right is needed to read it; the way
from an event to its patient goes through the viewer, which asks for one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from app.engine.long_work import Progress
from app.engine.paging import Mark


class AuditAction(StrEnum):
    """What is written into the trail, as the fixed word of its kind. Events of older versions may hold others."""

    DATABASE_MADE = "database_made"
    SPINE_MARKED = "spine_marked"
    LIST_IMPORTED = "list_imported"
    LIST_UPDATED = "list_updated"
    LIST_EXPORTED = "list_exported"
    REPORT_TAKEN = "report_taken"
    PREVIEW_TAKEN = "preview_taken"
    RUN_BEGUN = "run_begun"
    RUN_ABANDONED = "run_abandoned"
    RUN_TAKEN_BACK = "run_taken_back"
    EXECUTION_BEGUN = "execution_begun"
    EXECUTION_ENDED = "execution_ended"
    RESTORED = "restored"
    DATABASE_MOVED = "database_moved"
    STOP_REQUESTED = "stop_requested"
    CLOCK_JUMPED = "clock_jumped"
    ENTRY_CONVERTED = "entry_converted"
    ENTRY_ADDED = "entry_added"
    MESSAGE_PREPARED = "message_prepared"
    MESSAGE_MOVED = "message_moved"
    ATTEMPT_STARTED = "attempt_started"
    ATTEMPT_ENDED = "attempt_ended"
    OUTCOME = "outcome"
    SCHEDULE_ADDED = "schedule_added"
    SCHEDULE_ENDED = "schedule_ended"
    OCCURRENCE = "occurrence"
    PATIENT_MARKED = "patient_marked"
    SPINE_CHECKED = "spine_checked"
    SPINE_NOT_TOLD = "spine_not_told"
    CERTIFICATE_TAKEN = "certificate_taken"
    CONFIRMATION_BEGUN = "confirmation_begun"
    CONFIRMATION_ENDED = "confirmation_ended"
    DISSENT_READ_BACK = "dissent_read_back"
    GROUP_MADE = "group_made"
    GROUP_ENLARGED = "group_enlarged"
    GROUP_REDUCED = "group_reduced"
    GROUP_RENAMED = "group_renamed"
    GROUP_DELETED = "group_deleted"


@dataclass(frozen=True, slots=True)
class TrailQuery:
    """Which events, and in which order. What is left empty asks for nothing.

    `first_day` and `last_day` are days in England, both included. `descending` is newest first.
    """

    kind: str = ""
    actor: str = field(default="", repr=False)
    run_id: int | None = None
    first_day: date | None = None
    last_day: date | None = None
    descending: bool = True


@dataclass(frozen=True, slots=True)
class TrailLine:
    """One event as it was written. `action` is a fixed snake_case word, `actor` a person with role and card."""

    number: int
    at: datetime
    actor: str = field(repr=False)
    action: str
    run_id: int | None
    patient_id: int | None
    request_id: str | None
    before: str | None
    after: str | None
    detail: str = field(repr=False)

    @property
    def mark(self) -> Mark:
        """Its place in the trail: where to read on from."""
        return Mark(self.number, self.number)


class Damage(StrEnum):
    """What is wrong with a trail that is not whole."""

    CHANGED = "changed"
    """The event is not as it was written."""
    MISSING = "missing"
    """The event is gone, and later ones are there."""
    CUT_SHORT = "cut_short"
    """The trail does not end where it was last written: events at its end are gone, or were added past the program."""


@dataclass(frozen=True, slots=True)
class TrailVerdict:
    """What a check has found: so many events from the first on are whole, and the number of the first that is not."""

    whole: int
    broken_at: int | None = None
    damage: Damage | None = None


class AuditTrail(Protocol):
    """Read-only; each call but `verify` is one look. May be used from any thread."""

    def count(self, query: TrailQuery) -> int:
        """How many events there are."""

    def page(self, query: TrailQuery, after: Mark | None, skip: int, limit: int) -> Sequence[TrailLine]:
        """The events beyond a mark, or from the first, leaving out so many."""

    def actors(self) -> Sequence[str]:
        """Everybody who acts in it, by name."""

    def kinds(self) -> Sequence[str]:
        """The kinds of events that there are."""

    def verify(self, progress: Progress) -> TrailVerdict:
        """Whether every event is there and as it was written. Long work: raises `Cancelled`."""
