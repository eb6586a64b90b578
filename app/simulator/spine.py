"""One simulated Spine, without HTTP: a request is noted, meets its fault if one is scripted, and gets its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from app.simulator.answer import Answer, service_error
from app.simulator.cards import CardRights
from app.simulator.control import OFFSET, Control
from app.simulator.document_reference import DocumentReference
from app.simulator.fault_answers import FaultContext
from app.simulator.fault_rules import Action, Delivery
from app.simulator.faults import Faults
from app.simulator.gateway import ROLE_HEADER, Gateway
from app.simulator.history import Entry, History
from app.simulator.options import AUTH_PATH, FHIR_PATH, Addresses, SimulatorOptions
from app.simulator.patients import Change, Patients
from app.simulator.service import Handled, Service
from app.simulator.sessions import Sessions
from app.simulator.set_permission import SetPermission
from app.simulator.signin import SignIn
from app.simulator.spinetime import SpineTime

if TYPE_CHECKING:
    from app.clock import SystemClock
    from app.simulator.call import Call
    from app.simulator.journal import Journal

_HEALTH_CHECKS = ("/healthcheck", f"{FHIR_PATH}/healthcheck")


class SimulatedSpine:
    """Everything behind the addresses of one simulated Spine; lives on one event loop.

    Raises SimulatorError when the spine.csv to load, or what the journal holds, cannot be used.
    """

    def __init__(
        self,
        options: SimulatorOptions,
        addresses: Addresses,
        clock: SystemClock,
        journal: Journal,
    ) -> None:
        self._addresses = addresses
        self._latency = options.latency_ms / 1000
        self._time = SpineTime(clock)
        self._journal = journal
        self._history = History(self._journal, self._time)
        self._patients = Patients(self._journal)
        self._faults = Faults(self._time.monotonic)
        sessions = Sessions(self._journal, self._time)
        cards = CardRights()
        self._sign_in = SignIn(sessions, cards)
        self._gateway = Gateway(sessions, self._time, self._faults, rate=options.rate, sandbox=options.sandbox)
        self._service = Service(
            self._patients,
            SetPermission(self._patients, self._faults),
            DocumentReference(self._patients, addresses.spine, options.dissent_shape),
        )
        self.control = Control(self._journal, self._history, self._patients, self._faults, cards, self._time)
        self._late: set[asyncio.Task[None]] = set()
        for (offset,) in self._journal.rows(OFFSET):
            self._time.move(float(offset))
        if options.load is not None:
            self._patients.load(options.load)

    async def close(self) -> None:
        """Let go of changes still to come."""
        for task in self._late:
            task.cancel()
        await asyncio.gather(*self._late, return_exceptions=True)

    async def respond(self, call: Call, caller_waits: Callable[[], bool]) -> tuple[Answer | None, Action]:
        """The answer to a request, None for none, and how it is to be delivered.

        A caller that no longer waits gets none, but the request is carried out all the same. Both the request and
        what it changed are durable when this comes back.
        """
        entry = self._history.receive(call)
        action = self._faults.decide(call)
        if action.delay_seconds:
            await asyncio.sleep(action.delay_seconds)
        answer = await self._handle(entry, action.late_seconds) if action.handles else None
        if action.answer is not None:
            answer = action.answer(self._context(call))
        if action.delivery is Delivery.LOST or not caller_waits():
            answer = None
        await self._finish(entry, answer)
        return answer.with_headers(self._time.mark()) if answer else None, action

    async def refuse(self, call: Call, answer: Answer) -> None:
        """Note a request that gets this answer without being looked at."""
        await self._finish(self._history.receive(call), answer)

    async def _finish(self, entry: Entry, answer: Answer | None) -> None:
        entry.status = answer.status if answer else None
        self._history.note(entry)
        await self._journal.committed()

    async def _handle(self, entry: Entry, late_seconds: float | None) -> Answer:
        """Carry a request out, its change later when so asked."""
        handled = await self._route(entry.call)
        if handled.change is not None:
            if late_seconds is None:
                self._carry_out(handled.change, entry)
            else:
                self._carry_out_later(handled.change, entry, late_seconds)
        return handled.answer

    async def _route(self, call: Call) -> Handled:
        if call.path in _HEALTH_CHECKS:
            return self._service.handle(call, None)
        if call.path.startswith(f"{AUTH_PATH}/"):
            return Handled(self._sign_in.handle(call))
        if not call.path.startswith(f"{FHIR_PATH}/"):
            return Handled(service_error(404, "not-found", f"{call.path} not found"))
        admitted = self._gateway.admit(call)
        if isinstance(admitted, Answer):
            return Handled(admitted)
        if self._latency:
            await asyncio.sleep(self._latency)
        return self._service.handle(call, admitted.role_id)

    def _carry_out(self, change: Change, entry: Entry) -> None:
        self._patients.carry_out(change)
        entry.applied = True
        self._history.note(entry)

    def _carry_out_later(self, change: Change, entry: Entry, seconds: float) -> None:
        due = self._time.now() + timedelta(seconds=seconds)
        task = asyncio.get_running_loop().create_task(self._land(change, entry, due))
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    async def _land(self, change: Change, entry: Entry, due: datetime) -> None:
        await self._time.wait_until(due)
        repeated = self._patients.has_carried_out_request(change.request_id)
        if not (repeated and self._faults.skip_repeated_request):
            self._carry_out(change, entry)

    def _context(self, call: Call) -> FaultContext:
        patient = self._patients.find(call.nhs_number) if call.nhs_number else None
        return FaultContext(
            self._addresses,
            self._time.now(),
            call.nhs_number,
            patient.label if patient else "Ask",
            call.headers.get(ROLE_HEADER),
        )
