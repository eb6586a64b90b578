"""The senders: threads that make one HTTP exchange at a time and hand every answer to one inbox.

A sender knows nothing of the database. An exchange that outlives its deadline is given up: its sender is replaced
and whatever it still brings is dropped.
"""

from __future__ import annotations

import logging
import math
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from app.domain.states import StopReason
from app.engine.faults import told_safely
from app.engine.spine_port import AnswerKind, MessageIds, SpineAnswer, SpineConnection

_log = logging.getLogger(__name__)

_GRACE_SECONDS = 1.0
"""The client ends an exchange at its own deadline; only one that does not is given up here, this much later."""


class Operation(Enum):
    """What an exchange asks of the Spine."""

    READ = "read"
    SEND = "send"


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request to make, for one item. `is_late` says, just before the first byte, that it must not leave any more;
    it is asked by the sender's thread.
    """

    item_id: int
    operation: Operation
    nhs_number: str
    ids: MessageIds
    is_late: Callable[[], bool] = field(default=_never, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Answered:
    """An exchange and what came of it."""

    exchange: Exchange
    answer: SpineAnswer


class Senders(Protocol):
    """Whoever makes the exchanges. Used by the loop's thread alone, but for `wake`."""

    @property
    def idle(self) -> int:
        """How many exchanges more can be made at this time."""

    def submit(self, exchange: Exchange) -> None:
        """Have an exchange made; the caller has seen to it that somebody is idle."""

    def receive(self, patience: float) -> list[Answered]:
        """What has come back, waiting up to `patience` seconds for the first; each exchange comes back once."""

    def give_up(self) -> None:
        """Wait no longer for what is under way: a read told nothing, a send is unknown."""

    def wake(self) -> None:
        """Have the loop stop waiting, from any thread."""

    def close(self) -> None:
        """Begin nothing more and cut what is under way; the caller has waited for what matters."""


Connect = Callable[[], SpineConnection]
"""How a sender comes by its connection."""

AskGate = Callable[[Operation], StopReason | None]
"""Why an exchange of this kind may not be begun now, None while it may."""


class MakeSenders(Protocol):
    """How senders are made: `gate` is asked before the first byte of each exchange, `monotonic` gives seconds."""

    def __call__(
        self,
        connect: Connect,
        size: int,
        deadline: float,
        gate: AskGate,
        monotonic: Callable[[], float],
    ) -> Senders:
        """`size` senders, none of whose exchanges lasts longer than `deadline` seconds."""


class SenderPool:
    """`Senders` with a thread and a connection each."""

    def __init__(
        self,
        connect: Connect,
        size: int,
        deadline: float,
        gate: AskGate,
        monotonic: Callable[[], float],
    ) -> None:
        self._connect = connect
        self._deadline = deadline + _GRACE_SECONDS
        self._gate = gate
        self._monotonic = monotonic
        self._inbox: queue.SimpleQueue[Answered | None] = queue.SimpleQueue()
        self._made = 0
        self._idle = [self._new_sender() for _ in range(size)]
        self._busy: dict[str, _Sender] = {}

    @property
    def idle(self) -> int:
        """How many senders wait for work."""
        return len(self._idle)

    def submit(self, exchange: Exchange) -> None:
        """Give an exchange to an idle sender."""
        sender = self._idle.pop()
        self._busy[exchange.ids.correlation_id] = sender
        sender.begin(exchange, self._monotonic())

    def receive(self, patience: float) -> list[Answered]:
        """Every answer that has arrived, and one for each exchange that is past its deadline."""
        answered = self._given_up()
        wait = 0.0 if answered else patience
        while True:
            try:
                arrived = self._inbox.get(timeout=wait)
            except queue.Empty:
                return answered
            wait = 0.0
            if arrived is not None and self._accept(arrived):
                answered.append(arrived)

    def give_up(self) -> None:
        """Have `receive` answer for every exchange under way as for one that is past its deadline."""
        for sender in self._busy.values():
            sender.began_at = -math.inf

    def wake(self) -> None:
        """Have `receive` return at once."""
        self._inbox.put(None)

    def close(self) -> None:
        """Let every sender end, those at work as soon as their exchange is cut."""
        senders = (*self._idle, *self._busy.values())
        for sender in senders:
            sender.end()
        for sender in senders:
            sender.thread.join(_GRACE_SECONDS)
        self._idle.clear()
        self._busy.clear()

    def _accept(self, answered: Answered) -> bool:
        """Take note that an answer arrived; False when its exchange was given up before, and it must be dropped."""
        sender = self._busy.pop(answered.exchange.ids.correlation_id, None)
        if sender is None:
            return False
        self._idle.append(sender)
        return True

    def _given_up(self) -> list[Answered]:
        """Give up every exchange past its deadline, and answer for it: a read told nothing, a send is unknown."""
        now = self._monotonic()
        late = [sender for sender in self._busy.values() if now - sender.began_at >= self._deadline]
        answered = []
        for sender in late:
            _log.warning("An exchange outlived its deadline and was given up; its sender is replaced.")
            exchange = sender.exchange
            del self._busy[exchange.ids.correlation_id]
            sender.end()
            answered.append(Answered(exchange, _lost(exchange.operation)))
            self._idle.append(self._new_sender())
        return answered

    def _new_sender(self) -> _Sender:
        self._made += 1
        return _Sender(self._made, self._connect, self._gate, self._inbox)


class _Sender:
    """One thread with one connection. `exchange` is the latest it was given, `began_at` when, in monotonic seconds."""

    exchange: Exchange

    def __init__(
        self,
        number: int,
        connect: Connect,
        gate: AskGate,
        inbox: queue.SimpleQueue[Answered | None],
    ) -> None:
        self._connect = connect
        self._gate = gate
        self._inbox = inbox
        self._tasks: queue.SimpleQueue[Exchange | None] = queue.SimpleQueue()
        self._connection: SpineConnection | None = None
        self._ended = False
        self.began_at = 0.0
        self.thread = threading.Thread(target=self._serve, name=f"sender-{number}", daemon=True)
        self.thread.start()

    def begin(self, exchange: Exchange, now: float) -> None:
        """Make this exchange."""
        self.exchange = exchange
        self.began_at = now
        self._tasks.put(exchange)

    def end(self) -> None:
        """Cut the exchange in hand, begin none any more, and let the thread go."""
        self._ended = True
        if self._connection is not None:
            self._connection.abort()
        self._tasks.put(None)

    def _serve(self) -> None:
        while (exchange := self._tasks.get()) is not None:
            self._inbox.put(Answered(exchange, self._answer(exchange)))
        if self._connection is not None:
            self._connection.close()

    def _answer(self, exchange: Exchange) -> SpineAnswer:
        begun = False
        try:
            if self._gate(exchange.operation) is not None or self._ended or exchange.is_late():
                return SpineAnswer(AnswerKind.NOT_SENT)
            if self._connection is None:
                self._connection = self._connect()
            begun = True
            if exchange.operation is Operation.READ:
                return self._connection.read_consent(exchange.nhs_number, exchange.ids)
            return self._connection.send_dissent(exchange.nhs_number, exchange.ids)
        except Exception as fault:  # noqa: BLE001 - whatever a sender meets, the patient's answer must arrive
            _log.error("A sender met an unexpected %s.", told_safely(fault))
            return _lost(exchange.operation) if begun else SpineAnswer(AnswerKind.NO_CONNECTION)


def _lost(operation: Operation) -> SpineAnswer:
    """What is known of an exchange that was begun and brought no answer."""
    return SpineAnswer(AnswerKind.UNAVAILABLE if operation is Operation.READ else AnswerKind.UNKNOWN)
