"""Small questions about one run, asked within whatever transaction is open."""

from __future__ import annotations

from sqlalchemy import Connection, func, or_, select

from app.engine.rows import Counts
from app.engine.spine_port import AnswerKind
from app.storage.tables import attempt, execution, item, run_control


def counts(connection: Connection, run_id: int) -> Counts:
    """The five counters of a run, from its items."""
    rows = connection.execute(select(item.c.state, func.count()).where(item.c.run_id == run_id).group_by(item.c.state))
    return Counts(**{state.value: count for state, count in rows})


def reads(connection: Connection, run_id: int) -> int:
    """How often the Spine was asked in this run."""
    query = select(func.sum(execution.c.reads)).where(execution.c.run_id == run_id)
    return connection.execute(query).scalar_one() or 0


def writes(connection: Connection, run_id: int) -> int:
    """How often this run tried to send, each attempt counted unless it was held back before its first byte."""
    return connection.execute(
        select(func.count())
        .select_from(attempt)
        .join(execution, execution.c.id == attempt.c.execution_id)
        .where(
            execution.c.run_id == run_id,
            or_(attempt.c.answer_class.is_(None), attempt.c.answer_class != AnswerKind.NOT_SENT),
        )
    ).scalar_one()


def stop_requested(connection: Connection, run_id: int) -> bool:
    """Whether a wish to stop lies there for this run."""
    wish = select(run_control.c.run_id).where(run_control.c.run_id == run_id)
    return connection.execute(wish).first() is not None
