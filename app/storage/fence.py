"""The fence in front of every write of an execution: only the one that holds the current epoch passes."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select

from app.engine.ports import Fenced, Operator, actor_words
from app.engine.rows import ExecutionKey
from app.storage.tables import execution, meta

_HOLDER = (
    select(execution.c.operator, execution.c.role_name, execution.c.card_uid)
    .join_from(execution, meta, execution.c.epoch == meta.c.epoch)
    .where(
        execution.c.id == bindparam("execution"),
        execution.c.run_id == bindparam("run"),
        execution.c.epoch == bindparam("epoch"),
        execution.c.ended_at.is_(None),
    )
)


def pass_fence(connection: Connection, key: ExecutionKey) -> str:
    """Raise `Fenced` unless this execution is open under the current epoch; returns who it works under."""
    row = connection.execute(
        _HOLDER, {"execution": key.execution_id, "run": key.run_id, "epoch": key.epoch}
    ).one_or_none()
    if row is None:
        raise Fenced("another execution has taken over")
    return actor_words(row.operator, row.role_name, row.card_uid)


def actor_of(operator: Operator) -> str:
    """An operator as the audit trail names the actor."""
    return actor_words(operator.name, operator.role_name, operator.card_uid)
