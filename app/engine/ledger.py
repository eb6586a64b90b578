"""Grouped commits: changes wait a few milliseconds for company, so that durability does not set the pace.

Whoever hands in a change is told when it is on disk, or that it was stale. When a group fails, its changes are tried
one by one; an answer in hand is worth a minute's patience.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from app.domain.errors import StorageFault
from app.domain.outcomes import ItemState
from app.engine.ports import Fenced, MigrationStore
from app.engine.rows import Change, ExecutionKey, Tally
from app.engine.task import Task

_log = logging.getLogger(__name__)

GROUP_SIZE = 32
GROUP_SECONDS = 0.02
_PATIENCE_SECONDS = 60.0


@dataclass(slots=True)
class _Entry:
    task: Task
    change: Change
    done: Callable[[bool], None]
    broke: Callable[[Exception], None]


class Ledger:
    """Collects changes and commits them. Used by the loop's thread alone.

    `moved` hears of every committed change of a patient's state. `monotonic` gives seconds; `sleep` waits that long,
    between tries of a faulty database only.
    """

    def __init__(
        self,
        store: MigrationStore,
        key: ExecutionKey,
        moved: Callable[[ItemState, ItemState], None],
        monotonic: Callable[[], float],
        sleep: Callable[[float], object],
    ) -> None:
        self._store = store
        self._key = key
        self._moved = moved
        self._monotonic = monotonic
        self._sleep = sleep
        self._entries: list[_Entry] = []
        self._oldest = 0.0
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
        if not self._entries:
            self._oldest = self._monotonic()
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

    def is_due(self) -> bool:
        """Whether the group should be committed now."""
        if not self._entries:
            return False
        return self._urgent or len(self._entries) >= GROUP_SIZE or self.seconds_to_due() <= 0

    def seconds_to_due(self) -> float:
        """Until the group has waited long enough."""
        if not self._entries:
            return float("inf")
        return max(0.0, self._oldest + GROUP_SECONDS - self._monotonic())

    def flush(self) -> None:
        """Commit everything handed in, then tell each. What the tellings hand in waits for the next flush.

        Raises `Fenced`, and `StorageFault` when the database stays unwritable.
        """
        entries, self._entries, self._urgent = self._entries, [], False
        if not entries:
            return
        results = self._commit_group(entries)
        for entry, result in zip(entries, results, strict=True):
            if isinstance(result, Exception):
                entry.broke(result)
                continue
            if result:
                self._moved(entry.task.state, entry.change.outcome.state)
                entry.task.state = entry.change.outcome.state
            entry.done(result)

    def _commit_group(self, entries: list[_Entry]) -> list[bool | Exception]:
        tally = self.take_tally()
        try:
            return list(self._commit_patiently(entries, tally))
        except (Fenced, StorageFault):
            raise
        except Exception as fault:  # noqa: BLE001 - one patient's fault of ours must not take the group with it
            _log.error(
                "A group of %d changes could not be written (%s); one by one.", len(entries), type(fault).__name__
            )
        results: list[bool | Exception] = []
        for number, entry in enumerate(entries):
            try:
                results.extend(self._commit_patiently([entry], tally if number == 0 else Tally()))
            except (Fenced, StorageFault):
                raise
            except Exception as fault:  # noqa: BLE001 - reported to the patient it belongs to
                results.append(fault)
        return results

    def _commit_patiently(self, entries: list[_Entry], tally: Tally) -> list[bool]:
        changes = [entry.change for entry in entries]
        answer_in_hand = any(change.attempt_end is not None for change in changes)
        give_up_at = self._monotonic() + (_PATIENCE_SECONDS if answer_in_hand else 0.0)
        while True:
            try:
                return self._store.commit(self._key, changes, tally)
            except StorageFault:
                if self._monotonic() >= give_up_at:
                    raise
                _log.warning("The database could not be written; an answer is in hand, so it is tried again.")
                self._sleep(1.0)
