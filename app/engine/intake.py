"""Taking a patient in hand: what the item and the record say is needed before anything goes out."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.clock import Clock
from app.domain.decision import decide_without_spine
from app.domain.nhs_number import is_valid
from app.domain.outcomes import ItemState
from app.engine import steps
from app.engine.answers import Answers
from app.engine.desk import Desk
from app.engine.rows import WorkItem
from app.engine.task import Need, Task

_FINISHED = frozenset({ItemState.SENT, ItemState.NOT_REQUIRED})


class Intake:
    """Places patients: done without the Spine, to be read, settled or sent. `settle` is the settle time."""

    def __init__(self, desk: Desk, answers: Answers, settle: timedelta, clock: Clock) -> None:
        self._desk = desk
        self._answers = answers
        self._settle = settle
        self._clock = clock
        self._begun_later: dict[int, float] = {}
        """Until when to wait for messages that were begun later than now: the clock was put back since. Steady seconds,
        by item; there are never more of them than were under way or waiting then."""

    def take(self, work: WorkItem) -> None:
        """Take this patient in hand; a fault of ours fails that patient."""
        task = Task(work)
        self._desk.take(task)
        try:
            self._place(task)
        except Exception as fault:  # noqa: BLE001 - an unexpected error in one patient fails that patient, not the run
            self._desk.met_fault(task, fault)

    def _place(self, task: Task) -> None:
        """Do what can be done at once, or make the task ready to go out."""
        now = self._clock.now()
        if task.state in _FINISHED:
            # Read anew because a commit seemed not to have been made, and it had been.
            self._desk.let_go(task)
        elif task.awaits_settling:
            self._place_unsettled(task, now)
        elif task.message is not None:
            if steps.is_still_meant(task, now):
                task.need = Need.SEND
                self._desk.go_out(task)
            else:
                self._answers.supersede(task, now)
        elif (decision := decide_without_spine(task.work.record)) is not None:
            self._answers.conclude(task, decision, None, now)
        else:
            self._desk.go_out(task)

    def _place_unsettled(self, task: Task, now: datetime) -> None:
        """Settle a message of unknown outcome, but not while the Spine may still be about to apply it."""
        task.need = Need.SETTLE
        record = task.work.record
        due = self._settles_at(task, now)
        if due > now:
            self._desk.write(task, steps.put_off(task, due, task.work.deferrals, now))
        elif is_valid(record.nhs_number):
            self._desk.go_out(task)
        else:
            # The number was taken away since: there is nobody left to ask about.
            self._answers.supersede(task, now)

    def _settles_at(self, task: Task, now: datetime) -> datetime:
        """From when on the Spine tells what became of the message: the settle time after its latest attempt began."""
        started_at = task.work.intent.last_started_at if task.work.intent else None
        if started_at is None:
            return now
        if started_at <= now:
            return started_at + self._settle
        steady = self._clock.monotonic()
        until = self._begun_later.setdefault(task.item_id, steady + self._settle.total_seconds())
        return now + timedelta(seconds=max(0.0, until - steady))
