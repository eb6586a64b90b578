"""The figures of a certificate, counted from the rows of one moment (`CertificateStore`)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from app.clock import london_date
from app.domain.actions import CONSENT_MIGRATION
from app.domain.outcomes import ItemState
from app.domain.states import UNSETTLED_INTENTS
from app.domain.terms import TERMS
from app.engine.audit_trail import TrailVerdict
from app.engine.certificate import Figures, OutcomeCount
from app.engine.confirmation import Confirmation
from app.engine.lists import JoinedSince, ListQuery
from app.engine.long_work import Progress
from app.storage import audit
from app.storage.confirmation_store import SqlConfirmationStore
from app.storage.database import PracticeDatabase
from app.storage.latest_outcomes import IS_ACTIVE, OUTCOMES, latest_outcomes, with_dissent_on_spine
from app.storage.list_conditions import dissent_not_sent, with_counting_dissent
from app.storage.patient_lists import SqlPatientLists
from app.storage.run_history import SqlHistory
from app.storage.run_queries import SqlRunQueries
from app.storage.tables import consent_entry, intent, item, meta, patient

_MOST_RUNS = 100

_OLD_TERMS = sorted(code for code, term in TERMS.items() if term.is_legacy)
_WITH_OLD_TERM = select(consent_entry.c.patient_id).where(consent_entry.c.code.in_(_OLD_TERMS))


class SqlCertificateStore:
    """`CertificateStore` over a copy of the practice database that nobody writes to."""

    def __init__(self, database: PracticeDatabase) -> None:
        self._database = database

    def figures(self, progress: Progress) -> Figures:
        """What the rows say, each figure counted for itself."""
        today = london_date(self._database.clock.now())
        objects = patient.c.id.in_(with_counting_dissent(today))
        on_spine = patient.c.id.in_(with_dissent_on_spine())
        with self._database.reading() as connection:
            outcomes = _outcomes(connection)
            progress("Counting the dissents")
            dissents = _active(connection, objects)
            shown = _active(connection, objects, on_spine)
            not_shown = _active(connection, objects, ~on_spine)
            not_sent = _active(connection, dissent_not_sent(patient.c.id, today))
            mismatches = _active(connection, on_spine, ~objects)
            unconverted = _active(connection, patient.c.id.in_(_WITH_OLD_TERM))
            active = _active(connection)
            unsettled = _number(connection, intent.c.id, intent.c.state.in_(sorted(UNSETTLED_INTENTS)))
            events, seal = connection.execute(select(meta.c.audit_number, meta.c.audit_hash)).one()
        runs = tuple(run for run in SqlHistory(self._database).runs(None, _MOST_RUNS) if _counts(run.family))
        latest = SqlRunQueries(self._database).latest_run(CONSENT_MIGRATION.key)
        in_progress = latest.counts.sending + latest.counts.unprocessed if latest is not None else 0
        # A run that waits for its time, or was cancelled before it, has no cohort that anybody could have missed.
        begun = next((run for run in runs if run.started_at is not None), None)
        return Figures(
            active=active,
            outcomes=outcomes,
            runs=runs,
            dissents=dissents,
            on_spine=shown,
            not_shown=not_shown,
            not_sent=not_sent,
            mismatches=mismatches,
            unconverted=unconverted,
            unsettled=unsettled,
            in_progress=in_progress,
            joined=self._joined(begun.run_id) if begun is not None else 0,
            events=events,
            seal=seal,
        )

    def confirmation(self) -> Confirmation | None:
        """The latest pass over the dissents."""
        return SqlConfirmationStore(self._database).latest()

    def verify(self, progress: Progress) -> TrailVerdict:
        """Whether every event of the audit trail is as it was written."""
        return audit.verify(self._database, progress)

    def _joined(self, run_id: int) -> int:
        return SqlPatientLists(self._database).count(ListQuery(JoinedSince(run_id)))


def _counts(family: str) -> bool:
    return family == CONSENT_MIGRATION.key


def _outcomes(connection: Connection) -> tuple[OutcomeCount, ...]:
    number = func.count()
    query = latest_outcomes(item.c.state, item.c.reason, number).group_by(item.c.state, item.c.reason)
    order: dict[ItemState | None, int] = {state: at for at, state in enumerate(OUTCOMES)}
    found = [OutcomeCount(*row) for row in connection.execute(query)]
    return tuple(sorted(found, key=lambda one: (order.get(one.state, len(order)), -one.patients, one.reason or "")))


def _active(connection: Connection, *conditions: ColumnElement[bool]) -> int:
    return _number(connection, patient.c.id, IS_ACTIVE, *conditions)


def _number(connection: Connection, of: Any, *conditions: ColumnElement[bool]) -> int:
    found: int = connection.execute(select(func.count(of)).where(*conditions)).scalar_one()
    return found
