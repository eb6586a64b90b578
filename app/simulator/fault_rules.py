"""One scripted fault: which requests it is for, which of those it strikes, and what it does to them.

Everything is decided from the order of the matching requests and the seed, so the same requests meet the same
faults again. A draw with a probability looks at the patient's own count, so it does not depend on the order in which
requests about different patients arrive.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING

from app.simulator.call import Call, Operation

if TYPE_CHECKING:
    from app.simulator.fault_answers import FaultAnswer

_DRAW_BYTES = 8


class Delivery(Enum):
    """How an answer goes out."""

    WHOLE = auto()
    LOST = auto()
    """Not at all: the connection is reset."""
    TRUNCATED = auto()
    """With a Content-Length greater than the body, and the connection closed after it."""
    SLOW_HEADERS = auto()
    SLOW_BODY = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What happens to a request.

    `delay_seconds` comes before anything else. `handles` tells whether the request is carried out as usual;
    `answer`, when there is one, is given in place of the usual one. A change is carried out `late_seconds` after
    the answer instead of before it. A slow delivery sends `chunk_bytes` every `interval_seconds`. Late is meant in
    the simulated time; delays and intervals are the network's, in the machine's time.
    """

    delay_seconds: float = 0
    handles: bool = True
    answer: FaultAnswer | None = None
    late_seconds: float | None = None
    delivery: Delivery = Delivery.WHOLE
    interval_seconds: float = 0
    chunk_bytes: int = 1


AS_USUAL = Action()


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Which requests a rule is for, and which of them, counted in order of arrival, it strikes.

    No condition given means every one. `per_patient` counts each patient's requests apart.
    """

    operations: frozenset[Operation] = frozenset(Operation)
    method: str | None = None
    nhs_numbers: frozenset[str] | None = None
    nth: frozenset[int] | None = None
    first: int | None = None
    every: int | None = None
    probability: float | None = None
    per_patient: bool = False

    def is_for(self, call: Call) -> bool:
        """Whether the request is one of those the rule counts."""
        return (
            call.operation in self.operations
            and self.method in (None, call.method)
            and (self.nhs_numbers is None or call.nhs_number in self.nhs_numbers)
        )

    def strikes(self, count: int, draw: float) -> bool:
        """Whether the count-th such request is struck, given a draw from [0, 1)."""
        return (
            (self.nth is None or count in self.nth)
            and (self.first is None or count <= self.first)
            and (self.every is None or count % self.every == 0)
            and (self.probability is None or draw < self.probability)
        )


@dataclass(slots=True)
class Rule:
    """One scripted fault with what it has met so far. `lasts` is how many seconds it is in force, None for ever."""

    match: Match
    action: Action
    times: int | None
    seed: str
    lasts: float | None = None
    matched: int = 0
    fired: int = 0
    _per_patient: Counter[str] = field(default_factory=Counter)

    def meets(self, call: Call, age: float) -> bool:
        """Count a request; tell whether it is struck, if the rule has strikes left. `age` is that of the script."""
        if not self.match.is_for(call) or (self.lasts is not None and age >= self.lasts):
            return False
        self.matched += 1
        patient = call.nhs_number or ""
        self._per_patient[patient] += 1
        own_count = self._per_patient[patient]
        count = own_count if self.match.per_patient else self.matched
        spent = self.times is not None and self.fired >= self.times
        return not spent and self.match.strikes(count, _draw(f"{self.seed}/{patient}/{own_count}"))


def _draw(text: str) -> float:
    """A number in [0, 1) that the text alone decides."""
    digest = hashlib.blake2b(text.encode(), digest_size=_DRAW_BYTES).digest()
    return int.from_bytes(digest, "big") / float(1 << 8 * _DRAW_BYTES)
