"""The steps of a migration as changes for the store, made by hand: for tests of what the database does with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.domain.actions import CONSENT_MIGRATION
from app.domain.decision import Permission, SpineConsent, Summary, conversions_of
from app.domain.outcomes import ItemState, Reason
from app.domain.states import IntentState, RunStatus, StopReason
from app.engine.ports import NewRun
from app.engine.rows import (
    AttemptEnd,
    Change,
    ExecutionKey,
    ImpliedConsent,
    IntentChange,
    LocalChange,
    NewAttempt,
    NewIntent,
    Outcome,
    Scope,
    Tally,
    WorkItem,
)
from app.storage.columns import AnyRow
from app.storage.database import PracticeDatabase
from app.storage.migration_store import SqlMigrationStore
from app.storage.tables import item, metadata, patient
from tests.helpers.practice import OPERATOR

FAMILY = CONSENT_MIGRATION.key
SETTLE = timedelta(seconds=75)
ASK = SpineConsent(Summary.YES, Permission.ASK)


@dataclass
class Migration:
    """A run under way on a database, and the steps its patients can take."""

    database: PracticeDatabase
    store: SqlMigrationStore = field(init=False)
    run_id: int = field(init=False)
    key: ExecutionKey = field(init=False)

    def __post_init__(self) -> None:
        self.store = SqlMigrationStore(self.database)

    @property
    def now(self) -> datetime:
        """The practice's instant."""
        return self.database.clock.now()

    def begin(self, group: str | None = None, scope: Scope = Scope.UNPROCESSED) -> Migration:
        """A new run with its first execution."""
        self.run_id = self.store.begin_run(NewRun(FAMILY, group), OPERATOR, self.now)
        return self.take_up(scope)

    def take_up(self, scope: Scope = Scope.UNPROCESSED) -> Migration:
        """A new execution of the same run."""
        self.key = self.store.begin_execution(self.run_id, OPERATOR, scope, SETTLE, self.now)
        return self

    def end(self, status: RunStatus = RunStatus.STOPPED, reason: StopReason | None = StopReason.USER) -> None:
        """The execution's end."""
        self.store.end_execution(self.key, status, reason, "", Tally(), self.now)

    def complete(self) -> None:
        """The run's end."""
        self.end(RunStatus.COMPLETED, None)

    def work(self, ref: str) -> WorkItem:
        """A patient's item, as the loop would read it now."""
        with self.database.reading() as connection:
            query = (
                select(item.c.id)
                .join_from(item, patient)
                .where(item.c.run_id == self.run_id, patient.c.patient_ref == ref)
            )
            item_id = connection.execute(query).scalar_one()
        [work] = self.store.items(self.key, [item_id])
        return work

    def fresh(self, scope: Scope = Scope.UNPROCESSED, after: int = 0, limit: int = 100) -> list[str]:
        """The references of the fresh items."""
        return self.refs(self.store.fresh_items(self.key, scope, after, limit))

    def due(self, scope: Scope = Scope.UNPROCESSED, in_hand: tuple[int, ...] = (), limit: int = 100) -> list[str]:
        """The references of the items that are due now."""
        return self.refs(self.store.due_items(self.key, scope, self.now, in_hand, limit))

    def refs(self, works: list[WorkItem]) -> list[str]:
        """The references of these items' patients."""
        with self.database.reading() as connection:
            names = dict(connection.execute(select(patient.c.id, patient.c.patient_ref)).all())
        return [names[work.record.patient_id] for work in works]

    def commit(self, *changes: Change, reads: int = 0) -> list[bool]:
        """These changes as one group."""
        return self.store.commit(self.key, changes, Tally(reads))

    def row(self, table: str, **where: object) -> AnyRow:
        """The one row of a table with these values."""
        [found] = self.rows(table, **where)
        return found

    def rows(self, table: str, **where: object) -> list[AnyRow]:
        """The rows of a table with these values, by id."""
        columns = metadata.tables[table].c
        query = select(metadata.tables[table]).where(*(columns[name] == value for name, value in where.items()))
        with self.database.reading() as connection:
            return list(connection.execute(query.order_by(*metadata.tables[table].primary_key)))

    def item_row(self, ref: str) -> AnyRow:
        """A patient's item as the table holds it."""
        return self.row("item", id=self.work(ref).item_id)

    # --- steps ------------------------------------------------------------------------------------------------

    def outcome(
        self, ref: str, state: ItemState, reason: Reason | None = None, local: LocalChange | None = None, **more: Any
    ) -> Change:
        """An outcome decided on the record as it stands."""
        work = self.work(ref)
        return Change(
            work.item_id,
            work.record.patient_id,
            work.record.consent_version,
            Outcome(state, reason, self.now, **more),
            local=local or LocalChange(),
        )

    def not_required(self, ref: str, **more: Any) -> Change:
        """Nothing to do for this patient."""
        return self.outcome(ref, ItemState.NOT_REQUIRED, Reason.NOTHING_TO_DO, **more)

    def failed(self, ref: str, reason: Reason = Reason.SPINE_UNAVAILABLE, **more: Any) -> Change:
        """A patient who could not be helped."""
        return self.outcome(ref, ItemState.FAILED, reason, **more)

    def conversion(self, ref: str) -> LocalChange:
        """Every legacy entry of a patient converted."""
        return LocalChange(conversions_of(self.work(ref).record.entries))

    def implied(self, on: date) -> LocalChange:
        """Implied consent added."""
        return LocalChange(implied_consent=ImpliedConsent(on, self.now, OPERATOR.name))

    def prepare(
        self, ref: str, request_id: str, local: LocalChange | None = None, send_as: str | None = None
    ) -> Change:
        """A message prepared; with `send_as`, its first attempt in the same commit."""
        work = self.work(ref)
        return Change(
            work.item_id,
            work.record.patient_id,
            work.record.consent_version,
            Outcome(ItemState.SENDING, None, self.now, consent=ASK),
            local=local or LocalChange(),
            new_intent=NewIntent(request_id, ASK),
            new_attempt=NewAttempt(send_as, self.now) if send_as else None,
        )

    def send(self, ref: str, request_id: str, correlation_id: str, reason: str = "") -> Change:
        """A prepared message's attempt begun."""
        work = self.work(ref)
        return Change(
            work.item_id,
            work.record.patient_id,
            work.record.consent_version,
            Outcome(ItemState.SENDING, None, self.now),
            intent=IntentChange(request_id, IntentState.PREPARED, IntentState.IN_FLIGHT),
            new_attempt=NewAttempt(correlation_id, self.now, reason),
        )

    def answered(
        self,
        ref: str,
        request_id: str,
        correlation_id: str,
        kind: str,
        state: IntentState,
        outcome: Outcome,
        http_status: int | None = None,
    ) -> Change:
        """An attempt's end, whatever the record is by now."""
        work = self.work(ref)
        return Change(
            work.item_id,
            work.record.patient_id,
            None,
            outcome,
            intent=IntentChange(request_id, IntentState.IN_FLIGHT, state, outcome.spine_code, outcome.text),
            attempt_end=AttemptEnd(correlation_id, self.now, kind, http_status, outcome.spine_code, outcome.text),
        )

    def accepted(self, ref: str, request_id: str, correlation_id: str) -> Change:
        """201."""
        outcome = Outcome(ItemState.SENT, Reason.DISSENT_SENT, self.now)
        return self.answered(ref, request_id, correlation_id, "accepted", IntentState.CONFIRMED, outcome, 201)

    def lost(self, ref: str, request_id: str, correlation_id: str, due_in: timedelta = SETTLE) -> Change:
        """No answer: unknown, waiting to be settled."""
        outcome = Outcome(ItemState.SENDING, None, self.now, next_attempt_at=self.now + due_in)
        return self.answered(ref, request_id, correlation_id, "unknown", IntentState.UNKNOWN, outcome)

    def held_back(self, ref: str, request_id: str, correlation_id: str, kind: str = "not_sent") -> Change:
        """The attempt came to nothing; the message is prepared as before."""
        outcome = Outcome(ItemState.SENDING, None, self.now)
        return self.answered(ref, request_id, correlation_id, kind, IntentState.PREPARED, outcome)

    def settled(
        self,
        ref: str,
        request_id: str,
        old: IntentState,
        new: IntentState,
        outcome: Outcome,
        version: int | None = None,
    ) -> Change:
        """A message settled by reading, or given up."""
        work = self.work(ref)
        return Change(
            work.item_id,
            work.record.patient_id,
            version,
            outcome,
            intent=IntentChange(request_id, old, new),
        )
