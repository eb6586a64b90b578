"""The job operator: Run, Resume, Rerun and Failed, from the press to the end of the execution.

Rights, rules and the lock are checked here, at the press, whoever asks: a window, a command or a schedule. One call
is one execution and blocks its thread until that has ended.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from app.clock import Clock
from app.domain.actions import Action, RunSituation
from app.domain.errors import Refused, StorageFault
from app.domain.session import CardSession
from app.domain.states import RunStatus, StopReason
from app.engine.control import Gate, StopToken, Window
from app.engine.faults import told_safely
from app.engine.loop import Assignment, LoopSettings, MigrationLoop
from app.engine.ports import (
    Fenced,
    MigrationStore,
    NewRun,
    Operator,
    PracticeLock,
    RunQueries,
    RunView,
    SignedIn,
    actor_words,
)
from app.engine.press import Press as Press
from app.engine.press import PressCheck, obstacle_to
from app.engine.progress import ProgressBoard
from app.engine.reporter import Reporter
from app.engine.rights import Right, Rights
from app.engine.rows import ExecutionEnd, ExecutionKey, Scope
from app.engine.schedule_rows import DueOccurrence
from app.engine.sender_pool import SenderPool
from app.engine.senders import MakeSenders
from app.engine.spine_port import SpineService
from app.engine.stop_time import window_of

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OperatorSettings:
    """What the practice has settled: which activity codes may launch, whether SCR is on, how the loop works."""

    launch_activity_codes: frozenset[str]
    scr_enabled: bool
    workstation: str
    loop: LoopSettings


class JobOperator:
    """Carries out presses for one practice. `execute` may be called from any one thread at a time.

    `claim_spine` marks the practice as worked against the kind of Spine in use, real or simulated, or raises
    `Refused` when it belongs to the other kind: a rehearsal must never write onto a real list. `back_up` makes a copy
    of the practice as it stands before a new run, or raises `KnownError`. `make_senders` says who
    makes the exchanges; anything but threads is for tests that move time themselves. `rights` are those of whoever is
    signed in and `possible` is what may be pressed, for the other services that have to ask.
    """

    def __init__(
        self,
        store: MigrationStore,
        queries: RunQueries,
        lock: PracticeLock,
        service: SpineService,
        signed_in: SignedIn,
        claim_spine: Callable[[], None],
        back_up: Callable[[], None],
        clock: Clock,
        settings: OperatorSettings,
        make_senders: MakeSenders = SenderPool,
    ) -> None:
        self._store = store
        self._queries = queries
        self._lock = lock
        self._service = service
        self._signed_in = signed_in
        self._claim_spine = claim_spine
        self._back_up = back_up
        self._clock = clock
        self._settings = settings
        self._make_senders = make_senders
        self.rights = Rights(signed_in, settings.launch_activity_codes, clock)
        self.possible = PressCheck(queries, lock, scr_enabled=settings.scr_enabled)

    def situation(self, family: str) -> RunSituation:
        """What the four actions depend on, as things stand."""
        return self.possible.situation(family)

    def is_busy_elsewhere(self) -> bool:
        """Whether another copy of the program is at work on this practice at this moment."""
        return self._lock.holder() is not None

    def check(self, press: Press) -> CardSession:
        """Whether this may be pressed now and by this person: the session it would run under, else `Refused`."""
        self.possible.require_scr()
        session = self.rights.require(Right.LAUNCH)
        self.possible.require(press)
        return session

    def execute(self, press: Press, token: StopToken, board: ProgressBoard, window: Window | None = None) -> RunView:
        """Carry out a press until its execution ends, and tell how the run stands then.

        The window is that of its timing unless another one is given.

        Raises `Refused` when a precondition is not met; then nothing has changed. Raises it as well when another copy
        of the program takes the run over meanwhile.
        """
        # What the card may do is asked anew, for it may have been signed in with in the morning.
        self._signed_in.confirm_rights()
        session = self.check(press)
        self._lock.acquire(session.user_name)
        try:
            window = window or window_of(press.timing, self._clock)
            return self._execute_locked(press, session, token, board, window)
        except Fenced:
            raise Refused(
                "Another copy of the program has taken this Consent Migration over, so this one has stopped. "
                "Look at the other one to see how it goes on."
            ) from None
        finally:
            self._lock.release()

    def stop_elsewhere(self, family: str) -> None:
        """Ask the execution that another copy of the program has under way to stop, in the name of who is signed in.

        It hears that within seconds, and honours it as it does its own Stop. Raises `Refused` where this person may
        not launch, or nothing is under way elsewhere.
        """
        person = self.person(self.rights.require(Right.LAUNCH))
        latest = self._queries.latest_run(family)
        if latest is None or latest.status is not RunStatus.RUNNING or self._lock.holder() is None:
            raise Refused("Nothing is running at another computer any more, so there is nothing to stop.")
        who = actor_words(person.name, person.role_name, person.card_uid)
        self._store.request_stop(latest.run_id, who, self._clock.now())

    def recover(self, family: str) -> bool:
        """At start: close what a program that died left open, so that Resume is offered; whether there was any."""
        try:
            self._lock.acquire("the program at its start")
        except Refused:
            # Somebody is at work here and has seen to it.
            return False
        try:
            return self._store.recover(family, self._clock.now())
        finally:
            self._lock.release()

    def person(self, session: CardSession) -> Operator:
        """Whoever is signed in, as executions and the audit trail name them."""
        return Operator(
            name=session.user_name,
            card_uid=session.card_uid,
            role_id=session.role.role_id,
            role_name=session.role.name,
            session_id=session.session_id,
            workstation=self._settings.workstation,
        )

    def _execute_locked(
        self, press: Press, session: CardSession, token: StopToken, board: ProgressBoard, window: Window
    ) -> RunView:
        now, person = self._clock.now(), self.person(session)
        before = self._run_to_work_on(press, person)
        scope = Scope.FAILED if press.action is Action.FAILED else Scope.UNPROCESSED
        settings = self._settings.loop
        key = self._store.begin_execution(before.run_id, person, scope, settings.settle_time, now, press.timing)
        reporter = self._reporter(board, key, scope, before)
        gate = Gate(
            token,
            window,
            self._signed_in,
            session.session_id,
            self._clock,
            reads_need_card=settings.reads_need_card,
        )
        senders = self._make_senders(
            lambda: self._service.connect(session.session_id),
            settings.senders,
            settings.deadline,
            gate.closed_because,
            self._clock.monotonic,
        )
        token.on_stop(senders.wake)
        loop = MigrationLoop(
            Assignment(key, scope, person), self._store, senders, gate, self._clock, settings, reporter
        )
        end = self._run_loop(loop)
        try:
            self._close(key, loop, end, before)
            view = self._view(before.run_id)
        except StorageFault as fault:
            end = ExecutionEnd(completed=False, reason=StopReason.DATABASE, detail=str(fault))
            view = self._as_it_will_be_found(before, reporter, end)
        reporter.tell_end(view.counts, end)
        return view

    def _run_to_work_on(self, press: Press, person: Operator) -> RunView:
        """The run this press is about, a new one or the latest, with everything checked under the lock."""
        now = self._clock.now()
        self._store.recover(press.family, now)
        # Asked again under the lock: another computer may have changed things since the check.
        situation = replace(self.situation(press.family), live=False)
        if (obstacle := obstacle_to(press, situation)) is not None:
            raise Refused(obstacle)
        self._claim_spine()
        if press.action.makes_new_run:
            self._back_up()
            run_id = self._store.begin_run(NewRun(press.family, press.group, _scheduled_run(press)), person, now)
            return self._view(run_id)
        view = self._queries.latest_run(press.family)
        if view is None:
            raise AssertionError("an action on an earlier run was allowed, so there is one")
        return view

    @staticmethod
    def _run_loop(loop: MigrationLoop) -> ExecutionEnd:
        try:
            return loop.run()
        except Fenced:
            raise
        except StorageFault as fault:
            return ExecutionEnd(completed=False, reason=StopReason.DATABASE, detail=str(fault))
        except Exception as fault:  # noqa: BLE001 - whatever it is, the execution must be closed with its reason
            # The rows say where everybody stands; whatever this is, Resume can go on from them.
            _log.error("The execution met an unexpected %s.", told_safely(fault))
            return ExecutionEnd(completed=False, reason=StopReason.ERROR, detail=type(fault).__name__)

    def _close(self, key: ExecutionKey, loop: MigrationLoop, end: ExecutionEnd, before: RunView) -> None:
        status, reason, detail = RunStatus.STOPPED, end.reason, end.detail
        if end.completed:
            counts = self._store.counts(key.run_id)
            if counts.unprocessed or counts.sending:
                # Failed on a paused run: its failed patients are done, the run is as paused as it was.
                reason, detail = before.stop_reason or StopReason.USER, before.stop_detail
            else:
                status = RunStatus.COMPLETED
        self._store.end_execution(key, status, reason, detail, loop.take_tally(), self._clock.now())

    def _as_it_will_be_found(self, before: RunView, reporter: Reporter, end: ExecutionEnd) -> RunView:
        """The run of an execution whose end cannot be written: paused, which the next start will make of it."""
        view = replace(before, counts=reporter.counts)
        with suppress(StorageFault):
            view = self._view(before.run_id)
        return replace(view, status=RunStatus.STOPPED, stop_reason=end.reason, stop_detail=end.detail)

    def _reporter(self, board: ProgressBoard, key: ExecutionKey, scope: Scope, before: RunView) -> Reporter:
        counts = before.counts
        in_scope = counts.failed if scope is Scope.FAILED else counts.unprocessed + counts.sending
        return Reporter(board, key, counts, in_scope, before.reads, before.writes, self._clock)

    def _view(self, run_id: int) -> RunView:
        view = self._queries.run(run_id)
        if view is None:
            raise AssertionError("a run that was just written can be read")
        return view


def _scheduled_run(press: Press) -> int | None:
    return press.timing.run_id if isinstance(press.timing, DueOccurrence) else None
