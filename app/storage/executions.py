"""The life of runs and their executions: begun, ended, abandoned, and taken up again after a program died."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, CursorResult, and_, bindparam, delete, exists, func, insert, literal, select, update

from app.clock import london_date
from app.domain.errors import Refused
from app.domain.outcomes import ItemState
from app.domain.states import OPEN_STATUSES, RUN_TRANSITIONS, IntentState, RunStatus, StopReason, may_become
from app.engine.ports import Fenced, NewRun, Operator
from app.engine.rows import ExecutionKey, Scope, Tally
from app.engine.spine_port import AnswerKind
from app.storage import audit, cohort
from app.storage.audit import AuditAction, AuditEvent, append
from app.storage.columns import UtcTime
from app.storage.faults import InconsistentChange
from app.storage.fence import actor_of, pass_fence
from app.storage.tables import attempt, execution, intent, item, meta, run, run_control

LONGEST_WAIT = timedelta(hours=1)
"""No waiting time set by this program is longer; one further off comes from a clock that was put back since."""


def begin_run(connection: Connection, new: NewRun, operator: Operator, now: datetime) -> int:
    """Abandon the unfinished run if there is one, make a new one and freeze its cohort; returns its id.

    A scheduled run is begun as it is. Raises `Refused`.
    """
    actor = actor_of(operator)
    if new.scheduled_run is None:
        abandon_open_run(connection, new.family, actor, now)
        # Running, because nothing but its execution lies between here and the first patient: should the program die
        # before that, the run is found as interrupted and can be resumed.
        run_id = add_run(connection, new, RunStatus.RUNNING, operator.name, operator.workstation, now)
    else:
        run_id = _begin_scheduled(connection, new.scheduled_run)
    size = cohort.freeze(connection, run_id, new.group, london_date(now))
    detail = f"{new.family}, {size} patients" + ("" if new.group is None else ", one group")
    append(connection, [AuditEvent(now, actor, AuditAction.RUN_BEGUN, run_id, detail=detail)])
    return run_id


def add_run(
    connection: Connection, new: NewRun, status: RunStatus, created_by: str, created_on: str, now: datetime
) -> int:
    """A run without its cohort; returns its id. The caller has seen to it that no other is open."""
    result = connection.execute(
        insert(run).values(
            family=new.family,
            group_name=new.group,
            status=status,
            created_at=now,
            created_by=created_by,
            created_on=created_on,
        )
    )
    return new_id(result)


def _begin_scheduled(connection: Connection, run_id: int) -> int:
    status = connection.execute(select(run.c.status).where(run.c.id == run_id)).scalar_one()
    if status is not RunStatus.SCHEDULED:
        raise Refused("The schedule was cancelled, or begun elsewhere, just now. Look at how things stand.")
    connection.execute(update(run).where(run.c.id == run_id).values(status=RunStatus.RUNNING))
    return run_id


def recover(connection: Connection, family: str, now: datetime) -> bool:
    """Have a run whose program died found as stopped, interrupted; whether there was one."""
    dead = connection.execute(
        select(run.c.id, execution.c.id)
        .outerjoin_from(run, execution, and_(execution.c.run_id == run.c.id, execution.c.ended_at.is_(None)))
        .where(run.c.family == family, run.c.status == RunStatus.RUNNING)
    ).all()
    for run_id, execution_id in dead:
        _interrupt(connection, run_id, execution_id, now)
    return bool(dead)


def begin_execution(
    connection: Connection, run_id: int, operator: Operator, scope: Scope, settle: timedelta, now: datetime
) -> ExecutionKey:
    """Open an execution under the next epoch; see `MigrationStore.begin_execution`."""
    open_executions = select(execution.c.run_id, execution.c.id).where(execution.c.ended_at.is_(None))
    for dead_run_id, execution_id in connection.execute(open_executions).all():
        _interrupt(connection, dead_run_id, execution_id, now)
    actor = actor_of(operator)
    _end_lost_attempts(connection, actor, now)
    _put_on_waiting_list(connection, run_id, settle, now)
    connection.execute(delete(run_control).where(run_control.c.run_id == run_id))
    _set_running(connection, run_id, now)
    epoch = connection.execute(select(meta.c.epoch)).scalar_one() + 1
    connection.execute(update(meta).values(epoch=epoch))
    result = connection.execute(
        insert(execution).values(
            run_id=run_id,
            epoch=epoch,
            scope=scope,
            operator=operator.name,
            card_uid=operator.card_uid,
            role_id=operator.role_id,
            role_name=operator.role_name,
            card_session=operator.session_id,
            workstation=operator.workstation,
            started_at=now,
        )
    )
    detail = f"epoch {epoch}, {scope} patients, on {operator.workstation}"
    append(connection, [AuditEvent(now, actor, AuditAction.EXECUTION_BEGUN, run_id, detail=detail)])
    return ExecutionKey(run_id, new_id(result), epoch)


def end_execution(
    connection: Connection,
    key: ExecutionKey,
    status: RunStatus,
    reason: StopReason | None,
    detail: str,
    tally: Tally,
    now: datetime,
) -> None:
    """Close the execution and set the run's status. Raises `Fenced`."""
    actor = pass_fence(connection, key)
    count_reads(connection, key, tally)
    _close(connection, key.run_id, key.execution_id, status, reason, detail, now)
    append(connection, [_ended(now, actor, key.run_id, status, reason)])


def count_reads(connection: Connection, key: ExecutionKey, tally: Tally) -> None:
    """Add the reads made since the last commit to the execution's own count."""
    if tally.reads:
        connection.execute(
            update(execution).where(execution.c.id == key.execution_id).values(reads=execution.c.reads + tally.reads)
        )


def abandon_open_run(connection: Connection, family: str, actor: str, now: datetime) -> None:
    """Give up the run that is not finished, if there is one. Raises `Refused` where it is another family's."""
    recover(connection, family, now)
    row = connection.execute(
        select(run.c.id, run.c.family, run.c.status).where(run.c.status.in_(sorted(OPEN_STATUSES)))
    ).one_or_none()
    if row is None:
        return
    if row.family != family:
        raise Refused("Another process of this practice is not finished. Finish or rerun that one first.")
    abandon(connection, row.id, row.status, actor, now)


def abandon(connection: Connection, run_id: int, status: RunStatus, actor: str, now: datetime) -> None:
    """Give up a run that stands like this; it cannot be taken up again."""
    _check_status(status, RunStatus.ABANDONED)
    connection.execute(
        update(run).where(run.c.id == run_id).values(status=RunStatus.ABANDONED, stop_reason=None, ended_at=now)
    )
    event = AuditEvent(now, actor, AuditAction.RUN_ABANDONED, run_id, before=status, after=RunStatus.ABANDONED)
    append(connection, [event])


def give_up_scheduled(connection: Connection, run_id: int, actor: str, now: datetime) -> None:
    """Give up a run that is scheduled and has not begun; the paused one that it was to replace is paused again."""
    abandon(connection, run_id, RunStatus.SCHEDULED, actor, now)
    scheduled = connection.execute(select(run.c.family, run.c.created_at).where(run.c.id == run_id)).one()
    before = connection.execute(_RUN_BEFORE, {"run": run_id, "family": scheduled.family}).one_or_none()
    # Given up in the transaction that made the scheduled one, and for nothing else.
    if before is None or before.status is not RunStatus.ABANDONED or before.ended_at != scheduled.created_at:
        return
    _check_status(before.status, RunStatus.STOPPED)
    # One that nobody came to work on was found after its program had died.
    reason = before.end_reason or StopReason.INTERRUPTED
    connection.execute(
        update(run).where(run.c.id == before.id).values(status=RunStatus.STOPPED, stop_reason=reason, ended_at=None)
    )
    event = AuditEvent(
        now, actor, AuditAction.RUN_TAKEN_BACK, before.id, before=RunStatus.ABANDONED, after=RunStatus.STOPPED
    )
    append(connection, [event])


_RUN_BEFORE = (
    select(run.c.id, run.c.status, run.c.ended_at, execution.c.end_reason)
    .outerjoin_from(run, execution, execution.c.run_id == run.c.id)
    .where(
        run.c.id < bindparam("run"),
        run.c.family == bindparam("family"),
        exists().where(item.c.run_id == run.c.id).correlate(run),
    )
    .order_by(run.c.id.desc(), execution.c.id.desc())
    .limit(1)
)
"""The run before one, with how its last execution ended; one without patients never began."""


def _interrupt(connection: Connection, run_id: int, execution_id: int | None, now: datetime) -> None:
    """Close what a dead program left open. When it died is not known; it is found now."""
    reason = StopReason.INTERRUPTED
    _close(connection, run_id, execution_id, RunStatus.STOPPED, reason, "", now)
    append(connection, [_ended(now, audit.PROGRAM, run_id, RunStatus.STOPPED, reason)])


def _ended(now: datetime, actor: str, run_id: int, status: RunStatus, reason: StopReason | None) -> AuditEvent:
    detail = reason.value if reason else ""
    return AuditEvent(
        now, actor, AuditAction.EXECUTION_ENDED, run_id, before=RunStatus.RUNNING, after=status, detail=detail
    )


def _close(
    connection: Connection,
    run_id: int,
    execution_id: int | None,
    status: RunStatus,
    reason: StopReason | None,
    detail: str,
    now: datetime,
) -> None:
    _check_status(RunStatus.RUNNING, status)
    connection.execute(
        update(execution)
        .where(execution.c.id == execution_id)
        .values(ended_at=now, end_reason=reason, end_detail=detail)
    )
    connection.execute(
        update(run)
        .where(run.c.id == run_id)
        .values(
            status=status,
            stop_reason=reason if status is RunStatus.STOPPED else None,
            stop_detail=detail,
            ended_at=None if status.is_open else now,
        )
    )


def _set_running(connection: Connection, run_id: int, now: datetime) -> None:
    status = connection.execute(select(run.c.status).where(run.c.id == run_id)).scalar_one()
    if status is RunStatus.ABANDONED:
        # The caller found it open a moment ago, so somebody else has begun another run since.
        raise Fenced("the run was abandoned meanwhile")
    if status is not RunStatus.RUNNING:
        _check_status(status, RunStatus.RUNNING)
    connection.execute(
        update(run)
        .where(run.c.id == run_id)
        .values(
            status=RunStatus.RUNNING,
            stop_reason=None,
            stop_detail="",
            ended_at=None,
            started_at=func.coalesce(run.c.started_at, literal(now, UtcTime)),
        )
    )


def _end_lost_attempts(connection: Connection, actor: str, now: datetime) -> None:
    """Nobody knows what came of the attempts that a dead program left open: their messages are to be read back."""
    lost = connection.execute(
        select(attempt.c.id, attempt.c.request_id, attempt.c.correlation_id, item.c.run_id, item.c.patient_id)
        .join_from(attempt, item)
        .where(attempt.c.ended_at.is_(None))
    ).all()
    if not lost:
        return
    connection.execute(
        update(attempt)
        .where(attempt.c.ended_at.is_(None))
        .values(ended_at=now, answer_class=AnswerKind.UNKNOWN, spine_text="The program ended before the answer came.")
    )
    connection.execute(
        update(intent).where(intent.c.state == IntentState.IN_FLIGHT).values(state=IntentState.UNKNOWN, changed_at=now)
    )
    events = [
        AuditEvent(
            now,
            actor,
            AuditAction.ATTEMPT_ENDED,
            row.run_id,
            row.patient_id,
            row.request_id,
            after=AnswerKind.UNKNOWN,
            detail=f"{row.correlation_id} interrupted",
        )
        for row in lost
    ]
    append(connection, events)


def _put_on_waiting_list(connection: Connection, run_id: int, settle: timedelta, now: datetime) -> None:
    """Have every sending patient come up again, those with an unknown message once the settle time has passed."""
    of_run = item.c.run_id == run_id
    sending = (of_run, item.c.state == ItemState.SENDING)
    unknown = connection.execute(
        select(item.c.id, func.max(attempt.c.started_at))
        .join_from(item, intent, item.c.patient_id == intent.c.patient_id)
        .join(attempt, attempt.c.request_id == intent.c.request_id)
        .where(*sending, intent.c.state == IntentState.UNKNOWN)
        .group_by(item.c.id)
    ).all()
    connection.execute(update(item).where(*sending).values(next_attempt_at=now))
    if unknown:
        connection.execute(
            update(item).where(item.c.id == bindparam("unknown")).values(next_attempt_at=bindparam("due_at")),
            [{"unknown": item_id, "due_at": started_at + settle} for item_id, started_at in unknown],
        )
    too_late = item.c.next_attempt_at > now + LONGEST_WAIT
    connection.execute(update(item).where(of_run, too_late).values(next_attempt_at=now))


def new_id(result: CursorResult[*tuple[Any, ...]]) -> int:
    """The key of the one row that was inserted."""
    key = result.inserted_primary_key
    if key is None:
        raise AssertionError("a single inserted row has its key")
    return int(key[0])


def _check_status(old: RunStatus, new: RunStatus) -> None:
    if not may_become(RUN_TRANSITIONS, old, new):
        raise InconsistentChange(f"a run may not go from {old} to {new}")
