"""The places at which a program can die over one patient, and the death at one of them."""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import Any

from sqlalchemy import select

from app.domain.states import IntentState
from app.engine.ports import MigrationStore
from app.engine.rows import Change
from app.engine.spine_port import MessageIds, SpineAnswer, SpineConnection, SpineService
from app.storage.tables import intent, patient
from tests.helpers.bench import Bench
from tests.helpers.failing_store import FailingStore, Killed


class Step(StrEnum):
    """What is done over one patient, in the order of the protocol."""

    READ = "the question to the Spine"
    A = "transaction A: decision, local changes, message prepared"
    B = "transaction B: attempt written, message in flight"
    POST = "the dissent on its way"
    C = "transaction C: attempt ended, outcome written"
    SETTLE_READ = "the question whether the dissent arrived"
    SETTLE = "the settlement written"


class KillPoint(Enum):
    """Just before or just after a step: the fourteen points."""

    BEFORE_READ = (Step.READ, False)
    AFTER_READ = (Step.READ, True)
    BEFORE_A = (Step.A, False)
    AFTER_A = (Step.A, True)
    BEFORE_B = (Step.B, False)
    AFTER_B = (Step.B, True)
    BEFORE_POST = (Step.POST, False)
    AFTER_POST = (Step.POST, True)
    BEFORE_C = (Step.C, False)
    AFTER_C = (Step.C, True)
    BEFORE_SETTLE_READ = (Step.SETTLE_READ, False)
    AFTER_SETTLE_READ = (Step.SETTLE_READ, True)
    BEFORE_SETTLE = (Step.SETTLE, False)
    AFTER_SETTLE = (Step.SETTLE, True)

    @property
    def step(self) -> Step:
        return self.value[0]

    @property
    def is_after(self) -> bool:
        return self.value[1]


class Killer:
    """Lets the program die when it comes to this point over this patient; `died` says whether it did.

    Put between the program and both its store and its Spine; from the death on neither does anything any more.
    """

    def __init__(self, bench: Bench, ref: str, point: KillPoint) -> None:
        self._point = point
        self._number = bench.numbers[ref]
        owner = select(patient.c.id).where(patient.c.patient_ref == ref)
        [(self._patient_id,)] = bench.rows(owner)
        unsettled = select(intent.c.id).where(
            intent.c.patient_id == self._patient_id,
            intent.c.state.in_((IntentState.UNKNOWN, IntentState.IN_FLIGHT)),
        )
        self._unknown = bool(bench.rows(unsettled))
        self._settling = False
        self.died = False

    def store(self, store: MigrationStore) -> Any:
        """This store, as long as the program lives."""
        return FailingStore(store, self._before_call, self._after_call)

    def service(self, service: SpineService) -> SpineService:
        """This Spine, as long as the program lives."""
        return _MortalService(service, self)

    def reach(self, step: Step, number: str, *, after: bool) -> None:
        """The program is about to make this step, or has just made it."""
        self.check_alive()
        if number == self._number and step is self._point.step and after is self._point.is_after:
            self.died = True
            raise Killed

    def check_alive(self) -> None:
        """The dead do nothing."""
        if self.died:
            raise Killed

    def read_step(self, number: str) -> Step:
        """Which of the two questions is asked of this patient now."""
        settling = number == self._number and self._unknown
        self._settling = self._settling or settling
        return Step.SETTLE_READ if settling else Step.READ

    def _before_call(self, name: str, arguments: tuple[Any, ...]) -> None:
        self.check_alive()
        for step in self._steps(name, arguments):
            self.reach(step, self._number, after=False)

    def _after_call(self, name: str, arguments: tuple[Any, ...]) -> None:
        steps = self._steps(name, arguments)
        for change in self._own(name, arguments):
            self._note(change)
        for step in steps:
            self.reach(step, self._number, after=True)

    def _own(self, name: str, arguments: tuple[Any, ...]) -> list[Change]:
        return [change for change in arguments[1] if change.patient_id == self._patient_id] if name == "commit" else []

    def _steps(self, name: str, arguments: tuple[Any, ...]) -> list[Step]:
        return [step for change in self._own(name, arguments) for step in self._steps_of(change)]

    def _steps_of(self, change: Change) -> list[Step]:
        if change.attempt_end is not None:
            return [Step.C]
        steps = []
        if self._settling:
            steps.append(Step.SETTLE)
        elif change.new_intent is not None or (change.intent is None and not self._unknown):
            steps.append(Step.A)
        if change.new_attempt is not None:
            steps.append(Step.B)
        return steps

    def _note(self, change: Change) -> None:
        self._settling = False
        if change.intent is not None:
            self._unknown = change.intent.state is IntentState.UNKNOWN


class _MortalService:
    def __init__(self, service: SpineService, killer: Killer) -> None:
        self._service = service
        self._killer = killer

    def connect(self, session_id: str) -> SpineConnection:
        return _MortalConnection(self._service.connect(session_id), self._killer)


class _MortalConnection:
    def __init__(self, connection: SpineConnection, killer: Killer) -> None:
        self._connection = connection
        self._killer = killer

    def read_consent(self, nhs_number: str, ids: MessageIds) -> SpineAnswer:
        step = self._killer.read_step(nhs_number)
        self._killer.reach(step, nhs_number, after=False)
        answer = self._connection.read_consent(nhs_number, ids)
        self._killer.reach(step, nhs_number, after=True)
        return answer

    def send_dissent(self, nhs_number: str, ids: MessageIds) -> SpineAnswer:
        self._killer.reach(Step.POST, nhs_number, after=False)
        answer = self._connection.send_dissent(nhs_number, ids)
        self._killer.reach(Step.POST, nhs_number, after=True)
        return answer

    def abort(self) -> None:
        self._connection.abort()

    def close(self) -> None:
        self._connection.close()
