"""Taking a patient in hand: what the item and the record say is needed before anything goes out."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.clock import LONDON, Clock
from app.domain.decision import decide_without_spine
from app.domain.states import IntentState
from app.engine import steps
from app.engine.answers import Answers, Desk
from app.engine.rows import WorkItem
from app.engine.task import Need, Task, message_of


class Intake:
    """Places patients: done without the Spine, to be read, settled or sent. `settle` is the settle time."""

    def __init__(self, desk: Desk, answers: Answers, settle: timedelta, clock: Clock) -> None:
        self._desk = desk
        self._answers = answers
        self._settle = settle
        self._clock = clock

    @staticmethod
    def task_for(work: WorkItem) -> Task:
        """The item as a task, not yet placed."""
        return Task(work, Need.READ, message_of(work))

    def place(self, task: Task) -> None:
        """Do what can be done at once, or make the task ready to go out."""
        work, now = task.work, self._clock.now()
        if work.intent is not None and work.intent.state is not IntentState.PREPARED:
            self._place_unknown(task, work.intent.last_started_at, now)
            return
        decision = decide_without_spine(work.record)
        if task.message is not None:
            unchanged = task.message.version == work.record.consent_version
            if decision is None and unchanged:
                task.need = Need.SEND
                self._desk.go_out(task)
            else:
                self._answers.supersede(task, now)
        elif decision is not None:
            in_england = now.astimezone(LONDON)
            local = steps.local_change(decision, now, in_england, "")
            code_before = steps.counting_code(work.record, in_england)
            self._desk.write(task, steps.conclude(task, decision, local, code_before, None, now))
        else:
            self._desk.go_out(task)

    def _place_unknown(self, task: Task, last_started_at: datetime | None, now: datetime) -> None:
        """Settle a message of unknown outcome, but not while the Spine may still be about to apply it."""
        task.need = Need.SETTLE
        due = (min(last_started_at, now) if last_started_at else now) + self._settle
        if due > now:
            self._desk.write(task, steps.put_off(task.work, due, task.work.deferrals, now))
        else:
            self._desk.go_out(task)
