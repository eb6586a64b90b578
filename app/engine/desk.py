"""The patients on the loop's desk: what may be done with one, from being taken in hand until let go of.

Whoever judges an answer says here what shall become of the patient; nothing is told to the screen, and nobody goes on,
before it is committed.
"""

from __future__ import annotations

import logging

from app.clock import Clock
from app.domain.outcomes import Reason
from app.domain.states import StopReason
from app.engine import steps
from app.engine.control import Ending
from app.engine.faults import told_safely
from app.engine.ledger import Ledger
from app.engine.reporter import Reporter
from app.engine.rows import Change
from app.engine.task import Task
from app.engine.workload import Workload

_log = logging.getLogger(__name__)

MAX_FAULTS_IN_A_ROW = 5


class Desk:
    """Used by the loop's thread alone."""

    def __init__(self, work: Workload, ledger: Ledger, reporter: Reporter, ending: Ending, clock: Clock) -> None:
        self._work = work
        self._ledger = ledger
        self._reporter = reporter
        self._ending = ending
        self._clock = clock
        self._suspects: list[tuple[Task, Change]] = []
        self._faults_in_a_row = 0

    def take(self, task: Task) -> None:
        """This patient is in hand now."""
        self._work.hold(task)

    def take_anew(self, task: Task) -> None:
        """What is known of the patient is out of date: read again and decide again."""
        self._work.take_anew(task.item_id)

    def let_go(self, task: Task) -> None:
        """This patient is done with, or left to the database."""
        self._work.drop(task.item_id)

    def go_out(self, task: Task, *, first: bool = False) -> None:
        """The task can go out, `first` before its like."""
        self._work.ready(task, first=first)

    def go_out_later(self, task: Task, seconds: float) -> None:
        """The task can go out after this long."""
        self._work.retry(task, seconds)

    def write(self, task: Task, change: Change, *, again: bool = False) -> None:
        """Commit this and let go of the patient, or take them in hand anew when `again`, or when it was stale."""

        def done(applied: bool) -> None:
            if again or not applied:
                self.take_anew(task)
                return
            self._conclude(task, change)

        self._ledger.add(task, change, done, lambda fault: self.met_fault(task, fault))

    def keep(self, task: Task, change: Change, seconds: float) -> None:
        """Commit this, then let the task go out, after this many seconds; anew when it was stale."""

        def done(applied: bool) -> None:
            if applied:
                self._work.retry(task, seconds)
            else:
                self.take_anew(task)

        self._ledger.add(task, change, done, lambda fault: self.met_fault(task, fault))

    # --- failures that may be an outage's -------------------------------------------------------------------------

    @property
    def suspects(self) -> int:
        """How many failures wait until it is clear whose fault they are; always fewer than make an outage."""
        return len(self._suspects)

    def suspect(self, task: Task, change: Change) -> None:
        """Write this failure only once it is clear that it is not an outage's."""
        self._suspects.append((task, change))

    def judge_suspects(self) -> None:
        """Somebody was answered, or there is nobody left to ask: the failures are their patients' own."""
        suspects, self._suspects = self._suspects, []
        for task, change in suspects:
            self.write(task, change)

    def begin_again(self) -> None:
        """Nobody's fault but the network's: everybody in hand is tried from the start once it is over."""
        suspects, self._suspects = self._suspects, []
        for task, _ in suspects:
            self._work.ready(task)
        self._work.wake_all()

    # --- faults of ours -------------------------------------------------------------------------------------------

    def met_fault(self, task: Task, fault: Exception, *, answer_lost: bool = False) -> None:
        """A fault of ours about one patient: that patient fails, and five in a row stop the run.

        `answer_lost` says that it came in the way of taking in the answer to a send.
        """
        _log.error("Item %d met an unexpected %s.", task.item_id, told_safely(fault))
        self._faults_in_a_row += 1
        if self._faults_in_a_row >= MAX_FAULTS_IN_A_ROW:
            self._ending.stop(StopReason.ERROR, type(fault).__name__)
        now = self._clock.now()
        change = steps.lose_send(task, now) if answer_lost else steps.fail(task, Reason.INTERNAL_ERROR, now)
        self._ledger.add(task, change, lambda _: self._conclude(task, change), lambda worse: self._give_up(task, worse))

    def _give_up(self, task: Task, fault: Exception) -> None:
        """Not even the failure can be written: the patient stays as the rows have it, and the run stops."""
        _log.error("Item %d could not be marked as failed: %s.", task.item_id, told_safely(fault))
        self.let_go(task)
        self._ending.stop(StopReason.ERROR, type(fault).__name__)

    def _conclude(self, task: Task, change: Change) -> None:
        self.let_go(task)
        outcome = change.outcome
        if outcome.next_attempt_at is not None:
            self._work.expect_due(outcome.next_attempt_at)
        if outcome.reason is not None:
            self._reporter.finished()
        if outcome.reason is not Reason.INTERNAL_ERROR:
            self._faults_in_a_row = 0
