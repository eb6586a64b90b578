"""A practice begun, stopped early, and gone on with to its end: `python -m …going_on FOLDER SPINE AUTH`.

The last line of stdout is a `Gone` as a JSON object. Times are those of the second execution.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from bisect import bisect_left, bisect_right
from dataclasses import asdict, dataclass
from pathlib import Path

from app.bootstrap.product import Product
from app.domain.actions import CONSENT_MIGRATION, Action
from app.domain.states import StopReason
from app.engine.control import StopToken
from app.engine.operator import Press
from app.engine.progress import ProgressBoard, Snapshot
from tests.benchmarks.contenders.product import press, signed_in_at
from tests.benchmarks.memory import peak_bytes

BEGUN = 200
"""Patients done before the first execution is stopped."""

EARLY = 0.1
"""Where the early tenth begins: after the dissenters, who come first and cost a message more."""


@dataclass(frozen=True, slots=True)
class Gone:
    """Milliseconds a patient, of all and of a tenth each; until the first request; bytes of memory at the most."""

    a_patient_ms: float
    early_ms: float
    late_ms: float
    resumed_ms: float
    peak: int


class Timed(ProgressBoard):
    """Takes down when how many were done, and when the Spine was first asked."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[int] = []
        self.at: list[float] = []
        self.asked_at = 0.0
        self._asked_before: int | None = None
        self.begun = threading.Event()

    def publish(self, snapshot: Snapshot) -> None:
        """Keep it as every board does."""
        super().publish(snapshot)
        now, asked = time.perf_counter(), snapshot.reads + snapshot.writes
        self._asked_before = asked if self._asked_before is None else self._asked_before
        if asked > self._asked_before and not self.asked_at:
            self.asked_at = now
        self.done.append(snapshot.checked_now)
        self.at.append(now)
        if snapshot.checked_now >= BEGUN:
            self.begun.set()

    def between(self, start: float, end: float) -> float:
        """Milliseconds a patient from the last snapshot before the one share of all to the first past the other."""
        first = bisect_right(self.done, start * self.done[-1]) - 1
        last = bisect_left(self.done, end * self.done[-1])
        return (self.at[last] - self.at[first]) * 1000 / (self.done[last] - self.done[first])


def main() -> int:
    """Do it and tell what it took."""
    place, spine, auth = sys.argv[1:]
    with signed_in_at(Path(place), spine, auth) as product:
        _begin(product)
        board, pressed = Timed(), time.perf_counter()
        press(product, Action.RESUME, board)
    gone = Gone(
        board.between(0.0, 1.0),
        board.between(EARLY, 2 * EARLY),
        board.between(1 - EARLY, 1.0),
        (board.asked_at - pressed) * 1000,
        peak_bytes(),
    )
    sys.stdout.write(f"{json.dumps(asdict(gone))}\n")
    return 0


def _begin(product: Product) -> None:
    board, token = Timed(), StopToken()
    run = Press(CONSENT_MIGRATION.key, Action.RUN)
    worker = threading.Thread(target=lambda: product.operator.execute(run, token, board))
    worker.start()
    board.begun.wait()
    token.stop(StopReason.USER)
    worker.join()


if __name__ == "__main__":
    sys.exit(main())
