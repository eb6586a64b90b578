"""Items, tasks and stand-ins for the engine's own parts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from app.domain.decision import Permission, SpineConsent, Summary
from app.domain.errors import StorageFault
from app.domain.outcomes import ItemState
from app.domain.patient import ConsentEntry, PatientRecord, RegistrationStatus
from app.domain.states import IntentState
from app.engine.rows import Change, ExecutionKey, IntentView, PastAnswer, Scope, Tally, WorkItem
from app.engine.spine_port import AnswerKind, SpineAnswer
from app.engine.task import Need, Task
from tests.helpers.clocks import START
from tests.helpers.practice import number

KEY = ExecutionKey(run_id=1, execution_id=1, epoch=1)
ASK = SpineConsent(Summary.YES, Permission.ASK)
VERSION = 3


def a_record(ordinal: int = 1, codes: Sequence[str] = ("9Ndo.",), **changes: Any) -> PatientRecord:
    entries = tuple(ConsentEntry(place, code, date(2015, 6, 1), None) for place, code in enumerate(codes, 1))
    fields: dict[str, Any] = {
        "patient_id": ordinal,
        "nhs_number": number(ordinal),
        "registration": RegistrationStatus.PERMANENT,
        "fp69": False,
        "sensitive": False,
        "pds_linked": True,
        "record_in_use": False,
        "consent_version": VERSION,
        "entries": entries,
    }
    return PatientRecord(**{**fields, **changes})


def an_intent(state: IntentState = IntentState.UNKNOWN, **changes: Any) -> IntentView:
    fields: dict[str, Any] = {
        "request_id": "request-1",
        "state": state,
        "consent_version": VERSION,
        "snapshot": ASK,
        "sends": 1,
        "last_started_at": START - timedelta(seconds=75),
        "tried": True,
        "sends_now": 1,
    }
    return IntentView(**{**fields, **changes})


def a_work(
    ordinal: int = 1,
    codes: Sequence[str] = ("9Ndo.",),
    state: ItemState = ItemState.UNPROCESSED,
    intent: IntentView | None = None,
    past: PastAnswer | None = None,
    deferrals: int = 0,
    **record: Any,
) -> WorkItem:
    return WorkItem(ordinal, ordinal, state, a_record(ordinal, codes, **record), None, intent, past, deferrals)


def a_task(ordinal: int = 1, need: Need = Need.READ, **work: Any) -> Task:
    return Task(a_work(ordinal, **work), need)


def told(permission: Permission, summary: Summary = Summary.YES) -> SpineAnswer:
    """A strictly understood answer."""
    return SpineAnswer(AnswerKind.CONSENT, 200, consent=SpineConsent(summary, permission))


class FakeDesk:
    """Takes down what it is told; stands in for the desk where only what is said matters."""

    def __init__(self) -> None:
        self.said: list[tuple[Any, ...]] = []

    def __getattr__(self, name: str) -> Callable[..., None]:
        def say(*args: Any, **kwargs: Any) -> None:
            self.said.append((name, *args, *kwargs.values()))

        return say

    @property
    def names(self) -> list[str]:
        """What was asked of it, in order."""
        return [words[0] for words in self.said]

    @property
    def change(self) -> Change:
        """The one change it was handed."""
        [change] = [word for words in self.said for word in words if isinstance(word, Change)]
        return change


class ListStore:
    """The reading half of `MigrationStore` over a list in memory, and a commit that a test scripts.

    `faults` are raised by the next calls, whichever they are; the question named by `fails_once` fails once.
    """

    def __init__(self, works: Sequence[WorkItem] = (), waiting: dict[int, datetime] | None = None) -> None:
        self.works = {work.item_id: work for work in works}
        self.waiting = dict(waiting or {})
        self.faults: list[Exception] = []
        self.fails_once = ""
        self.committed: list[list[Change]] = []
        self.tallies: list[Tally] = []
        self.stale: set[int] = set()
        self.poison: set[int] = set()
        self.asked: list[str] = []

    def fresh_items(self, key: ExecutionKey, scope: Scope, after: int, limit: int) -> list[WorkItem]:
        self._may_fail("fresh")
        fresh = [work for work in self.works.values() if work.sequence > after and work.item_id not in self.waiting]
        return fresh[:limit]

    def due_items(
        self, key: ExecutionKey, scope: Scope, now: datetime, in_hand: Collection[int], limit: int
    ) -> list[WorkItem]:
        self._may_fail("due")
        due = sorted((at, item_id) for item_id, at in self.waiting.items() if at <= now and item_id not in in_hand)
        return [self.works[item_id] for _, item_id in due[:limit]]

    def next_due_at(self, key: ExecutionKey, scope: Scope, in_hand: Collection[int]) -> datetime | None:
        self._may_fail("next due")
        return min((at for item_id, at in self.waiting.items() if item_id not in in_hand), default=None)

    def items(self, key: ExecutionKey, item_ids: Collection[int]) -> list[WorkItem]:
        self._may_fail("items")
        return [self.works[item_id] for item_id in item_ids]

    def commit(self, key: ExecutionKey, changes: Sequence[Change], tally: Tally) -> list[bool]:
        self._may_fail("commit")
        if any(change.item_id in self.poison for change in changes):
            raise ValueError("a change that breaks a rule")
        self.committed.append(list(changes))
        self.tallies.append(tally)
        return [change.item_id not in self.stale for change in changes]

    def _may_fail(self, what: str) -> None:
        self.asked.append(what)
        if what == self.fails_once:
            self.fails_once = ""
            raise StorageFault(what)
        if self.faults:
            raise self.faults.pop(0)
