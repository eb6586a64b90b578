"""The sender pool: threads that make one HTTP exchange at a time and hand every answer to one inbox.

A sender knows nothing of the database. An exchange that outlives its deadline is given up: its sender is replaced
and whatever it still brings is dropped.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from app.domain.states import StopReason
from app.engine.spine_port import AnswerKind, MessageIds, SpineAnswer, SpineConnection, SpineService

_log = logging.getLogger(__name__)

_GRACE_SECONDS = 1.0
"""The client ends an exchange at its own deadline; only one that does not is given up here, this much later."""


class Operation(Enum):
    """What an exchange asks of the Spine."""

    READ = "read"
    SEND = "send"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request to make, for one item."""

    item_id: int
    operation: Operation
    nhs_number: str
    ids: MessageIds


@dataclass(frozen=True, slots=True)
class Answered:
    """An exchange and what came of it."""

    exchange: Exchange
    answer: SpineAnswer


class _Sender:
    """One thread with one connection; `started` is when its exchange began, on the monotonic clock."""

    def __init__(self, number: int, pool: SenderPool) -> None:
        self.tasks: queue.SimpleQueue[Exchange | None] = queue.SimpleQueue()
        self.exchange: Exchange | None = None
        self.started = 0.0
        self.connection: SpineConnection | None = None
        self.thread = threading.Thread(target=pool._serve, args=(self,), name=f"sender-{number}", daemon=True)


class SenderPool:
    """Hands exchanges to idle senders. Used by one thread, the loop's; answers arrive in `inbox`.

    `gate` is asked by the sender once more before the first byte.
    """

    def __init__(
        self,
        service: SpineService,
        size: int,
        deadline: float,
        gate: Callable[[], StopReason | None],
        inbox: queue.SimpleQueue[Answered | None],
        monotonic: Callable[[], float],
    ) -> None:
        self._service = service
        self._deadline = deadline + _GRACE_SECONDS
        self._gate = gate
        self._inbox = inbox
        self._monotonic = monotonic
        self._made = 0
        self._idle: list[_Sender] = []
        self._busy: dict[str, _Sender] = {}
        for _ in range(size):
            self._idle.append(self._new_sender())

    @property
    def idle(self) -> int:
        """How many senders wait for work."""
        return len(self._idle)

    @property
    def busy(self) -> int:
        """How many exchanges are under way."""
        return len(self._busy)

    def submit(self, exchange: Exchange) -> None:
        """Give an exchange to an idle sender; the caller has seen to it that there is one."""
        sender = self._idle.pop()
        sender.exchange = exchange
        sender.started = self._monotonic()
        self._busy[exchange.ids.correlation_id] = sender
        sender.tasks.put(exchange)

    def accept(self, answered: Answered) -> bool:
        """Take note that an answer arrived; False when its exchange was given up before, and it must be dropped."""
        sender = self._busy.pop(answered.exchange.ids.correlation_id, None)
        if sender is None:
            return False
        sender.exchange = None
        self._idle.append(sender)
        return True

    def overdue(self) -> list[Answered]:
        """Give up every exchange past its deadline, and answer for it: a read told nothing, a send is unknown."""
        now = self._monotonic()
        given_up = []
        for correlation_id, sender in list(self._busy.items()):
            if now - sender.started < self._deadline or sender.exchange is None:
                continue
            del self._busy[correlation_id]
            _log.warning("An exchange outlived its deadline and was given up; its sender is replaced.")
            given_up.append(Answered(sender.exchange, _gave_up(sender.exchange.operation)))
            if sender.connection is not None:
                sender.connection.abort()
            sender.tasks.put(None)
            self._idle.append(self._new_sender())
        return given_up

    def seconds_to_deadline(self) -> float | None:
        """Until the oldest exchange under way must be given up; None when there is none."""
        if not self._busy:
            return None
        oldest = min(sender.started for sender in self._busy.values())
        return max(0.0, oldest + self._deadline - self._monotonic())

    def close(self) -> None:
        """Let every sender end. Exchanges still under way are cut; the caller has waited for those that matter."""
        for sender in self._busy.values():
            if sender.connection is not None:
                sender.connection.abort()
        for sender in (*self._idle, *self._busy.values()):
            sender.tasks.put(None)
        for sender in self._idle:
            sender.thread.join(_GRACE_SECONDS)
        self._idle.clear()
        self._busy.clear()

    def _new_sender(self) -> _Sender:
        self._made += 1
        sender = _Sender(self._made, self)
        sender.thread.start()
        return sender

    def _serve(self, sender: _Sender) -> None:
        connection = self._service.connect()
        sender.connection = connection
        try:
            while (exchange := sender.tasks.get()) is not None:
                self._inbox.put(Answered(exchange, self._make(connection, exchange)))
        finally:
            connection.close()

    def _make(self, connection: SpineConnection, exchange: Exchange) -> SpineAnswer:
        if self._gate() is not None:
            return SpineAnswer(AnswerKind.NOT_SENT)
        try:
            if exchange.operation is Operation.READ:
                return connection.read_consent(exchange.nhs_number, exchange.ids)
            return connection.send_dissent(exchange.nhs_number, exchange.ids)
        except Exception as fault:  # noqa: BLE001 - whatever a sender meets, the patient's answer must arrive
            # The text of a foreign exception may hold the address, and with it the NHS number: only its class is kept.
            _log.error("A sender met an unexpected %s.", type(fault).__name__)
            return _gave_up(exchange.operation)


def _gave_up(operation: Operation) -> SpineAnswer:
    return SpineAnswer(AnswerKind.UNAVAILABLE if operation is Operation.READ else AnswerKind.UNKNOWN)
