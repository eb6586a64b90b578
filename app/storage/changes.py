"""A group of changes made true in one transaction: each is checked against the rows as they stand, then written whole.

This is the path every patient takes, so a group costs a few queries and a few batched statements, whatever its size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from sqlalchemy import Connection, bindparam, select

from app.domain.outcomes import ItemState, Reason
from app.domain.states import INTENT_TRANSITIONS, ITEM_TRANSITIONS, IntentState, may_become
from app.engine.rows import Change, ExecutionKey, IntentChange
from app.storage.change_batch import Batch
from app.storage.faults import InconsistentChange
from app.storage.tables import attempt, intent, item, patient

_ITEMS = (
    select(item.c.id, item.c.patient_id, item.c.run_id, item.c.state, item.c.reason, patient.c.consent_version)
    .join_from(item, patient)
    .where(item.c.id.in_(bindparam("ids", expanding=True)))
)
_INTENTS = select(intent.c.request_id, intent.c.patient_id, intent.c.state).where(
    intent.c.request_id.in_(bindparam("ids", expanding=True))
)
_ATTEMPTS = select(
    attempt.c.correlation_id, attempt.c.request_id, attempt.c.item_id, attempt.c.ended_at.is_not(None)
).where(attempt.c.correlation_id.in_(bindparam("ids", expanding=True)))


@dataclass(slots=True)
class _Item:
    patient_id: int
    run_id: int
    state: ItemState
    reason: Reason | None
    version: int


@dataclass(slots=True)
class _Intent:
    patient_id: int
    state: IntentState


@dataclass(slots=True)
class _Attempt:
    request_id: str
    item_id: int
    ended: bool


def make_true(connection: Connection, key: ExecutionKey, actor: str, changes: Sequence[Change]) -> list[bool]:
    """Apply changes in order; for each, whether it was made (False: stale, nothing of it written).

    Raises `InconsistentChange` for one that the states' tables forbid or that names rows which do not belong together.
    """
    done: list[bool] = []
    for group in _without_repeats(changes):
        rows = _Rows.read(connection, group)
        batch = Batch(key, actor)
        done += [_Step(key, rows, batch, change).take() for change in group]
        batch.write(connection)
    return done


def _without_repeats(changes: Sequence[Change]) -> list[list[Change]]:
    """Cut where a patient comes again: the batched statements of one part do not say which of two is the later."""
    parts: list[list[Change]] = [[]]
    seen: set[int] = set()
    for change in changes:
        if change.patient_id in seen:
            parts.append([])
            seen.clear()
        seen.add(change.patient_id)
        parts[-1].append(change)
    return parts


@dataclass(slots=True)
class _Rows:
    """The rows a group is about, as they stand within the transaction."""

    items: dict[int, _Item]
    intents: dict[str, _Intent]
    attempts: dict[str, _Attempt]

    @classmethod
    def read(cls, connection: Connection, changes: Sequence[Change]) -> Self:
        item_ids = [change.item_id for change in changes]
        items = connection.execute(_ITEMS, {"ids": item_ids})
        found = cls({row[0]: _Item(*row[1:]) for row in items}, {}, {})
        request_ids = [change.intent.request_id for change in changes if change.intent is not None]
        if request_ids:
            intents = connection.execute(_INTENTS, {"ids": request_ids})
            found.intents = {row[0]: _Intent(*row[1:]) for row in intents}
        correlation_ids = [change.attempt_end.correlation_id for change in changes if change.attempt_end is not None]
        if correlation_ids:
            attempts = connection.execute(_ATTEMPTS, {"ids": correlation_ids})
            found.attempts = {row[0]: _Attempt(*row[1:]) for row in attempts}
        return found


class _Step:
    """One change on its way into the batch."""

    def __init__(self, key: ExecutionKey, rows: _Rows, batch: Batch, change: Change) -> None:
        self._change = change
        self._rows = rows
        self._batch = batch
        held = rows.items.get(change.item_id)
        if held is None or held.run_id != key.run_id or held.patient_id != change.patient_id:
            raise InconsistentChange(f"item {change.item_id} is not this patient's in this run")
        self._item = held

    def take(self) -> bool:
        """Put the change into the batch, unless it is stale."""
        if self._is_stale():
            return False
        self._check_item()
        version = self._item.version
        if self._change.local:
            self._batch.change_record(self._change)
            version += 1
        request_id = self._take_intent(version)
        self._take_attempts(request_id)
        self._batch.set_item(self._change, self._item.state, self._item.reason)
        return True

    def _is_stale(self) -> bool:
        change = self._change
        if change.version is None:
            if change.local:
                raise InconsistentChange("a record may only be changed on a known version")
        elif change.version != self._item.version:
            return True
        if change.intent is not None and self._held(change.intent).state is not change.intent.expected:
            return True
        if change.attempt_end is not None:
            attempt_held = self._rows.attempts.get(change.attempt_end.correlation_id)
            if attempt_held is None or attempt_held.item_id != change.item_id:
                raise InconsistentChange("an attempt that was never begun for this patient cannot end")
            return attempt_held.ended
        return False

    def _held(self, wanted: IntentChange) -> _Intent:
        held = self._rows.intents.get(wanted.request_id)
        if held is None or held.patient_id != self._change.patient_id:
            raise InconsistentChange("the message is not this patient's")
        return held

    def _check_item(self) -> None:
        old, new = self._item.state, self._change.outcome.state
        if not may_become(ITEM_TRANSITIONS, old, new):
            raise InconsistentChange(f"a patient may not go from {old} to {new}")

    def _take_intent(self, version: int) -> str | None:
        """Move or make the message; returns the id of the one an attempt would be for."""
        change = self._change
        sending = change.new_attempt is not None
        request_id: str | None = None
        if change.intent is not None:
            request_id, old, state = change.intent.request_id, change.intent.expected, change.intent.state
            stays = state is old and old.is_unsettled
            if not stays and not may_become(INTENT_TRANSITIONS, old, state):
                raise InconsistentChange(f"a message may not go from {old} to {state}")
            sent_on = sending and change.new_intent is None
            self._batch.move_intent(change, change.intent, _in_flight(state) if sent_on else state)
        if change.new_intent is not None:
            request_id, state = change.new_intent.request_id, IntentState.PREPARED
            self._batch.make_intent(change, change.new_intent, version, _in_flight(state) if sending else state)
        return request_id

    def _take_attempts(self, request_id: str | None) -> None:
        end, new = self._change.attempt_end, self._change.new_attempt
        if end is not None:
            self._batch.end_attempt(self._change, end, self._rows.attempts[end.correlation_id].request_id)
        if new is not None:
            if request_id is None:
                raise InconsistentChange("an attempt needs its message")
            self._batch.start_attempt(self._change, new, request_id)


def _in_flight(state: IntentState) -> IntentState:
    """In flight, for a message that may be sent from this state."""
    if state is IntentState.IN_FLIGHT or may_become(INTENT_TRANSITIONS, state, IntentState.IN_FLIGHT):
        return IntentState.IN_FLIGHT
    raise InconsistentChange(f"a message that is {state} may not be sent")
