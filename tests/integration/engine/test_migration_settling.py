"""Settling a message of unknown outcome, through whole executions: faults page, section 2, and rows 5, 13, 41, 42."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from app.domain.decision import Permission, SpineConsent, Summary
from app.domain.outcomes import ItemState, Reason
from app.domain.states import IntentState, RunStatus, StopReason
from app.engine.control import StopToken
from app.engine.spine_port import AnswerKind, SpineAnswer
from app.storage.migration_store import SqlMigrationStore
from tests.helpers.bench import Bench, Person, consenter, dissenter
from tests.helpers.evening import Evening
from tests.helpers.failing_store import FailingStore
from tests.helpers.practice import clinician_adds, clinician_deletes, reception_changes
from tests.helpers.scripted_spine import Call, Holding, Late, Script, applied_but_lost, consent
from tests.integration.engine.conftest import MakeBench

SENT, FAILED, SENDING = ItemState.SENT, ItemState.FAILED, ItemState.SENDING
LOST = SpineAnswer(AnswerKind.UNKNOWN, 504)
GONE = SpineAnswer(AnswerKind.UNAVAILABLE, 502)
MIND_CHANGED_ON = date(2026, 10, 1)


def untold(ref: str = "P") -> Person:
    """Somebody of whom the Spine tells nothing, before or after."""
    return dissenter(ref, has_scr=False)


def gaps(bench: Bench, ref: str = "P") -> list[float]:
    """Seconds between the beginnings of a patient's attempts."""
    times = [attempt.started_at for attempt in bench.attempts(ref)]
    return [(later - earlier).total_seconds() for earlier, later in pairwise(times)]


def reasons(bench: Bench, ref: str = "P") -> list[str]:
    return [attempt.reason for attempt in bench.attempts(ref)]


def states(bench: Bench, ref: str = "P") -> list[IntentState]:
    return [message.state for message in bench.intents(ref)]


def stopping_when(token: StopToken, answer: SpineAnswer) -> Callable[[Holding, Call], SpineAnswer]:
    """This answer, and Stop pressed while it is on its way."""

    def script(_: Holding, __: Call) -> SpineAnswer:
        token.stop(StopReason.USER)
        return answer

    return script


@pytest.mark.fault_row(10, 13, 19)
def test_a_lost_answer_to_an_applied_message_is_confirmed_by_reading_after_the_settle_time(make_bench: MakeBench):
    bench = make_bench(dissenter("P"))
    times: list[float] = []

    def look(_: Holding, __: Call) -> None:
        times.append(bench.clock.monotonic())

    bench.spine.always = look
    bench.script("send", "P", lambda holding, call: (look(holding, call), applied_but_lost(holding, call))[1])
    assert bench.run().status is RunStatus.COMPLETED
    assert bench.ended("P") == (SENT, Reason.CONFIRMED_BY_READ)
    assert states(bench) == [IntentState.CONFIRMED]
    assert [call.operation for call in bench.spine.calls] == ["read", "send", "read"]
    assert 75.0 <= times[2] - times[1] <= 77.0


@pytest.mark.fault_row(13)
def test_a_message_that_was_not_applied_is_sent_again_under_its_id_with_the_reason(make_bench: MakeBench):
    bench = make_bench(dissenter("P"))
    bench.script("send", "P", LOST)
    bench.run()
    assert bench.ended("P") == (SENT, Reason.DISSENT_SENT)
    first, second = bench.sends("P")
    assert first.request_id == second.request_id
    assert first.correlation_id != second.correlation_id
    assert reasons(bench) == ["", "READBACK_NOT_APPLIED"]
    assert gaps(bench)[0] >= 75.0
    assert [call.operation for call in bench.spine.calls] == ["read", "send", "read", "send"]
    assert ("message_moved", "unknown", "prepared") in bench.events("P")


def test_other_patients_go_on_meanwhile_and_nothing_else_is_sent_for_this_one(make_bench: MakeBench):
    bench = make_bench(dissenter("P"), *(dissenter(f"D{number}") for number in range(20)))
    bench.script("send", "P", LOST)
    bench.settings = replace(bench.settings, senders=1)
    bench.run()
    first, second = (bench.spine.calls.index(call) for call in bench.sends("P"))
    between = [call.nhs_number for call in bench.spine.calls[first + 1 : second]]
    assert len(set(between)) == 21, "all the others came first, and the reading back"
    assert between.count(bench.numbers["P"]) == 1


def test_a_summary_that_came_up_meanwhile_with_ask_counts_as_not_applied(make_bench: MakeBench):
    bench = make_bench(untold())
    bench.script("send", "P", LOST)
    bench.script("read", "P", lambda *_: None, consent(SpineConsent(Summary.YES, Permission.ASK)))
    bench.run()
    assert reasons(bench) == ["", "READBACK_NOT_APPLIED"]
    assert bench.ended("P") == (SENT, Reason.DISSENT_SENT)


def test_where_the_spine_tells_nothing_it_is_sent_once_more_and_then_a_person_must_look(make_bench: MakeBench):
    bench = make_bench(untold(), consenter("other"))
    bench.script("send", "P", LOST, LOST)
    assert bench.run().status is RunStatus.COMPLETED
    assert reasons(bench) == ["", "NO_READBACK"]
    assert bench.ended("P") == (FAILED, Reason.OUTCOME_UNKNOWN)
    assert states(bench) == [IntentState.UNKNOWN], "for Failed to settle"
    first, second = bench.sends("P")
    assert first.request_id == second.request_id


def test_failed_takes_the_unknown_message_over_and_settles_it_first(make_bench: MakeBench):
    bench = make_bench(untold())
    bench.script("send", "P", LOST, LOST)
    bench.run()
    bench.clock.advance(3600)
    calls = len(bench.spine.calls)
    assert bench.failed().status is RunStatus.COMPLETED
    assert [call.operation for call in bench.spine.calls[calls:]] == ["read", "send"]
    assert reasons(bench) == ["", "NO_READBACK", "NO_READBACK"], "a new execution begins the count anew"
    assert bench.ended("P") == (SENT, Reason.DISSENT_SENT)
    assert len({call.request_id for call in bench.sends("P")}) == 1


def test_where_it_had_arrived_all_the_same_failed_finds_it_there(make_bench: MakeBench):
    bench = make_bench(dissenter("P"))
    bench.script("send", "P", applied_but_lost)
    bench.script("read", "P", lambda *_: None, *[GONE] * 9)
    bench.run()
    assert bench.ended("P") == (FAILED, Reason.OUTCOME_UNKNOWN)
    assert bench.failed().counts.sent == 1
    assert bench.ended("P") == (SENT, Reason.CONFIRMED_BY_READ)
    assert len(bench.sends("P")) == 1


@pytest.mark.parametrize(
    "answer",
    [
        GONE,
        SpineAnswer(AnswerKind.NOT_UNDERSTOOD, 200),
        SpineAnswer(AnswerKind.REJECTED, 400, "35160"),
        SpineAnswer(AnswerKind.ACCESS_REFUSED, 403, "420"),
    ],
)
def test_nothing_is_ever_resent_on_a_failed_read(answer: SpineAnswer, make_bench: MakeBench):
    bench = make_bench(dissenter("P"), consenter("other"))
    bench.script("send", "P", LOST)
    bench.script("read", "P", lambda *_: None, *[answer] * 20)
    assert bench.run().status is RunStatus.COMPLETED
    assert len(bench.sends("P")) == 1
    assert bench.ended("P") == (FAILED, Reason.OUTCOME_UNKNOWN)
    assert states(bench) == [IntentState.UNKNOWN]
    assert len(bench.reads("P")) == 1 + 9, "after the settle time: 1 and 4 s, a minute, five, as any other reading"


@pytest.mark.fault_row(42)
def test_a_third_value_is_a_conflict_for_a_person_and_never_overwritten(make_bench: MakeBench):
    bench = make_bench(dissenter("P"))
    bench.script("send", "P", LOST)
    bench.script("read", "P", lambda *_: None, consent(SpineConsent(Summary.YES, Permission.YES)))
    assert bench.run().status is RunStatus.COMPLETED
    assert bench.ended("P") == (FAILED, Reason.CONFLICT)
    assert states(bench) == [IntentState.CONFLICT]
    assert len(bench.sends("P")) == 1


def test_three_sends_in_an_execution_then_a_person_must_look_and_seven_over_its_life(make_bench: MakeBench):
    bench = make_bench(dissenter("P"))
    bench.script("send", "P", *[LOST] * 20)
    bench.run()
    assert bench.ended("P") == (FAILED, Reason.OUTCOME_UNKNOWN)
    assert reasons(bench) == ["", "READBACK_NOT_APPLIED", "READBACK_NOT_APPLIED"]
    assert all(gap >= 75.0 for gap in gaps(bench))
    counts = [3]
    for _ in range(4):
        bench.failed()
        counts.append(len(bench.sends("P")))
        assert bench.ended("P") == (FAILED, Reason.OUTCOME_UNKNOWN)
    assert counts == [3, 6, 7, 7, 7]
    assert states(bench) == [IntentState.UNKNOWN]
    assert len({call.request_id for call in bench.sends("P")}) == 1


@pytest.mark.parametrize(
    ("kind", "times", "left"),
    [
        (AnswerKind.NO_CONNECTION, 2, False),
        (AnswerKind.NOT_SENT, 2, False),
        (AnswerKind.THROTTLED, 2, True),
        (AnswerKind.UNAUTHENTICATED, 1, True),
    ],
)
def test_a_message_that_was_certainly_not_applied_counts_for_nothing(
    kind: AnswerKind, times: int, left: bool, make_bench: MakeBench
):
    """Faults page, section 2, item 4: the cap is on sends whose outcome nobody knows."""
    bench = make_bench(dissenter("P"))
    bench.script("send", "P", *[kind] * times, LOST, LOST)
    bench.run()
    assert bench.ended("P") == (SENT, Reason.DISSENT_SENT)
    assert reasons(bench) == ["", *["NOT_PROCESSED"] * times, "READBACK_NOT_APPLIED", "READBACK_NOT_APPLIED"]
    assert bench.item("P").attempts == 3 + (times if left else 0)


@pytest.mark.parametrize("kind", [AnswerKind.NO_CONNECTION, AnswerKind.THROTTLED])
def test_what_was_tried_before_the_program_died_is_sent_with_its_reason(kind: AnswerKind, make_bench: MakeBench):
    bench = make_bench(dissenter("P"))
    token = StopToken()
    bench.script("send", "P", stopping_when(token, SpineAnswer(kind)))
    bench.run(token=token)
    assert states(bench) == [IntentState.PREPARED]
    bench.resume()
    assert reasons(bench) == ["", "NOT_PROCESSED"]


def test_the_settle_time_runs_from_the_first_byte_whatever_held_it_up(make_bench: MakeBench):
    """The computer slept, or the disk was slow, between the attempt's row and its first byte."""
    bench = make_bench(dissenter("P"))
    slept, token = [], StopToken()

    def sleep(name: str, arguments: Any) -> None:
        if name == "commit" and any(change.new_attempt for change in arguments[1]) and not slept:
            slept.append(name)
            bench.clock.advance(400)

    bench.store = FailingStore(SqlMigrationStore(bench.database), after=sleep)
    bench.script("send", "P", stopping_when(token, LOST))
    bench.run(token=token)
    [left_at] = [call.at for call in bench.sends("P")]
    bench.resume()
    assert reasons(bench) == ["", "NOT_PROCESSED", "READBACK_NOT_APPLIED"]
    assert bench.attempts("P")[0].answer_class is AnswerKind.NOT_SENT
    assert (bench.reads("P")[-1].at - left_at).total_seconds() >= 75.0


# --- the wish may have changed meanwhile ------------------------------------------------------------------------------


def consents(bench: Bench) -> None:
    clinician_adds(bench.database, "P", "9Ndn.", on=MIND_CHANGED_ON)


def withdraws(bench: Bench) -> None:
    clinician_deletes(bench.database, "P", "9Ndo.")


def repeats(bench: Bench) -> None:
    clinician_adds(bench.database, "P", "9Ndo.", on=MIND_CHANGED_ON)


def leaves(bench: Bench) -> None:
    reception_changes(bench.database, "P", registration="deceased")


NOT_REQUIRED = ItemState.NOT_REQUIRED


@pytest.mark.fault_row(41, 43)
@pytest.mark.parametrize(
    ("change", "ended", "sends"),
    [
        (consents, (NOT_REQUIRED, Reason.NOTHING_TO_DO), 1),
        (withdraws, (NOT_REQUIRED, Reason.IMPLIED_CONSENT_ADDED), 1),
        (repeats, (SENT, Reason.DISSENT_SENT), 2),
        (leaves, (NOT_REQUIRED, Reason.NO_LONGER_ACTIVE), 1),
    ],
)
def test_a_record_changed_while_the_outcome_is_unknown_is_decided_anew(
    change: Callable[[Bench], None], ended: Any, sends: int, make_bench: MakeBench
):
    """Row 41: a stale No is never sent over a newer wish."""
    bench = make_bench(dissenter("P"))

    def lost_and_changed(_: Holding, __: Call) -> SpineAnswer:
        change(bench)
        return LOST

    bench.script("send", "P", lost_and_changed)
    assert bench.run().status is RunStatus.COMPLETED
    assert bench.ended("P") == ended
    assert len(bench.sends("P")) == sends
    assert states(bench)[0] is IntentState.SUPERSEDED
    assert len({call.request_id for call in bench.sends("P")}) == sends, "a new wish is a new message"


def test_a_record_changed_after_the_no_had_arrived_is_decided_on_what_the_spine_holds(make_bench: MakeBench):
    bench = make_bench(dissenter("P"))

    def applied_and_changed(holding: Holding, call: Call) -> SpineAnswer:
        consents(bench)
        return applied_but_lost(holding, call)

    bench.script("send", "P", applied_and_changed)
    bench.run()
    assert bench.ended("P") == (NOT_REQUIRED, Reason.DISSENT_ON_SPINE)
    assert bench.item("P").mismatch
    assert states(bench) == [IntentState.CONFIRMED]


@pytest.mark.fault_row(43)
def test_a_number_taken_away_while_the_outcome_is_unknown_leaves_nobody_to_ask_about(make_bench: MakeBench):
    bench = make_bench(dissenter("P"))
    bench.earlier_numbers.add(bench.numbers["P"])

    def lost_and_taken(_: Holding, __: Call) -> SpineAnswer:
        reception_changes(bench.database, "P", nhs_number=None)
        return LOST

    bench.script("send", "P", lost_and_taken)
    assert bench.run().status is RunStatus.COMPLETED
    assert bench.ended("P") == (FAILED, Reason.NHS_NUMBER_INVALID)
    assert states(bench) == [IntentState.SUPERSEDED]
    assert len(bench.reads("P")) == 1


# --- over the ends of executions --------------------------------------------------------------------------------------


def test_resume_settles_what_a_stop_left_unknown_and_not_before_its_time(make_bench: MakeBench):
    bench = make_bench(dissenter("P"), *(consenter(f"{number}") for number in range(5)))
    token = StopToken()

    def lost_and_stopped(holding: Holding, call: Call) -> SpineAnswer:
        token.stop(StopReason.USER)
        return applied_but_lost(holding, call)

    bench.script("send", "P", lost_and_stopped)
    view = bench.run(token=token)
    assert (view.stop_reason, view.counts.sending) == (StopReason.USER, 1)
    assert states(bench) == [IntentState.UNKNOWN]
    stopped_at = bench.clock.monotonic()
    assert bench.resume().status is RunStatus.COMPLETED
    assert bench.ended("P") == (SENT, Reason.CONFIRMED_BY_READ)
    assert len(bench.sends("P")) == 1
    assert bench.clock.monotonic() - stopped_at >= 74.0


@pytest.mark.parametrize("applied", [False, True])
def test_rerun_takes_over_what_an_abandoned_run_left_unknown(applied: bool, make_bench: MakeBench):
    bench = make_bench(dissenter("P"), dissenter("Q"))
    token = StopToken()

    def lost_and_stopped(holding: Holding, call: Call) -> SpineAnswer:
        token.stop(StopReason.USER)
        return applied_but_lost(holding, call) if applied else LOST

    bench.script("send", "P", lost_and_stopped)
    first = bench.run(token=token)
    second = bench.rerun()
    assert second.run_id != first.run_id
    abandoned = bench.queries.run(first.run_id)
    assert abandoned is not None
    assert abandoned.status is RunStatus.ABANDONED
    assert second.status is RunStatus.COMPLETED
    assert bench.ended("P") == (SENT, Reason.CONFIRMED_BY_READ if applied else Reason.DISSENT_SENT)
    assert len({call.request_id for call in bench.sends("P")}) == 1
    assert len(bench.sends("P")) == (1 if applied else 2)


def test_a_rerun_that_can_read_nothing_leaves_the_unknown_message_to_failed(make_bench: MakeBench):
    bench = make_bench(dissenter("P"), consenter("other"))
    token = StopToken()
    bench.script("send", "P", stopping_when(token, LOST))
    bench.run(token=token)
    bench.script("read", "P", *[GONE] * 9)
    assert bench.rerun().status is RunStatus.COMPLETED
    assert bench.ended("P") == (FAILED, Reason.OUTCOME_UNKNOWN)
    assert states(bench) == [IntentState.UNKNOWN]


def test_a_resend_that_was_decided_and_never_left_is_decided_on_a_fresh_reading(make_bench: MakeBench):
    """The Spine was read, then Stop was pressed: by Resume the dissent may be there."""
    bench = make_bench(dissenter("P"))
    bench.script("send", "P", LOST)
    token = StopToken()
    bench.script("read", "P", lambda *_: None, stopping_when(token, consent(SpineConsent(Summary.YES, Permission.ASK))))
    bench.run(token=token)
    assert states(bench) == [IntentState.UNKNOWN]
    bench.spine.holdings[bench.numbers["P"]].permission = Permission.NO
    bench.resume()
    assert bench.ended("P") == (SENT, Reason.CONFIRMED_BY_READ)
    assert len(bench.sends("P")) == 1


def test_a_prepared_no_is_given_up_when_another_entry_counts_by_the_day_of_the_resume(make_bench: MakeBench):
    """The consent entered for tomorrow counts tomorrow: the prepared No of today is not sent any more."""
    bench = make_bench(dissenter("P"), dissenter("Q"))
    clinician_adds(bench.database, "P", "9Ndn.", on=date(2026, 11, 4))
    token = StopToken()
    bench.script("send", "P", SpineAnswer(AnswerKind.NOT_AUTHORISED, 403))
    bench.run(token=token)
    assert states(bench)[0] is IntentState.PREPARED
    bench.clock.advance(2 * 86_400)
    bench.card.sign_in()
    assert bench.resume().status is RunStatus.COMPLETED
    assert bench.ended("P") == (NOT_REQUIRED, Reason.NOTHING_TO_DO)
    assert states(bench)[0] is IntentState.SUPERSEDED
    assert bench.holds("P") is None


@pytest.mark.fault_row(47)
@pytest.mark.parametrize("backed_up_at", [("send", 1), ("read", 2)], ids=["in flight", "unknown"])
def test_after_a_restore_the_settle_time_runs_from_the_restore(backed_up_at: tuple[str, int], make_bench: MakeBench):
    """What the backup knows of is long over; a repeat that it does not know of may have left a moment ago."""
    bench = make_bench(dissenter("P"))
    evening, token = Evening(bench), StopToken()

    def back_up(operation: str, answer: SpineAnswer | None) -> Script:
        def script(_: Holding, call: Call) -> SpineAnswer | None:
            made = len(bench.reads("P") if operation == "read" else bench.sends("P")) + 1
            if (operation, made) == backed_up_at:
                evening.back_up()
            return answer

        return script

    bench.script("read", "P", back_up("read", None), back_up("read", None))
    bench.script("send", "P", back_up("send", LOST), lambda *_: (token.stop(StopReason.USER), Late(50.0))[1])
    bench.run(token=token)
    evening.restore(0)
    assert states(bench) == [IntentState.UNKNOWN]
    calls = len(bench.spine.calls)
    assert bench.resume().status is RunStatus.COMPLETED
    assert [call.operation for call in bench.spine.calls[calls:]] == ["read"]
    assert (bench.spine.calls[calls].at - bench.sends("P")[1].at).total_seconds() >= 75.0
    assert bench.ended("P") == (SENT, Reason.CONFIRMED_BY_READ)
