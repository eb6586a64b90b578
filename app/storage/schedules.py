"""Schedules and their occurrences within whatever transaction is open: added, begun with an execution, ended, read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time

from sqlalchemy import Connection, delete, insert, select, update

from app.domain.actions import Action
from app.domain.errors import Refused
from app.domain.occurrences import Outcome, Recorded, Why
from app.domain.schedule import due_by
from app.domain.states import RunStatus
from app.domain.windows import OccurrenceKey, Plan
from app.engine.ports import NewRun, Operator
from app.engine.rows import ExecutionKey
from app.engine.schedule_rows import (
    ActiveSchedule,
    DueOccurrence,
    NewSchedule,
    ScheduledBy,
    ScheduleEnd,
    ScheduleView,
    Settled,
    Timing,
)
from app.storage import executions, run_rows
from app.storage.audit import PROGRAM, AuditAction, AuditEvent, append
from app.storage.columns import AnyRow
from app.storage.fence import actor_of
from app.storage.tables import execution, occurrence, run, schedule_window

_ACTIVE = schedule_window.c.ended_at.is_(None)


def add(connection: Connection, new: NewSchedule, by: ScheduledBy, now: datetime) -> ScheduleView:
    """Keep a schedule, with a new run where its action makes one; see `ScheduleStore.add`."""
    end_active(connection, ScheduleEnd.REPLACED, by.actor, now)
    if new.action.makes_new_run:
        _give_up_unfinished(connection, new, by, now)
        wanted = NewRun(new.family, new.group)
        run_id = executions.add_run(connection, wanted, RunStatus.SCHEDULED, by.name, by.workstation, now)
    else:
        run_id = _latest_run(connection, new.family)
    return _insert(connection, new, run_id, by.name, by.actor, now)


def begin(connection: Connection, key: ExecutionKey, operator: Operator, timing: Timing | None, now: datetime) -> None:
    """Make an execution's timing true in the transaction that opens it; see `MigrationStore.begin_execution`."""
    actor = actor_of(operator)
    if isinstance(timing, DueOccurrence):
        held = active_row(connection)
        if held is None or held.id != timing.schedule_id:
            raise Refused("The schedule was cancelled just now, so nothing was begun.")
        _begun(connection, timing.schedule_id, timing.settled, key, actor, now)
        return
    end_active(connection, ScheduleEnd.REPLACED, actor, now)
    if timing is not None:
        view = _insert(connection, timing.schedule, key.run_id, operator.name, actor, now)
        _begun(connection, view.schedule_id, Settled(view.plan.first(), Outcome.FIRED, None), key, actor, now)


def end_active(connection: Connection, end: ScheduleEnd, actor: str, now: datetime) -> None:
    """End the active schedule if there is one, and give up its run where that has not begun."""
    held = active_row(connection)
    if held is not None:
        end_schedule(connection, held, end, actor, now)


def end_schedule(connection: Connection, held: AnyRow, end: ScheduleEnd, actor: str, now: datetime) -> None:
    """End this active schedule, and give up its run where that has not begun."""
    connection.execute(
        update(schedule_window).where(schedule_window.c.id == held.id).values(ended_at=now, end_reason=end)
    )
    _settle_what_is_due(connection, held, end, now)
    append(
        connection, [AuditEvent(now, actor, AuditAction.SCHEDULE_ENDED, held.run_id, after=end, detail=str(held.id))]
    )
    status = connection.execute(select(run.c.status).where(run.c.id == held.run_id)).scalar_one()
    if status is RunStatus.SCHEDULED:
        executions.give_up_scheduled(connection, held.run_id, actor, now)


def record(connection: Connection, schedule_id: int, settled: Sequence[Settled], now: datetime) -> list[Settled]:
    """Write down what was not begun; see `ScheduleStore.record`."""
    recorded = outcomes(connection, schedule_id)
    written = [one for one in settled if (held := recorded.get(one.occurrence.key)) is None or not held.counts_at(now)]
    for one in written:
        _write(connection, schedule_id, one, None, PROGRAM, now)
    return written


def active(connection: Connection) -> ActiveSchedule | None:
    """The active schedule with what is recorded of it and how its run stands."""
    held = active_row(connection)
    if held is None:
        return None
    found = connection.execute(select(run.c.status, run.c.stop_reason).where(run.c.id == held.run_id)).one()
    live_since = connection.execute(
        select(execution.c.started_at).where(execution.c.run_id == held.run_id, execution.c.ended_at.is_(None))
    ).scalar_one_or_none()
    failed = run_rows.counts(connection, held.run_id).failed
    recorded = outcomes(connection, held.id)
    return ActiveSchedule(view_of(held), recorded, found.status, found.stop_reason, live_since, failed)


def active_row(connection: Connection) -> AnyRow | None:
    """The row of the active schedule."""
    return connection.execute(select(schedule_window).where(_ACTIVE)).one_or_none()


def outcomes(connection: Connection, schedule_id: int) -> dict[OccurrenceKey, Recorded]:
    """What is recorded of a schedule's occurrences."""
    rows = connection.execute(select(occurrence).where(occurrence.c.window_id == schedule_id))
    return {(row.kind, row.local_date): Recorded(row.outcome, row.why, row.recorded_at) for row in rows}


def view_of(row: AnyRow) -> ScheduleView:
    """A schedule's row as the engine has it."""
    return ScheduleView(
        schedule_id=row.id,
        run_id=row.run_id,
        family=row.family,
        action=row.action,
        group=row.group_name,
        plan=Plan(row.start_at, _wall_time(row.stop_local), _wall_time(row.resume_local)),
        created_at=row.created_at,
        created_by=row.created_by,
        ended_at=row.ended_at,
        end=row.end_reason,
    )


def _settle_what_is_due(connection: Connection, held: AnyRow, end: ScheduleEnd, now: datetime) -> None:
    """What was due and will not be looked at any more has its outcome as well."""
    why = Why.RUN_OVER if end is ScheduleEnd.DONE else Why.CHANGED
    due = due_by(view_of(held).plan, outcomes(connection, held.id), now)
    record(connection, held.id, [Settled(one, Outcome.SKIPPED, why) for one in due], now)


def _give_up_unfinished(connection: Connection, new: NewSchedule, by: ScheduledBy, now: datetime) -> None:
    """Rerun gives up the run that is not finished; Run was refused beforehand where there is one."""
    if new.action is Action.RERUN:
        executions.abandon_open_run(connection, new.family, by.actor, now)
    elif run_rows.open_run(connection) is not None:
        raise Refused("Another run of this practice was begun just now. Look at how things stand.")


def _latest_run(connection: Connection, family: str) -> int:
    return int(connection.execute(run_rows.LATEST, {"family": family}).one().id)


def _insert(
    connection: Connection, new: NewSchedule, run_id: int, name: str, actor: str, now: datetime
) -> ScheduleView:
    plan = new.plan
    values = {
        "family": new.family,
        "action": new.action,
        "group_name": new.group,
        "run_id": run_id,
        "start_at": plan.start_at,
        "stop_local": None if plan.stop is None else f"{plan.stop:%H:%M}",
        "resume_local": None if plan.resume is None else f"{plan.resume:%H:%M}",
        "created_at": now,
        "created_by": name,
    }
    schedule_id = executions.new_id(connection.execute(insert(schedule_window).values(values)))
    detail = f"{schedule_id}: {new.action}, stop {values['stop_local'] or '-'}, resume {values['resume_local'] or '-'}"
    begins_at = plan.first().begins_at
    append(
        connection,
        [
            AuditEvent(
                now, actor, AuditAction.SCHEDULE_ADDED, run_id, after=f"{begins_at:%Y-%m-%dT%H:%MZ}", detail=detail
            )
        ],
    )
    [row] = connection.execute(select(schedule_window).where(schedule_window.c.id == schedule_id))
    return view_of(row)


def _begun(
    connection: Connection, schedule_id: int, settled: Settled, key: ExecutionKey, actor: str, now: datetime
) -> None:
    held = outcomes(connection, schedule_id).get(settled.occurrence.key)
    if held is not None and held.counts_at(now):
        raise Refused("This start was carried out before. Nothing is begun twice.")
    _write(connection, schedule_id, settled, key.execution_id, actor, now)


def _write(
    connection: Connection, schedule_id: int, settled: Settled, execution_id: int | None, actor: str, now: datetime
) -> None:
    """One outcome; what stands there of a wrong clock's is overwritten."""
    meant = settled.occurrence
    named = {"window_id": schedule_id, "kind": meant.kind, "local_date": meant.day}
    connection.execute(delete(occurrence).where(*(occurrence.c[name] == value for name, value in named.items())))
    connection.execute(
        insert(occurrence).values(
            **named,
            planned_at=meant.begins_at,
            outcome=settled.outcome,
            why=settled.why,
            detail=settled.detail,
            recorded_at=now,
            execution_id=execution_id,
        )
    )
    of_schedule = select(schedule_window.c.run_id).where(schedule_window.c.id == schedule_id)
    run_id = connection.execute(of_schedule).scalar_one()
    words = f"{schedule_id}: {meant.kind} of {meant.begins_at:%Y-%m-%dT%H:%MZ}, {settled.why or 'in time'}"
    append(connection, [AuditEvent(now, actor, AuditAction.OCCURRENCE, run_id, after=settled.outcome, detail=words)])


def _wall_time(text: str | None) -> time | None:
    return None if text is None else time.fromisoformat(text)
