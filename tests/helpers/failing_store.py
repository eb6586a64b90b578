"""A store that fails when a test says so: a fault of the database, a fault of ours, or the end of the program."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.engine.ports import MigrationStore

WRITES = frozenset({"begin_run", "begin_execution", "end_execution", "commit"})


class Killed(BaseException):
    """The program dies here: nothing of it may catch this, and nothing of it writes anything more."""


class FailingStore:
    """Passes everything on, and asks `before` and `after` around each call; what they raise takes its place.

    Each is given the call's name and arguments.
    """

    def __init__(
        self,
        store: MigrationStore,
        before: Callable[[str, tuple[Any, ...]], None] = lambda name, arguments: None,
        after: Callable[[str, tuple[Any, ...]], None] = lambda name, arguments: None,
    ) -> None:
        self._store = store
        self._before = before
        self._after = after

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call = getattr(self._store, name)

        def watched(*arguments: Any) -> Any:
            self._before(name, arguments)
            result = call(*arguments)
            self._after(name, arguments)
            return result

        return watched


class KilledAtWrite(FailingStore):
    """Dies at the so-manyeth write, counted from 0, before or after it is made; `died` says whether it came to that."""

    def __init__(self, store: MigrationStore, write: int, *, committed: bool) -> None:
        super().__init__(store, self._come, self._go)
        self._write = write
        self._committed = committed
        self.writes = -1
        self.died = False

    def _come(self, name: str, _: tuple[Any, ...]) -> None:
        if self.died:
            raise Killed
        self.writes += name in WRITES
        if not self._committed and name in WRITES and self.writes == self._write:
            self.died = True
            raise Killed

    def _go(self, name: str, _: tuple[Any, ...]) -> None:
        if self._committed and name in WRITES and self.writes == self._write:
            self.died = True
            raise Killed
