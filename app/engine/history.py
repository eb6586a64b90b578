"""What was done before: runs, their executions, how each went, and how two runs differ. Values and the port.

Counts only: whom a number is about is asked of the viewer, which may refuse to name them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.domain.outcomes import ItemState, Reason
from app.domain.states import StopReason
from app.engine.lists import OfRun, Was
from app.engine.ports import RunView
from app.engine.rows import Counts, Scope
from app.engine.run_lists import ListDefinition


@dataclass(frozen=True, slots=True)
class ExecutionView:
    """One attempt at a run. Without an end it is live, or its program died; without a reason it completed.

    `place` counts the run's executions from 1. `after` are the run's counters at its end. `reads` are questions to the
    Spine, `writes` messages that left.
    """

    execution_id: int
    place: int
    scope: Scope
    operator: str
    role_name: str
    card_uid: str
    workstation: str
    started_at: datetime
    ended_at: datetime | None
    end_reason: StopReason | None
    end_detail: str
    reads: int
    writes: int
    after: Counts


@dataclass(frozen=True, slots=True)
class RunHistory:
    """A run with its executions, from the first to the latest."""

    run: RunView
    executions: tuple[ExecutionView, ...]


@dataclass(frozen=True, slots=True)
class CoursePoint:
    """A moment of an execution: `seconds` since it began, `finished` patients that had come to an end in it by then,
    and the run's counters.
    """

    seconds: float
    finished: int
    counts: Counts


@dataclass(frozen=True, slots=True)
class Difference:
    """So many patients went from one outcome in the first run to another in the second."""

    before: ItemState
    before_reason: Reason | None
    after: ItemState
    after_reason: Reason | None
    patients: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs beside one another: the patients of both by how their outcomes differ, the most frequent first.

    `same` patients have the same outcome for the same reason; `only_first` and `only_second` were in one run alone.
    """

    first: RunView
    second: RunView
    same: int
    only_first: int
    only_second: int
    differences: tuple[Difference, ...]


def behind_difference(compared: Comparison, one: Difference) -> OfRun:
    """The patients behind a difference, as a list of the second run."""
    reasons = frozenset() if one.after_reason is None else frozenset({one.after_reason})
    title = f"Different from run {compared.first.run_id}"
    definition = ListDefinition("difference", title, "", frozenset({one.after}), reasons)
    return OfRun(compared.second.run_id, definition, Was(compared.first.run_id, one.before, one.before_reason))


class History(Protocol):
    """Read-only, and safe from any thread; a run of 100,000 patients takes some tenths of a second."""

    def runs(self, before: int | None, limit: int) -> Sequence[RunView]:
        """The runs, newest first, from the one before this id on."""

    def run(self, run_id: int) -> RunHistory | None:
        """One run with its executions."""

    def course(self, execution_id: int) -> Sequence[CoursePoint]:
        """How an execution went: a few hundred moments at most, whatever its length, from its begin to its end."""

    def compare(self, first: int, second: int) -> Comparison:
        """Two runs beside one another. Raises `Refused` where there is no such run."""
