"""Who may go out next, and what is committed before: faults row 8 (probes)."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

import pytest

from app.domain.outcomes import ItemState, Reason
from app.domain.states import IntentState
from app.engine.breaker import Breaker, Circuit
from app.engine.outgoing import Outgoing
from app.engine.pace import Pace
from app.engine.rows import LocalChange
from app.engine.senders import Answered, Exchange, Operation
from app.engine.spine_port import AnswerKind, SpineAnswer
from app.engine.task import Message, Need, Task
from tests.unit.engine.samples import ASK, a_task, an_intent
from tests.unit.engine.test_desk import Desked


class FakeSenders:
    """Takes exchanges down."""

    def __init__(self, size: int = 2, ahead: int = 0) -> None:
        self.size = size
        self.ahead = ahead
        self.made: list[Exchange] = []

    @property
    def idle(self) -> int:
        return max(0, self.size - len(self.made))

    @property
    def room(self) -> int:
        return self.size + self.ahead - len(self.made)

    def submit(self, exchange: Exchange) -> None:
        assert self.room
        self.made.append(exchange)


class Leaving(Desked):
    """A desk with its way out."""

    def __init__(self, per_second: float = 0.0) -> None:
        super().__init__()
        self.senders = FakeSenders()
        self.breaker = Breaker(self.clock.monotonic)
        self.pace = Pace(per_second, self.clock.monotonic)
        self.outgoing = Outgoing(
            self.senders,
            self.desk,
            self.work,
            self.ledger,
            self.pace,
            self.breaker,
            self.clock,  # type: ignore[arg-type]
            timedelta(seconds=10),
        )

    def ready(self, *tasks: Task) -> None:
        for task in tasks:
            self.desk.take(task)
            self.desk.go_out(task)

    def go(self) -> list[Operation]:
        """One dispatch and its commit; what has left so far."""
        self.outgoing.dispatch()
        self.ledger.flush()
        return [exchange.operation for exchange in self.senders.made]

    def come_back(self) -> Any:
        exchange = self.senders.made.pop(0)
        return self.outgoing.returned(Answered(exchange, SpineAnswer(AnswerKind.ACCEPTED, 201)))

    def outage(self) -> None:
        for patient in range(5):
            self.breaker.failed(patient, connected=True)


@pytest.fixture
def leaving() -> Leaving:
    return Leaving()


def a_new_message(ordinal: int = 1) -> Task:
    task = a_task(ordinal, Need.SEND)
    task.message = Message(ASK, task.work.record.consent_version, local=LocalChange())
    return task


def a_prepared_message(ordinal: int = 1, state: IntentState = IntentState.PREPARED) -> Task:
    return a_task(ordinal, Need.SEND, state=ItemState.SENDING, intent=an_intent(state))


def test_a_new_message_its_attempt_and_its_item_are_one_commit_before_it_leaves(leaving: Leaving):
    task = a_new_message()
    leaving.ready(task)
    leaving.outgoing.dispatch()
    assert leaving.senders.made == []
    assert not leaving.outgoing.is_quiet
    leaving.ledger.flush()
    change = leaving.written[1]
    assert change.new_intent is not None
    assert change.new_attempt is not None
    [exchange] = leaving.senders.made
    assert exchange.ids.request_id == change.new_intent.request_id == task.sent_message.request_id
    assert exchange.ids.correlation_id == change.new_attempt.correlation_id == task.correlation_id
    assert leaving.outgoing.is_sending


@pytest.mark.parametrize("state", [IntentState.PREPARED, IntentState.UNKNOWN])
def test_a_message_from_before_goes_in_flight_by_way_of_prepared(state: IntentState, leaving: Leaving):
    task = a_prepared_message(state=state)
    leaving.ready(task)
    assert leaving.go() == [Operation.SEND]
    change = leaving.written[1]
    assert change.new_intent is None
    assert change.intent is not None
    assert (change.intent.expected, change.intent.state) == (state, IntentState.PREPARED)
    assert change.version == task.sent_message.version
    assert task.sent_message.state is IntentState.IN_FLIGHT


@pytest.mark.parametrize(("seconds", "late"), [(0, False), (10, False), (10.1, True), (-3600, False)])
def test_a_message_is_late_when_its_attempt_was_written_too_long_ago(seconds: float, late: bool, leaving: Leaving):
    leaving.ready(a_new_message())
    leaving.go()
    leaving.clock.jump(seconds)
    [exchange] = leaving.senders.made
    assert exchange.is_late() is late


def test_messages_that_find_no_sender_are_prepared_alone(leaving: Leaving):
    tasks = [a_new_message(ordinal) for ordinal in (1, 2, 3)]
    leaving.ready(*tasks)
    assert leaving.go() == [Operation.SEND] * 2
    assert [change.new_attempt is None for change in leaving.written.values()] == [False, False, True]
    assert tasks[2].sent_message.state is IntentState.PREPARED
    leaving.come_back()
    leaving.go()
    assert leaving.senders.made[-1].item_id == 3
    assert leaving.store.committed[-1][0].new_intent is None


def test_a_question_needs_no_commit(leaving: Leaving):
    leaving.ready(a_task(1), a_task(2, Need.SETTLE, intent=an_intent()))
    assert leaving.go() == [Operation.READ] * 2
    assert leaving.written == {}
    assert not leaving.outgoing.is_sending
    under_way = leaving.come_back()
    assert (under_way.task.item_id, under_way.operation, under_way.begun_at) == (1, Operation.READ, leaving.clock.now())


@pytest.mark.parametrize("prepared", [True, False])
def test_a_stale_message_does_not_leave(prepared: bool, leaving: Leaving):
    leaving.store.stale = {1}
    leaving.ready(a_prepared_message() if prepared else a_new_message())
    assert leaving.go() == []
    assert leaving.outgoing.is_quiet
    assert [work.item_id for work in leaving.work.refill()] == [1]


@pytest.mark.parametrize("stale", [True, False])
def test_a_message_that_cannot_be_prepared_is_stale_or_a_fault_of_ours(stale: bool, leaving: Leaving):
    leaving.senders.size = 0
    if stale:
        leaving.store.stale = {1}
    else:
        leaving.store.faults = [ValueError(), ValueError()]
    leaving.ready(a_new_message())
    leaving.go()
    leaving.ledger.flush()
    if stale:
        assert [work.item_id for work in leaving.work.refill()] == [1]
    else:
        assert leaving.written[1].outcome.reason is Reason.INTERNAL_ERROR


def test_a_send_that_cannot_be_written_down_does_not_leave(leaving: Leaving):
    leaving.store.faults = [ValueError(), ValueError()]
    leaving.ready(a_new_message())
    assert leaving.go() == []
    assert leaving.outgoing.is_quiet
    leaving.ledger.flush()
    assert leaving.written[1].outcome.reason is Reason.INTERNAL_ERROR


def test_a_fault_about_one_does_not_hold_up_the_others(leaving: Leaving):
    nobody = a_task(1, nhs_number=None)
    leaving.ready(nobody, a_task(2))
    assert leaving.go() == [Operation.READ]
    leaving.ledger.flush()
    assert leaving.written[1].outcome.reason is Reason.INTERNAL_ERROR


# --- when the next may go ---------------------------------------------------------------------------------------------


def test_with_nobody_ready_or_no_sender_idle_there_is_nothing_to_wait_for(leaving: Leaving):
    assert leaving.outgoing.seconds_to_go_out() == math.inf
    leaving.ready(a_task(1), a_task(2), a_task(3))
    assert leaving.outgoing.seconds_to_go_out() == 0
    leaving.go()
    assert leaving.outgoing.seconds_to_go_out() == math.inf


def test_a_sender_is_kept_for_a_message_whose_commit_is_still_to_come(leaving: Leaving):
    leaving.senders.size = 1
    leaving.ready(a_new_message(), a_task(2))
    leaving.outgoing.dispatch()
    assert leaving.outgoing.seconds_to_go_out() == math.inf
    leaving.ledger.flush()
    assert [exchange.item_id for exchange in leaving.senders.made] == [1]


def test_without_a_limit_requests_are_handed_over_before_a_sender_is_idle(leaving: Leaving):
    leaving.senders.ahead = 2
    leaving.ready(*(a_task(number) for number in range(1, 6)))
    leaving.outgoing.dispatch()
    assert [exchange.item_id for exchange in leaving.senders.made] == [1, 2, 3, 4]


def test_a_message_is_handed_over_only_to_leave_at_once(leaving: Leaving):
    """Its attempt is written before: a death would leave attempts that never left, and each counts as a send."""
    leaving.senders.ahead = 2
    leaving.ready(a_task(1), a_task(2), a_task(3))
    leaving.outgoing.dispatch()
    leaving.ready(a_new_message(4))
    assert leaving.outgoing.seconds_to_go_out() == math.inf, "there is room, but nobody is idle"
    leaving.senders.made.clear()
    leaving.ready(a_task(5))
    leaving.outgoing.dispatch()
    leaving.ledger.flush()
    assert {exchange.item_id for exchange in leaving.senders.made} == {4, 5}


def test_questions_do_not_go_ahead_of_a_message_that_waits_for_a_sender(leaving: Leaving):
    leaving.senders.ahead = 2
    leaving.ready(a_task(1), a_task(2))
    leaving.outgoing.dispatch()
    leaving.ready(a_new_message(3), a_task(4))
    leaving.outgoing.dispatch()
    assert [exchange.item_id for exchange in leaving.senders.made] == [1, 2]


def test_questions_do_not_go_ahead_of_a_message_whose_commit_is_still_to_come(leaving: Leaving):
    leaving.senders.ahead = 2
    leaving.ready(a_new_message(1), a_task(2), a_task(3), a_task(4))
    leaving.outgoing.dispatch()
    leaving.ledger.flush()
    assert [exchange.item_id for exchange in leaving.senders.made] == [2, 1], "both senders idle: neither of them waits"


def test_what_has_a_pace_is_handed_over_only_to_leave_at_once():
    leaving = Leaving(per_second=5.0)
    leaving.senders.ahead = 2
    leaving.ready(a_task(1), a_task(2), a_task(3))
    for _ in range(3):
        leaving.outgoing.dispatch()
        leaving.clock.advance(1.0)
    assert len(leaving.senders.made) == leaving.senders.size


def test_after_a_429_nothing_is_handed_over_ahead_although_there_is_no_limit(leaving: Leaving):
    leaving.senders.ahead = 2
    leaving.pace.slow_down(1.0)
    leaving.ready(a_task(1), a_task(2), a_task(3))
    while len(leaving.senders.made) < leaving.senders.size:
        leaving.clock.advance(0.1)
        leaving.outgoing.dispatch()
    leaving.clock.advance(leaving.pace.wait_needed())
    leaving.outgoing.dispatch()
    assert len(leaving.senders.made) == leaving.senders.size


def test_the_pace_says_when():
    leaving = Leaving(per_second=5.0)
    leaving.ready(a_task(1), a_task(2))
    assert leaving.go() == [Operation.READ]
    assert 0.2 <= leaving.outgoing.seconds_to_go_out() <= 0.21


def test_in_an_outage_one_question_goes_out_when_the_probe_is_due(leaving: Leaving):
    leaving.ready(a_prepared_message(1), a_task(2), a_task(3))
    leaving.outage()
    assert leaving.outgoing.seconds_to_go_out() == 5.0
    assert leaving.go() == []
    leaving.clock.advance(5)
    assert leaving.go() == [Operation.READ]
    assert leaving.breaker.circuit is Circuit.PROBING
    assert leaving.outgoing.seconds_to_go_out() == math.inf, "its answer decides, and the loop may sleep until then"


def test_no_probe_while_something_from_before_is_under_way(leaving: Leaving):
    leaving.ready(a_task(1))
    leaving.go()
    leaving.ready(a_task(2))
    leaving.outage()
    leaving.clock.advance(60)
    assert leaving.outgoing.seconds_to_go_out() == math.inf
    leaving.come_back()
    assert leaving.outgoing.seconds_to_go_out() == 0


def test_where_only_messages_wait_one_of_them_is_the_probe(leaving: Leaving):
    leaving.ready(a_prepared_message(1), a_prepared_message(2))
    leaving.outage()
    leaving.clock.advance(5)
    assert leaving.go() == [Operation.SEND]


@pytest.mark.parametrize("outcome", ["stale", "fault", "broken"])
def test_a_probe_that_never_left_makes_room_for_another_at_once(outcome: str, leaving: Leaving):
    if outcome == "stale":
        leaving.store.stale = {1}
    elif outcome == "fault":
        leaving.store.faults = [ValueError(), ValueError()]
    leaving.ready(a_task(1, nhs_number=None) if outcome == "broken" else a_prepared_message(1))
    leaving.outage()
    leaving.clock.advance(5)
    assert leaving.go() == []
    assert leaving.breaker.circuit is Circuit.OPEN
    leaving.ready(a_task(2))
    assert leaving.go() == [Operation.READ]
