"""The senders, one exchange at a time each, given up at the deadline: faults rows 11 and 32."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from app.domain.states import StopReason
from app.engine.sender_pool import SenderPool
from app.engine.senders import Answered, AskGate, Exchange, Operation
from app.engine.spine_port import AnswerKind, MessageIds, SpineAnswer
from tests.helpers.clocks import ManualClock
from tests.helpers.practice import number

LONG = 20.0
"""Seconds of real time after which a test has failed."""

DEADLINE = 75.0


class SlowSpine:
    """Connections that hold every exchange until a test lets it go, or somebody cuts it."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.connections: list[SlowConnection] = []
        self.answer: Callable[[str], SpineAnswer] = lambda _: SpineAnswer(AnswerKind.ACCEPTED, 201)
        self.refuses = 0
        self.deaf = False
        """Whether cutting an exchange does not end it."""

    def connect(self) -> SlowConnection:
        if self.refuses:
            self.refuses -= 1
            raise OSError("9990000018 cannot connect")
        connection = SlowConnection(self)
        self.connections.append(connection)
        return connection

    def wait_until_begun(self, exchanges: int = 1) -> None:
        for _ in range(exchanges):
            assert self.begun.acquire(timeout=LONG)


class SlowConnection:
    def __init__(self, spine: SlowSpine) -> None:
        self._spine = spine
        self.go = threading.Event()
        self.cut = threading.Event()
        self.closed = threading.Event()
        self.made: list[tuple[str, str]] = []

    def read_consent(self, nhs_number: str, ids: MessageIds) -> SpineAnswer:
        return self._make("read", nhs_number)

    def send_dissent(self, nhs_number: str, ids: MessageIds) -> SpineAnswer:
        return self._make("send", nhs_number)

    def abort(self) -> None:
        self.cut.set()
        if not self._spine.deaf:
            self.go.set()

    def close(self) -> None:
        self.closed.set()

    def _make(self, operation: str, nhs_number: str) -> SpineAnswer:
        self.made.append((operation, nhs_number))
        self._spine.begun.release()
        assert self.go.wait(LONG)
        self.go.clear()
        return self._spine.answer(operation)


class Pooled:
    """A pool over a slow Spine, on a clock that stands still."""

    def __init__(self, size: int = 1, gate: AskGate | None = None) -> None:
        self.clock = ManualClock()
        self.spine = SlowSpine()
        self.closed: StopReason | None = None
        others = set(threading.enumerate())
        self.pool = SenderPool(
            self.spine.connect, size, DEADLINE, gate or (lambda _: self.closed), self.clock.monotonic
        )
        self.threads = set(threading.enumerate()) - others
        self._made = 0

    def submit(self, operation: Operation = Operation.SEND) -> Exchange:
        self._made += 1
        exchange = Exchange(self._made, operation, number(self._made), MessageIds("request", f"try-{self._made}"))
        self.pool.submit(exchange)
        return exchange

    def receive(self) -> Answered:
        """The one answer that is to come."""
        [answered] = self.pool.receive(LONG)
        return answered

    def receive_both(self) -> dict[Exchange, AnswerKind]:
        """The two answers that are to come."""
        back = self.pool.receive(LONG)
        back += self.pool.receive(LONG) if len(back) < 2 else []
        assert len(back) == 2
        return {answered.exchange: answered.answer.kind for answered in back}

    def let_go(self) -> None:
        for connection in self.spine.connections:
            connection.go.set()


@pytest.fixture
def pooled() -> Iterator[Pooled]:
    pooled = Pooled()
    yield pooled
    pooled.let_go()
    pooled.pool.close()


def test_an_exchange_comes_back_with_its_answer_and_the_sender_is_idle_again(pooled: Pooled):
    assert pooled.pool.idle == 1
    exchange = pooled.submit()
    assert pooled.pool.idle == 0
    pooled.spine.wait_until_begun()
    pooled.let_go()
    assert pooled.receive() == Answered(exchange, SpineAnswer(AnswerKind.ACCEPTED, 201))
    assert pooled.pool.idle == 1


def test_each_operation_is_the_one_asked_for_on_one_kept_connection(pooled: Pooled):
    for operation in (Operation.READ, Operation.SEND):
        pooled.submit(operation)
        pooled.spine.wait_until_begun()
        pooled.let_go()
        pooled.receive()
    [connection] = pooled.spine.connections
    assert connection.made == [("read", number(1)), ("send", number(2))]


def test_senders_work_beside_each_other():
    pooled = Pooled(size=3)
    exchanges = {pooled.submit() for _ in range(3)}
    pooled.spine.wait_until_begun(3)
    pooled.let_go()
    back = set()
    while len(back) < 3:
        back |= {answered.exchange for answered in pooled.pool.receive(LONG)}
    pooled.pool.close()
    assert back == exchanges


def test_what_is_handed_in_ahead_is_made_by_the_next_sender_that_is_idle(pooled: Pooled):
    room = pooled.pool.room
    first, second = pooled.submit(), pooled.submit(Operation.READ)
    assert pooled.pool.idle == 0
    assert pooled.pool.room == room - 2
    pooled.spine.wait_until_begun()
    [connection] = pooled.spine.connections
    assert [operation for operation, _ in connection.made] == ["send"], "one exchange at a time"
    pooled.let_go()
    assert pooled.receive().exchange == first
    pooled.spine.wait_until_begun()
    pooled.let_go()
    assert pooled.receive().exchange == second
    assert pooled.pool.room == room


def test_what_waits_for_a_sender_is_never_past_its_deadline(pooled: Pooled):
    """It has not been begun: to call it unknown would have a message settled that nobody sent."""
    first, second = pooled.submit(), pooled.submit()
    pooled.spine.wait_until_begun()
    pooled.clock.advance(DEADLINE + 1.0)
    assert pooled.receive() == Answered(first, SpineAnswer(AnswerKind.UNKNOWN))
    pooled.spine.wait_until_begun()
    assert pooled.spine.connections[1].made == [("send", number(2))], "its sender's successor makes it"
    assert not pooled.spine.connections[1].cut.is_set()
    pooled.let_go()
    assert pooled.receive() == Answered(second, SpineAnswer(AnswerKind.ACCEPTED, 201))


def test_what_waits_when_the_gate_closes_is_not_sent(pooled: Pooled):
    first, second = pooled.submit(), pooled.submit()
    pooled.spine.wait_until_begun()
    pooled.closed = StopReason.USER
    pooled.let_go()
    assert pooled.receive_both() == {first: AnswerKind.ACCEPTED, second: AnswerKind.NOT_SENT}


@pytest.mark.parametrize(
    "kind",
    sorted(set(AnswerKind) - {AnswerKind.CONSENT, AnswerKind.ACCEPTED, AnswerKind.REJECTED, AnswerKind.NOT_SENT}),
)
def test_what_waits_behind_an_answer_that_may_be_about_everybody_is_not_sent(pooled: Pooled, kind):
    """A refusal or an outage is judged by the loop before anybody else is asked."""
    pooled.spine.answer = lambda _: SpineAnswer(kind)
    first, second = pooled.submit(), pooled.submit()
    pooled.spine.wait_until_begun()
    pooled.let_go()
    assert pooled.receive_both() == {first: kind, second: AnswerKind.NOT_SENT}
    third = pooled.submit()
    pooled.spine.wait_until_begun()
    pooled.let_go()
    assert pooled.receive().exchange == third, "judged, it holds nobody up any more"


def test_in_haste_what_is_under_way_is_unknown_and_what_waits_was_not_sent(pooled: Pooled):
    first, second = pooled.submit(), pooled.submit()
    pooled.spine.deaf = True
    pooled.spine.wait_until_begun()
    pooled.pool.give_up()
    assert pooled.receive_both() == {first: AnswerKind.UNKNOWN, second: AnswerKind.NOT_SENT}
    pooled.let_go()


def test_nothing_to_receive_is_no_answer(pooled: Pooled):
    assert pooled.pool.receive(0.0) == []


def test_a_wake_ends_the_waiting(pooled: Pooled):
    waker = threading.Timer(0.05, pooled.pool.wake)
    waker.start()
    assert pooled.pool.receive(LONG) == []
    waker.join()


def test_behind_a_closed_gate_not_a_byte_is_sent(pooled: Pooled):
    pooled.closed = StopReason.WINDOW_CLOSED
    exchange = pooled.submit()
    assert pooled.receive() == Answered(exchange, SpineAnswer(AnswerKind.NOT_SENT))
    assert pooled.spine.connections == []


def test_what_has_become_late_does_not_leave_any_more(pooled: Pooled):
    late = Exchange(1, Operation.SEND, number(1), MessageIds("request", "try-1"), lambda: True)
    pooled.pool.submit(late)
    assert pooled.receive() == Answered(late, SpineAnswer(AnswerKind.NOT_SENT))
    assert not pooled.spine.connections


@pytest.mark.parametrize(
    ("operation", "kind"), [(Operation.SEND, AnswerKind.UNKNOWN), (Operation.READ, AnswerKind.UNAVAILABLE)]
)
def test_past_the_deadline_an_exchange_is_given_up_and_its_late_answer_dropped(pooled: Pooled, operation, kind):
    exchange = pooled.submit(operation)
    pooled.spine.deaf = True
    pooled.spine.wait_until_begun()
    pooled.clock.advance(DEADLINE)
    assert pooled.pool.receive(0.0) == []
    pooled.clock.advance(1.0)
    assert pooled.receive() == Answered(exchange, SpineAnswer(kind))
    [connection] = pooled.spine.connections
    assert connection.cut.is_set()
    assert pooled.pool.idle == 1, "its sender is replaced"
    pooled.let_go()
    assert connection.closed.wait(LONG)
    assert pooled.pool.receive(0.0) == [], "what it still brought is dropped"
    assert pooled.pool.idle == 1
    later = pooled.submit()
    pooled.spine.wait_until_begun()
    pooled.let_go()
    assert pooled.receive().exchange == later


def test_an_exchange_given_up_before_its_thread_came_to_it_is_never_begun():
    """The computer slept: the loop wakes first, and gives up what its sender has not yet begun."""
    asked, go_on = threading.Event(), threading.Event()

    def slow_gate(_: Operation) -> StopReason | None:
        asked.set()
        assert go_on.wait(LONG)
        return None

    pooled = Pooled(gate=slow_gate)
    pooled.submit()
    assert asked.wait(LONG)
    pooled.clock.advance(DEADLINE + 1)
    assert pooled.receive().answer.kind is AnswerKind.UNKNOWN
    go_on.set()
    for thread in pooled.threads:
        thread.join(LONG)
    assert all(not connection.made for connection in pooled.spine.connections)
    pooled.pool.close()


@pytest.mark.parametrize(
    ("operation", "kind"), [(Operation.SEND, AnswerKind.UNKNOWN), (Operation.READ, AnswerKind.UNAVAILABLE)]
)
def test_whatever_a_connection_raises_an_answer_comes_and_the_log_names_nobody(pooled: Pooled, operation, kind, caplog):
    def broken(_: str) -> SpineAnswer:
        raise ValueError("https://spine/DocumentReference?patient=9990000018")

    pooled.spine.answer = broken
    pooled.submit(operation)
    pooled.spine.wait_until_begun()
    pooled.let_go()
    assert pooled.receive().answer == SpineAnswer(kind)
    assert "ValueError" in caplog.text
    assert "9990000018" not in caplog.text


def test_where_no_connection_can_be_had_nothing_was_sent_and_it_is_tried_anew(pooled: Pooled, caplog):
    pooled.spine.refuses = 1
    pooled.submit()
    assert pooled.receive().answer == SpineAnswer(AnswerKind.NO_CONNECTION)
    assert "9990000018" not in caplog.text
    pooled.submit()
    pooled.spine.wait_until_begun()
    pooled.let_go()
    assert pooled.receive().answer.kind is AnswerKind.ACCEPTED


def test_closing_cuts_what_is_under_way_and_ends_every_thread():
    pooled = Pooled(size=2)
    assert len(pooled.threads) == 2
    pooled.submit()
    pooled.spine.wait_until_begun()
    pooled.pool.close()
    [connection] = pooled.spine.connections
    assert connection.cut.is_set()
    assert connection.closed.is_set()
    assert not any(thread.is_alive() for thread in pooled.threads)
    assert pooled.pool.idle == 0
