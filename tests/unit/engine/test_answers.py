"""What each answer does to its patient: faults sections 1 and 2."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.decision import DISSENT_REFUSAL, NO_SUMMARY, Permission, SpineConsent, Summary
from app.domain.outcomes import ItemState, Reason
from app.domain.patient import ConsentEntry
from app.domain.states import IntentState
from app.engine.answers import Answers
from app.engine.breaker import Breaker
from app.engine.rows import PastAnswer, ResendReason, Scope
from app.engine.spine_port import AnswerKind, SpineAnswer
from app.engine.task import Need, Task
from tests.helpers.clocks import START, ManualClock
from tests.helpers.scripted_spine import consent
from tests.unit.engine.samples import ASK, FakeDesk, a_task, a_work, an_intent, told

NOW = START + timedelta(minutes=5)
SENT_AT = NOW - timedelta(seconds=30)
SETTLE = timedelta(seconds=75)
DELAYS = (1.0, 4.0, 60.0, 300.0)
LOST = SpineAnswer(AnswerKind.UNAVAILABLE)


class Answering:
    """The answers with a desk that only listens."""

    def __init__(self, scope: Scope = Scope.UNPROCESSED, delays: tuple[float, ...] = DELAYS) -> None:
        self.desk = FakeDesk()
        self.breaker = Breaker(ManualClock().monotonic)
        self.answers = Answers(self.desk, self.breaker, "Pat Manager", scope, SETTLE, delays)  # type: ignore[arg-type]

    def read(self, task: Task, answer: SpineAnswer) -> Answering:
        self.desk.said.clear()
        self.answers.to_read(task, answer, NOW)
        return self

    def send(self, task: Task, answer: SpineAnswer | AnswerKind) -> Answering:
        answer = SpineAnswer(answer) if isinstance(answer, AnswerKind) else answer
        self.answers.to_send(task, answer, SENT_AT, NOW)
        return self

    @property
    def ended(self) -> tuple[ItemState, Reason | None]:
        outcome = self.desk.change.outcome
        return outcome.state, outcome.reason

    @property
    def intent(self) -> IntentState:
        change = self.desk.change.intent
        assert change is not None
        return change.state


def an_outage(answering: Answering) -> Answering:
    for patient in range(5):
        answering.breaker.failed(patient, connected=True)
    return answering


def settling(**intent: object) -> Task:
    return a_task(1, Need.SETTLE, state=ItemState.SENDING, intent=an_intent(**intent))


def sending(snapshot: SpineConsent = ASK, **work: object) -> Task:
    task = a_task(1, Need.SEND, intent=an_intent(IntentState.IN_FLIGHT, snapshot=snapshot), **work)
    task.correlation_id = "correlation-1"
    return task


# --- answers to a send ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "intent", "state", "reason"),
    [
        (AnswerKind.ACCEPTED, IntentState.CONFIRMED, ItemState.SENT, Reason.DISSENT_SENT),
        (AnswerKind.REJECTED, IntentState.REJECTED, ItemState.FAILED, Reason.SPINE_REJECTED),
        (AnswerKind.ACCESS_REFUSED, IntentState.REJECTED, ItemState.FAILED, Reason.SPINE_REJECTED),
        (AnswerKind.UNKNOWN, IntentState.UNKNOWN, ItemState.SENDING, None),
        # Classes that only a read has: should one come, nothing is known of the message.
        (AnswerKind.UNAVAILABLE, IntentState.UNKNOWN, ItemState.SENDING, None),
        (AnswerKind.NOT_UNDERSTOOD, IntentState.UNKNOWN, ItemState.SENDING, None),
        (AnswerKind.CONSENT, IntentState.UNKNOWN, ItemState.SENDING, None),
    ],
)
def test_the_class_of_the_answer_settles_a_send(kind, intent, state, reason):
    answering = Answering().send(sending(), SpineAnswer(kind, 400, "35160", "words"))
    assert answering.desk.names == ["write"]
    assert answering.intent is intent
    assert answering.ended == (state, reason)
    change = answering.desk.change
    assert change.version is None, "what happened on the wire is recorded whatever the record says by now"
    assert change.attempt_end is not None
    assert (change.attempt_end.correlation_id, change.attempt_end.answer_class) == ("correlation-1", kind.value)
    assert change.outcome.next_attempt_at == (SENT_AT + SETTLE if state is ItemState.SENDING else None)


@pytest.mark.parametrize(
    ("kind", "wait"),
    [
        (AnswerKind.NO_CONNECTION, 1.0),
        (AnswerKind.THROTTLED, 0.0),
        (AnswerKind.UNAUTHENTICATED, 0.0),
        (AnswerKind.NOT_SENT, 0.0),
        (AnswerKind.NOT_AUTHORISED, 0.0),
        (AnswerKind.CONFIGURATION, 0.0),
    ],
)
def test_what_was_certainly_not_applied_stays_prepared_and_goes_out_again(kind, wait):
    task = sending()
    answering = Answering().send(task, kind)
    [(name, same, change, seconds)] = answering.desk.said
    assert (name, same, seconds) == ("keep", task, wait)
    assert change.intent.state is IntentState.PREPARED
    assert (change.outcome.state, change.outcome.reason) == (ItemState.SENDING, None)
    assert task.sent_message.state is IntentState.PREPARED
    assert task.sent_message.resend_reason is ResendReason.NOT_PROCESSED


def test_the_reason_of_a_resend_outlives_a_refusal_at_the_door():
    task = sending()
    task.sent_message.resend_reason = ResendReason.NO_READBACK
    Answering().send(task, AnswerKind.THROTTLED)
    assert task.sent_message.resend_reason is ResendReason.NO_READBACK


def test_a_clock_that_was_put_back_does_not_put_the_settling_off():
    answering = Answering()
    answering.answers.to_send(sending(), SpineAnswer(AnswerKind.UNKNOWN), NOW + timedelta(hours=1), NOW)
    assert answering.desk.change.outcome.next_attempt_at == NOW + SETTLE


CONFIRMED_BEFORE = PastAnswer(IntentState.CONFIRMED, "", "", NO_SUMMARY)
REFUSED_BEFORE = PastAnswer(IntentState.REJECTED, "430", "invalid update", NO_SUMMARY)


@pytest.mark.parametrize(
    ("snapshot", "past", "reason"),
    [
        (NO_SUMMARY, CONFIRMED_BEFORE, Reason.NOT_TOLD),
        (NO_SUMMARY, None, Reason.DISSENT_SENT),
        (NO_SUMMARY, REFUSED_BEFORE, Reason.DISSENT_SENT),
        (ASK, CONFIRMED_BEFORE, Reason.DISSENT_SENT),
    ],
)
def test_not_told_is_for_those_of_whom_the_spine_tells_nothing_even_after_our_no(snapshot, past, reason):
    assert Answering().send(sending(snapshot, past=past), AnswerKind.ACCEPTED).ended == (ItemState.SENT, reason)


# --- answers to a read ------------------------------------------------------------------------------------------------


def test_a_dissent_to_be_sent_gets_a_message_of_its_own_with_the_snapshot():
    task = a_task(1, codes=("93C3.",))
    assert Answering().read(task, consent(ASK)).desk.names == ["go_out"]
    message = task.sent_message
    assert task.need is Need.SEND
    assert (message.state, message.snapshot) == (None, ASK)
    assert [conversion.new_code for conversion in message.local.conversions] == ["9Ndo."]
    assert message.version == task.work.record.consent_version + 1, "the record's after the change it goes with"


def test_a_dissent_without_a_local_change_goes_with_the_version_it_was_decided_on():
    task = a_task(1)
    Answering().read(task, consent(ASK))
    assert task.sent_message.version == task.work.record.consent_version


def test_whoever_needs_no_message_is_concluded_on_the_version_that_was_read():
    task = a_task(1, codes=())
    answering = Answering().read(task, told(Permission.ASK))
    change = answering.desk.change
    assert answering.ended == (ItemState.NOT_REQUIRED, Reason.IMPLIED_CONSENT_ADDED)
    assert change.version == task.work.record.consent_version
    assert change.local.implied_consent is not None
    assert change.local.implied_consent.recorded_by == "Pat Manager"
    assert change.local.implied_consent.event_date == NOW.date()
    assert (change.outcome.code_before, change.outcome.consent) == ("", ASK)


def test_implied_consent_carries_the_date_in_england():
    answering = Answering()
    summer_night = START.replace(month=7, day=1, hour=23, minute=30)
    answering.answers.to_read(a_task(1, codes=()), told(Permission.ASK), summer_night)
    added = answering.desk.change.local.implied_consent
    assert added is not None
    assert (added.event_date.day, added.recorded_at) == (2, summer_night)


@pytest.mark.parametrize("scope", [Scope.UNPROCESSED, Scope.FAILED])
@pytest.mark.parametrize("told", [NO_SUMMARY, ASK])
def test_a_dissent_that_was_refused_before_is_sent_again_only_by_failed(scope, told):
    """A second pass with nothing changed sends nothing (I10)."""
    answering = Answering(scope).read(a_task(1, past=replace(REFUSED_BEFORE, snapshot=told)), consent(told))
    if scope is Scope.FAILED:
        assert answering.desk.names == ["go_out"]
    else:
        assert answering.ended == (ItemState.FAILED, Reason.SPINE_REJECTED)
        assert answering.desk.change.outcome.spine_code == "430"


@pytest.mark.parametrize(("before", "now"), [(NO_SUMMARY, ASK), (ASK, NO_SUMMARY)])
def test_a_refused_dissent_is_sent_again_once_the_spine_tells_something_else(before, now):
    answering = Answering().read(a_task(1, past=replace(REFUSED_BEFORE, snapshot=before)), consent(now))
    assert answering.desk.names == ["go_out"]


def test_a_refused_dissent_that_is_on_the_spine_by_now_is_not_required():
    answering = Answering().read(a_task(1, past=REFUSED_BEFORE), consent(DISSENT_REFUSAL))
    assert answering.ended == (ItemState.NOT_REQUIRED, Reason.ALREADY_ON_SPINE)


@pytest.mark.parametrize("kind", [AnswerKind.REJECTED, AnswerKind.ACCESS_REFUSED])
def test_a_refused_question_fails_the_patient_with_the_code(kind):
    answering = Answering().read(a_task(1), SpineAnswer(kind, 400, "35160", "words"))
    assert answering.ended == (ItemState.FAILED, Reason.SPINE_REJECTED)
    outcome = answering.desk.change.outcome
    assert (outcome.spine_code, outcome.text, outcome.code_before) == ("35160", "words", "9Ndo.")


def test_an_answer_not_understood_is_asked_for_once_more_then_suspected():
    task, answering = a_task(1), Answering()
    assert answering.read(task, SpineAnswer(AnswerKind.NOT_UNDERSTOOD)).desk.said == [("go_out_later", task, 1.0)]
    answering.read(task, SpineAnswer(AnswerKind.NOT_UNDERSTOOD))
    assert answering.desk.names == ["suspect"]
    assert answering.ended == (ItemState.FAILED, Reason.ANSWER_NOT_UNDERSTOOD)


def test_without_short_delays_it_is_asked_for_at_once():
    task = a_task(1)
    answering = Answering(delays=()).read(task, SpineAnswer(AnswerKind.NOT_UNDERSTOOD))
    assert answering.desk.said == [("go_out_later", task, 0.0)]


def test_a_lost_read_is_repeated_after_one_and_four_seconds_with_jitter():
    task, answering = a_task(1), Answering()
    waits = []
    for _ in range(2):
        [(name, _, seconds)] = answering.read(task, LOST).desk.said
        assert name == "go_out_later"
        waits.append(seconds)
    assert 0.9 <= waits[0] <= 1.2
    assert 3.6 <= waits[1] <= 4.8
    answering.read(task, LOST)
    assert answering.desk.names == ["write"]


@pytest.mark.parametrize(("deferrals", "seconds"), [(0, 60.0), (1, 300.0)])
def test_then_the_patient_is_put_off_by_a_minute_then_by_five(deferrals, seconds):
    task = a_task(1, deferrals=deferrals)
    task.tried = 2
    answering = Answering().read(task, LOST)
    outcome = answering.desk.change.outcome
    assert answering.ended == (ItemState.UNPROCESSED, None)
    assert (outcome.next_attempt_at, outcome.deferrals) == (NOW + timedelta(seconds=seconds), deferrals + 1)


@pytest.mark.parametrize(
    ("work", "ended"),
    [
        ({"state": ItemState.UNPROCESSED}, (ItemState.UNPROCESSED, None)),
        ({"state": ItemState.SENDING, "intent": an_intent()}, (ItemState.SENDING, None)),
        # With Failed there is nothing to wait for: it failed before, and says why it does now.
        ({"state": ItemState.FAILED}, (ItemState.FAILED, Reason.SPINE_UNAVAILABLE)),
        ({"state": ItemState.FAILED, "intent": an_intent()}, (ItemState.FAILED, Reason.OUTCOME_UNKNOWN)),
    ],
)
def test_at_last_the_patient_is_left_for_the_end_of_the_run(work, ended):
    task = a_task(1, Need.SETTLE if "intent" in work else Need.READ, deferrals=2, **work)
    task.tried = 2
    answering = Answering().read(task, LOST)
    assert answering.ended == ended
    assert answering.desk.change.outcome.next_attempt_at is None


@pytest.mark.parametrize("need", [Need.READ, Need.SETTLE])
@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (AnswerKind.NO_CONNECTION, ("go_out_later", 1.0)),
        (AnswerKind.THROTTLED, ("go_out", True)),
        (AnswerKind.UNAUTHENTICATED, ("go_out", True)),
        (AnswerKind.NOT_SENT, ("go_out", True)),
        (AnswerKind.NOT_AUTHORISED, ("go_out", True)),
        (AnswerKind.CONFIGURATION, ("go_out", True)),
    ],
)
def test_a_question_that_was_never_processed_is_asked_again(kind, said, need):
    task = settling() if need is Need.SETTLE else a_task(1)
    [(name, same, how)] = Answering().read(task, SpineAnswer(kind)).desk.said
    assert (name, how) == said
    assert same is task
    assert (task.tried, task.misunderstood) == (0, 0)


@pytest.mark.parametrize("task", [a_task(1), settling()])
@pytest.mark.parametrize(
    "kind", [AnswerKind.UNAVAILABLE, AnswerKind.NOT_UNDERSTOOD, AnswerKind.NO_CONNECTION, AnswerKind.UNKNOWN]
)
def test_in_an_outage_nothing_counts_against_a_patient(task, kind):
    answering = an_outage(Answering())
    assert answering.read(task, SpineAnswer(kind)).desk.said == [("go_out", task)]
    assert (task.tried, task.misunderstood) == (0, 0)


# --- settling ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", [consent(DISSENT_REFUSAL), told(Permission.NO)])
def test_the_no_found_on_the_spine_settles_it(answer):
    answering = Answering().read(settling(), answer)
    assert answering.intent is IntentState.CONFIRMED
    assert answering.ended == (ItemState.SENT, Reason.CONFIRMED_BY_READ)


@pytest.mark.parametrize(
    ("snapshot", "found"),
    [
        (ASK, told(Permission.ASK)),
        (SpineConsent(Summary.YES, Permission.YES), told(Permission.YES)),
        # Ask is the service's default where nothing is recorded: a summary has come up meanwhile.
        (NO_SUMMARY, told(Permission.ASK)),
        (NO_SUMMARY, told(Permission.YES)),
    ],
)
def test_the_spine_as_it_was_before_means_not_applied(snapshot, found):
    task = settling(snapshot=snapshot)
    assert Answering().read(task, found).desk.names == ["go_out"]
    assert task.need is Need.SEND
    assert task.sent_message.resend_reason is ResendReason.READBACK_NOT_APPLIED
    assert task.sent_message.request_id == "request-1"
    assert task.sent_message.state is IntentState.UNKNOWN, "it is unknown until the resend is committed"


@pytest.mark.parametrize(
    ("snapshot", "found"),
    [(ASK, told(Permission.YES)), (SpineConsent(Summary.YES, Permission.YES), told(Permission.ASK))],
)
def test_a_third_value_is_for_a_person(snapshot, found):
    answering = Answering().read(settling(snapshot=snapshot), found)
    assert answering.intent is IntentState.CONFLICT
    assert answering.ended == (ItemState.FAILED, Reason.CONFLICT)


@pytest.mark.parametrize("snapshot", [NO_SUMMARY, ASK])
def test_where_the_spine_tells_nothing_it_is_sent_once_more(snapshot):
    task = settling(snapshot=snapshot)
    assert Answering().read(task, consent(NO_SUMMARY)).desk.names == ["go_out"]
    assert task.sent_message.resend_reason is ResendReason.NO_READBACK


def test_and_not_a_third_time():
    task = settling(snapshot=NO_SUMMARY, resent_blind=True)
    answering = Answering().read(task, consent(NO_SUMMARY))
    assert answering.ended == (ItemState.SENDING, None)
    assert answering.desk.change.outcome.next_attempt_at is None


@pytest.mark.parametrize(("sends_now", "sends", "again"), [(2, 2, True), (2, 6, True), (3, 3, False), (1, 7, False)])
def test_three_sends_in_an_execution_and_seven_in_all_are_enough(sends_now, sends, again):
    task = settling(sends_now=sends_now, sends=sends)
    answering = Answering().read(task, told(Permission.ASK))
    if again:
        assert answering.desk.names == ["go_out"]
    else:
        assert answering.ended == (ItemState.FAILED, Reason.OUTCOME_UNKNOWN)
        assert answering.desk.change.intent is None, "the message stays unknown, for Failed to settle"


@pytest.mark.parametrize(
    "answer",
    [
        LOST,
        SpineAnswer(AnswerKind.NOT_UNDERSTOOD, 200),
        SpineAnswer(AnswerKind.REJECTED, 400, "35160"),
        SpineAnswer(AnswerKind.ACCESS_REFUSED, 403, "420"),
        SpineAnswer(AnswerKind.CONSENT, 200, consent=None),
    ],
)
def test_nothing_is_ever_resent_on_a_failed_read(answer):
    task, answering = settling(), Answering()
    for _ in range(2):
        assert answering.read(task, answer).desk.names == ["go_out_later"]
    answering.read(task, answer)
    assert answering.ended == (ItemState.SENDING, None)
    assert answering.desk.change.intent is None
    assert task.need is Need.SETTLE


MOVED_ON = [
    {"consent_version": 2},
    {"record_in_use": True},
    {"codes": ("9Ndn.",)},
]


@pytest.mark.parametrize("record", MOVED_ON)
@pytest.mark.parametrize("found", [told(Permission.ASK), told(Permission.YES), consent(NO_SUMMARY)])
def test_a_no_that_is_not_meant_any_more_is_never_sent_again(found, record):
    task = Task(a_work(1, state=ItemState.SENDING, intent=an_intent(), **record), Need.SETTLE)
    answering = Answering().read(task, found)
    assert answering.intent is IntentState.SUPERSEDED
    assert answering.ended == (ItemState.UNPROCESSED, None)
    assert answering.desk.said[0][-1] is True, "decided anew"


def test_a_no_that_arrived_and_is_not_meant_any_more_is_confirmed_and_the_patient_decided_anew():
    task = Task(a_work(1, state=ItemState.SENDING, intent=an_intent(), consent_version=2), Need.SETTLE)
    answering = Answering().read(task, told(Permission.NO))
    assert answering.intent is IntentState.CONFIRMED
    assert answering.ended == (ItemState.UNPROCESSED, None)
    assert answering.desk.said[0][-1] is True


@pytest.mark.parametrize(("days", "sent_again"), [(0, False), (1, True)])
def test_a_change_of_mind_dated_in_the_future_counts_from_its_day(days: int, sent_again: bool):
    """The record is as it was when the message was prepared, but the entry that counts is another by now."""
    work = a_work(1, state=ItemState.SENDING, intent=an_intent())
    later = ConsentEntry(2, "9Ndn.", (NOW + timedelta(days=days)).date(), None)
    record = replace(work.record, entries=(*work.record.entries, later))
    answering = Answering().read(Task(replace(work, record=record), Need.SETTLE), told(Permission.ASK))
    if sent_again:
        assert answering.desk.names == ["go_out"]
    else:
        assert answering.intent is IntentState.SUPERSEDED
