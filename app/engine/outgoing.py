"""Sending patients' requests out: who may go next, what is committed before the first byte, who is under way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.clock import Clock
from app.domain.states import IntentState
from app.engine import steps
from app.engine.breaker import Breaker, Circuit
from app.engine.desk import Desk
from app.engine.fresh_ids import fresh_id
from app.engine.ledger import Ledger
from app.engine.pace import Pace
from app.engine.rows import NewAttempt
from app.engine.senders import Answered, Exchange, Operation, Senders
from app.engine.spine_port import MessageIds
from app.engine.task import Need, Task
from app.engine.workload import Workload


@dataclass(frozen=True, slots=True)
class UnderWay:
    """An exchange that is being made: for whom, what, and since when."""

    task: Task
    operation: Operation
    begun_at: datetime


class Outgoing:
    """Dispatches ready tasks to idle senders. Used by the loop's thread alone.

    A message whose attempt was written longer than `leaves_within` ago does not leave any more, because the computer
    slept or the disk was slow: the settle time runs from the row, and must not be over while the Spine may be at it.
    """

    def __init__(
        self,
        senders: Senders,
        desk: Desk,
        work: Workload,
        ledger: Ledger,
        pace: Pace,
        breaker: Breaker,
        clock: Clock,
        leaves_within: timedelta,
    ) -> None:
        self._senders = senders
        self._desk = desk
        self._work = work
        self._ledger = ledger
        self._pace = pace
        self._breaker = breaker
        self._clock = clock
        self._leaves_within = leaves_within
        self._under_way: dict[str, UnderWay] = {}
        self._reserved = 0
        """Room kept for sends whose attempt is being committed."""

    @property
    def is_quiet(self) -> bool:
        """Whether no exchange is under way and none is about to be."""
        return not self._under_way and not self._reserved

    @property
    def is_sending(self) -> bool:
        """Whether an answer to a send is still to come."""
        return any(exchange.operation is Operation.SEND for exchange in self._under_way.values())

    def dispatch(self) -> None:
        """Let as many tasks go out as senders, pace and circuit allow; sends first."""
        while self.seconds_to_go_out() <= 0:
            probing = self._breaker.circuit is Circuit.OPEN
            task = self._work.next_ready(prefer_read=probing)
            if probing:
                self._breaker.begin_probe()
            self._pace.take()
            self._guarded(self._send_out, task)
        # Transaction A alone for messages that must wait for a sender, for the pace or for the end of an outage.
        for task in self._work.take_unprepared():
            self._guarded(self._prepare, task)

    @property
    def _room(self) -> int:
        """How many requests the senders can take.

        What has a pace must leave when it is handed over, and not later; so must a message, whose attempt is written
        before: a death would leave attempts that never left, and each counts as one that may have arrived.
        """
        may_wait = self._pace.is_unlimited and not self._work.has_sends and not self._reserved
        return self._senders.room if may_wait else self._senders.idle

    def leave_sends(self) -> None:
        """No dissent may be sent for now: each is prepared where it was not, and left to the next execution."""
        for task in self._work.take_sends():
            self._guarded(self._leave, task)

    def seconds_to_go_out(self) -> float:
        """Until the next ready task may go out; infinite while something else must happen first."""
        if not self._work.has_ready or self._room <= self._reserved:
            return float("inf")
        if self._breaker.circuit is Circuit.CLOSED:
            return self._pace.wait_needed()
        if self._breaker.circuit is Circuit.OPEN and self.is_quiet:
            return max(self._breaker.seconds_to_probe(), self._pace.wait_needed())
        return float("inf")

    def returned(self, answered: Answered) -> UnderWay:
        """The exchange an answer is for; it is no longer under way."""
        return self._under_way.pop(answered.exchange.ids.correlation_id)

    def _guarded(self, step: Callable[[Task], None], task: Task) -> None:
        try:
            step(task)
        except Exception as fault:  # noqa: BLE001 - an unexpected error in one patient fails that patient, not the run
            self._breaker.probe_not_made()
            self._desk.met_fault(task, fault)

    def _send_out(self, task: Task) -> None:
        if task.need is Need.SEND:
            self._begin_send(task)
        else:
            self._submit(task, Operation.READ, MessageIds(fresh_id(), fresh_id()), lambda: False)

    def _begin_send(self, task: Task) -> None:
        """Transactions A and B in one commit, or B alone for a message prepared before; then the sender."""
        message, now = task.sent_message, self._clock.now()
        reason = message.resend_reason.value if message.resend_reason else ""
        attempt = NewAttempt(fresh_id(), now, reason)
        if message.state is None:
            change = steps.prepare(task, message, attempt, now)
        else:
            change = steps.begin_send(task, message, message.state, attempt, now)
        self._reserved += 1

        def committed(applied: bool) -> None:
            self._reserved -= 1
            if applied:
                message.state = IntentState.IN_FLIGHT
                ids = MessageIds(message.request_id, attempt.correlation_id)
                self._submit(task, Operation.SEND, ids, lambda: self._clock.now() - now > self._leaves_within)
            else:
                self._breaker.probe_not_made()
                self._desk.take_anew(task)

        def broke(fault: Exception) -> None:
            self._reserved -= 1
            self._breaker.probe_not_made()
            self._desk.met_fault(task, fault)

        self._ledger.add(task, change, committed, broke, urgent=True)

    def _leave(self, task: Task) -> None:
        message, now = task.sent_message, self._clock.now()
        unwritten = message.state is None
        self._desk.write(task, steps.prepare(task, message, None, now) if unwritten else steps.leave(task, now))

    def _prepare(self, task: Task) -> None:
        message = task.sent_message

        def done(applied: bool) -> None:
            if applied:
                message.state = IntentState.PREPARED
                self._desk.go_out(task)
            else:
                self._desk.take_anew(task)

        change = steps.prepare(task, message, None, self._clock.now())
        self._ledger.add(task, change, done, lambda fault: self._desk.met_fault(task, fault))

    def _submit(self, task: Task, operation: Operation, ids: MessageIds, is_late: Callable[[], bool]) -> None:
        exchange = Exchange(task.item_id, operation, task.nhs_number, ids, is_late)
        task.correlation_id = ids.correlation_id
        self._under_way[ids.correlation_id] = UnderWay(task, operation, self._clock.now())
        self._senders.submit(exchange)
