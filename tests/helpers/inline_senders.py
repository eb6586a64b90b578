"""Senders without threads on a clock that stands still: waiting moves it, and every schedule can be had again."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from app.engine.senders import Answered, AskGate, Connect, Exchange, MakeSenders, Operation
from app.engine.spine_port import AnswerKind, SpineAnswer, SpineConnection
from tests.helpers.clocks import ManualClock

MOST_TURNS = 100_000
LATENCY = 0.02
LONGEST_LEAP = 20.0
"""Seconds that a computer which leaps over idle time is ever late."""


class InlineSenders:
    """`Senders` that make an exchange the moment they are given it; what came of it waits to be received.

    So nothing that should have happened before a send can happen after it unseen. `order` says which answer comes back
    first; without it the one to the exchange that left first does. With `leaps` each wait in a row is twice as long as
    the one before, as on a computer that is late: a settle time then takes a few turns of the loop and not a thousand.
    """

    def __init__(
        self,
        connect: Connect,
        size: int,
        gate: AskGate,
        clock: ManualClock,
        order: Random | None = None,
        *,
        leaps: bool = False,
    ) -> None:
        self._gate = gate
        self._clock = clock
        self._order = order
        self._leaps = leaps
        self._leap = 0.0
        self._size = size
        self._connection: SpineConnection = connect()
        self._under_way: list[Answered] = []
        self._woken = False
        self._turns = 0
        self.most_under_way = 0

    @property
    def idle(self) -> int:
        return self._size - len(self._under_way)

    @property
    def room(self) -> int:
        return self.idle

    def submit(self, exchange: Exchange) -> None:
        assert self.idle > 0
        self._under_way.append(Answered(exchange, self._answer(exchange)))
        self.most_under_way = max(self.most_under_way, len(self._under_way))

    def receive(self, patience: float) -> list[Answered]:
        self._turns += 1
        assert self._turns < MOST_TURNS, "the loop does not come to its end"
        if self._woken:
            self._woken = False
            return []
        if not self._under_way:
            self._leap = min(2 * self._leap + 0.05, LONGEST_LEAP) if self._leaps else 0.0
            self._clock.advance(max(patience, self._leap, 0.001))
            return []
        self._leap = 0.0
        self._clock.advance(LATENCY)
        place = self._order.randrange(len(self._under_way)) if self._order else 0
        return [self._under_way.pop(place)]

    def give_up(self) -> None:
        """Every answer is here already."""

    def wake(self) -> None:
        self._woken = True

    def close(self) -> None:
        self._under_way.clear()

    def _answer(self, exchange: Exchange) -> SpineAnswer:
        if self._gate(exchange.operation) is not None or exchange.is_late():
            return SpineAnswer(AnswerKind.NOT_SENT)
        if exchange.operation is Operation.READ:
            return self._connection.read_consent(exchange.nhs_number, exchange.ids)
        return self._connection.send_dissent(exchange.nhs_number, exchange.ids)


def inline_senders(clock: ManualClock, order: Random | None = None, *, leaps: bool = False) -> MakeSenders:
    """How a job operator makes them."""

    def make(
        connect: Connect,
        size: int,
        deadline: float,
        gate: AskGate,
        monotonic: Callable[[], float],
    ) -> InlineSenders:
        return InlineSenders(connect, size, gate, clock, order, leaps=leaps)

    return make
