"""The migration loop: takes patients in hand, sends what may be sent, and writes what came of it.

It runs in the worker's thread, the only writer of the run tables, and turns until its execution has ended: what is due
goes out, what is decided is committed, what has come back is taken in. What that means for a patient is in `intake` and
`answers`, what it means for everybody in `watch`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from app.clock import Clock
from app.domain.errors import StorageFault
from app.domain.states import StopReason
from app.engine import steps
from app.engine.answers import Answers
from app.engine.breaker import Breaker
from app.engine.clock_watch import ClockWatch
from app.engine.control import Ending, Gate
from app.engine.desk import Desk
from app.engine.intake import Intake
from app.engine.ledger import Ledger
from app.engine.outgoing import Outgoing
from app.engine.pace import Pace
from app.engine.patience import Patience
from app.engine.ports import MigrationStore, Operator
from app.engine.reporter import Reporter
from app.engine.rows import ExecutionEnd, ExecutionKey, Scope, Tally
from app.engine.senders import Answered, Operation, Senders
from app.engine.spine_port import AnswerKind
from app.engine.task import Task
from app.engine.watch import RunWatch
from app.engine.workload import Workload

_TICK_SECONDS = 0.1
"""The longest the loop sleeps, so that progress and a closing window are never seen late."""

_STOP_WISH_SECONDS = 1.0
"""How often the database is asked whether somebody else wants this run to stop."""

_LEFTOVER_PAGE = 64

_SHORTEST_LEAVE_SECONDS = 0.5
"""A busy computer takes this long from the row to the first byte; with less, nothing might ever leave."""

HASTE_SECONDS = 3.0
"""How long what is under way is still waited for when the program ends (faults page, row 44)."""


@dataclass(frozen=True, slots=True)
class LoopSettings:
    """How an execution works. Times in seconds; `max_wait` of None waits out an outage however long it lasts.

    `leaves_within` is how long after its attempt was written a message may still leave, at most (see `last_leave`).
    Without `reads_need_card` patients go on being read when the card session has ended; dissents wait for a card.
    """

    per_second: float = 5.0
    senders: int = 4
    deadline: float = 75.0
    settle: float = 75.0
    retry_delays: tuple[float, ...] = (1.0, 4.0, 60.0, 300.0)
    max_wait: float | None = None
    leaves_within: float = 10.0
    reads_need_card: bool = True

    @property
    def settle_time(self) -> timedelta:
        """How long after it began a message of unknown outcome may still be applied."""
        return timedelta(seconds=self.settle)

    @property
    def last_leave(self) -> timedelta:
        """How long after its attempt was written a message may still leave: well before it would be read back, so that
        one that was held up, in a program that stood still, cannot arrive after it was settled.
        """
        return timedelta(seconds=min(self.leaves_within, max(self.settle / 2, _SHORTEST_LEAVE_SECONDS)))

    @property
    def longest_wait(self) -> timedelta:
        """The longest time a patient is put off for."""
        return timedelta(seconds=max(self.settle, *self.retry_delays, 0.0))


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
        senders: Senders,
        gate: Gate,
        clock: Clock,
        settings: LoopSettings,
        reporter: Reporter,
    ) -> None:
        key, scope, settle = assignment.key, assignment.scope, settings.settle_time
        pace = Pace(settings.per_second, clock.monotonic)
        self._key = key
        self._scope = scope
        self._store = store
        self._senders = senders
        self._gate = gate
        self._clock = clock
        self._max_wait = settings.max_wait
        self._pace = pace
        self._reads_need_card = settings.reads_need_card
        self._reporter = reporter
        self._ending = Ending(gate)
        self._breaker = Breaker(clock.monotonic)
        self._patience = Patience(clock.monotonic)
        self._ledger = Ledger(store, key, reporter.moved, clock.monotonic)
        self._work = Workload(store, key, scope, clock, settings.longest_wait)
        self._desk = Desk(self._work, self._ledger, reporter, self._ending, clock)
        self._watch = RunWatch(self._desk, self._ending, self._breaker, pace, reads_need_card=settings.reads_need_card)
        self._answers = Answers(
            self._desk, self._breaker, assignment.operator.name, scope, settle, settings.retry_delays
        )
        self._intake = Intake(self._desk, self._answers, settle, clock)
        self._outgoing = Outgoing(
            senders, self._desk, self._work, self._ledger, pace, self._breaker, clock, settings.last_leave
        )
        self._look_for_wish_at = clock.monotonic()
        self._in_haste_since: float | None = None
        self._clock_watch = ClockWatch(clock, lambda expected, found: store.note_clock_jump(key, expected, found))

    def run(self) -> ExecutionEnd:
        """Work until the scope is exhausted or something stops the run; exchanges under way are seen to their end.

        Raises `Fenced` and `StorageFault`.
        """
        try:
            while (end := self._work_on()) is None:
                for answered in self._senders.receive(self._seconds_to_listen()):
                    self._take_in(answered)
            return end
        finally:
            self._senders.close()

    def take_tally(self) -> Tally:
        """Reads that no commit has carried yet, for the execution's last one."""
        return self._ledger.take_tally()

    def _work_on(self) -> ExecutionEnd | None:
        """Do everything that can be done by now; how the execution ended, once nothing of it is left."""
        self._check_stop()
        no_time_left = self._has_no_time_left()
        if no_time_left:
            self._senders.give_up()
        if not self._patience.is_resting:
            try:
                self._see_to_patients()
                self._patience.relieve()
            except StorageFault as fault:
                at_stake = self._ledger.holds_answer or self._outgoing.is_sending
                self._patience.bear(fault, answer_at_stake=at_stake and not no_time_left)
        put_off_until = self._work.put_off_until() if self._outgoing.is_quiet else None
        self._reporter.tell(
            self._breaker,
            self._pace.asked_pause(),
            stopping=self._ending.is_stopping,
            put_off_until=put_off_until,
            sends_held_by=self._sends_held_by,
        )
        return self._ending.result if self._outgoing.is_quiet and self._ledger.is_empty else None

    @property
    def _sends_held_by(self) -> StopReason | None:
        """Why no dissent may be sent while questions go on, None while both may."""
        if self._reads_need_card or self._ending.is_known:
            return None
        return self._gate.closed_because(Operation.SEND)

    def _check_stop(self) -> None:
        if (reason := self._gate.closed_because(Operation.READ)) is not None:
            self._ending.stop(reason)
        elif self._max_wait is not None and self._breaker.unanswered_for() > self._max_wait:
            self._ending.stop(self._breaker.why_unanswered)

    def _has_no_time_left(self) -> bool:
        """Whether the program is ending and what is under way has been waited for long enough."""
        if not self._gate.in_haste:
            return False
        now = self._clock.monotonic()
        self._in_haste_since = now if self._in_haste_since is None else self._in_haste_since
        return now - self._in_haste_since >= HASTE_SECONDS

    def _see_to_patients(self) -> None:
        """Everything that needs the database. Raises `StorageFault`; the next turn then goes on where this one was."""
        self._clock_watch.look()
        if not self._ending.is_known:
            self._look_for_wish()
        if self._ending.is_known or self._patience.is_strained:
            self._ledger.flush()
        if self._ending.is_known:
            return
        while found := self._work.refill():
            for work in found:
                self._intake.take(work)
        self._work.wake_due()
        if self._sends_held_by is not None:
            self._outgoing.leave_sends()
        self._outgoing.dispatch()
        if self._ledger.is_due():
            self._ledger.flush()
        if self._outgoing.is_quiet:
            self._try_to_finish()

    def _look_for_wish(self) -> None:
        """Whether somebody asked for a stop through the database, from another copy of the program."""
        now = self._clock.monotonic()
        if now >= self._look_for_wish_at:
            self._look_for_wish_at = now + _STOP_WISH_SECONDS
            if self._store.stop_requested(self._key.run_id):
                self._ending.stop(StopReason.USER)

    def _try_to_finish(self) -> None:
        """End the execution when nothing is to come any more; what could not be brought to an end fails, to be seen."""
        if self._work.in_hand > self._desk.suspects or self._work.may_bring_more:
            return
        if self._desk.suspects:
            self._desk.judge_suspects()
            return
        leftovers = self._store.leftover_items(self._key, self._scope, _LEFTOVER_PAGE)
        held_by = self._sends_held_by
        if not leftovers:
            self._ending.complete()
        elif held_by is not None:
            # They wait for somebody with a card: Resume takes them up, whatever state they are in.
            self._ending.stop(held_by)
            return
        for work in leftovers:
            task = Task(work)
            self._desk.take(task)
            self._desk.write(task, steps.fail_unanswered(task, self._clock.now()))

    def _seconds_to_listen(self) -> float:
        """How long to wait for an answer before something else is due."""
        if self._patience.is_resting:
            return _TICK_SECONDS
        waits = [_TICK_SECONDS, self._ledger.seconds_to_due()]
        if not self._ending.is_known:
            waits += [self._work.seconds_to_retry(), self._outgoing.seconds_to_go_out()]
        return min(waits)

    def _take_in(self, answered: Answered) -> None:
        exchange, answer = self._outgoing.returned(answered), answered.answer
        task, sending = exchange.task, exchange.operation is Operation.SEND
        if answer.kind is not AnswerKind.NOT_SENT:
            self._count(exchange.operation)
        try:
            self._watch.see(task, answer)
            if sending:
                self._answers.to_send(task, answer, exchange.begun_at, self._clock.now())
            else:
                self._answers.to_read(task, answer, self._clock.now())
        except Exception as fault:  # noqa: BLE001 - an unexpected error in one patient fails that patient, not the run
            self._desk.met_fault(task, fault, answer_lost=sending)

    def _count(self, operation: Operation) -> None:
        if operation is Operation.READ:
            self._ledger.count_read()
        self._reporter.requested(operation)
