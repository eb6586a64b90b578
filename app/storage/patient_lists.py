"""Counts and pages of the lists of patients (`PatientLists`): the order first, then the rows of one page.

A page is found by ids alone and filled in afterwards, so that sorting never carries whole rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    String,
    exists,
    func,
    select,
    tuple_,
    type_coerce,
)

from app.clock import london_date
from app.domain.patient import counting_entry
from app.engine.lists import JoinedSince, ListQuery, OfGroup, OfRun, OfWorklist, ReasonCount, Sort, Source, Worklist
from app.engine.paging import Mark
from app.engine.patient_line import LineOutcome, PatientLine
from app.storage import cohort
from app.storage.columns import AnyRow, AnySelect
from app.storage.database import PracticeDatabase
from app.storage.latest_outcomes import IS_ACTIVE, WITH_LATEST_OUTCOME
from app.storage.list_conditions import defined, left_by, searched
from app.storage.tables import (
    FAILED_WORD,
    execution,
    item,
    patient,
    patient_group,
    patient_group_member,
    run,
)
from app.storage.work_items import load_entries
from app.storage.worklist_conditions import found_for, marked_as, on_worklist, rows_of_worklist
from app.storage.worklist_marks import with_marks_and_looks

_PATIENT = (
    *(patient.c.id, patient.c.patient_ref, patient.c.nhs_number, patient.c.surname, patient.c.forename),
    *(patient.c.date_of_birth, patient.c.registration),
)
OUTCOME_COLUMNS = (
    *(item.c.state, item.c.reason, item.c.mismatch, item.c.code_before, item.c.scr_on_spine, item.c.permission_before),
    *(item.c.attempts, item.c.processed_at, item.c.spine_code, item.c.spine_text),
    func.coalesce(execution.c.operator, ""),
)


def _word(column: ColumnElement[Any]) -> ColumnElement[str]:
    """A column's text as it stands in the database, '' where there is none: no row falls out of a comparison."""
    return func.coalesce(type_coerce(column, String), "")


_SORTED_BY: Mapping[Sort, ColumnElement[Any]] = {
    Sort.NAME: patient.c.name_key,
    Sort.NHS_NUMBER: _word(patient.c.nhs_number),
    Sort.BORN: _word(patient.c.date_of_birth),
    Sort.REGISTRATION: _word(patient.c.registration),
    Sort.OUTCOME: _word(item.c.state),
    Sort.REASON: _word(item.c.reason),
    Sort.TIME: _word(item.c.processed_at),
    Sort.HERE_BEFORE: _word(item.c.code_before),
    Sort.SUMMARY: _word(item.c.scr_on_spine),
    Sort.SPINE_BEFORE: _word(item.c.permission_before),
    Sort.ATTEMPTS: func.coalesce(item.c.attempts, 0),
}


_LONG = 5000
"""A list of more rows than this is read from the patients in the order of their names; a shorter one is sorted."""


@dataclass(frozen=True, slots=True)
class _Rows:
    """Where a list's rows come from: the table, the conditions, whose rows they are, and what tells equals apart."""

    table: FromClause
    conditions: Sequence[ColumnElement[bool]]
    patient_id: ColumnElement[int]
    tie: ColumnElement[int]

    def select(self, *columns: Any) -> AnySelect:
        """The matching rows' columns, in no order."""
        return select(*columns).select_from(self.table).where(*self.conditions)


class SqlPatientLists:
    """`PatientLists` over the practice database."""

    def __init__(self, database: PracticeDatabase) -> None:
        self._database = database

    def count(self, query: ListQuery) -> int:
        """How many patients the list holds."""
        with self._database.reading() as connection:
            rows = _matching(connection, query, self._today(), in_order=False)
            found: int = connection.execute(rows.select(func.count())).scalar_one()
            return found

    def reasons(self, source: OfRun | OfWorklist) -> list[ReasonCount]:
        """The list's patients by state and reason, the most frequent reason first; see the port."""
        number = func.count()
        columns: AnySelect = select(item.c.state, item.c.reason, number)
        if isinstance(source, OfWorklist):
            rows = rows_of_worklist(source, with_outcome=True)
            told = columns.select_from(rows).where(*on_worklist(source, self._today()), item.c.id.is_not(None))
        else:
            told = columns.where(*_asked(source, self._today()))
        query = told.group_by(item.c.state, item.c.reason).order_by(number.desc(), item.c.state, item.c.reason)
        with self._database.reading() as connection:
            return [ReasonCount(*row) for row in connection.execute(query)]

    def page(self, query: ListQuery, after: Mark | None, skip: int, limit: int) -> list[PatientLine]:
        """The rows beyond a mark; see the port."""
        today = self._today()
        with self._database.reading() as connection:
            rows = _matching(connection, query, today, in_order=True)
            marks = _marks(connection, rows, query, after, skip, limit)
            return _lines(connection, query.source, marks, today)

    def _today(self) -> date:
        return london_date(self._database.clock.now())


def patients_of(connection: Connection, query: ListQuery, today: date) -> AnySelect:
    """The ids of everybody on a list, in no order, as a column named `id`. Raises `Refused` for an unknown group."""
    rows = _matching(connection, query, today, in_order=False)
    return rows.select(rows.patient_id.label("id"))


def _matching(connection: Connection, query: ListQuery, today: date, *, in_order: bool) -> _Rows:
    """The rows a query asks for, to be put `in_order` or not. Raises `Refused` for an unknown group."""
    conditions = list(searched(query.search))
    if isinstance(query.source, OfRun):
        return _of_run(connection, query, query.source, conditions, today, in_order=in_order)
    if isinstance(query.source, OfGroup):
        member = patient_group_member.c.group_id == cohort.group_id(connection, query.source.name)
        return _Rows(patient_group_member.join(patient), [member, *conditions], patient.c.id, patient.c.id)
    if isinstance(query.source, OfWorklist):
        return _of_worklist(connection, query, query.source, conditions, today, in_order=in_order)
    if isinstance(query.source, JoinedSince):
        conditions += _joined_since(connection, query.source.run_id)
    return _Rows(patient, conditions, patient.c.id, patient.c.id)


def _of_run(
    connection: Connection,
    query: ListQuery,
    source: OfRun,
    conditions: list[ColumnElement[bool]],
    today: date,
    *,
    in_order: bool,
) -> _Rows:
    """A run's rows from the side that needs fewer looks: SQLite itself knows nothing of how many there are."""
    own = _asked(source, today)
    if query.reason is not None:
        own.append(item.c.reason == query.reason)
    by_item = in_order and query.sort.needs_run
    by_name = in_order and query.sort is Sort.NAME
    if not by_item and (conditions or (by_name and _is_long(connection, source, own))):
        # What is searched for is found among the patients first, and then in the run.
        in_run = exists().where(*own, item.c.patient_id == patient.c.id)
        return _Rows(patient, [*conditions, in_run], patient.c.id, patient.c.id)
    if not conditions and (by_item or not in_order):
        return _Rows(item, own, item.c.patient_id, item.c.sequence)
    tie = item.c.sequence if by_item else patient.c.id
    return _Rows(item.join(patient), [*own, *conditions], item.c.patient_id, tie)


def _of_worklist(
    connection: Connection,
    query: ListQuery,
    source: OfWorklist,
    conditions: list[ColumnElement[bool]],
    today: date,
    *,
    in_order: bool,
) -> _Rows:
    """A worklist's patients, with their latest outcomes where something is asked of these."""
    of_outcome = query.sort.needs_run or query.reason is not None or source.reason is not None
    own = [*found_for(source, today)]
    if query.reason is not None:
        own.append(item.c.reason == query.reason)
    conditions.append(marked_as(source, today))
    failed = source.worklist is Worklist.FAILED
    if failed and in_order and query.sort is Sort.NAME and _are_many(connection, [item.c.state == FAILED_WORD]):
        on_list = exists().where(item.c.patient_id == patient.c.id, *own)
        return _Rows(patient, [*conditions, on_list], patient.c.id, patient.c.id)
    conditions += own
    return _Rows(rows_of_worklist(source, with_outcome=of_outcome), conditions, patient.c.id, patient.c.id)


def _asked(source: OfRun, today: date) -> list[ColumnElement[bool]]:
    return [*defined(source.definition, source.run_id, today), *left_by(source.was)]


def _is_long(connection: Connection, source: OfRun, conditions: Sequence[ColumnElement[bool]]) -> bool:
    """Whether a list of states and reasons is a long one, counted no further than that."""
    if source.definition.trait is not None or source.was is not None:
        return False
    return _are_many(connection, conditions)


def _are_many(connection: Connection, conditions: Sequence[ColumnElement[bool]]) -> bool:
    """Whether more items meet these than a list that is sorted as a whole may have."""
    beyond = select(item.c.id).where(*conditions).offset(_LONG).limit(1)
    return connection.execute(beyond).first() is not None


def _joined_since(connection: Connection, run_id: int) -> Iterator[ColumnElement[bool]]:
    yield IS_ACTIVE
    yield ~exists().where(item.c.run_id == run_id, item.c.patient_id == patient.c.id)
    group = connection.execute(select(run.c.group_name).where(run.c.id == run_id)).scalar_one_or_none()
    if group is not None:
        # A group that was renamed or deleted since has nobody who could have joined.
        members = select(patient_group_member.c.patient_id).join(patient_group).where(patient_group.c.name == group)
        yield patient.c.id.in_(members)


def _marks(
    connection: Connection, rows: _Rows, query: ListQuery, after: Mark | None, skip: int, limit: int
) -> dict[int, Mark]:
    """The patients of a page with their places, in order."""
    key = _SORTED_BY[query.sort]
    beyond = []
    if after is not None:
        place = tuple_(key, rows.tie, types=[String, Integer])
        here = (after.value, after.tie)
        beyond.append(place < here if query.descending else place > here)
    order = [part.desc() if query.descending else part.asc() for part in (key, rows.tie)]
    columns = (rows.patient_id, key, rows.tie)
    found = connection.execute(rows.select(*columns).where(*beyond).order_by(*order).offset(skip).limit(limit))
    return {row[0]: Mark(row[1], row[2]) for row in found}


def _lines(connection: Connection, source: Source, marks: Mapping[int, Mark], today: date) -> list[PatientLine]:
    if not marks:
        return []
    entries = load_entries(connection, list(marks))
    codes = {
        patient_id: counting.code
        for patient_id, own in entries.items()
        if (counting := counting_entry(own, today)) is not None
    }
    query: AnySelect = select(*_PATIENT, *_outcome_columns(source)).select_from(_whence(source))
    query = query.where(patient.c.id.in_(marks))
    if isinstance(source, OfRun):
        query = query.where(item.c.run_id == source.run_id)
    found = {row[0]: row for row in connection.execute(query)}
    lines = [_line(found[patient_id], codes.get(patient_id, ""), mark) for patient_id, mark in marks.items()]
    return list(with_marks_and_looks(connection, source, lines, today)) if isinstance(source, OfWorklist) else lines


def _outcome_columns(source: Source) -> Sequence[ColumnElement[Any]]:
    return OUTCOME_COLUMNS if isinstance(source, OfRun | OfWorklist) else ()


def _whence(source: Source) -> FromClause:
    if isinstance(source, OfRun):
        return patient.join(item, item.c.patient_id == patient.c.id).outerjoin(execution)
    if isinstance(source, OfWorklist):
        return WITH_LATEST_OUTCOME.outerjoin(execution, execution.c.id == item.c.execution_id)
    return patient


def _line(row: AnyRow, code_now: str, mark: Mark) -> PatientLine:
    patient_id, ref, nhs_number, surname, forename, born, registration, *told = row
    # On a worklist there may be somebody with whom no run has come to anything yet.
    outcome = LineOutcome(*told) if told and told[0] is not None else None
    return PatientLine(patient_id, ref, nhs_number, surname, forename, born, registration, code_now, outcome, mark)
