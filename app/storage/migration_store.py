"""The engine's writer of the run tables: each call one transaction or one short look (`MigrationStore`).

What happens within the transactions lives in `executions`, `changes` and `work_items`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import insert

from app.domain.states import RunStatus, StopReason
from app.engine.ports import NewRun, Operator
from app.engine.rows import Change, Counts, ExecutionKey, Scope, Tally, WorkItem
from app.engine.schedule_rows import ScheduleEnd, Timing
from app.storage import changes as group_of_changes
from app.storage import executions, item_queries, run_rows, schedules, work_items
from app.storage.audit import PROGRAM, AuditAction, AuditEvent, append, clock_jumped
from app.storage.columns import AnySelect
from app.storage.database import PracticeDatabase
from app.storage.fence import pass_fence
from app.storage.tables import run_control


class SqlMigrationStore:
    """`MigrationStore` over the practice database."""

    def __init__(self, database: PracticeDatabase) -> None:
        self._database = database

    def begin_run(self, new: NewRun, operator: Operator, now: datetime) -> int:
        """Make a new run with its cohort; see the port."""
        with self._database.writing() as connection:
            return executions.begin_run(connection, new, operator, now)

    def begin_execution(
        self,
        run_id: int,
        operator: Operator,
        scope: Scope,
        settle: timedelta,
        now: datetime,
        timing: Timing | None = None,
    ) -> ExecutionKey:
        """Open an execution under a new epoch; see the port."""
        with self._database.writing() as connection:
            key = executions.begin_execution(connection, run_id, operator, scope, settle, now)
            schedules.begin(connection, key, operator, timing, now)
            return key

    def end_execution(
        self, key: ExecutionKey, status: RunStatus, reason: StopReason | None, detail: str, tally: Tally, now: datetime
    ) -> None:
        """Close the execution and set the run's status; see the port."""
        with self._database.writing() as connection:
            executions.end_execution(connection, key, status, reason, detail, tally, now)
            if status is RunStatus.COMPLETED:
                schedules.end_active(connection, ScheduleEnd.DONE, PROGRAM, now)

    def recover(self, family: str, now: datetime) -> bool:
        """Close an execution that a dead program left open; see the port."""
        with self._database.writing() as connection:
            return executions.recover(connection, family, now)

    def fresh_items(self, key: ExecutionKey, scope: Scope, after: int, limit: int) -> list[WorkItem]:
        """The next items beyond a sequence number that are not on the waiting list; see the port."""
        return self._load(key, item_queries.FRESH[scope], after=after, limit=limit)

    def due_items(
        self, key: ExecutionKey, scope: Scope, now: datetime, in_hand: Collection[int], limit: int
    ) -> list[WorkItem]:
        """Items on the waiting list whose time has come; see the port."""
        return self._load(key, item_queries.DUE[scope], now=now, in_hand=list(in_hand), limit=limit)

    def items(self, key: ExecutionKey, item_ids: Collection[int]) -> list[WorkItem]:
        """These items, read anew, in the cohort's order."""
        return self._load(key, item_queries.NAMED, ids=list(item_ids))

    def next_due_at(self, key: ExecutionKey, scope: Scope, in_hand: Collection[int]) -> datetime | None:
        """When the next item on the waiting list comes due; see the port."""
        with self._database.reading() as connection:
            due_at: datetime | None = connection.execute(
                item_queries.NEXT_DUE[scope], _own(key) | {"in_hand": list(in_hand)}
            ).scalar_one()
            return due_at

    def leftover_items(self, key: ExecutionKey, scope: Scope, limit: int) -> list[WorkItem]:
        """Items still open and not on the waiting list; see the port."""
        return self._load(key, item_queries.LEFT_OVER[scope], limit=limit)

    def commit(self, key: ExecutionKey, changes: Sequence[Change], tally: Tally) -> list[bool]:
        """Make these changes true in one transaction; see the port. Raises `InconsistentChange` for a fault of ours."""
        with self._database.writing() as connection:
            actor = pass_fence(connection, key)
            executions.count_reads(connection, key, tally)
            return group_of_changes.make_true(connection, key, actor, changes)

    def note_clock_jump(self, key: ExecutionKey, expected: datetime, found: datetime) -> None:
        """Tell the audit trail of a clock that was set, or of a computer that slept; see the port."""
        with self._database.writing() as connection:
            pass_fence(connection, key)
            append(connection, [clock_jumped(expected, found, key.run_id)])

    def counts(self, run_id: int) -> Counts:
        """The five counters, from the rows."""
        with self._database.reading() as connection:
            return run_rows.counts(connection, run_id)

    def stop_requested(self, run_id: int) -> bool:
        """Whether somebody asked this run to stop through the database."""
        with self._database.reading() as connection:
            return run_rows.stop_requested(connection, run_id)

    def request_stop(self, run_id: int, who: str, now: datetime) -> None:
        """Leave the wish to stop in a row of its own, which the execution never writes."""
        with self._database.writing() as connection:
            if run_rows.stop_requested(connection, run_id):
                return
            connection.execute(insert(run_control).values(run_id=run_id, stop_requested_at=now, requested_by=who))
            append(connection, [AuditEvent(now, who, AuditAction.STOP_REQUESTED, run_id)])

    def _load(self, key: ExecutionKey, query: AnySelect, **values: object) -> list[WorkItem]:
        with self._database.reading() as connection:
            return work_items.load(connection, key, query, _own(key) | values)


def _own(key: ExecutionKey) -> dict[str, object]:
    return {"run": key.run_id, "execution": key.execution_id}
