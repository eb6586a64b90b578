"""Runs, executions and their course out of the rows and the audit trail (`History`).

How an execution went is not stored for itself: the trail tells of every patient's outcome and when, so one grouped look
at its stretch of the trail gives the course exactly, and a run costs nothing more for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sqlalchemy import ColumnElement, Connection, String, and_, exists, func, literal_column, select, type_coerce

from app.domain.errors import Refused
from app.domain.outcomes import ItemState
from app.engine.history import Comparison, CoursePoint, Difference, ExecutionView, RunHistory
from app.engine.ports import RunView
from app.engine.rows import Counts
from app.storage import run_rows
from app.storage.audit import AuditAction
from app.storage.columns import AnyRow
from app.storage.database import PracticeDatabase
from app.storage.run_queries import view_of
from app.storage.tables import attempt, audit_event, execution, item, run

_EVENT = audit_event.c
_IN_PROGRESS = frozenset({ItemState.UNPROCESSED, ItemState.SENDING})

_MOST_POINTS = 400
_STEPS = ((19, 1.0), (18, 10.0), (16, 60.0), (15, 600.0), (13, 3600.0), (10, 86400.0))
"""How many letters of a stored instant tell a stretch of how many seconds: 2026-10-25T00:30:00.000000Z."""


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Where in the trail an execution stands: its events lie between the two numbers."""

    run_id: int
    first: int
    last: int | None

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """Those of the outcomes in it."""
        yield _EVENT.run_id == self.run_id
        yield _EVENT.action == AuditAction.OUTCOME.value
        yield _EVENT.number > self.first
        if self.last is not None:
            yield _EVENT.number < self.last


class SqlHistory:
    """`History` over the practice database."""

    def __init__(self, database: PracticeDatabase) -> None:
        self._database = database

    def runs(self, before: int | None, limit: int) -> list[RunView]:
        """The runs, newest first; see the port."""
        wanted = run_rows.RUNS.order_by(run.c.id.desc()).limit(limit)
        if before is not None:
            wanted = wanted.where(run.c.id < before)
        with self._database.reading() as connection:
            return [view_of(connection, row) for row in connection.execute(wanted).all()]

    def run(self, run_id: int) -> RunHistory | None:
        """One run with its executions."""
        with self._database.reading() as connection:
            view = _view(connection, run_id)
            if view is None:
                return None
            rows = _executions(connection, run_id)
            moves = [_moves(connection, stretch) for stretch in _stretches(connection, run_id)]
        counts, executions = Counter({ItemState.UNPROCESSED: view.counts.total}), []
        for place, (row, moved) in enumerate(zip(rows, moves, strict=True), start=1):
            _move(counts, moved)
            executions.append(_execution(row, place, _counts(counts)))
        return RunHistory(view, tuple(executions))

    def course(self, execution_id: int) -> list[CoursePoint]:
        """How an execution went; see the port."""
        with self._database.reading() as connection:
            row = connection.execute(select(execution).where(execution.c.id == execution_id)).one_or_none()
            if row is None:
                return []
            total = run_rows.counts(connection, row.run_id).total
            place = [one.id for one in _executions(connection, row.run_id)].index(execution_id)
            stretches = _stretches(connection, row.run_id)
            counts = Counter({ItemState.UNPROCESSED: total})
            for earlier in stretches[:place]:
                _move(counts, _moves(connection, earlier))
            ended_at = row.ended_at or self._database.clock.now()
            length = max(0.0, (ended_at - row.started_at).total_seconds())
            moments = _moments(connection, stretches[place], length)
        return _course(counts, moments, row.started_at, length)

    def compare(self, first: int, second: int) -> Comparison:
        """Two runs beside one another; see the port."""
        with self._database.reading() as connection:
            one, other = _view(connection, first), _view(connection, second)
            if one is None or other is None:
                raise Refused("One of the two runs is not there any more.")
            found = _differences(connection, first, second)
            only = _only_in(connection, first, second), _only_in(connection, second, first)
        same = sum(group.patients for group in found if _is_same(group))
        return Comparison(one, other, same, *only, tuple(group for group in found if not _is_same(group)))


def _view(connection: Connection, run_id: int) -> RunView | None:
    row = connection.execute(run_rows.RUNS.where(run.c.id == run_id)).one_or_none()
    return None if row is None else view_of(connection, row)


def _executions(connection: Connection, run_id: int) -> Sequence[AnyRow]:
    """A run's executions in order, each with how many messages left in it."""
    writes = (
        select(func.count())
        .where(attempt.c.execution_id == execution.c.id, run_rows.may_have_left())
        .correlate(execution)
        .scalar_subquery()
    )
    wanted = select(execution, writes.label("writes")).where(execution.c.run_id == run_id).order_by(execution.c.id)
    return connection.execute(wanted).all()


def _execution(row: AnyRow, place: int, after: Counts) -> ExecutionView:
    return ExecutionView(
        execution_id=row.id,
        place=place,
        scope=row.scope,
        operator=row.operator,
        role_name=row.role_name,
        card_uid=row.card_uid,
        workstation=row.workstation,
        started_at=row.started_at,
        ended_at=row.ended_at,
        end_reason=row.end_reason,
        end_detail=row.end_detail,
        reads=row.reads,
        writes=row.writes,
        after=after,
    )


# --- the course ---------------------------------------------------------------------------------------------------


def _stretches(connection: Connection, run_id: int) -> list[_Stretch]:
    """Where a run's executions stand in the trail: each has an event of its own, and ends where the next begins."""
    begun = connection.execute(
        select(_EVENT.number)
        .where(_EVENT.run_id == run_id, _EVENT.action == AuditAction.EXECUTION_BEGUN.value)
        .order_by(_EVENT.number)
    ).scalars()
    return [_Stretch(run_id, first, last) for first, last in pairwise([*begun, None]) if first is not None]


def _moves(connection: Connection, stretch: _Stretch) -> Iterable[tuple[str, str, int]]:
    """How many patients went from which state to which in a stretch of the trail."""
    wanted = (
        select(_EVENT.before, _EVENT.after, func.count())
        .where(*stretch.conditions())
        .group_by(_EVENT.before, _EVENT.after)
    )
    return [(before, after, number) for before, after, number in connection.execute(wanted)]


def _move(counts: Counter[ItemState], moves: Iterable[tuple[str, str, int]]) -> int:
    """Take moves over into the counters; how many patients came to an end by them."""
    finished = 0
    for before, after, number in moves:
        counts[ItemState(before)] -= number
        counts[ItemState(after)] += number
        finished += 0 if ItemState(after) in _IN_PROGRESS else number
    return finished


def _counts(counts: Counter[ItemState]) -> Counts:
    return Counts(**{state.value: counts[state] for state in ItemState})


def _moments(connection: Connection, stretch: _Stretch, length: float) -> list[AnyRow]:
    """The moves of an execution by stretches of time, as many as a picture can show."""
    letters = next((letters for letters, seconds in _STEPS if length / seconds <= _MOST_POINTS), _STEPS[-1][0])
    # Of a time that is stored as text, its beginning: the same on every database. The numbers stand in the text of the
    # statement, for what is grouped by must be seen to be what is selected.
    stretch_of_time = func.substr(type_coerce(_EVENT.at, String), literal_column("1"), literal_column(str(letters)))
    wanted = (
        select(func.max(_EVENT.at).label("at"), _EVENT.before, _EVENT.after, func.count().label("number"))
        .where(*stretch.conditions())
        .group_by(stretch_of_time, _EVENT.before, _EVENT.after)
        .order_by(stretch_of_time)
        .add_columns(stretch_of_time.label("stretch"))
    )
    return list(connection.execute(wanted))


def _course(
    counts: Counter[ItemState], moments: Sequence[AnyRow], began_at: datetime, length: float
) -> list[CoursePoint]:
    points, finished = [CoursePoint(0.0, 0, _counts(counts))], 0
    by_time: dict[str, list[AnyRow]] = {}
    for row in moments:
        by_time.setdefault(row.stretch, []).append(row)
    for rows in by_time.values():
        finished += _move(counts, [(row.before, row.after, row.number) for row in rows])
        latest = max((row.at - began_at).total_seconds() for row in rows)
        # A clock that was put back in the middle makes no picture that runs backwards.
        seconds = min(max(latest, points[-1].seconds), max(length, points[-1].seconds))
        points.append(CoursePoint(seconds, finished, _counts(counts)))
    if length > points[-1].seconds:
        points.append(CoursePoint(length, finished, points[-1].counts))
    return points


# --- two runs -----------------------------------------------------------------------------------------------------


def _differences(connection: Connection, first: int, second: int) -> list[Difference]:
    """The patients of both runs by their two outcomes, the most frequent first."""
    before, after = item.alias("before"), item.alias("after")
    number = func.count()
    pair = (before.c.state, before.c.reason, after.c.state, after.c.reason)
    wanted = (
        select(*pair, number)
        .select_from(before.join(after, before.c.patient_id == after.c.patient_id))
        .where(before.c.run_id == first, after.c.run_id == second)
        .group_by(*pair)
        .order_by(number.desc(), *pair)
    )
    return [Difference(*row) for row in connection.execute(wanted)]


def _only_in(connection: Connection, one: int, other: int) -> int:
    there = item.alias("there")
    in_other = exists().where(and_(there.c.run_id == other, there.c.patient_id == item.c.patient_id))
    wanted = select(func.count()).select_from(item).where(item.c.run_id == one, ~in_other)
    found: int = connection.execute(wanted).scalar_one()
    return found


def _is_same(one: Difference) -> bool:
    return (one.before, one.before_reason) == (one.after, one.after_reason)
