"""Grouped commits: changes wait a moment for company, so that durability sets neither the pace nor the cost.

Whoever hands in a change is told when it is on disk, or that it was stale. When a group fails, its changes are tried
one by one; when the database fails, they are kept for another try.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass

from app.domain.errors import StorageFault
from app.domain.outcomes import ItemState
from app.engine.faults import told_safely
from app.engine.ports import Fenced, MigrationStore
from app.engine.rows import Change, ExecutionKey, Tally
from app.engine.task import Task

_log = logging.getLogger(__name__)

GROUP_SIZE = 32
GROUP_SECONDS = 0.25
"""At the service's five a second every other patient finds company; what a person waits for is urgent anyway."""

ANSWER_SECONDS = 0.05
"""What is known of a message that was sent waits hardly at all: a death before the commit costs a read to settle it."""


@dataclass(slots=True)
class _Entry:
    task: Task
    change: Change
    done: Callable[[bool], None]
    broke: Callable[[Exception], None]
    result: bool | Exception | None = None


class Ledger:
    """Collects changes and commits them. Used by the loop's thread alone.

    `moved` hears of every committed change of a patient's state. `monotonic` gives seconds.
    """

    def __init__(
        self,
        store: MigrationStore,
        key: ExecutionKey,
        moved: Callable[[ItemState, ItemState], None],
        monotonic: Callable[[], float],
    ) -> None:
        self._store = store
        self._key = key
        self._moved = moved
        self._monotonic = monotonic
        self._entries: list[_Entry] = []
        self._due_at = math.inf
        self._urgent = False
        self._reads = 0

    def add(
        self,
        task: Task,
        change: Change,
        done: Callable[[bool], None],
        broke: Callable[[Exception], None],
        *,
        urgent: bool = False,
    ) -> None:
        """Hand in a change. `done(applied)` is called after the commit, `broke` when this change cannot be written
        because of a fault of ours. An urgent one is committed with the next flush.
        """
        patience = GROUP_SECONDS if change.attempt_end is None else ANSWER_SECONDS
        self._due_at = min(self._due_at, self._monotonic() + patience)
        self._entries.append(_Entry(task, change, done, broke))
        self._urgent = self._urgent or urgent

    def count_read(self) -> None:
        """A read was made; the count is committed with the next group."""
        self._reads += 1

    def take_tally(self) -> Tally:
        """The reads not yet committed, handed over."""
        tally = Tally(self._reads)
        self._reads = 0
        return tally

    @property
    def is_empty(self) -> bool:
        """Whether everything handed in has been committed."""
        return not self._entries

    @property
    def holds_answer(self) -> bool:
        """Whether the answer to a send waits to be committed."""
        return any(entry.change.attempt_end is not None for entry in self._entries)

    def is_due(self) -> bool:
        """Whether the group should be committed now."""
        return self._urgent or len(self._entries) >= GROUP_SIZE or self.seconds_to_due() <= 0

    def seconds_to_due(self) -> float:
        """Until the group has waited long enough; infinite when there is none."""
        return max(0.0, self._due_at - self._monotonic())

    def flush(self) -> None:
        """Commit everything handed in, then tell each. What the tellings hand in waits for the next flush.

        Raises `Fenced`, and `StorageFault` when the database fails: then nothing is lost, and another flush tries
        again what was not committed.
        """
        entries, self._entries = self._entries, []
        self._due_at, self._urgent = math.inf, False
        try:
            self._commit_group(entries)
        except StorageFault:
            self._entries = [entry for entry in entries if entry.result is None]
            self._urgent = True
            raise
        finally:
            for entry in entries:
                self._tell(entry)

    def _commit_group(self, entries: list[_Entry]) -> None:
        """Commit the entries together, or one by one where one of them cannot be; each then has its result."""
        if not entries:
            return
        try:
            self._commit(entries)
        except (Fenced, StorageFault):
            raise
        except Exception as fault:  # noqa: BLE001 - one patient's fault of ours must not take the group with it
            _log.error("A group of %d changes could not be written: %s.", len(entries), told_safely(fault))
            for entry in entries:
                self._commit_alone(entry)

    def _commit_alone(self, entry: _Entry) -> None:
        try:
            self._commit([entry])
        except (Fenced, StorageFault):
            raise
        except Exception as fault:  # noqa: BLE001 - reported to the patient it belongs to
            entry.result = fault

    def _commit(self, entries: list[_Entry]) -> None:
        results = self._store.commit(self._key, [entry.change for entry in entries], Tally(self._reads))
        self._reads = 0
        for entry, result in zip(entries, results, strict=True):
            entry.result = result

    def _tell(self, entry: _Entry) -> None:
        if isinstance(entry.result, Exception):
            entry.broke(entry.result)
        elif entry.result is not None:
            if entry.result:
                self._moved(entry.task.state, entry.change.outcome.state)
                entry.task.state = entry.change.outcome.state
            entry.done(entry.result)
