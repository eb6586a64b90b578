"""A practice, a Spine under script and a job operator between them, on moved time: for tests of whole executions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app.clock import Clock
from app.domain.actions import CONSENT_MIGRATION, Action
from app.domain.decision import Permission
from app.domain.outcomes import ItemState, Reason
from app.domain.session import LAUNCH_ROLE_NAME, SESSION_LENGTH, CardSession, Role
from app.domain.states import RunStatus, StopReason
from app.engine.control import StopToken, Window
from app.engine.loop import LoopSettings
from app.engine.operator import JobOperator, OperatorSettings, Press
from app.engine.ports import MigrationStore, RunView
from app.engine.practice import GroupRow
from app.engine.progress import Phase, ProgressBoard, Snapshot
from app.engine.senders import MakeSenders
from app.engine.spine_port import AnswerKind, SpineService
from app.storage import audit
from app.storage.columns import AnyRow
from app.storage.database import PracticeDatabase
from app.storage.lock import PracticeFileLock
from app.storage.migration_store import SqlMigrationStore
from app.storage.run_queries import SqlRunQueries
from app.storage.tables import attempt, audit_event, consent_entry, execution, intent, item, patient
from tests.helpers.clocks import START, ManualClock
from tests.helpers.inline_senders import inline_senders
from tests.helpers.practice import ListOf, a_patient, an_entry, bring_in, codes_of, new_practice, number
from tests.helpers.scripted_spine import Holding, ScriptedSpine

FAMILY = CONSENT_MIGRATION.key
WORKSTATION = "FRONT-DESK"
UNLIMITED = LoopSettings(per_second=0.0)
MANAGER = Role("555001", LAUNCH_ROLE_NAME, "S8000:G8000:R8000", frozenset({"B0062", "B0011"}))
OBJECTION_ON = date(2015, 6, 1)


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


class Card:
    """`SignedIn`: one person's session, until the card is taken out."""

    def __init__(self, clock: Clock, role: Role = MANAGER) -> None:
        self._clock = clock
        self._reason: StopReason | None = None
        self._session: CardSession | None = None
        self.sessions = 0
        self.sign_in(role)

    def sign_in(self, role: Role = MANAGER, length: timedelta = SESSION_LENGTH) -> None:
        now = self._clock.now()
        self.sessions += 1
        self._reason = None
        self._session = CardSession(f"session-{self.sessions}", "910000000001", "Pat Manager", role, now, now + length)

    def end(self, reason: StopReason | None = StopReason.CARD_REMOVED) -> None:
        self._session, self._reason = None, reason

    def current(self) -> CardSession | None:
        return self._session

    def ended_because(self) -> StopReason | None:
        return self._reason


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
    """Everything a press needs. What a test changes (`settings`, `store`, `service`) counts from the next press."""

    def __init__(
        self, folder: Path, people: Iterable[Person], *, groups: Iterable[tuple[str, str]] = (), clock: Any = None
    ) -> None:
        people = list(people)
        self.clock = clock or ManualClock()
        self.numbers = {person.ref: number(ordinal) for ordinal, person in enumerate(people)}
        numbered = [
            a_patient(person.ref, **{"nhs_number": self.numbers[person.ref], **person.flags}) for person in people
        ]
        entries = [an_entry(person.ref, code, person.on) for person in people for code in person.codes]
        members = [GroupRow(name, ref, None) for name, ref in groups]
        self.database: PracticeDatabase = new_practice(folder, ListOf(numbered, entries, members), self.clock)
        self.spine = ScriptedSpine(
            {self.numbers[person.ref]: Holding(person.has_scr, person.permission) for person in people}
        )
        self.queries = SqlRunQueries(self.database)
        self.store: MigrationStore = SqlMigrationStore(self.database)
        self.lock: Any = PracticeFileLock(self.database.path, self.clock, WORKSTATION)
        self.card = Card(self.clock)
        self.service: SpineService = self.spine
        self.make_senders: MakeSenders = inline_senders(self.clock)
        self.settings = UNLIMITED
        self.launch_codes = frozenset({"B0062"})
        self.scr_enabled = True
        self.claims = 0
        self.board = Board()

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
        return self.operator().execute(Press(FAMILY, action, group), token or StopToken(), self.board, window)

    def run(self, **how: Any) -> RunView:
        return self.press(Action.RUN, **how)

    def resume(self, **how: Any) -> RunView:
        return self.press(Action.RESUME, **how)

    def rerun(self, **how: Any) -> RunView:
        return self.press(Action.RERUN, **how)

    def failed(self, **how: Any) -> RunView:
        return self.press(Action.FAILED, **how)

    def _claim_spine(self) -> None:
        self.claims += 1

    # --- looking ----------------------------------------------------------------------------------------------------

    def item(self, ref: str, run_id: int | None = None) -> AnyRow:
        """A patient's item in a run, the latest unless told otherwise."""
        query = select(item).join(patient).where(patient.c.patient_ref == ref).order_by(item.c.run_id.desc())
        if run_id is not None:
            query = query.where(item.c.run_id == run_id)
        return self._rows(query.limit(1))[0]

    def ended(self, ref: str) -> tuple[ItemState, Reason | None]:
        """What became of a patient."""
        row = self.item(ref)
        return row.state, row.reason

    def intents(self, ref: str) -> list[AnyRow]:
        """A patient's messages, oldest first."""
        return self._rows(select(intent).join(patient).where(patient.c.patient_ref == ref).order_by(intent.c.id))

    def attempts(self, ref: str) -> list[AnyRow]:
        """A patient's attempts, oldest first."""
        query = select(attempt).join(item).join(patient).where(patient.c.patient_ref == ref).order_by(attempt.c.id)
        return self._rows(query)

    def events(self, ref: str) -> list[tuple[str, str | None, str | None]]:
        """What the audit trail tells of a patient: action, before, after."""
        query = select(audit_event.c.action, audit_event.c.before, audit_event.c.after)
        owner = select(patient.c.id).where(patient.c.patient_ref == ref).scalar_subquery()
        rows = self._rows(query.where(audit_event.c.patient_id == owner).order_by(audit_event.c.number))
        return [tuple(row) for row in rows]

    def executions(self) -> list[AnyRow]:
        """Every execution, oldest first."""
        return self._rows(select(execution).order_by(execution.c.id))

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
        for person in people:
            self.numbers[person.ref] = number(len(self.numbers))
            self.spine.holdings[self.numbers[person.ref]] = Holding(person.has_scr, person.permission)
        rows = [a_patient(person.ref, self.numbers[person.ref], **person.flags) for person in people]
        entries = [an_entry(person.ref, code, person.on) for person in people for code in person.codes]
        bring_in(self.database, ListOf(rows, entries), update=True)

    def _rows(self, query: Any) -> list[AnyRow]:
        with self.database.reading() as connection:
            return list(connection.execute(query))

    # --- judging ----------------------------------------------------------------------------------------------------

    def check_invariants(self) -> None:
        """I2 to I6 and I8 of the faults page, by what the Spine received and what the rows say."""
        view = self.queries.latest_run(FAMILY)
        assert view is not None
        items = self._rows(select(item.c.id).where(item.c.run_id == view.run_id))
        assert view.counts.total == len(items), "I6"
        assert audit.first_broken(self.database) is None, "I8"
        attempts = self._rows(select(attempt).order_by(attempt.c.id))
        by_correlation = {row.correlation_id: row for row in attempts}
        objected = {
            row.nhs_number
            for row in self._rows(
                select(patient.c.nhs_number).join(consent_entry).where(consent_entry.c.code.in_(("93C3.", "9Ndo.")))
            )
        }
        applied: dict[str, str] = {}
        for call in self.spine.sends():
            assert call.nhs_number in objected, "I3"
            assert call.correlation_id in by_correlation, "I5"
            row = by_correlation[call.correlation_id]
            assert row.request_id == call.request_id
            if call.applied and applied.setdefault(call.nhs_number, call.request_id) == call.request_id:
                earlier = [other for other in attempts if other.request_id == call.request_id and other.id < row.id]
                again = any(
                    other.request_id == call.request_id and other.applied and other is not call
                    for other in self.spine.sends(call.nhs_number)[: self.spine.sends(call.nhs_number).index(call)]
                )
                if again:
                    assert any(other.answer_class is AnswerKind.UNKNOWN for other in earlier), "I2"
                    assert row.reason, "I2: every resend carries a written reason"
        for row in self._rows(
            select(patient.c.nhs_number)
            .join(consent_entry)
            .where(consent_entry.c.code == "9Ndl.", consent_entry.c.recorded_by == "Pat Manager")
        ):
            assert self.spine.reads(row.nhs_number), "I4"
        if view.status is RunStatus.COMPLETED:
            assert view.counts.unprocessed == view.counts.sending == 0


def started_at(minutes: float) -> Any:
    """An instant this long after the tests' clock starts."""
    return START + timedelta(minutes=minutes)
