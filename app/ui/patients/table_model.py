"""The table over a list of patients: how long it is, by which reasons, and its rows as far as they may be seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeGuard

from PySide6.QtCore import QObject

from app.domain.errors import Refused
from app.engine.lists import ListQuery, OfRun, OfWorklist, ReasonCount, Source, Worklist
from app.engine.paging import Mark
from app.engine.patient_line import PatientLine
from app.ui.paged_rows import PAGE, Wanted
from app.ui.paged_table import Beginning, PagedTable


class ListReader(Protocol):
    """The part of the viewer that a table reads from; called in other threads."""

    def count(self, query: ListQuery) -> int:
        """How many patients the list holds."""

    def reasons(self, source: OfRun | OfWorklist) -> list[ReasonCount]:
        """A list's patients by state and reason."""

    def page(self, query: ListQuery, after: Mark | None, skip: int, limit: int) -> list[PatientLine]:
        """The rows beyond a mark."""


@dataclass(frozen=True, slots=True)
class PatientsBeginning(Beginning):
    """The same with the list's patients by reason, where it is of a run."""

    reasons: Sequence[ReasonCount] = ()


class PatientTable(PagedTable):
    """A list of patients. `refused` is told with the reason where names may not be seen."""

    def __init__(self, reader: ListReader, parent: QObject | None = None) -> None:
        super().__init__(lambda query: _beginning_of(reader, query), lambda wanted: _page_of(reader, wanted), parent)


def _page_of(reader: ListReader, wanted: Wanted) -> list[PatientLine]:
    return reader.page(wanted.query, wanted.after, wanted.skip, wanted.count)


def _has_reasons(source: Source) -> TypeGuard[OfRun | OfWorklist]:
    """Whether a list can be filtered by reason: one of a run, or those who failed for whichever."""
    if isinstance(source, OfWorklist):
        return source.worklist is Worklist.FAILED and source.reason is None
    return isinstance(source, OfRun)


def _beginning_of(reader: ListReader, query: ListQuery) -> PatientsBeginning:
    reasons = reader.reasons(query.source) if _has_reasons(query.source) else []
    if reasons and query == replace(query, search="", reason=None):
        # Every patient of the list has one of them, and counting a long list twice takes as long again.
        total = sum(one.patients for one in reasons)
    else:
        total = reader.count(query)
    try:
        return PatientsBeginning(query, total, reader.page(query, None, 0, PAGE), reasons=reasons)
    except Refused as refusal:
        return PatientsBeginning(query, total, None, str(refusal), reasons)
