"""A practice, a Spine under script and a job operator between them, on moved time: for tests of whole executions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, bindparam, select

from app.domain.actions import CONSENT_MIGRATION, Action
from app.domain.decision import Permission
from app.domain.errors import KnownError
from app.domain.outcomes import ItemState, Reason
from app.domain.states import StopReason
from app.domain.terms import DISSENT_CODES
from app.engine.control import AlwaysOpen, StopToken, Window
from app.engine.loop import LoopSettings
from app.engine.operator import JobOperator, OperatorSettings, Press
from app.engine.ports import MigrationStore, RunView
from app.engine.practice import GroupRow
from app.engine.progress import Phase, ProgressBoard, Snapshot
from app.engine.senders import MakeSenders
from app.engine.spine_port import SpineService
from app.storage.columns import AnyRow
from app.storage.database import PracticeDatabase
from app.storage.migration_store import SqlMigrationStore
from app.storage.run_queries import SqlRunQueries
from app.storage.tables import attempt, audit_event, execution, intent, item, patient, run
from tests.helpers import databases
from tests.helpers.card import Card
from tests.helpers.clocks import ManualClock
from tests.helpers.inline_senders import inline_senders
from tests.helpers.practice import ListOf, a_patient, an_entry, bring_in, codes_of, new_practice, number
from tests.helpers.scripted_spine import Call, Holding, ScriptedSpine
from tests.helpers.witness import Witness

FAMILY = CONSENT_MIGRATION.key
WORKSTATION = "FRONT-DESK"
UNLIMITED = LoopSettings(per_second=0.0)
OBJECTION_ON = date(2015, 6, 1)


_ITEMS = select(item).join(patient).where(patient.c.patient_ref == bindparam("ref")).order_by(item.c.run_id.desc())


@dataclass(frozen=True)
class Person:
    """One patient on both sides: the codes of the record, and what the Spine holds. `flags` are `PatientRow` fields."""

    ref: str
    codes: tuple[str, ...] = ()
    has_scr: bool = False
    permission: Permission | None = None
    on: date = OBJECTION_ON
    flags: dict[str, Any] = field(default_factory=dict)


def dissenter(ref: str, **told: Any) -> Person:
    """Somebody whose current dissent is recorded here; the Spine holds a summary and Ask unless told otherwise."""
    return Person(ref, ("9Ndo.",), **{"has_scr": True, **told})


def consenter(ref: str, **told: Any) -> Person:
    """Somebody whose consent is recorded here: nothing to do once the Spine was asked."""
    return Person(ref, ("9Ndn.",), **{"has_scr": True, **told})


class Board(ProgressBoard):
    """Keeps every snapshot."""

    def __init__(self) -> None:
        super().__init__()
        self.all: list[Snapshot] = []

    def publish(self, snapshot: Snapshot) -> None:
        super().publish(snapshot)
        self.all.append(snapshot)

    @property
    def last(self) -> Snapshot:
        return self.all[-1]

    @property
    def phases(self) -> list[Phase]:
        """The phases gone through, each run of equal ones once."""
        found: list[Phase] = []
        for snapshot in self.all:
            if not found or found[-1] is not snapshot.phase:
                found.append(snapshot.phase)
        return found


class Bench:
    """Everything a press needs. What a test changes (`settings`, `store`, `service`) counts from the next press.

    `database` is one that holds these people already.
    """

    database: PracticeDatabase
    queries: SqlRunQueries
    store: MigrationStore
    lock: Any

    def __init__(
        self,
        folder: Path,
        people: Iterable[Person],
        *,
        groups: Iterable[tuple[str, str]] = (),
        clock: Any = None,
        database: PracticeDatabase | None = None,
    ) -> None:
        people = list(people)
        self.objected = {person.ref for person in people if DISSENT_CODES.intersection(person.codes)}
        """Everybody whose dissent was ever recorded here."""
        self.changed_elsewhere: set[str] = set()
        """Whose permission a test changed on the Spine afterwards, as another practice might."""
        self.earlier_numbers: set[str] = set()
        """NHS numbers that a test corrected."""
        self.forgotten: set[str] = set()
        """Correlation ids that the database has lost, because a backup took its place."""
        self.clock = clock or ManualClock()
        self.numbers = {person.ref: number(ordinal) for ordinal, person in enumerate(people)}
        self.spine = ScriptedSpine(
            {self.numbers[person.ref]: Holding(person.has_scr, person.permission) for person in people},
            clock=self.clock,
        )
        self.witness = Witness(self)
        self._looking: Connection | None = None
        self.pressed: list[tuple[StopToken, Window]] = []
        """What the executions under way stop by: more than one where another took over from the first."""
        self.work_on(database or new_practice(folder, self._list_of(people, groups), self.clock))
        self.card = Card(self.clock)
        self.service: SpineService = self.spine
        self.make_senders: MakeSenders = inline_senders(self.clock)
        self.settings = UNLIMITED
        self.launch_codes = frozenset({"B0062"})
        self.scr_enabled = True
        self.claims = 0
        self.backed_up: list[int] = []
        """Before each backup: how many runs there were."""
        self.no_backup: KnownError | None = None
        """Why no backup can be made."""
        self.board = Board()

    def work_on(self, database: PracticeDatabase) -> None:
        """Have this database from now on."""
        database.clock = self.clock
        self.database = database
        self.queries = SqlRunQueries(database)
        self.store = SqlMigrationStore(database)
        self.lock = databases.lock_of(database, self.clock, WORKSTATION)

    # --- pressing ---------------------------------------------------------------------------------------------------

    def operator(self) -> JobOperator:
        """A job operator as a program just started has it."""
        return JobOperator(
            self.store,
            self.queries,
            self.lock,
            self.service,
            self.card,
            self._claim_spine,
            self._back_up,
            self.clock,
            OperatorSettings(self.launch_codes, self.scr_enabled, WORKSTATION, self.settings),
            self.make_senders,
        )

    def press(
        self,
        action: Action = Action.RUN,
        *,
        group: str | None = None,
        token: StopToken | None = None,
        window: Window | None = None,
    ) -> RunView:
        """Press it, and wait until its execution has ended; its snapshots are on a new `board`."""
        self.board = Board()
        # Threads may pass the gate an instant before it closes and reach the Spine an instant after.
        self.spine.witness = None if isinstance(self.make_senders, type) else self.witness.see
        self.pressed.append((token or StopToken(), window or AlwaysOpen()))
        try:
            token, window = self.pressed[-1]
            return self.operator().execute(Press(FAMILY, action, group), token, self.board, window)
        finally:
            self.pressed.pop()

    def run(self, **how: Any) -> RunView:
        return self.press(Action.RUN, **how)

    def resume(self, **how: Any) -> RunView:
        return self.press(Action.RESUME, **how)

    def rerun(self, **how: Any) -> RunView:
        return self.press(Action.RERUN, **how)

    def failed(self, **how: Any) -> RunView:
        return self.press(Action.FAILED, **how)

    def stop_on_call(self, count: int, reason: StopReason = StopReason.USER) -> StopToken:
        """A token that is set while the Spine answers its so-manyeth call from now, unless that one is scripted."""
        token, last = StopToken(), len(self.spine.calls) + count

        def stop(_: Holding, __: Call) -> None:
            if len(self.spine.calls) + 1 == last:
                token.stop(reason)

        self.spine.always = stop
        return token

    def _claim_spine(self) -> None:
        self.claims += 1

    def _back_up(self) -> None:
        self.backed_up.append(len(self.rows(select(run.c.id))))
        if self.no_backup is not None:
            raise self.no_backup

    # --- looking ----------------------------------------------------------------------------------------------------

    def item(self, ref: str, run_id: int | None = None) -> AnyRow:
        """A patient's item in a run, the latest unless told otherwise."""
        if run_id is None:
            return self.rows(_ITEMS.limit(1), ref=ref)[0]
        return self.rows(_ITEMS.where(item.c.run_id == run_id), ref=ref)[0]

    def ended(self, ref: str) -> tuple[ItemState, Reason | None]:
        """What became of a patient."""
        row = self.item(ref)
        return row.state, row.reason

    def intents(self, ref: str) -> list[AnyRow]:
        """A patient's messages, oldest first."""
        return self.rows(select(intent).join(patient).where(patient.c.patient_ref == ref).order_by(intent.c.id))

    def attempts(self, ref: str) -> list[AnyRow]:
        """A patient's attempts, oldest first."""
        query = (
            select(attempt)
            .join(item, item.c.id == attempt.c.item_id)
            .join(patient, patient.c.id == item.c.patient_id)
            .where(patient.c.patient_ref == ref)
            .order_by(attempt.c.id)
        )
        return self.rows(query)

    def events(self, ref: str) -> list[tuple[str, str | None, str | None]]:
        """What the audit trail tells of a patient: action, before, after."""
        query = select(audit_event.c.action, audit_event.c.before, audit_event.c.after)
        owner = select(patient.c.id).where(patient.c.patient_ref == ref).scalar_subquery()
        rows = self.rows(query.where(audit_event.c.patient_id == owner).order_by(audit_event.c.number))
        return [tuple(row) for row in rows]

    def executions(self) -> list[AnyRow]:
        """Every execution, oldest first."""
        return self.rows(select(execution).order_by(execution.c.id))

    def codes(self, ref: str) -> list[str]:
        """The codes of a patient's record."""
        return codes_of(self.database, ref)

    def sends(self, ref: str) -> list[Any]:
        """The dissents the Spine received for a patient."""
        return self.spine.sends(self.numbers[ref])

    def reads(self, ref: str) -> list[Any]:
        """The questions the Spine received about a patient."""
        return self.spine.reads(self.numbers[ref])

    def script(self, operation: str, ref: str, *answers: Any) -> None:
        """What the Spine answers for a patient, once each, in order."""
        self.spine.script(operation, self.numbers[ref], *answers)

    def holds(self, ref: str) -> Permission | None:
        """What the Spine holds of a patient."""
        return self.spine.permission(self.numbers[ref])

    def add(self, *people: Person) -> None:
        """More patients, known on both sides, after those there are."""
        self.objected |= {person.ref for person in people if DISSENT_CODES.intersection(person.codes)}
        for person in people:
            self.numbers[person.ref] = number(len(self.numbers))
            self.spine.holdings[self.numbers[person.ref]] = Holding(person.has_scr, person.permission)
        bring_in(self.database, self._list_of(people), update=True)

    def _list_of(self, people: Iterable[Person], groups: Iterable[tuple[str, str]] = ()) -> ListOf:
        people = list(people)
        return ListOf(
            [a_patient(person.ref, **{"nhs_number": self.numbers[person.ref], **person.flags}) for person in people],
            [an_entry(person.ref, code, person.on) for person in people for code in person.codes],
            [GroupRow(name, ref, None) for name, ref in groups],
        )

    def rows(self, query: Any, **values: object) -> list[AnyRow]:
        """What the database answers on a connection that is not the engine's."""
        if self._looking is not None:
            return list(self._looking.execute(query, values))
        with self.database.reading() as connection:
            return list(connection.execute(query, values))

    @contextmanager
    def at_one_look(self) -> Iterator[None]:
        """Have everything that is asked meanwhile answered from one look at the database."""
        with self.database.reading() as connection:
            self._looking = connection
            try:
                yield
            finally:
                self._looking = None
