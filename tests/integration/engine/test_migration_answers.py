"""Every class of answer through a whole execution: faults page, section 1."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import pytest

from app.domain.decision import Permission
from app.domain.outcomes import ItemState, Reason
from app.domain.states import IntentState, RunStatus, StopReason
from app.engine.spine_port import AnswerKind, SpineAnswer
from tests.helpers.bench import Person, consenter
from tests.helpers.practice import reception_changes
from tests.helpers.scripted_spine import applied_but_lost
from tests.integration.engine.conftest import MakeBench

SENT, FAILED, SENDING, UNPROCESSED = ItemState.SENT, ItemState.FAILED, ItemState.SENDING, ItemState.UNPROCESSED


def objector(ref: str = "P") -> Person:
    """Somebody whose old dissent is converted together with its message."""
    return Person(ref, ("93C3.",), has_scr=True)


@dataclass(frozen=True)
class Refusal:
    """An answer to the POST that ends the message, or the run."""

    answer: SpineAnswer
    intent: IntentState
    item: tuple[ItemState, Reason | None]
    stop: StopReason | None


REFUSALS = [
    Refusal(
        SpineAnswer(AnswerKind.REJECTED, 400, "35160", "unknown number"),
        *(IntentState.REJECTED, (FAILED, Reason.SPINE_REJECTED), None),
    ),
    Refusal(
        SpineAnswer(AnswerKind.ACCESS_REFUSED, 403, "420", "access control"),
        *(IntentState.REJECTED, (FAILED, Reason.SPINE_REJECTED), None),
    ),
    Refusal(
        SpineAnswer(AnswerKind.NOT_AUTHORISED, 403, text="role"),
        *(IntentState.PREPARED, (SENDING, None), StopReason.NOT_AUTHORISED),
    ),
    Refusal(
        SpineAnswer(AnswerKind.CONFIGURATION, 302),
        *(IntentState.PREPARED, (SENDING, None), StopReason.CONFIGURATION),
    ),
    Refusal(
        SpineAnswer(AnswerKind.UNAUTHENTICATED, 401, session_ended=StopReason.CARD_EXPIRED),
        *(IntentState.PREPARED, (SENDING, None), StopReason.CARD_EXPIRED),
    ),
]


@pytest.mark.fault_row(16, 20, 21)
@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.answer.kind.value)
def test_a_refused_message(refusal: Refusal, make_bench: MakeBench):
    bench = make_bench(objector(), consenter("other"))
    bench.script("send", "P", refusal.answer)
    view = bench.run()
    [message] = bench.intents("P")
    [tried] = bench.attempts("P")
    assert message.state is refusal.intent
    assert bench.ended("P") == refusal.item
    assert (tried.answer_class, tried.http_status) == (refusal.answer.kind, refusal.answer.http_status)
    assert view.stop_reason is refusal.stop
    assert len(bench.sends("P")) == view.writes == bench.item("P").attempts == 1
    assert bench.codes("P") == ["9Ndo."], "the dissent stays expressed in the record"
    if refusal.stop is None:
        assert bench.ended("other") == (ItemState.NOT_REQUIRED, Reason.NOTHING_TO_DO)
        assert bench.item("P").spine_code == refusal.answer.spine_code
    else:
        assert view.counts.failed == 0, "nobody fails"
        assert view.stop_detail == refusal.answer.text
        assert bench.resume().status is RunStatus.COMPLETED
        first, second = bench.sends("P")
        assert first.request_id == second.request_id
        assert bench.attempts("P")[1].reason == "NOT_PROCESSED"
        assert bench.ended("P") == (SENT, Reason.DISSENT_SENT)


@pytest.mark.fault_row(8, 15, 18)
@pytest.mark.parametrize(
    "answer",
    [
        SpineAnswer(AnswerKind.NO_CONNECTION),
        SpineAnswer(AnswerKind.THROTTLED, 429),
        SpineAnswer(AnswerKind.THROTTLED, 429, retry_after=20.0),
        SpineAnswer(AnswerKind.UNAUTHENTICATED, 401),
    ],
)
def test_a_message_that_was_certainly_not_applied_goes_out_again_at_once_without_a_reading(answer, make_bench):
    bench = make_bench(objector())
    bench.script("send", "P", answer)
    began = bench.clock.now()
    view = bench.run()
    first, second = bench.attempts("P")
    assert bench.ended("P") == (SENT, Reason.DISSENT_SENT)
    assert len(bench.reads("P")) == 1
    assert first.request_id == second.request_id
    assert first.correlation_id != second.correlation_id
    assert (first.reason, second.reason) == ("", "NOT_PROCESSED")
    assert view.writes == 2
    waited = (second.started_at - began).total_seconds()
    assert waited >= (answer.retry_after or 0.0)
    assert waited < (answer.retry_after or 0.0) + 5.0


@pytest.mark.fault_row(10, 13, 17)
@pytest.mark.parametrize(
    "answer",
    [
        SpineAnswer(AnswerKind.UNKNOWN, 500),
        SpineAnswer(AnswerKind.UNKNOWN, 504),
        SpineAnswer(AnswerKind.UNKNOWN),
        SpineAnswer(AnswerKind.UNKNOWN, 400, "401", "duplicate message id"),
        SpineAnswer(AnswerKind.UNKNOWN, 403, "30418", "a dissent is in force"),
    ],
)
def test_an_ambiguous_answer_is_never_a_failure_but_settled_by_reading(answer, make_bench):
    bench = make_bench(objector())

    def applied(holding, call):
        applied_but_lost(holding, call)
        return answer

    bench.script("send", "P", applied)
    assert bench.run().status is RunStatus.COMPLETED
    assert bench.ended("P") == (SENT, Reason.CONFIRMED_BY_READ)
    assert len(bench.sends("P")) == 1, "no second message"
    assert [message.state for message in bench.intents("P")] == [IntentState.CONFIRMED]


# --- answers to the question ------------------------------------------------------------------------------------------


@pytest.mark.fault_row(16, 20, 22)
@pytest.mark.parametrize(
    ("kind", "reason", "reads"),
    [
        (AnswerKind.REJECTED, Reason.SPINE_REJECTED, 1),
        (AnswerKind.ACCESS_REFUSED, Reason.SPINE_REJECTED, 1),
        (AnswerKind.NOT_UNDERSTOOD, Reason.ANSWER_NOT_UNDERSTOOD, 2),
    ],
)
@pytest.mark.parametrize("codes", [("93C3.",), ()])
def test_a_question_that_was_refused_or_not_understood_fails_its_patient(kind, reason, reads, codes, make_bench):
    """Never "no dissent": nothing is added to the record, and nothing is sent."""
    bench = make_bench(Person("P", codes, has_scr=True), consenter("before"), consenter("after"))
    bench.script("read", "P", *[SpineAnswer(kind, 400, "35160", "words")] * 2)
    view = bench.run()
    assert view.status is RunStatus.COMPLETED
    assert bench.ended("P") == (FAILED, reason)
    assert len(bench.reads("P")) == reads
    assert bench.sends("P") == []
    assert bench.codes("P") == list(codes)
    assert bench.item("P").spine_code == "35160"
    assert view.counts.not_required == 2


@pytest.mark.fault_row(9, 20, 21)
@pytest.mark.parametrize("kind", [AnswerKind.NOT_AUTHORISED, AnswerKind.CONFIGURATION])
def test_a_question_that_shows_the_set_up_to_be_wrong_stops_the_run_and_nobody_fails(kind, make_bench):
    bench = make_bench(*(consenter(f"{number}") for number in range(20)))
    bench.spine.always = lambda holding, call: SpineAnswer(kind, 403, text="why")
    view = bench.run()
    assert (view.status, view.stop_reason, view.stop_detail) == (RunStatus.STOPPED, StopReason(kind.value), "why")
    assert view.counts.unprocessed == 20
    assert view.reads <= 4, "nothing new began"
    bench.spine.always = None
    assert bench.resume().counts.not_required == 20


@pytest.mark.fault_row(10, 12, 15)
@pytest.mark.parametrize(
    "answer",
    [
        SpineAnswer(AnswerKind.NO_CONNECTION),
        SpineAnswer(AnswerKind.THROTTLED, 429),
        SpineAnswer(AnswerKind.UNAVAILABLE),
    ],
)
def test_a_question_without_an_answer_is_asked_again(answer, make_bench):
    bench = make_bench(objector())
    bench.script("read", "P", answer)
    view = bench.run()
    assert bench.ended("P") == (SENT, Reason.DISSENT_SENT)
    first, second = bench.reads("P")
    assert first.correlation_id != second.correlation_id
    assert view.reads == 2


@pytest.mark.fault_row(12)
def test_a_question_is_repeated_after_1_and_4_seconds_then_after_a_minute_and_five_then_fails(make_bench: MakeBench):
    """Row 12: the others go on meanwhile, and the patient fails only at the end of the run."""
    bench = make_bench(Person("P", has_scr=True), *(consenter(f"{number}") for number in range(10)))
    times: list[float] = []

    def lost(_, call):
        times.append(bench.clock.monotonic())
        return SpineAnswer(AnswerKind.UNAVAILABLE, 502)

    bench.script("read", "P", *[lost] * 20)
    view = bench.run()
    assert view.status is RunStatus.COMPLETED
    assert bench.ended("P") == (FAILED, Reason.SPINE_UNAVAILABLE)
    assert view.counts.not_required == 10
    gaps = [later - earlier for earlier, later in pairwise(times)]
    in_hand = [(0.9, 1.4), (3.6, 5.0)]
    expected = [*in_hand, (60, 61), *in_hand, (300, 301), *in_hand]
    assert len(gaps) == len(expected)
    assert all(least <= gap <= most for gap, (least, most) in zip(gaps, expected, strict=True))
    assert bench.codes("P") == [], "no 9Ndl. without a positive reading"
    assert Permission.NO is not bench.holds("P")


def test_failed_tries_such_a_patient_again_and_says_why_it_fails_now(make_bench: MakeBench):
    bench = make_bench(Person("P", has_scr=True, flags={"record_in_use": True}))
    assert bench.run().counts.failed == 1
    assert bench.ended("P") == (FAILED, Reason.RECORD_IN_USE)
    reception_changes(bench.database, "P", record_in_use=False)
    bench.script("read", "P", *[AnswerKind.UNAVAILABLE] * 9)
    assert bench.failed().status is RunStatus.COMPLETED
    assert bench.ended("P") == (FAILED, Reason.SPINE_UNAVAILABLE)
    assert bench.failed().counts.not_required == 1
    assert bench.ended("P") == (ItemState.NOT_REQUIRED, Reason.IMPLIED_CONSENT_ADDED)
