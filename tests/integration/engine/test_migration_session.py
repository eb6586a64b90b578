"""Session, rights and set-up: faults page, rows 18, 20, 21, 34 and 35."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.domain.outcomes import ItemState, Reason
from app.domain.states import IntentState, RunStatus, StopReason
from app.engine.spine_port import AnswerKind, SpineAnswer
from app.storage.tables import audit_event
from tests.helpers.bench import Bench, consenter, dissenter
from tests.helpers.scripted_spine import Call, Holding
from tests.integration.engine.conftest import MakeBench
from tests.unit.engine.test_stop_control import TimedWindow

REFUSED = SpineAnswer(AnswerKind.UNAUTHENTICATED, 401)
ACCESS = SpineAnswer(AnswerKind.ACCESS_REFUSED, 403, "420")


def a_practice(make_bench: MakeBench) -> Bench:
    return make_bench(*(dissenter(f"D{number}") for number in range(5)), *(consenter(f"C{n}") for n in range(20)))


@pytest.mark.fault_row(18)
@pytest.mark.parametrize("operation", ["read", "send"])
def test_a_token_refused_once_is_repeated_under_a_new_correlation_id(operation: str, make_bench: MakeBench):
    bench = a_practice(make_bench)
    bench.script(operation, "D0", REFUSED)
    view = bench.run()
    assert (view.status, view.counts.sent, view.counts.failed) == (RunStatus.COMPLETED, 5, 0)
    calls = bench.reads("D0") if operation == "read" else bench.sends("D0")
    assert len({call.correlation_id for call in calls}) == len(calls) == 2


@pytest.mark.fault_row(18, 34)
@pytest.mark.parametrize("operation", ["read", "send"])
def test_refused_again_the_run_pauses_for_the_card_and_nobody_fails(operation: str, make_bench: MakeBench):
    bench = a_practice(make_bench)
    bench.script(operation, "D0", REFUSED, REFUSED)
    view = bench.run()
    assert (view.status, view.stop_reason) == (RunStatus.STOPPED, StopReason.CARD_REMOVED)
    assert view.counts.failed == 0
    if operation == "send":
        assert [message.state for message in bench.intents("D0")] == [IntentState.PREPARED]
    bench.card.sign_in()
    assert bench.resume().counts.sent == 5
    assert len({call.request_id for call in bench.sends("D0")}) == 1


@pytest.mark.fault_row(18, 34)
@pytest.mark.parametrize("reason", [StopReason.CARD_EXPIRED, StopReason.CARD_REMOVED])
@pytest.mark.parametrize("operation", ["read", "send"])
def test_a_session_that_gives_no_token_pauses_the_run_with_its_reason(operation, reason, make_bench):
    bench = a_practice(make_bench)
    bench.script(operation, "D0", SpineAnswer(AnswerKind.UNAUTHENTICATED, None, session_ended=reason))
    view = bench.run()
    assert (view.status, view.stop_reason, view.counts.failed) == (RunStatus.STOPPED, reason, 0)
    bench.card.sign_in()
    assert bench.resume().counts.sent == 5


@pytest.mark.fault_row(34, 35)
@pytest.mark.parametrize("reason", [StopReason.CARD_REMOVED, StopReason.CARD_EXPIRED])
def test_a_card_taken_out_ends_the_execution_what_is_under_way_is_taken_in(reason, make_bench):
    bench = a_practice(make_bench)

    def take_out(_: Holding, __: Call) -> None:
        bench.card.end(reason)

    bench.script("send", "D0", take_out)
    view = bench.run()
    assert (view.status, view.stop_reason) == (RunStatus.STOPPED, reason)
    assert bench.ended("D0") == (ItemState.SENT, Reason.DISSENT_SENT)
    assert len(bench.spine.sends()) == 1
    assert view.counts.failed == 0


@pytest.mark.fault_row(35)
def test_another_persons_card_does_not_go_on_with_it_but_resume_does_in_their_name(make_bench: MakeBench):
    bench = a_practice(make_bench)

    def swap(_: Holding, __: Call) -> None:
        bench.card.end()
        bench.card.sign_in(person=("910000000005", "Sam Deputy"))

    bench.script("send", "D0", swap)
    view = bench.run()
    assert (view.stop_reason, view.counts.failed) == (StopReason.CARD_REMOVED, 0)
    assert bench.ended("D0") == (ItemState.SENT, Reason.DISSENT_SENT)
    assert len(bench.spine.sends()) == 1, "nothing begins under the other card"
    assert bench.resume().status is RunStatus.COMPLETED
    assert [row.card_session for row in bench.executions()] == ["session-1", "session-2"]
    begun = select(audit_event.c.actor).where(audit_event.c.action == "execution_begun").order_by(audit_event.c.number)
    actors = [row.actor for row in bench.rows(begun)]
    assert [actor.split(" (")[0] for actor in actors] == ["Pat Manager", "Sam Deputy"]
    assert "card 910000000005" in actors[1]


@pytest.mark.fault_row(34)
def test_nothing_is_begun_in_the_last_ninety_seconds_of_a_session(make_bench: MakeBench):
    bench = a_practice(make_bench)
    bench.card.sign_in(length=timedelta(seconds=91))
    late: list[float] = []
    began = bench.clock.monotonic()
    bench.spine.always = lambda *_: late.append(bench.clock.monotonic() - began)  # type: ignore[func-returns-value]
    bench.script("read", "D4", SpineAnswer(AnswerKind.THROTTLED, 429, retry_after=5.0))
    view = bench.run()
    assert view.stop_reason is StopReason.CARD_EXPIRED
    assert max(late) <= 1.1
    assert view.counts.failed == 0


def test_the_stop_time_of_the_window_pauses_the_run(make_bench: MakeBench):
    bench = a_practice(make_bench)
    window = TimedWindow()

    def close(_: Holding, __: Call) -> None:
        window.over = True

    bench.script("send", "D2", close)
    view = bench.run(window=window)
    assert (view.status, view.stop_reason) == (RunStatus.STOPPED, StopReason.WINDOW_CLOSED)
    assert bench.ended("D2") == (ItemState.SENT, Reason.DISSENT_SENT)
    assert len(bench.spine.sends()) == 3


@pytest.mark.fault_row(20)
@pytest.mark.parametrize("operation", ["read", "send"])
def test_access_refused_for_one_patient_fails_that_patient(operation: str, make_bench: MakeBench):
    bench = a_practice(make_bench)
    bench.script(operation, "D1", ACCESS)
    bench.script(operation, "D3", ACCESS)
    view = bench.run()
    assert view.status is RunStatus.COMPLETED
    assert view.counts.failed == 2
    assert bench.ended("D1") == (ItemState.FAILED, Reason.SPINE_REJECTED)
    assert bench.item("D1").spine_code == "420"


@pytest.mark.fault_row(20)
def test_access_refused_for_three_patients_in_a_row_stops_the_run(make_bench: MakeBench):
    bench = a_practice(make_bench)
    bench.spine.always = lambda *_: ACCESS
    view = bench.run()
    assert (view.status, view.stop_reason) == (RunStatus.STOPPED, StopReason.NOT_AUTHORISED)
    assert view.counts.failed >= 3
    assert view.reads <= 3 + 3, "those under way are taken in, nothing new begins"
    assert view.counts.unprocessed >= 25 - 6
