"""The migration loop: takes patients in hand, sends what may be sent, and writes what came of it.

It runs in the worker's thread, the only writer of the run tables. Senders make the exchanges; every answer comes
back through one inbox. The loop sees to the run (pace, outage, stop, end); `answers` sees to the patient.
"""

from __future__ import annotations

import logging
import queue
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.clock import Clock
from app.domain.outcomes import ItemState, Reason
from app.domain.states import StopReason
from app.engine import steps
from app.engine.answers import NOT_APPLIED, RECONNECT_SECONDS, Answers
from app.engine.breaker import Breaker
from app.engine.control import Gate, StopToken
from app.engine.intake import Intake
from app.engine.ledger import Ledger
from app.engine.outgoing import Outgoing
from app.engine.pace import Pace
from app.engine.ports import MigrationStore, Operator
from app.engine.reporter import Reporter
from app.engine.rows import Change, ExecutionEnd, ExecutionKey, Scope, Tally
from app.engine.senders import Answered, Operation, SenderPool
from app.engine.spine_port import AnswerKind, SpineAnswer, SpineService
from app.engine.task import Need, Task
from app.engine.watch import TOLD_NOTHING, RunWatch
from app.engine.workload import Workload

_log = logging.getLogger(__name__)

_TICK_SECONDS = 0.1
"""The longest the loop sleeps, so that progress and a closing window are never seen late."""

_MAX_FAULTS_IN_A_ROW = 5
LEFTOVER_PAGE = 64


@dataclass(frozen=True, slots=True)
class LoopSettings:
    """How an execution works. Times in seconds; `max_wait` of None waits out an outage however long it lasts."""

    per_second: float = 5.0
    senders: int = 4
    deadline: float = 75.0
    settle: float = 75.0
    retry_delays: tuple[float, ...] = (1.0, 4.0, 60.0, 300.0)
    max_wait: float | None = None

    @property
    def settle_time(self) -> timedelta:
        """How long after it began a message of unknown outcome may still be applied."""
        return timedelta(seconds=self.settle)


@dataclass(frozen=True, slots=True)
class Assignment:
    """What an execution is to work on, and for whom."""

    key: ExecutionKey
    scope: Scope
    operator: Operator


class MigrationLoop:
    """One execution over one run. `run` returns how it ended; every fault of a patient stays with the patient."""

    def __init__(
        self,
        assignment: Assignment,
        store: MigrationStore,
        service: SpineService,
        gate: Gate,
        token: StopToken,
        clock: Clock,
        settings: LoopSettings,
        reporter: Reporter,
        sleep: Callable[[float], object],
    ) -> None:
        key, scope = assignment.key, assignment.scope
        settle = settings.settle_time
        self._key = key
        self._scope = scope
        self._store = store
        self._gate = gate
        self._clock = clock
        self._max_wait = settings.max_wait
        self._reporter = reporter
        self._inbox: queue.SimpleQueue[Answered | None] = queue.SimpleQueue()
        self._pace = Pace(settings.per_second, clock.monotonic)
        self._breaker = Breaker(clock.monotonic)
        self._watch = RunWatch(self, self._breaker, self._pace)
        self._ledger = Ledger(store, key, reporter.moved, clock.monotonic, sleep)
        self._work = Workload(store, key, scope, clock.monotonic, clock.now)
        self._answers = Answers(self, assignment.operator.name, scope, settle, settings.retry_delays)
        self._intake = Intake(self, self._answers, settle, clock)
        self._pool = SenderPool(
            service, settings.senders, settings.deadline, gate.closed_because, self._inbox, clock.monotonic
        )
        self._outgoing = Outgoing(
            self._pool,
            self._work,
            self._ledger,
            self._pace,
            self._breaker,
            clock,
            self._take_anew,
            self._internal_error,
        )
        self._end: ExecutionEnd | None = None
        self._faults_in_a_row = 0
        token.on_stop(lambda: self._inbox.put(None))

    def run(self) -> ExecutionEnd:
        """Work until the scope is exhausted or something stops the run; exchanges under way are seen to their end.

        Raises `Fenced` and `StorageFault`.
        """
        try:
            while self._end is None or not self._outgoing.is_quiet:
                self._turn()
            self._ledger.flush()
        finally:
            self._pool.close()
        return self._end

    def take_tally(self) -> Tally:
        """Reads that no commit has carried yet, for the execution's last one."""
        return self._ledger.take_tally()

    def _turn(self) -> None:
        """Go out, commit, listen."""
        self._check_stop()
        if self._end is None:
            for work in self._work.refill():
                self._take(self._intake.task_for(work))
            self._work.wake_due()
            self._outgoing.dispatch()
        if self._ledger.is_due() or self._end is not None:
            self._ledger.flush()
        self._reporter.tell(self._breaker, self._end is not None)
        if self._end is None and self._outgoing.is_quiet:
            self._try_to_finish()
        self._listen()

    def _check_stop(self) -> None:
        if (reason := self._gate.closed_because()) is not None:
            self.stop(reason)
        elif self._max_wait is not None and self._breaker.open_for() > self._max_wait:
            self.stop(StopReason.NO_CONNECTION if self._breaker.no_connection else StopReason.SPINE_UNAVAILABLE)

    def stop(self, reason: StopReason, detail: str = "") -> None:
        """End the execution once nothing is under way any more; the first reason stands."""
        if self._end is None:
            self._end = ExecutionEnd(completed=False, reason=reason, detail=detail)

    def _try_to_finish(self) -> None:
        """End the execution when nothing is to come any more; what could not be brought to an end fails, to be seen."""
        if self._work.may_bring_more or self._work.in_hand > self._watch.held:
            return
        self._watch.judge_held()
        self._ledger.flush()
        if self._work.may_bring_more or self._work.in_hand:
            return
        now = self._clock.now()
        leftovers = self._store.leftover_items(self._key, self._scope, LEFTOVER_PAGE)
        for work in leftovers:
            reason = Reason.OUTCOME_UNKNOWN if work.state is ItemState.SENDING else Reason.SPINE_UNAVAILABLE
            self._take_leftover(Task(work, Need.READ), reason, now)
        self._ledger.flush()
        if not leftovers:
            self._end = ExecutionEnd(completed=True)

    def _take_leftover(self, task: Task, reason: Reason, now: datetime) -> None:
        self._work.hold(task)
        self.write(task, steps.fail(task.work, reason, now))

    # --- listening ----------------------------------------------------------------------------------------------

    def _listen(self) -> None:
        """Wait for the next answer, for as long as nothing else is due, then take everything that has arrived."""
        for answered in self._pool.overdue():
            self._take_answer(answered)
        try:
            answered_or_woken = self._inbox.get(timeout=self._patience())
            while True:
                if answered_or_woken is not None and self._pool.accept(answered_or_woken):
                    self._take_answer(answered_or_woken)
                answered_or_woken = self._inbox.get_nowait()
        except queue.Empty:
            return

    def _patience(self) -> float:
        """How long to wait for an answer before something else is due, in seconds."""
        waits = [_TICK_SECONDS, self._ledger.seconds_to_due(), self._work.seconds_to_retry()]
        if self._end is None:
            waits.append(self._outgoing.seconds_to_go_out())
        return min(waits)

    def _take_answer(self, answered: Answered) -> None:
        task, started_at = self._outgoing.returned(answered)
        answer, sending = answered.answer, answered.exchange.operation is Operation.SEND
        try:
            if answer.kind is not AnswerKind.NOT_SENT:
                self._count(sending)
            self._watch.see(task, answer)
            if sending:
                self._answers.sent(task, answer, started_at, self._clock.now())
            else:
                self._see_to_read(task, answer)
        except Exception as fault:  # noqa: BLE001 - an unexpected error in one patient fails that patient, not the run
            if sending:
                # The attempt stays open in the rows: the next start finds it, and settles it by reading.
                _log.exception("The answer to a send could not be taken in.")
                self.stop(StopReason.ERROR, type(fault).__name__)
            else:
                self._internal_error(task, fault)

    def _count(self, sending: bool) -> None:
        if sending:
            self._reporter.wrote()
        else:
            self._reporter.read()
            self._ledger.count_read()

    def _see_to_read(self, task: Task, answer: SpineAnswer) -> None:
        now = self._clock.now()
        if answer.kind in TOLD_NOTHING and self._watch.in_outage:
            self._work.ready(task)
        elif answer.kind is AnswerKind.NO_CONNECTION:
            self._work.retry(task, RECONNECT_SECONDS)
        elif answer.kind in NOT_APPLIED:
            self._work.ready(task, first=True)
        elif task.need is Need.SETTLE:
            self._answers.settling_read(task, answer, now)
        else:
            self._answers.read(task, answer, now)

    # --- what the answers may do (Desk) -------------------------------------------------------------------------

    def write(self, task: Task, change: Change, *, again: bool = False) -> None:
        """Commit this and let go of the patient, or take them in hand anew when `again`, or when it was stale."""

        def done(applied: bool) -> None:
            if again or not applied:
                self._take_anew(task)
                return
            self._work.drop(task.item_id)
            if change.outcome.next_attempt_at is not None:
                self._work.expect_due(change.outcome.next_attempt_at)
            if change.outcome.reason is not Reason.INTERNAL_ERROR:
                self._faults_in_a_row = 0
            if change.outcome.reason is not None:
                self._reporter.finished()

        self._ledger.add(task, change, done, lambda fault: self._internal_error(task, fault))

    def keep(self, task: Task, change: Change, seconds: float = 0.0) -> None:
        """Commit this, then let the task go out, after this many seconds."""

        def done(applied: bool) -> None:
            if not applied:
                self._take_anew(task)
            elif seconds:
                self._work.retry(task, seconds)
            else:
                self._work.ready(task)

        self._ledger.add(task, change, done, lambda fault: self._internal_error(task, fault))

    def go_out(self, task: Task) -> None:
        """The task can go out."""
        self._work.ready(task)

    def go_out_later(self, task: Task, seconds: float) -> None:
        """The task can go out after this long."""
        self._work.retry(task, seconds)

    def hold_judgement(self, task: Task, change: Change) -> None:
        """Write this failure only once it is clear that it is not an outage's."""
        self._watch.hold(task, change)

    def judge(self, task: Task, change: Change) -> None:
        """Write a failure that was held back."""
        self.write(task, change)

    def begin_again(self, held: list[Task]) -> None:
        """Nobody's fault but the network's: everybody in hand begins again once it is over."""
        for task in held:
            self._work.ready(task)
        self._work.wake_all()

    # --- taking in hand -----------------------------------------------------------------------------------------

    def _take(self, task: Task) -> None:
        self._work.hold(task)
        try:
            self._intake.place(task)
        except Exception as fault:  # noqa: BLE001 - an unexpected error in one patient fails that patient, not the run
            self._internal_error(task, fault)

    def _take_anew(self, task: Task) -> None:
        """The record has moved on: read it again and decide again."""
        self._work.drop(task.item_id)
        if self._end is None:
            for work in self._store.items(self._key, [task.item_id]):
                self._take(self._intake.task_for(work))

    def _internal_error(self, task: Task, fault: Exception) -> None:
        """A fault of ours about one patient: that patient fails, and five in a row stop the run."""
        # Its text may hold data of the patient, so only its class and place are kept.
        trace = fault.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        place = f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}" if trace else "unknown"
        _log.error("Item %d met an unexpected %s in %s.", task.item_id, type(fault).__name__, place)
        self._faults_in_a_row += 1
        if self._faults_in_a_row >= _MAX_FAULTS_IN_A_ROW:
            self.stop(StopReason.ERROR, type(fault).__name__)
            self._work.drop(task.item_id)
            return
        self.write(task, steps.fail(task.work, Reason.INTERNAL_ERROR, self._clock.now()))
