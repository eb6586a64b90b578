"""The patients in hand, about 64, and the pages of ids: faults row 30 (a clock put back)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.domain.errors import StorageFault
from app.domain.states import IntentState
from app.engine.rows import Scope
from app.engine.task import Need, Task
from app.engine.workload import READ_AHEAD, Workload
from tests.helpers.clocks import START, ManualClock
from tests.unit.engine.samples import KEY, ListStore, a_task, a_work, an_intent

LONGEST = timedelta(seconds=300)


def a_workload(store: ListStore, clock: ManualClock | None = None) -> Workload:
    return Workload(store, KEY, Scope.UNPROCESSED, clock or ManualClock(), LONGEST)  # type: ignore[arg-type]


def ids(found: list[object]) -> list[int]:
    return [work.item_id for work in found]  # type: ignore[attr-defined]


def test_the_list_comes_in_order_and_never_more_than_the_read_ahead():
    store = ListStore([a_work(ordinal) for ordinal in range(1, 201)])
    work = a_workload(store)
    taken: list[int] = []
    most = done = 0
    while work.may_bring_more or work.in_hand:
        while found := work.refill():
            taken += ids(found)
        most = max(most, work.in_hand)
        done += 1
        work.drop(done)
    assert taken == list(range(1, 201))
    assert most == READ_AHEAD


def test_pages_are_asked_for_only_when_there_is_room_for_half_of_them():
    store = ListStore([a_work(ordinal) for ordinal in range(1, 201)])
    work = a_workload(store)
    assert len(work.refill()) == READ_AHEAD
    for item_id in range(1, READ_AHEAD // 2):
        work.drop(item_id)
        assert work.refill() == []
    work.drop(READ_AHEAD)
    assert ids(work.refill()) == list(range(READ_AHEAD + 1, READ_AHEAD + READ_AHEAD // 2 + 1))


def test_those_whose_time_has_come_are_taken_before_fresh_ones():
    clock = ManualClock()
    store = ListStore([a_work(1), a_work(2), a_work(3)], waiting={3: clock.now() + timedelta(seconds=10)})
    work = a_workload(store, clock)
    assert ids(work.refill()) == [1, 2]
    assert work.may_bring_more
    clock.advance(10)
    assert ids(work.refill()) == [3]
    assert work.refill() == []


def test_somebody_in_hand_is_not_taken_twice():
    clock = ManualClock()
    store = ListStore([a_work(1), a_work(2)], waiting={2: clock.now()})
    work = a_workload(store, clock)
    assert ids(work.refill()) == [2]
    del store.waiting[2]
    assert ids(work.refill()) == [1]


def test_a_time_put_off_in_the_database_is_expected():
    clock = ManualClock()
    store = ListStore([a_work(1)])
    work = a_workload(store, clock)
    work.refill()
    assert work.refill() == []
    due = clock.now() + timedelta(seconds=60)
    store.waiting[1] = due
    work.drop(1)
    work.expect_due(due)
    assert work.may_bring_more
    asked = len(store.asked)
    assert work.refill() == []
    assert len(store.asked) == asked, "no question is asked before the time has come"
    clock.advance(60)
    assert ids(work.refill()) == [1]


def test_the_earliest_time_is_the_one_expected():
    clock = ManualClock()
    store = ListStore([a_work(1), a_work(2)])
    work = a_workload(store, clock)
    work.refill()
    work.refill()
    for item_id, seconds in ((1, 60), (2, 300)):
        store.waiting[item_id] = clock.now() + timedelta(seconds=seconds)
        work.drop(item_id)
        work.expect_due(store.waiting[item_id])
    clock.advance(60)
    assert ids(work.refill()) == [1]


@pytest.mark.fault_row(30)
def test_after_the_clock_was_put_back_nobody_waits_longer_than_anybody_ever_would():
    clock = ManualClock()
    store = ListStore([a_work(1)], waiting={1: clock.now() + timedelta(hours=1)})
    work = a_workload(store, clock)
    assert ids(work.refill()) == [1]


def test_an_item_is_read_anew_whatever_room_there_is():
    store = ListStore([a_work(ordinal) for ordinal in range(1, READ_AHEAD + 1)])
    work = a_workload(store)
    assert len(work.refill()) == READ_AHEAD
    work.take_anew(5)
    assert work.in_hand == READ_AHEAD
    assert ids(work.refill()) == [5]
    assert work.refill() == []


@pytest.mark.parametrize("question", ["next due", "due", "fresh", "items"])
def test_a_database_that_fails_while_it_is_asked_loses_nobody(question: str):
    store = ListStore([a_work(1), a_work(2), a_work(3)], waiting={1: START})
    work = a_workload(store)
    found, faults = [], 0
    work.take_anew(3)
    store.fails_once = question
    for _ in range(6):
        try:
            found += ids(work.refill())
        except StorageFault:
            faults += 1
    assert faults == 1
    assert sorted(found) == [1, 2, 3]


def lanes(work: Workload, **how: bool) -> list[int]:
    taken = []
    while work.has_ready:
        taken.append(work.next_ready(**how).item_id)
    return taken


def ready_tasks(work: Workload) -> None:
    for task in (a_task(1), a_task(2, Need.SEND, intent=an_intent()), a_task(3, Need.SETTLE, intent=an_intent())):
        work.ready(task)


def test_sends_go_before_reads_but_a_probe_reads_if_it_can():
    work = a_workload(ListStore())
    assert not work.has_ready
    ready_tasks(work)
    assert work.has_ready
    assert lanes(work) == [2, 1, 3]
    ready_tasks(work)
    assert lanes(work, prefer_read=True) == [1, 3, 2]


def test_one_who_was_refused_at_the_door_goes_before_its_like():
    work = a_workload(ListStore())
    ready_tasks(work)
    work.ready(a_task(4), first=True)
    assert lanes(work) == [2, 4, 1, 3]


def test_a_retry_waits_for_its_time():
    clock = ManualClock()
    work = a_workload(ListStore(), clock)
    assert work.seconds_to_retry() == float("inf")
    work.retry(a_task(1), 4.0)
    work.retry(a_task(2), 1.0)
    work.wake_due()
    assert not work.has_ready
    assert work.seconds_to_retry() == 1.0
    clock.advance(1.5)
    work.wake_due()
    assert lanes(work) == [2]
    assert work.seconds_to_retry() == 2.5


def test_when_only_those_put_off_are_left_it_is_known_when_the_next_is_due():
    clock = ManualClock()
    in_ten = clock.now() + timedelta(seconds=10)
    work = a_workload(ListStore([a_work(1), a_work(2), a_work(3)], waiting={3: in_ten}), clock)
    assert work.put_off_until() is None, "nobody has been taken yet"
    for taken in work.refill():
        work.hold(a_task(taken.item_id, Need.READ))
    assert work.refill() == []
    assert work.may_bring_more
    assert work.put_off_until() is None, "two are in hand"
    work.drop(1)
    work.retry(a_task(2, Need.READ), 4)
    assert work.put_off_until() == clock.now() + timedelta(seconds=4)
    clock.advance(4)
    work.wake_due()
    assert work.put_off_until() is None, "one can go out"
    work.drop(2)
    assert work.put_off_until() == in_ten


def test_when_an_outage_was_found_nobody_has_tried_in_vain():
    work = a_workload(ListStore())
    waiting, ready = a_task(1), a_task(2)
    for task in (waiting, ready):
        work.hold(task)
        task.tried, task.misunderstood = 2, 1
    work.retry(waiting, 60.0)
    work.take_anew(3)
    work.wake_all()
    assert lanes(work) == [1]
    assert [(task.tried, task.misunderstood) for task in (waiting, ready)] == [(0, 0), (0, 0)]
    assert work.seconds_to_retry() == float("inf")


def test_messages_that_are_not_in_the_database_yet_are_found_among_those_that_wait():
    work = a_workload(ListStore())
    prepared = a_task(1, Need.SEND, intent=an_intent(IntentState.PREPARED))
    new = Task(a_work(2, intent=an_intent()), Need.SEND)
    new.sent_message.state = None
    work.ready(prepared)
    work.ready(new)
    assert work.take_unprepared() == [new]
    assert work.take_unprepared() == []
    assert lanes(work) == [1]
