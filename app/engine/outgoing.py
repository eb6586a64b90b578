"""Sending patients' requests out: who may go next, what is committed before the first byte, who is under way."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from functools import partial

from app.clock import LONDON, Clock
from app.engine import steps
from app.engine.breaker import Breaker, Circuit
from app.engine.ledger import Ledger
from app.engine.pace import Pace
from app.engine.rows import NewAttempt
from app.engine.senders import Answered, Exchange, Operation, SenderPool
from app.engine.spine_port import MessageIds
from app.engine.task import Message, Need, Task
from app.engine.workload import Workload


class Outgoing:
    """Dispatches ready tasks to idle senders. Used by the loop's thread alone.

    `take_anew` is called with a task whose record has moved on, `broke` with one that met a fault of ours.
    """

    def __init__(
        self,
        pool: SenderPool,
        work: Workload,
        ledger: Ledger,
        pace: Pace,
        breaker: Breaker,
        clock: Clock,
        take_anew: Callable[[Task], None],
        broke: Callable[[Task, Exception], None],
    ) -> None:
        self._pool = pool
        self._work = work
        self._ledger = ledger
        self._pace = pace
        self._breaker = breaker
        self._clock = clock
        self._take_anew = take_anew
        self._broke = broke
        self._under_way: dict[str, tuple[Task, datetime]] = {}
        self._reserved = 0

    @property
    def is_quiet(self) -> bool:
        """Whether no exchange is under way and none is about to be."""
        return not self._under_way and not self._reserved

    def dispatch(self) -> None:
        """Let as many tasks go out as senders, pace and circuit allow; sends first."""
        while self._may_go_out():
            probing = self._breaker.circuit is Circuit.OPEN
            task = self._work.next_ready(prefer_read=probing)
            if task is None:
                break
            if probing:
                self._breaker.begin_probe()
            self._pace.take()
            if task.need is Need.SEND:
                self._begin_send(task)
            else:
                ids = MessageIds(str(uuid.uuid4()), str(uuid.uuid4()))
                self._submit(task, Operation.READ, ids, self._clock.now())
        self._prepare_waiting()

    def seconds_to_go_out(self) -> float:
        """Until the pace lets the next ready task out; infinite when none could go anyway."""
        waits = self._work.has_ready and self._pool.idle > self._reserved
        if not waits:
            return float("inf")
        return self._pace.wait_needed() if self._breaker.circuit is Circuit.CLOSED else self._breaker.seconds_to_probe()

    def returned(self, answered: Answered) -> tuple[Task, datetime]:
        """The task an answer is for, and when its exchange began; it is no longer under way."""
        return self._under_way.pop(answered.exchange.ids.correlation_id)

    def _may_go_out(self) -> bool:
        if self._pool.idle <= self._reserved or self._pace.wait_needed() > 0:
            return False
        if self._breaker.circuit is Circuit.CLOSED:
            return True
        return self._breaker.may_probe() and self.is_quiet

    def _begin_send(self, task: Task) -> None:
        """Transactions A and B in one commit, or B alone for a message prepared before; then the sender."""
        message = _message_of(task)
        now = self._clock.now()
        resend = message.resend_reason.value if message.resend_reason else ""
        attempt = NewAttempt(str(uuid.uuid4()), now, resend)
        code_before = steps.counting_code(task.work.record, now.astimezone(LONDON))
        if message.prepared:
            change = steps.begin_send(task, message, attempt, code_before, now)
        else:
            message.request_id = str(uuid.uuid4())
            change = steps.prepare(task, message, code_before, attempt, now)
        self._reserved += 1

        def committed(applied: bool) -> None:
            self._reserved -= 1
            if not applied:
                self._breaker.probe_not_made()
                self._take_anew(task)
                return
            message.prepared = True
            self._submit(task, Operation.SEND, MessageIds(message.request_id, attempt.correlation_id), now)

        def broke(fault: Exception) -> None:
            self._reserved -= 1
            self._breaker.probe_not_made()
            self._broke(task, fault)

        self._ledger.add(task, change, committed, broke, urgent=True)

    def _prepare_waiting(self) -> None:
        """Transaction A alone for messages that must wait for a sender or for the pace."""
        for task in self._work.take_unprepared():
            message = _message_of(task)
            message.request_id = str(uuid.uuid4())
            now = self._clock.now()
            code_before = steps.counting_code(task.work.record, now.astimezone(LONDON))
            change = steps.prepare(task, message, code_before, None, now)
            self._ledger.add(task, change, self._prepared(task, message), partial(self._broke, task))

    def _prepared(self, task: Task, message: Message) -> Callable[[bool], None]:
        def done(applied: bool) -> None:
            if applied:
                message.prepared = True
                self._work.ready(task)
            else:
                self._take_anew(task)

        return done

    def _submit(self, task: Task, operation: Operation, ids: MessageIds, started_at: datetime) -> None:
        task.correlation_id = ids.correlation_id
        self._under_way[ids.correlation_id] = (task, started_at)
        self._pool.submit(Exchange(task.item_id, operation, task.nhs_number, ids))


def _message_of(task: Task) -> Message:
    if task.message is None:
        raise AssertionError("a task that sends has a message")
    return task.message
