"""A practice, a real simulated Spine with its sign-in, and time that can be moved: for what befalls a session in a run.

Real HTTP, real tokens, a real database; only the senders have no threads, so that each place of a run comes again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app.clock import SystemClock
from app.domain.actions import CONSENT_MIGRATION, Action
from app.domain.errors import Refused
from app.domain.session import CardSession
from app.engine.control import StopToken
from app.engine.loop import LoopSettings
from app.engine.operator import JobOperator, OperatorSettings, Press
from app.engine.ports import RunView
from app.engine.progress import ProgressBoard
from app.engine.spine_port import MessageIds, SpineAnswer, SpineConnection
from app.spine.application_access import ApplicationAccess
from app.spine.auth_service import AuthService
from app.spine.client import RequestsSpine
from app.spine.settings import SpineSettings
from app.spine.sign_in import SignInService
from app.spine.simulated_reader import SimulatedReader
from app.spine.simulated_time import SimulatedTime
from app.spine.simulation import SimulatedSpineControls
from app.storage.columns import AnyRow
from app.storage.database import PracticeDatabase
from app.storage.migration_store import SqlMigrationStore
from app.storage.run_queries import SqlRunQueries
from app.storage.tables import audit_event, execution, item, patient
from tests.helpers import databases
from tests.helpers.failing_store import FailingStore
from tests.helpers.inline_senders import inline_senders
from tests.helpers.practice import ListOf, a_patient, an_entry, codes_of, new_practice
from tests.helpers.simulator import SimulatorProcess

FAMILY = CONSENT_MIGRATION.key
PASSCODE = "123456"
ALISON, HELEN = "910000000001", "910000000005"
"""The administrator, and somebody else who is one in the second of her roles."""

ADMINISTRATOR_ROLE = "555910000101"

PEOPLE: dict[str, tuple[tuple[str, ...], bool, str]] = {
    "D1": (("93C3.",), True, ""),
    "D2": (("9Ndo.",), True, "Ask"),
    "D3": (("9Ndo.",), False, ""),
    "D4": (("93C3.",), False, ""),
    "K1": (("9Ndo.",), True, "No"),
    "C1": (("93C2.",), True, ""),
    "C2": (("9Ndn.",), True, ""),
    "N1": ((), True, ""),
    "N2": ((), False, ""),
    "M1": ((), True, "No"),
}
"""Codes of the record, whether there is a summary, and what the Spine holds: a patient of each kind."""

DISSENTERS = ("D1", "D2", "D3", "D4")

UNDISTURBED: dict[str, tuple[str, str | None, list[str]]] = {
    "D1": ("sent", "dissent_sent", ["9Ndo."]),
    "D2": ("sent", "dissent_sent", ["9Ndo."]),
    "D3": ("sent", "dissent_sent", ["9Ndo."]),
    "D4": ("sent", "dissent_sent", ["9Ndo."]),
    "K1": ("not_required", "already_on_spine", ["9Ndo."]),
    "C1": ("not_required", "legacy_consent_converted", ["9Ndn."]),
    "C2": ("not_required", "nothing_to_do", ["9Ndn."]),
    "N1": ("not_required", "implied_consent_added", ["9Ndl."]),
    "N2": ("not_required", "no_preference_expressed", []),
    "M1": ("not_required", "dissent_on_spine", []),
}
"""What becomes of them where nothing comes in the way: state, reason, and the codes of the record."""


class RehearsalClock(SystemClock):
    """The product's own clock. Waiting costs no time: `advance` moves the monotonic reading alone, and forward."""

    def __init__(self) -> None:
        super().__init__()
        self._skipped = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self._skipped

    def advance(self, seconds: float) -> None:
        self._skipped += seconds


@dataclass
class Places:
    """Counts the places a run passes; at one of them something happens, once."""

    happens: Callable[[], None] = lambda: None
    at: int | None = None
    passed: list[str] = field(default_factory=list)

    def reach(self, what: str) -> None:
        """The run is at its next place."""
        self.passed.append(what)
        if self.at == len(self.passed) - 1:
            self.happens()

    @property
    def happened(self) -> bool:
        """Whether the run came to the place where something was to happen."""
        return self.at is not None and self.at < len(self.passed)


class Rehearsal:
    """One practice of ten patients against a shared simulated Spine; `numbers` are theirs alone.

    With `application_reads` questions go on when the card session is over.
    """

    def __init__(
        self, folder: Path, simulator: SimulatorProcess, numbers: dict[str, str], *, application_reads: bool = False
    ) -> None:
        self.simulator = simulator
        self.numbers = numbers
        self.clock = RehearsalClock()
        rows = [a_patient(ref, nhs_number) for ref, nhs_number in numbers.items()]
        entries = [an_entry(ref, code) for ref in numbers for code in PEOPLE[ref][0]]
        self.database: PracticeDatabase = new_practice(folder, ListOf(rows, entries), self.clock)
        settings = SpineSettings(spine_url=simulator.spine, auth_url=simulator.auth)
        moves = SimulatedTime(self.clock)
        self.service = SignInService(settings, self.clock, moves.hear)
        self.reader = SimulatedReader(self.service)
        self.controls = SimulatedSpineControls(settings, simulator.simulation, self.clock, moves.hear_move)
        auth = AuthService(settings, self.clock, moves.hear)
        self.application = ApplicationAccess(auth, self.clock) if application_reads else None
        self.spine = RequestsSpine(settings, self.service, self.clock, moves.hear, self.application)
        self.queries = SqlRunQueries(self.database)
        self.places = Places()
        self.board: Callable[[], ProgressBoard] = ProgressBoard
        self._loop = LoopSettings(per_second=0.0, reads_need_card=not application_reads)
        self.began_at = len(simulator.history())
        self.session_seen_ending: datetime | None = None

    def close(self) -> None:
        """Give everything back, and put the time right."""
        self.database.close()
        self.simulator.clear_faults()
        self.simulator.move_clock(0)

    # --- what people do -----------------------------------------------------------------------------------------

    def sign_in(self, card: str = ALISON) -> CardSession:
        """Insert a card and sign in as the administrator it makes one."""
        self.reader.insert(card)
        return self.reader.sign_in(PASSCODE, ADMINISTRATOR_ROLE)

    def press(self, action: Action = Action.RUN) -> RunView:
        """Press it, and wait until its execution has ended."""
        return self.operator().execute(Press(FAMILY, action), StopToken(), self.board())

    def press_refused(self, action: Action) -> str:
        """Press it and be refused; the reason."""
        try:
            self.press(action)
        except Refused as refusal:
            return str(refusal)
        raise AssertionError("it was not refused")

    def operator(self) -> JobOperator:
        """A job operator as a program just started has it, its places counted."""
        places = self.places
        store: Any = FailingStore(
            SqlMigrationStore(self.database),
            lambda name, _: places.reach(f"before {name}") if name in _COUNTED else None,
            lambda name, _: places.reach(f"after {name}") if name in _COUNTED else None,
        )
        return JobOperator(
            store,
            self.queries,
            databases.lock_of(self.database, self.clock),
            _WatchedService(self.spine, places),
            self.reader,
            lambda: None,
            lambda: None,
            self.clock,
            OperatorSettings(frozenset({"B0062"}), True, "FRONT-DESK", self._loop),
            inline_senders(self.clock),  # type: ignore[arg-type]
        )

    # --- what befalls the session -------------------------------------------------------------------------------

    def end_session(self) -> None:
        """Time passes until a second after the session's end."""
        session = self.reader.current()
        assert session is not None
        self.controls.let_time_pass(session.time_left(self.clock.now()).total_seconds() + 1)

    def take_card_out(self) -> None:
        """The card is taken out of the reader."""
        self.reader.remove_card()

    def revoke(self) -> None:
        """The session is ended at the service; nobody here is told."""
        session = self.reader.current()
        assert session is not None
        self.controls.revoke_session(session.card_uid)

    # --- looking ------------------------------------------------------------------------------------------------

    def history(self) -> list[dict[str, Any]]:
        """What the Spine received about these patients, oldest first."""
        own = set(self.numbers.values())
        return [entry for entry in self.simulator.history() if entry["nhs_number"] in own]

    def sends(self) -> list[dict[str, Any]]:
        """The dissents among them."""
        return [entry for entry in self.history() if entry["method"] == "POST"]

    def executions(self) -> list[AnyRow]:
        """Every execution, oldest first."""
        return self.rows(select(execution).order_by(execution.c.id))

    def outcomes(self) -> dict[str, tuple[str, str | None, list[str]]]:
        """By patient: state, reason, and the codes of the record."""
        query = select(patient.c.patient_ref, item.c.state, item.c.reason).join_from(item, patient)
        return {
            row.patient_ref: (str(row.state), row.reason and str(row.reason), codes_of(self.database, row.patient_ref))
            for row in self.rows(query)
        }

    def actors(self) -> dict[str, set[str]]:
        """By patient: who the audit trail says changed something."""
        query = select(patient.c.patient_ref, audit_event.c.actor).where(audit_event.c.patient_id == patient.c.id)
        found: dict[str, set[str]] = {}
        for row in self.rows(query):
            found.setdefault(row.patient_ref, set()).add(row.actor)
        return found

    def rows(self, query: Any) -> list[AnyRow]:
        """What the database answers on a connection that is not the engine's."""
        with self.database.reading() as connection:
            return list(connection.execute(query))


_COUNTED = frozenset({"begin_run", "begin_execution", "commit", "end_execution"})


@dataclass
class _WatchedService:
    spine: RequestsSpine
    places: Places

    def connect(self, session_id: str) -> SpineConnection:
        return _WatchedConnection(self.spine.connect(session_id), self.places)


@dataclass
class _WatchedConnection:
    behind: SpineConnection
    places: Places

    def read_consent(self, nhs_number: str, ids: MessageIds) -> SpineAnswer:
        self.places.reach("before a read")
        answer = self.behind.read_consent(nhs_number, ids)
        self.places.reach("after a read")
        return answer

    def send_dissent(self, nhs_number: str, ids: MessageIds) -> SpineAnswer:
        self.places.reach("before a send")
        answer = self.behind.send_dissent(nhs_number, ids)
        self.places.reach("after a send")
        return answer

    def abort(self) -> None:
        self.behind.abort()

    def close(self) -> None:
        self.behind.close()


def received_at(entry: dict[str, Any]) -> datetime:
    """When the Spine received this, by its own time."""
    return datetime.fromisoformat(entry["at"]).astimezone(UTC)


def spine_lines(numbers: dict[str, str]) -> list[str]:
    """The lines of spine.csv for these patients."""
    return [f"{numbers[ref]},{'yes' if has_scr else 'no'},{held}\n" for ref, (_, has_scr, held) in PEOPLE.items()]
