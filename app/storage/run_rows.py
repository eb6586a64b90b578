"""Small questions about one run, asked within whatever transaction is open; as statements made once."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, not_, or_, select

from app.domain.states import OPEN_STATUSES, RunStatus
from app.engine.rows import Counts
from app.engine.spine_port import AnswerKind
from app.storage.columns import AnySelect
from app.storage.tables import attempt, execution, item, run, run_control

_COUNTS = select(item.c.state, func.count()).where(item.c.run_id == bindparam("run")).group_by(item.c.state)
_WISH = select(run_control.c.run_id).where(run_control.c.run_id == bindparam("run"))


def may_have_left() -> ColumnElement[bool]:
    """Each attempt counts unless it was held back before its first byte."""
    return or_(attempt.c.answer_class.is_(None), attempt.c.answer_class != AnswerKind.NOT_SENT)


_LAST = select(func.max(execution.c.id)).where(execution.c.run_id == run.c.id).correlate(run).scalar_subquery()
_READS = select(func.sum(execution.c.reads)).where(execution.c.run_id == run.c.id).correlate(run).scalar_subquery()
_WRITES = (
    select(func.count())
    .select_from(attempt)
    .join(execution, execution.c.id == attempt.c.execution_id)
    .where(execution.c.run_id == run.c.id, may_have_left())
    .correlate(run)
    .scalar_subquery()
)

RUNS: AnySelect = (
    select(
        run,
        func.coalesce(execution.c.operator, run.c.created_by).label("operator"),
        func.coalesce(execution.c.workstation, run.c.created_on).label("workstation"),
        func.coalesce(_READS, 0).label("reads"),
        _WRITES.label("writes"),
        execution.c.started_at.label("last_begun_at"),
        run_control.c.run_id.is_not(None).label("wished"),
    )
    .select_from(run)
    .outerjoin(execution, execution.c.id == _LAST)
    .outerjoin(run_control, run_control.c.run_id == run.c.id)
)
"""Every run, with who worked on it last, how often the Spine was asked and sent to, and whether a stop is wished."""


_NEVER_BEGUN = and_(run.c.status == RunStatus.ABANDONED, run.c.started_at.is_(None))
LATEST: AnySelect = (
    RUNS.where(run.c.family == bindparam("family"), not_(_NEVER_BEGUN)).order_by(run.c.id.desc()).limit(1)
)
"""The latest run of a family. One that was given up before anybody worked on it is passed over: it did nothing, so
Failed, Resume, results and reports are about the run before it, as they were before it was scheduled."""


def counts(connection: Connection, run_id: int) -> Counts:
    """The five counters of a run, from its items."""
    return Counts(**{state.value: count for state, count in connection.execute(_COUNTS, {"run": run_id})})


def stop_requested(connection: Connection, run_id: int) -> bool:
    """Whether a wish to stop lies there for this run."""
    return connection.execute(_WISH, {"run": run_id}).first() is not None


def open_run(connection: Connection) -> int | None:
    """The id of the run that is not finished; a practice has at most one."""
    query = select(run.c.id).where(run.c.status.in_(sorted(OPEN_STATUSES)))
    return connection.execute(query).scalar_one_or_none()
