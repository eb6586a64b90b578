"""What a patient taken in hand needs: faults section 2 (settle first) and row 43."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.domain.outcomes import ItemState, Reason
from app.domain.patient import RegistrationStatus
from app.domain.states import IntentState
from app.engine.answers import Answers
from app.engine.breaker import Breaker
from app.engine.intake import Intake
from app.engine.rows import ResendReason, Scope, WorkItem
from app.engine.task import Need
from tests.helpers.clocks import START, ManualClock
from tests.unit.engine.samples import FakeDesk, a_work, an_intent

SETTLE = timedelta(seconds=75)


def an_intake(desk: FakeDesk, clock: ManualClock) -> Intake:
    answers = Answers(desk, Breaker(clock.monotonic), "Pat Manager", Scope.UNPROCESSED, SETTLE, ())  # type: ignore[arg-type]
    return Intake(desk, answers, SETTLE, clock)  # type: ignore[arg-type]


class Placed:
    """A patient handed to the intake, and what the desk was told."""

    def __init__(self, work: WorkItem) -> None:
        clock = ManualClock()
        self.desk = FakeDesk()
        an_intake(self.desk, clock).take(work)
        (_, self.task), *self.said = self.desk.said

    @property
    def does(self) -> str:
        [words] = self.said
        return str(words[0])

    @property
    def ended(self) -> tuple[ItemState, Reason | None]:
        outcome = self.desk.change.outcome
        return outcome.state, outcome.reason


def test_most_patients_are_asked_about():
    placed = Placed(a_work())
    assert (placed.does, placed.task.need) == ("go_out", Need.READ)


@pytest.mark.parametrize(
    ("record", "ended"),
    [
        ({"record_in_use": True}, (ItemState.FAILED, Reason.RECORD_IN_USE)),
        ({"nhs_number": None}, (ItemState.FAILED, Reason.NHS_NUMBER_INVALID)),
        ({"pds_linked": False}, (ItemState.FAILED, Reason.PDS_MISMATCH)),
        ({"registration": RegistrationStatus.APPLIED}, (ItemState.NOT_REQUIRED, Reason.NOT_PERMANENT_YET)),
        ({"registration": RegistrationStatus.DECEASED}, (ItemState.NOT_REQUIRED, Reason.NO_LONGER_ACTIVE)),
    ],
)
def test_some_are_settled_without_the_spine(record: dict[str, Any], ended: tuple[ItemState, Reason]):
    placed = Placed(a_work(**record))
    assert placed.does == "write"
    assert placed.ended == ended
    assert placed.desk.change.outcome.code_before == "9Ndo."


def test_a_prepared_message_is_sent_as_it_is():
    intent = an_intent(IntentState.PREPARED, sends=0, tried=False, last_started_at=None)
    placed = Placed(a_work(state=ItemState.SENDING, intent=intent))
    assert (placed.does, placed.task.need) == ("go_out", Need.SEND)
    assert placed.task.sent_message.request_id == "request-1"
    assert placed.task.sent_message.resend_reason is None


def test_one_that_was_refused_before_says_so_when_it_goes_out_again():
    placed = Placed(a_work(state=ItemState.SENDING, intent=an_intent(IntentState.PREPARED, sends=0)))
    assert placed.task.sent_message.resend_reason is ResendReason.NOT_PROCESSED


@pytest.mark.parametrize(
    "record",
    [
        {"consent_version": 4},
        {"registration": RegistrationStatus.TRANSFERRED_OUT},
        {"record_in_use": True},
        {"codes": ("9Ndn.",)},
    ],
)
def test_a_prepared_message_that_is_not_meant_any_more_is_given_up_and_decided_anew(record: dict[str, Any]):
    placed = Placed(a_work(state=ItemState.SENDING, intent=an_intent(IntentState.PREPARED), **record))
    change = placed.desk.change
    assert change.intent is not None
    assert (change.intent.expected, change.intent.state) == (IntentState.PREPARED, IntentState.SUPERSEDED)
    assert placed.ended == (ItemState.UNPROCESSED, None)
    assert placed.said[0][-1] is True


@pytest.mark.parametrize("state", [ItemState.SENDING, ItemState.UNPROCESSED, ItemState.FAILED])
@pytest.mark.parametrize("intent_state", [IntentState.UNKNOWN, IntentState.IN_FLIGHT])
def test_a_message_of_unknown_outcome_is_settled_first_by_reading(state: ItemState, intent_state: IntentState):
    placed = Placed(a_work(state=state, intent=an_intent(intent_state)))
    assert (placed.does, placed.task.need) == ("go_out", Need.SETTLE)


@pytest.mark.parametrize("started", [timedelta(seconds=-74), timedelta(0), timedelta(hours=2)])
def test_but_not_while_the_spine_may_still_be_about_to_apply_it(started: timedelta):
    """Also when the clock was put back since: a settle time from now, and no more."""
    work = a_work(state=ItemState.SENDING, deferrals=1, intent=an_intent(last_started_at=START + started))
    placed = Placed(work)
    outcome = placed.desk.change.outcome
    assert placed.ended == (ItemState.SENDING, None)
    assert outcome.next_attempt_at == min(START + started, START) + SETTLE
    assert outcome.deferrals == 1, "waiting for it is not an attempt that failed"


def test_one_that_was_begun_later_than_now_is_waited_for_once():
    """However far the clock was put back: by the steady clock the settle time is over."""
    desk, clock = FakeDesk(), ManualClock()
    intake = an_intake(desk, clock)
    work = a_work(state=ItemState.SENDING, intent=an_intent(last_started_at=START + timedelta(days=1)))
    intake.take(work)
    assert desk.change.outcome.next_attempt_at == START + SETTLE
    clock.advance(SETTLE.total_seconds())
    desk.said.clear()
    intake.take(work)
    assert desk.names == ["take", "go_out"]
    # A reading that failed is tried again like any other.
    clock.advance(60)
    desk.said.clear()
    intake.take(work)
    assert desk.names == ["take", "go_out"]


def test_a_message_of_which_no_attempt_is_known_is_read_back_at_once():
    """As after a backup was restored: whether it was sent since, only the Spine knows."""
    placed = Placed(a_work(state=ItemState.SENDING, intent=an_intent(sends=0, tried=False, last_started_at=None)))
    assert (placed.does, placed.task.need) == ("go_out", Need.SETTLE)


def test_without_a_number_there_is_nobody_to_read_back():
    placed = Placed(a_work(state=ItemState.SENDING, intent=an_intent(), nhs_number=None))
    assert placed.desk.change.intent is not None
    assert placed.desk.change.intent.state is IntentState.SUPERSEDED


@pytest.mark.parametrize("state", [ItemState.SENT, ItemState.NOT_REQUIRED])
def test_a_finished_patient_read_anew_is_let_go(state: ItemState):
    """A commit that seemed to have failed had been made."""
    assert Placed(a_work(state=state)).does == "let_go"


def test_a_fault_of_ours_fails_the_patient():
    placed = Placed(a_work(entries=None, record_in_use=False, intent=an_intent(IntentState.PREPARED)))
    [(name, task, fault)] = placed.said
    assert (name, task) == ("met_fault", placed.task)
    assert isinstance(fault, TypeError)
