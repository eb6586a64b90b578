"""What became of each patient of a run, without names: for comparing two passes over the same practice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from app.domain.decision import Permission, Summary
from app.domain.outcomes import ItemState, Reason

_PAGE = 1000


@dataclass(frozen=True, slots=True)
class PatientOutcome:
    """One patient of a run.

    `code_before` is the entry that counted when the patient was first taken in hand, None before that; `code_now` the
    one that counts now, '' for none. `summary` and `permission` are what the Spine told, None where it was not asked.
    """

    patient_id: int
    patient_ref: str
    state: ItemState
    reason: Reason | None
    mismatch: bool
    code_before: str | None
    code_now: str
    summary: Summary | None
    permission: Permission | None


class RunOutcomes(Protocol):
    """Read-only; each call is one short read."""

    def page(self, run_id: int, after: int, limit: int) -> list[PatientOutcome]:
        """The patients of a run beyond a patient's id, by that id."""


class PatientMarks(Protocol):
    """Where patients of a preview's copy are marked, to be listed."""

    def mark(self, patient_ids: Iterable[int]) -> None:
        """Mark these instead of those before; they may come one by one."""


def every_outcome(outcomes: RunOutcomes, run_id: int) -> Iterator[PatientOutcome]:
    """Every patient of a run by the patient's id, a page at a time."""
    after = 0
    while page := outcomes.page(run_id, after, _PAGE):
        yield from page
        after = page[-1].patient_id
