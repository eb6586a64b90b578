"""Looks through the audit trail (`AuditTrail`): counts and pages by number, which is the order of the trail itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, func, select

from app.clock import LONDON
from app.engine.audit_trail import TrailLine, TrailQuery, TrailVerdict
from app.engine.long_work import Progress
from app.engine.paging import Mark
from app.engine.story import OUTSIDE_RUNS, Happening
from app.storage import audit
from app.storage.columns import AnySelect
from app.storage.database import PracticeDatabase
from app.storage.tables import audit_event

_EVENT = audit_event.c
_LINE = (
    *(_EVENT.number, _EVENT.at, _EVENT.actor, _EVENT.action, _EVENT.run_id, _EVENT.patient_id),
    *(_EVENT.request_id, _EVENT.before, _EVENT.after, _EVENT.detail),
)


class SqlAuditTrail:
    """`AuditTrail` over the practice database."""

    def __init__(self, database: PracticeDatabase) -> None:
        self._database = database

    def count(self, query: TrailQuery) -> int:
        """How many events there are."""
        with self._database.reading() as connection:
            number = select(func.count()).select_from(audit_event).where(*_asked(query))
            found: int = connection.execute(number).scalar_one()
            return found

    def page(self, query: TrailQuery, after: Mark | None, skip: int, limit: int) -> list[TrailLine]:
        """The events beyond a mark; see the port."""
        conditions = list(_asked(query))
        if after is not None:
            conditions.append(_EVENT.number < after.tie if query.descending else _EVENT.number > after.tie)
        order = _EVENT.number.desc() if query.descending else _EVENT.number.asc()
        wanted: AnySelect = select(*_LINE).where(*conditions).order_by(order).offset(skip).limit(limit)
        with self._database.reading() as connection:
            return [TrailLine(*row) for row in connection.execute(wanted)]

    def actors(self) -> list[str]:
        """Everybody who acts in it, by name.

        Whoever worked on patients is found by the execution they began, which spares a look at every patient.
        """
        others = [kind for kind in self.kinds() if kind not in set(Happening) - OUTSIDE_RUNS]
        wanted = select(_EVENT.actor).distinct().where(_EVENT.action.in_(others))
        with self._database.reading() as connection:
            return sorted(connection.execute(wanted).scalars())

    def kinds(self) -> list[str]:
        """The kinds of events that there are."""
        with self._database.reading() as connection:
            return sorted(connection.execute(select(_EVENT.action).distinct()).scalars())

    def verify(self, progress: Progress) -> TrailVerdict:
        """Whether every event is there and as it was written; see the port."""
        return audit.verify(self._database, progress)


def _asked(query: TrailQuery) -> Iterator[ColumnElement[bool]]:
    if query.kind:
        yield _EVENT.action == query.kind
    if query.actor:
        yield _EVENT.actor == query.actor
    if query.run_id is not None:
        yield _EVENT.run_id == query.run_id
    if query.first_day is not None:
        yield _EVENT.at >= _begin_of(query.first_day)
    if query.last_day is not None:
        yield _EVENT.at < _begin_of(query.last_day + timedelta(days=1))


def _begin_of(day: date) -> datetime:
    """The first instant of a day in England."""
    return datetime.combine(day, time(), LONDON)
