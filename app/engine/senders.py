"""The senders as the loop has them: exchanges go out, answers come back, each exactly once.

Who makes the exchanges, and how, is in `sender_pool`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from app.domain.states import StopReason
from app.engine.spine_port import MessageIds, SpineAnswer, SpineConnection


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

    @property
    def room(self) -> int:
        """How many more may be submitted, most of them to wait for somebody idle: for whoever need not say when."""

    def submit(self, exchange: Exchange) -> None:
        """Have an exchange made; the caller has seen to it that somebody is idle, or that there is room."""

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
