"""Grouped commits, one by one on a fault: faults rows 24 and 25 (nothing lost)."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain.errors import StorageFault
from app.domain.outcomes import ItemState, Reason
from app.domain.states import IntentState
from app.engine import steps
from app.engine.ledger import ANSWER_SECONDS, GROUP_SECONDS, GROUP_SIZE, Ledger
from app.engine.ports import Fenced
from app.engine.rows import Outcome, Tally
from app.engine.spine_port import AnswerKind, SpineAnswer
from app.engine.task import Need, Task
from tests.helpers.clocks import START, ManualClock
from tests.unit.engine.samples import KEY, ListStore, a_task, an_intent


class Books:
    """A ledger, and what it told to whom."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.store = ListStore()
        self.moves: list[tuple[ItemState, ItemState]] = []
        self.told: dict[int, bool | str] = {}
        self.ledger = Ledger(
            self.store,
            KEY,
            lambda old, new: self.moves.append((old, new)),
            self.clock.monotonic,  # type: ignore[arg-type]
        )

    def add(self, *tasks: Task, **how: Any) -> None:
        for task in tasks:
            self.ledger.add(
                task,
                steps.fail(task, Reason.SPINE_REJECTED, START),
                lambda applied, task=task: self.told.update({task.item_id: applied}),
                lambda fault, task=task: self.told.update({task.item_id: type(fault).__name__}),
                **how,
            )

    def add_answer(self, ordinal: int) -> None:
        task = a_task(ordinal, Need.SEND, intent=an_intent(IntentState.IN_FLIGHT))
        outcome = Outcome(ItemState.SENT, Reason.DISSENT_SENT, START)
        change = steps.end_send(task, SpineAnswer(AnswerKind.ACCEPTED, 201), IntentState.CONFIRMED, outcome)
        self.ledger.add(task, change, lambda applied: self.told.update({ordinal: applied}), print)


@pytest.fixture
def books() -> Books:
    return Books()


def test_changes_wait_for_company_but_not_for_long(books: Books):
    assert not books.ledger.is_due()
    assert books.ledger.seconds_to_due() == float("inf")
    books.add(a_task(1))
    books.clock.advance(GROUP_SECONDS / 2)
    books.add(a_task(2))
    assert not books.ledger.is_due()
    assert books.ledger.seconds_to_due() == pytest.approx(GROUP_SECONDS / 2)
    books.clock.advance(GROUP_SECONDS / 2)
    assert books.ledger.is_due()
    books.ledger.flush()
    assert [len(group) for group in books.store.committed] == [2]
    assert books.ledger.is_empty
    assert not books.ledger.is_due()


def test_the_answer_to_a_message_waits_hardly_at_all_and_takes_the_others_along(books: Books):
    books.add(a_task(1))
    books.add_answer(2)
    assert books.ledger.seconds_to_due() == pytest.approx(ANSWER_SECONDS)
    books.add(a_task(3))
    books.clock.advance(ANSWER_SECONDS)
    assert books.ledger.is_due()
    books.ledger.flush()
    assert [len(group) for group in books.store.committed] == [3]
    assert books.ledger.seconds_to_due() == float("inf")


def test_a_full_group_waits_no_longer(books: Books):
    books.add(*(a_task(ordinal) for ordinal in range(1, GROUP_SIZE)))
    assert not books.ledger.is_due()
    books.add(a_task(GROUP_SIZE))
    assert books.ledger.is_due()


def test_an_urgent_change_takes_the_others_along_at_once(books: Books):
    books.add(a_task(1))
    books.add(a_task(2), urgent=True)
    assert books.ledger.is_due()
    books.ledger.flush()
    assert [len(group) for group in books.store.committed] == [2]
    books.add(a_task(3))
    assert not books.ledger.is_due()


def test_each_is_told_after_the_commit_and_the_counters_move(books: Books):
    tasks = [a_task(1), a_task(2)]
    books.store.stale = {2}
    books.add(*tasks)
    assert books.told == {}
    books.ledger.flush()
    assert books.told == {1: True, 2: False}
    assert books.moves == [(ItemState.UNPROCESSED, ItemState.FAILED)]
    assert [task.state for task in tasks] == [ItemState.FAILED, ItemState.UNPROCESSED]


def test_an_empty_flush_leaves_the_database_alone(books: Books):
    books.ledger.flush()
    assert books.store.asked == []


def test_one_bad_change_does_not_take_its_group_with_it(books: Books):
    books.store.poison = {2}
    books.ledger.count_read()
    books.add(a_task(1), a_task(2), a_task(3))
    books.ledger.flush()
    assert books.told == {1: True, 2: "ValueError", 3: True}
    assert [tally.reads for tally in books.store.tallies] == [1, 0], "reads are counted once"


@pytest.mark.parametrize("alone", [False, True])
def test_when_the_database_fails_nothing_is_told_and_nothing_lost(books: Books, alone: bool):
    books.store.faults = [ValueError("one of them"), StorageFault("full")] if alone else [StorageFault("full")]
    books.ledger.count_read()
    books.add(a_task(1), a_task(2))
    with pytest.raises(StorageFault):
        books.ledger.flush()
    assert books.told == {}
    assert not books.ledger.is_empty
    assert books.ledger.is_due()
    books.ledger.flush()
    assert books.told == {1: True, 2: True}
    assert books.store.tallies == [Tally(1)]


def test_what_was_committed_one_by_one_before_the_database_failed_is_told_and_not_written_again(books: Books):
    books.store.poison = {1}
    books.store.faults = [ValueError("one of them")]
    books.add(a_task(2), a_task(1), a_task(3))
    real_commit, tries = books.store.commit, []

    def commit(key: Any, changes: Any, tally: Any) -> list[bool]:
        tries.append([change.item_id for change in changes])
        if tries[-1] == [3]:
            raise StorageFault("full")
        return real_commit(key, changes, tally)

    books.store.commit = commit  # type: ignore[method-assign]
    with pytest.raises(StorageFault):
        books.ledger.flush()
    assert books.told == {2: True, 1: "ValueError"}
    books.store.commit = real_commit  # type: ignore[method-assign]
    books.ledger.flush()
    assert books.told == {2: True, 1: "ValueError", 3: True}
    assert [[change.item_id for change in group] for group in books.store.committed] == [[2], [3]]


@pytest.mark.parametrize("faults", [[Fenced("taken over")], [ValueError("one"), Fenced("taken over")]])
def test_one_who_is_fenced_out_is_told_so_and_tries_nothing_more(books: Books, faults: list[Exception]):
    books.store.faults = faults
    books.add(a_task(1), a_task(2))
    with pytest.raises(Fenced):
        books.ledger.flush()
    assert books.told == {}
    assert books.store.committed == []


def test_it_knows_whether_an_answer_is_at_stake(books: Books):
    books.add(a_task(1))
    assert not books.ledger.holds_answer
    books.add_answer(2)
    assert books.ledger.holds_answer
    books.ledger.flush()
    assert books.told == {1: True, 2: True}


def test_reads_are_carried_by_the_next_commit_or_handed_over(books: Books):
    books.ledger.count_read()
    books.ledger.count_read()
    books.add(a_task(1))
    books.ledger.flush()
    books.ledger.count_read()
    assert books.store.tallies == [Tally(2)]
    assert books.ledger.take_tally() == Tally(1)
    assert books.ledger.take_tally() == Tally(0)


def test_what_the_tellings_hand_in_waits_for_the_next_flush(books: Books):
    task = a_task(1)
    books.ledger.add(task, steps.leave(task, START), lambda _: books.add(a_task(2)), lambda fault: None)
    books.ledger.flush()
    assert [len(group) for group in books.store.committed] == [1]
    assert not books.ledger.is_empty
