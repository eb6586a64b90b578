"""The senders: threads that make one HTTP exchange at a time and hand every answer to one inbox.

A sender knows nothing of the database. An exchange that outlives its deadline is given up: its sender is replaced
and whatever it still brings is dropped. Where nothing spaces the requests, some exchanges wait in the pool for a
sender, so that none stands idle while the loop commits; but an answer that may be about everybody is judged first.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from contextlib import suppress

from app.engine.faults import told_safely
from app.engine.senders import Answered, AskGate, Connect, Exchange, Operation
from app.engine.spine_port import AnswerKind, SpineAnswer, SpineConnection

_log = logging.getLogger(__name__)

AHEAD = 3
"""How many exchanges a sender, at the most, wait for one to be idle."""

_ABOUT_THE_PATIENT = frozenset({AnswerKind.CONSENT, AnswerKind.ACCEPTED, AnswerKind.REJECTED})
"""Answers that are no reason to ask others less."""

_GRACE_SECONDS = 1.0
"""The client ends an exchange at its own deadline; only one that does not is given up here, this much later."""


class _Post:
    """What goes to the senders and what comes back from them.

    After an answer that may be about everybody (an outage, a refusal, "too fast") nothing that waits is begun until the
    loop has had that answer: it is handed back as not sent.
    """

    def __init__(self) -> None:
        self.out: queue.SimpleQueue[Exchange | None] = queue.SimpleQueue()
        self._back: queue.SimpleQueue[Answered | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._unjudged = 0

    @property
    def is_held(self) -> bool:
        """Whether an answer that may be about everybody has yet to be judged."""
        return self._unjudged > 0

    def bring(self, answered: Answered) -> None:
        """Hand back what a sender made."""
        self._count(answered, +1)
        self._back.put(answered)

    def hand_back(self, exchange: Exchange) -> None:
        """Hand back what was never begun."""
        self._back.put(_not_sent(exchange))

    def wake(self) -> None:
        """Have `fetch` return."""
        self._back.put(None)

    def fetch(self, patience: float) -> Answered | None:
        """The next answer; None for a wake. Raises `queue.Empty` after this many seconds."""
        arrived = self._back.get(timeout=patience)
        if arrived is not None:
            self._count(arrived, -1)
        return arrived

    def _count(self, answered: Answered, step: int) -> None:
        kind = answered.answer.kind
        if kind is not AnswerKind.NOT_SENT and kind not in _ABOUT_THE_PATIENT:
            with self._lock:
                self._unjudged += step


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
        self._size = size
        self._deadline = deadline + _GRACE_SECONDS
        self._gate = gate
        self._monotonic = monotonic
        self._post = _Post()
        self._in_hand: set[str] = set()
        """Correlation ids of the exchanges that are to come back."""
        self._made = 0
        self._senders = [self._new_sender() for _ in range(size)]

    @property
    def idle(self) -> int:
        """How many senders wait for work."""
        return max(0, self._size - len(self._in_hand))

    @property
    def room(self) -> int:
        """How many exchanges more may be handed in, to be made now or to wait for a sender."""
        return self._size * (1 + AHEAD) - len(self._in_hand)

    def submit(self, exchange: Exchange) -> None:
        """Have an exchange made by the next sender that is idle."""
        self._in_hand.add(exchange.ids.correlation_id)
        self._post.out.put(exchange)

    def receive(self, patience: float) -> list[Answered]:
        """Every answer that has arrived, and one for each exchange that is past its deadline."""
        answered = self._given_up()
        wait = 0.0 if answered else patience
        while True:
            try:
                arrived = self._post.fetch(wait)
            except queue.Empty:
                return answered
            wait = 0.0
            if arrived is not None and self._accept(arrived):
                answered.append(arrived)

    def give_up(self) -> None:
        """Have `receive` answer for every exchange under way as for one that is past its deadline, and for every other
        that it was not sent.
        """
        self._deadline = -1.0
        with suppress(queue.Empty):
            while (exchange := self._post.out.get_nowait()) is not None:
                self._post.hand_back(exchange)

    def wake(self) -> None:
        """Have `receive` return at once."""
        self._post.wake()

    def close(self) -> None:
        """Let every sender end, those at work as soon as their exchange is cut."""
        for sender in self._senders:
            sender.end()
        for _ in self._senders:
            self._post.out.put(None)
        for sender in self._senders:
            sender.thread.join(_GRACE_SECONDS)
        self._size = 0
        self._senders.clear()
        self._in_hand.clear()

    def _accept(self, answered: Answered) -> bool:
        """Take note that an answer arrived; False when its exchange was given up before, and it must be dropped."""
        correlation_id = answered.exchange.ids.correlation_id
        if correlation_id not in self._in_hand:
            return False
        self._in_hand.remove(correlation_id)
        return True

    def _given_up(self) -> list[Answered]:
        """Give up every exchange past its deadline, and answer for it: a read told nothing, a send is unknown."""
        began_before = self._monotonic() - self._deadline
        answered = []
        for place, sender in enumerate(self._senders):
            exchange = sender.end_if_begun_by(began_before)
            if exchange is None:
                continue
            _log.warning("An exchange outlived its deadline and was given up; its sender is replaced.")
            self._senders[place] = self._new_sender()
            given_up = Answered(exchange, _lost(exchange.operation))
            if self._accept(given_up):
                answered.append(given_up)
        return answered

    def _new_sender(self) -> _Sender:
        self._made += 1
        return _Sender(self._made, self._connect, self._gate, self._monotonic, self._post)


class _Sender:
    """One thread with one connection, which makes what waits for it, one exchange at a time."""

    def __init__(
        self,
        number: int,
        connect: Connect,
        gate: AskGate,
        monotonic: Callable[[], float],
        post: _Post,
    ) -> None:
        self._connect = connect
        self._gate = gate
        self._monotonic = monotonic
        self._post = post
        self._connection: SpineConnection | None = None
        self._lock = threading.Lock()
        self._at_work: tuple[Exchange, float] | None = None
        """The exchange in hand and when it was begun, in monotonic seconds."""
        self._ended = False
        self.thread = threading.Thread(target=self._serve, name=f"sender-{number}", daemon=True)
        self.thread.start()

    def end(self) -> None:
        """Cut the exchange in hand and begin none any more."""
        with self._lock:
            self._cut()

    def end_if_begun_by(self, moment: float) -> Exchange | None:
        """End where the exchange in hand was begun at this moment or before; returns that exchange."""
        with self._lock:
            if self._at_work is None or self._at_work[1] > moment:
                return None
            self._cut()
            return self._at_work[0]

    def _cut(self) -> None:
        self._ended = True
        if self._connection is not None:
            self._connection.abort()

    def _serve(self) -> None:
        while not self._ended and (exchange := self._post.out.get()) is not None:
            if self._post.is_held:
                self._post.hand_back(exchange)
                continue
            with self._lock:
                self._at_work = exchange, self._monotonic()
            answer = self._answer(exchange)
            with self._lock:
                self._at_work = None
            self._post.bring(Answered(exchange, answer))
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


def _not_sent(exchange: Exchange) -> Answered:
    """What is known of an exchange that was never begun."""
    return Answered(exchange, SpineAnswer(AnswerKind.NOT_SENT))


def _lost(operation: Operation) -> SpineAnswer:
    """What is known of an exchange that was begun and brought no answer."""
    return SpineAnswer(AnswerKind.UNAVAILABLE if operation is Operation.READ else AnswerKind.UNKNOWN)
