"""Work that takes long, tells how far it is, and can be given up: imports, exports, copies, a demonstration.

Whoever works calls a `Progress` between two pieces; whoever waits looks at a `WorkMeter`, or cancels it. What is given
up leaves nothing half done: the call raises, and the work undoes itself as it would for any error.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeVar

_Row = TypeVar("_Row")

_ROWS_BETWEEN = 500


class Cancelled(Exception):
    """Whoever waited for the work gave it up. That is what they wanted, and no error."""


class Progress(Protocol):
    """What long work calls after every piece of some hundred rows or milliseconds."""

    def __call__(self, doing: str, done: int = 0, total: int = 0) -> None:
        """Say what is being done, in words, and how much of how much; a `total` of 0 is not known.

        Raises `Cancelled` when the work is to be given up.
        """


def nobody_waits(doing: str, done: int = 0, total: int = 0) -> None:
    """The `Progress` of work that nobody watches and nobody gives up."""


def told(rows: Iterable[_Row], progress: Progress, doing: str, total: int = 0) -> Iterator[_Row]:
    """The rows as they come, with progress told of every some hundred of them and at their end."""
    count = 0
    progress(doing, 0, total)
    for count, row in enumerate(rows, start=1):
        yield row
        if count % _ROWS_BETWEEN == 0:
            progress(doing, count, total)
    progress(doing, count, total)


@dataclass(frozen=True, slots=True)
class WorkState:
    """Where long work stands. `total` is 0 where it is not known."""

    doing: str = ""
    done: int = 0
    total: int = 0


class WorkMeter:
    """The `Progress` between a worker and the screen: one tells, the other looks. Safe from any thread."""

    def __init__(self) -> None:
        self._state = WorkState()
        self._given_up = threading.Event()

    def __call__(self, doing: str, done: int = 0, total: int = 0) -> None:
        """Note where the work stands. Raises `Cancelled` once `cancel` was called."""
        self._state = WorkState(doing, done, total)
        if self._given_up.is_set():
            raise Cancelled

    @property
    def state(self) -> WorkState:
        """Where the work stands."""
        return self._state

    @property
    def is_cancelled(self) -> bool:
        """Whether somebody has given the work up; it may not have noticed yet."""
        return self._given_up.is_set()

    def cancel(self) -> None:
        """Give the work up: its next word about how far it is ends it."""
        self._given_up.set()
