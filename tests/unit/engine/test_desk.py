"""The patients on the desk: faults rows 8 (suspects) and 45 (a fault of ours); commit, then tell."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.domain.outcomes import ItemState, Reason
from app.domain.states import IntentState, StopReason
from app.engine import steps
from app.engine.control import Ending, Gate, StopToken
from app.engine.desk import MAX_FAULTS_IN_A_ROW, Desk
from app.engine.ledger import Ledger
from app.engine.rows import Change, Scope
from app.engine.task import Need, Task
from app.engine.workload import Workload
from tests.helpers.bench import Card
from tests.helpers.clocks import START, ManualClock
from tests.unit.engine.samples import KEY, ListStore, a_task, a_work, an_intent
from tests.unit.engine.test_progress import Reported
from tests.unit.engine.test_stop_control import TimedWindow


class Desked:
    """A desk over the real ledger and workload; the store is a list."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.store = ListStore([a_work(ordinal) for ordinal in range(1, 20)])
        self.reported = Reported()
        self.ledger = Ledger(self.store, KEY, lambda old, new: None, self.clock.monotonic)  # type: ignore[arg-type]
        self.work = Workload(self.store, KEY, Scope.UNPROCESSED, self.clock, timedelta(minutes=5))  # type: ignore[arg-type]
        self.ending = Ending(Gate(StopToken(), TimedWindow(), Card(self.clock), "session-1", self.clock))
        self.desk = Desk(self.work, self.ledger, self.reported.reporter, self.ending, self.clock)

    def take(self, *ordinals: int) -> list[Task]:
        tasks = [a_task(ordinal) for ordinal in ordinals]
        for task in tasks:
            self.desk.take(task)
        return tasks

    @property
    def written(self) -> dict[int, Change]:
        return {change.item_id: change for group in self.store.committed for change in group}

    @property
    def finished(self) -> int:
        return self.reported.tell().checked_now


@pytest.fixture
def desked() -> Desked:
    return Desked()


def a_failure(task: Task) -> Change:
    return steps.fail(task, Reason.ANSWER_NOT_UNDERSTOOD, START)


def test_a_patient_is_let_go_of_only_once_it_is_committed(desked: Desked):
    [task] = desked.take(1)
    desked.desk.write(task, a_failure(task))
    assert desked.work.in_hand == 1
    desked.ledger.flush()
    assert desked.work.in_hand == 0
    assert desked.finished == 1


def test_a_patient_put_off_is_expected_again_and_has_not_come_to_an_end(desked: Desked):
    [task] = desked.take(1)
    desked.work.refill()
    due = START + timedelta(seconds=60)
    desked.desk.write(task, steps.put_off(task, due, 1, START))
    desked.ledger.flush()
    assert desked.finished == 0
    assert desked.work.may_bring_more


@pytest.mark.parametrize("again", [False, True])
def test_what_was_stale_or_is_to_be_decided_anew_is_read_anew(desked: Desked, again: bool):
    [task] = desked.take(1)
    desked.store.stale = set() if again else {1}
    desked.desk.write(task, a_failure(task), again=again)
    desked.ledger.flush()
    assert [work.item_id for work in desked.work.refill()] == [1]
    assert desked.finished == 0


@pytest.mark.parametrize("stale", [False, True])
def test_what_is_kept_goes_out_again_after_its_wait_or_is_read_anew(desked: Desked, stale: bool):
    [task] = desked.take(1)
    desked.store.stale = {1} if stale else set()
    desked.desk.keep(task, steps.leave(task, START), 1.0)
    desked.ledger.flush()
    assert desked.work.in_hand == 1
    if stale:
        assert [work.item_id for work in desked.work.refill()] == [1]
    else:
        assert desked.work.seconds_to_retry() == 1.0


def test_suspects_are_written_when_somebody_was_answered(desked: Desked):
    for task in desked.take(1, 2):
        desked.desk.suspect(task, a_failure(task))
    desked.ledger.flush()
    assert (desked.desk.suspects, desked.written) == (2, {})
    desked.desk.judge_suspects()
    desked.ledger.flush()
    assert (desked.desk.suspects, sorted(desked.written)) == (0, [1, 2])


def test_suspects_of_an_outage_begin_again(desked: Desked):
    [task, waiting] = desked.take(1, 2)
    desked.desk.suspect(task, a_failure(task))
    task.misunderstood = 2
    desked.desk.go_out_later(waiting, 60.0)
    desked.desk.begin_again()
    desked.desk.judge_suspects()
    desked.ledger.flush()
    assert desked.written == {}
    assert {desked.work.next_ready(), desked.work.next_ready()} == {task, waiting}
    assert task.misunderstood == 0


def test_a_fault_of_ours_fails_its_patient_alone(desked: Desked, caplog):
    [task, other] = desked.take(1, 2)
    desked.desk.met_fault(task, ValueError("9990000018"))
    desked.ledger.flush()
    outcome = desked.written[1].outcome
    assert (outcome.state, outcome.reason) == (ItemState.FAILED, Reason.INTERNAL_ERROR)
    assert desked.ending.result is None
    assert desked.work.in_hand == 1
    assert desked.finished == 1
    assert "Item 1" in caplog.text
    assert "9990000018" not in caplog.text
    assert other.state is ItemState.UNPROCESSED


def test_five_faults_in_a_row_stop_the_run(desked: Desked):
    tasks = desked.take(*range(1, MAX_FAULTS_IN_A_ROW + 1))
    for task in tasks[:-1]:
        desked.desk.met_fault(task, ValueError())
    assert desked.ending.result is None
    desked.desk.met_fault(tasks[-1], ValueError())
    assert desked.ending.result is not None
    assert (desked.ending.result.reason, desked.ending.result.detail) == (StopReason.ERROR, "ValueError")
    desked.ledger.flush()
    assert {change.outcome.reason for change in desked.written.values()} == {Reason.INTERNAL_ERROR}
    assert MAX_FAULTS_IN_A_ROW == len(desked.written) == 5


def test_one_patient_who_went_well_breaks_the_row(desked: Desked):
    for ordinal in range(1, 9):
        [task] = desked.take(ordinal)
        if ordinal == 5:
            desked.desk.write(task, a_failure(task))
        else:
            desked.desk.met_fault(task, ValueError())
        desked.ledger.flush()
    assert desked.ending.result is None


def test_a_change_that_cannot_be_written_fails_its_patient(desked: Desked):
    [task] = desked.take(1)
    desked.store.faults = [ValueError(), ValueError()]
    desked.desk.write(task, a_failure(task))
    desked.ledger.flush()
    desked.ledger.flush()
    assert desked.written[1].outcome.reason is Reason.INTERNAL_ERROR


def test_when_not_even_the_failure_can_be_written_the_run_stops_and_the_patient_stays_as_they_are(desked: Desked):
    [task] = desked.take(1)
    desked.store.poison = {1}
    desked.desk.keep(task, steps.leave(task, START), 0.0)
    desked.ledger.flush()
    desked.ledger.flush()
    assert desked.written == {}
    assert desked.work.in_hand == 0
    assert desked.ending.result is not None
    assert desked.ending.result.reason is StopReason.ERROR


def test_a_fault_in_the_way_of_an_answer_to_a_send_leaves_the_message_unknown(desked: Desked):
    task = a_task(1, Need.SEND, intent=an_intent(IntentState.IN_FLIGHT), state=ItemState.SENDING)
    task.correlation_id = "correlation-1"
    desked.desk.take(task)
    desked.desk.met_fault(task, ValueError(), answer_lost=True)
    desked.ledger.flush()
    change = desked.written[1]
    assert change.intent is not None
    assert change.intent.state is IntentState.UNKNOWN
    assert change.attempt_end is not None
    assert change.attempt_end.correlation_id == "correlation-1"
    assert (change.outcome.state, change.outcome.reason) == (ItemState.FAILED, Reason.INTERNAL_ERROR)
