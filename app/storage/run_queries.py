"""Read-only answers for the screen, the commands and the operator (`RunQueries`)."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, case, func, select

from app.domain.patient import ACTIVE_STATUSES
from app.domain.states import RunStatus
from app.engine.ports import GroupView, RunView
from app.storage import cohort, run_rows
from app.storage.columns import AnyRow, AnySelect
from app.storage.database import PracticeDatabase
from app.storage.tables import patient, patient_group, patient_group_member, run

_ONE = run_rows.RUNS.where(run.c.id == bindparam("run"))


class SqlRunQueries:
    """`RunQueries` over the practice database."""

    def __init__(self, database: PracticeDatabase) -> None:
        self._database = database

    def latest_run(self, family: str) -> RunView | None:
        """The newest run of a family that did not end before it began."""
        return self._view(run_rows.LATEST, {"family": family})

    def run(self, run_id: int) -> RunView | None:
        """One run."""
        return self._view(_ONE, {"run": run_id})

    def active_count(self, group: str | None = None) -> int:
        """How many patients a run begun now would scan. Raises `Refused` for an unknown group."""
        with self._database.reading() as connection:
            return cohort.count(connection, group)

    def groups(self) -> list[GroupView]:
        """The saved groups, by name."""
        active = case((patient.c.registration.in_(sorted(ACTIVE_STATUSES)), 1), else_=0)
        query = (
            select(patient_group.c.name, func.count(patient.c.id), func.coalesce(func.sum(active), 0))
            .select_from(patient_group)
            .outerjoin(patient_group_member)
            .outerjoin(patient, patient.c.id == patient_group_member.c.patient_id)
            .group_by(patient_group.c.name)
            .order_by(patient_group.c.name)
        )
        with self._database.reading() as connection:
            return [GroupView(*row) for row in connection.execute(query)]

    def patient_count(self) -> int:
        """How many patients the database holds."""
        with self._database.reading() as connection:
            return connection.execute(select(func.count()).select_from(patient)).scalar_one()

    def _view(self, query: AnySelect, values: Mapping[str, object]) -> RunView | None:
        with self._database.reading() as connection:
            row = connection.execute(query, values).one_or_none()
            return None if row is None else view_of(connection, row)


def view_of(connection: Connection, row: AnyRow) -> RunView:
    """A row of `run_rows.RUNS` as the screen and the commands show it."""
    return RunView(
        run_id=row.id,
        family=row.family,
        status=row.status,
        stop_reason=row.stop_reason,
        stop_detail=row.stop_detail,
        group=row.group_name,
        counts=run_rows.counts(connection, row.id),
        reads=row.reads,
        writes=row.writes,
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        operator=row.operator,
        workstation=row.workstation,
        stop_requested=row.status is RunStatus.RUNNING and row.wished,
        last_begun_at=row.last_begun_at,
    )
