"""Outages and the pace: faults page, rows 8, 12, 14, 15 and 22."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from app.domain.outcomes import ItemState, Reason
from app.domain.states import RunStatus, StopReason
from app.engine.control import StopToken
from app.engine.progress import Phase
from app.engine.spine_port import AnswerKind, SpineAnswer
from tests.helpers.bench import Bench, Person, consenter, dissenter
from tests.helpers.scripted_spine import Call, Holding
from tests.integration.engine.conftest import MakeBench

DOWN = SpineAnswer(AnswerKind.UNAVAILABLE, 503)
HTML = SpineAnswer(AnswerKind.NOT_UNDERSTOOD, 200)
UNREACHABLE = SpineAnswer(AnswerKind.NO_CONNECTION)
LOST = SpineAnswer(AnswerKind.UNKNOWN, 503)


class Outage:
    """The Spine answers like this between two times, in seconds since the test began; it knows when it was asked."""

    def __init__(self, bench: Bench, answer: SpineAnswer, begin: float = 0.0, end: float = float("inf")) -> None:
        self._bench = bench
        self._answer = answer
        self._epoch = bench.clock.monotonic()
        self._begin, self._end = begin, end
        self.calls: list[float] = []
        bench.spine.always = self

    def __call__(self, _: Holding, call: Call) -> SpineAnswer | None:
        now = self._bench.clock.monotonic() - self._epoch
        if not self._begin <= now < self._end:
            return None
        self.calls.append(now)
        if call.operation == "send" and self._answer.kind is not AnswerKind.NO_CONNECTION:
            return LOST
        return self._answer


def a_practice(make_bench: MakeBench, size: int = 40) -> Bench:
    return make_bench(
        *(dissenter(f"D{number}") for number in range(6)),
        *(Person(f"N{number}", has_scr=True) for number in range(size)),
    )


@pytest.mark.fault_row(8, 14)
@pytest.mark.parametrize("answer", [DOWN, HTML, UNREACHABLE], ids=["503", "html", "unreachable"])
def test_in_an_outage_the_execution_waits_nobody_fails_and_it_goes_on_afterwards(answer, make_bench):
    bench = a_practice(make_bench)
    outage = Outage(bench, answer, begin=0.1, end=600)
    view = bench.run()
    assert view.status is RunStatus.COMPLETED
    assert view.counts.failed == 0
    assert (view.counts.sent, view.counts.not_required) == (6, 40)
    assert Phase.WAITING in bench.board.phases
    assert bench.board.phases[-2:] == [Phase.RUNNING, Phase.ENDED]
    assert len(outage.calls) < 5 * 4 + 20, "a few found it, then one probe at a time"


@pytest.mark.fault_row(8)
def test_probes_come_after_5_15_60_seconds_then_every_five_minutes(make_bench: MakeBench):
    bench = a_practice(make_bench)
    outage = Outage(bench, DOWN, end=1000)
    bench.run()
    gaps = [later - earlier for earlier, later in pairwise(outage.calls)]
    probes = [gap for gap in gaps if gap > 2]
    assert [round(gap) for gap in probes] == [5, 15, 60, 300, 300, 300]


def test_while_it_waits_it_says_why_and_until_when(make_bench: MakeBench):
    bench = a_practice(make_bench)
    Outage(bench, UNREACHABLE, end=100)
    bench.run()
    waiting = [snapshot.waiting for snapshot in bench.board.all if snapshot.waiting is not None]
    assert {wait.reason for wait in waiting} == {StopReason.NO_CONNECTION}
    assert all(snapshot.waiting for snapshot in bench.board.all if snapshot.phase is Phase.WAITING)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (UNREACHABLE, StopReason.NO_CONNECTION),
        (DOWN, StopReason.SPINE_UNAVAILABLE),
        (HTML, StopReason.SPINE_UNAVAILABLE),
    ],
)
def test_headless_it_gives_up_after_the_longest_wait_and_resume_goes_on(answer, reason, make_bench):
    bench = a_practice(make_bench)
    bench.settings = replace(bench.settings, max_wait=900.0)
    outage = Outage(bench, answer)
    began = bench.clock.monotonic()
    view = bench.run()
    assert (view.status, view.stop_reason) == (RunStatus.STOPPED, reason)
    assert (view.counts.failed, view.counts.unprocessed) == (0, 46)
    assert 900 <= bench.clock.monotonic() - began <= 920
    assert outage.calls
    bench.spine.always = None
    assert bench.resume().status is RunStatus.COMPLETED


def test_without_a_longest_wait_only_a_stop_ends_it(make_bench: MakeBench):
    bench = a_practice(make_bench)
    token, began = StopToken(), bench.clock.monotonic()

    def down(_: Holding, __: Call) -> SpineAnswer:
        if bench.clock.monotonic() > began + 1500:
            token.stop(StopReason.USER)
        return UNREACHABLE

    bench.spine.always = down
    view = bench.run(token=token)
    assert (view.stop_reason, view.counts.unprocessed) == (StopReason.USER, 46)


@pytest.mark.fault_row(8, 14)
def test_an_outage_while_messages_are_on_their_way_leaves_them_to_be_settled(make_bench: MakeBench):
    bench = make_bench(*(dissenter(f"D{number}") for number in range(8)), *(consenter(f"C{n}") for n in range(8)))
    down_from, down_until = 0.05, 1000.0
    Outage(bench, DOWN, begin=down_from, end=down_until)
    view = bench.run()
    assert view.status is RunStatus.COMPLETED
    assert (view.counts.sent, view.counts.failed) == (8, 0)


@pytest.mark.fault_row(8)
@pytest.mark.parametrize("left", [1, 2, 4])
def test_with_fewer_than_five_patients_left_no_connection_is_still_an_outage(left: int, make_bench: MakeBench):
    bench = make_bench(*(dissenter(f"D{number}") for number in range(left)))
    Outage(bench, UNREACHABLE, end=600)
    view = bench.run()
    assert (view.status, view.counts.sent) == (RunStatus.COMPLETED, left)


@pytest.mark.parametrize(("answer", "reason"), [(DOWN, Reason.SPINE_UNAVAILABLE), (HTML, Reason.ANSWER_NOT_UNDERSTOOD)])
def test_fewer_than_five_patients_without_an_answer_cannot_be_told_from_an_outage_and_are_tried_to_the_end(
    answer: SpineAnswer, reason: Reason, make_bench: MakeBench
):
    """They fail when the run ends, after the last retry delay, and Failed takes them up."""
    bench = make_bench(*(consenter(f"C{number}") for number in range(4)))
    Outage(bench, answer, end=3600)
    view = bench.run()
    assert (view.status, view.counts.failed) == (RunStatus.COMPLETED, 4)
    assert {bench.ended(f"C{number}")[1] for number in range(4)} == {reason}
    bench.spine.always = None
    assert bench.failed().counts.not_required == 4


@pytest.mark.fault_row(8, 22)
def test_five_patients_answered_with_html_in_a_row_are_an_outage_and_four_are_not(make_bench: MakeBench):
    """Row 22 against row 8: nobody is judged by an answer that may be the outage's, however often it came."""
    bench = make_bench(*(Person(f"N{number:02}", has_scr=True) for number in range(30)))
    bench.settings = replace(bench.settings, senders=1)
    for number in range(4):
        bench.script("read", f"N{number:02}", HTML, HTML, HTML)
    for number in range(15, 20):
        bench.script("read", f"N{number:02}", HTML)
    view = bench.run()
    assert {bench.ended(f"N{number:02}")[1] for number in range(4)} == {Reason.ANSWER_NOT_UNDERSTOOD}
    assert view.counts.failed == 4
    assert Phase.WAITING in bench.board.phases


@pytest.mark.fault_row(8)
def test_nobody_is_judged_by_answers_that_turn_out_to_be_an_outages(make_bench: MakeBench):
    """Four were asked twice already and would have failed; the fifth shows whose fault it is."""
    bench = make_bench(*(Person(f"N{number}", has_scr=True) for number in range(12)))
    bench.settings = replace(bench.settings, senders=1, retry_delays=(0.0,))
    Outage(bench, HTML, end=60)
    view = bench.run()
    assert (view.status, view.counts.failed, view.counts.not_required) == (RunStatus.COMPLETED, 0, 12)


@pytest.mark.fault_row(22)
def test_one_patient_whose_answer_is_never_understood_fails_alone(make_bench: MakeBench):
    bench = make_bench(Person("P", has_scr=True), *(consenter(f"C{number}") for number in range(10)))
    bench.script("read", "P", HTML, HTML)
    view = bench.run()
    assert bench.ended("P") == (ItemState.FAILED, Reason.ANSWER_NOT_UNDERSTOOD)
    assert (view.counts.failed, view.counts.not_required) == (1, 10)
    assert bench.board.phases == [Phase.RUNNING, Phase.ENDED]


@pytest.mark.parametrize("stop_after", [0.5, 7.0])
def test_a_stop_during_an_outage_leaves_everybody_unprocessed(stop_after: float, make_bench: MakeBench):
    bench = a_practice(make_bench)
    token = StopToken()
    stops_at = bench.clock.monotonic() + stop_after

    advance = bench.clock.advance

    def advance_and_stop(seconds: float) -> None:
        advance(seconds)
        if bench.clock.monotonic() >= stops_at:
            token.stop(StopReason.USER)

    bench.clock.advance = advance_and_stop
    Outage(bench, HTML)
    view = bench.run(token=token)
    assert (view.stop_reason, view.counts.unprocessed) == (StopReason.USER, 46)
    assert bench.clock.monotonic() <= stops_at + 1.0


# --- the pace ---------------------------------------------------------------------------------------------------------


def test_requests_leave_evenly_at_the_pace_that_was_set(make_bench: MakeBench):
    bench = make_bench(*(consenter(f"C{number}") for number in range(25)))
    bench.settings = replace(bench.settings, per_second=5.0)
    times: list[float] = []
    bench.spine.always = lambda *_: times.append(bench.clock.monotonic())  # type: ignore[func-returns-value]
    bench.run()
    assert min(later - earlier for earlier, later in pairwise(times)) >= 0.18
    assert 4.5 <= times[-1] - times[0] <= 6.5


@pytest.mark.fault_row(15)
def test_too_many_requests_wait_as_told_and_nobody_fails(make_bench: MakeBench):
    bench = make_bench(*(dissenter(f"D{number}") for number in range(10)))
    throttled = [SpineAnswer(AnswerKind.THROTTLED, 429, retry_after=30.0), SpineAnswer(AnswerKind.THROTTLED, 429)]
    for number in range(10):
        bench.script("read", f"D{number}", throttled[number % 2])
        bench.script("send", f"D{number}", throttled[1 - number % 2])
    began = bench.clock.monotonic()
    view = bench.run()
    assert (view.status, view.counts.sent) == (RunStatus.COMPLETED, 10)
    assert bench.clock.monotonic() - began >= 30.0
    assert all(attempt.reason == "NOT_PROCESSED" for ref in bench.objected for attempt in bench.attempts(ref)[1:])


@pytest.mark.fault_row(15)
def test_a_long_pause_that_was_asked_for_is_told_with_its_end(make_bench: MakeBench):
    bench = make_bench(*(consenter(f"C{number}") for number in range(10)))
    bench.script("read", "C0", SpineAnswer(AnswerKind.THROTTLED, 429, retry_after=600.0))
    began = bench.clock.now()
    assert bench.run().status is RunStatus.COMPLETED
    told = [snapshot.waiting for snapshot in bench.board.all if snapshot.waiting is not None]
    assert all(waiting.was_asked_for for waiting in told)
    assert {round((waiting.next_try_at - began).total_seconds()) for waiting in told} == {600}
    assert bench.board.phases == [Phase.RUNNING, Phase.WAITING, Phase.RUNNING, Phase.ENDED]


@pytest.mark.fault_row(15)
def test_a_short_pause_is_not_worth_a_word(make_bench: MakeBench):
    bench = make_bench(*(consenter(f"C{number}") for number in range(10)))
    bench.script("read", "C0", SpineAnswer(AnswerKind.THROTTLED, 429, retry_after=2.0))
    bench.run()
    assert bench.board.phases == [Phase.RUNNING, Phase.ENDED]


@pytest.mark.fault_row(15)
@pytest.mark.parametrize("retry_after", [None, 600.0])
def test_headless_a_spine_that_refuses_everybody_as_too_fast_is_not_waited_for_for_ever(retry_after, make_bench):
    bench = a_practice(make_bench)
    bench.settings = replace(bench.settings, max_wait=900.0)
    bench.spine.always = lambda *_: SpineAnswer(AnswerKind.THROTTLED, 429, retry_after=retry_after)
    began = bench.clock.monotonic()
    view = bench.run()
    assert (view.status, view.stop_reason) == (RunStatus.STOPPED, StopReason.SPINE_UNAVAILABLE)
    assert (view.counts.failed, view.counts.unprocessed) == (0, 46)
    assert 900 <= bench.clock.monotonic() - began <= 910
    bench.spine.always = None
    assert bench.resume().status is RunStatus.COMPLETED


@pytest.mark.fault_row(15)
def test_one_that_answers_now_and_then_is_gone_on_with(make_bench: MakeBench):
    bench = a_practice(make_bench, size=6)
    bench.settings = replace(bench.settings, max_wait=60.0)
    calls = iter(range(10**6))

    def mostly_refuse(_: Holding, __: Call) -> SpineAnswer | None:
        return SpineAnswer(AnswerKind.THROTTLED, 429, retry_after=10.0) if next(calls) % 4 else None

    bench.spine.always = mostly_refuse
    began = bench.clock.monotonic()
    assert bench.run().status is RunStatus.COMPLETED
    assert bench.clock.monotonic() - began > 120


@pytest.mark.fault_row(15)
def test_a_long_wait_that_was_asked_for_is_cut_short_by_stop(make_bench: MakeBench):
    bench = make_bench(*(consenter(f"C{number}") for number in range(10)))
    token = StopToken()
    bench.script("read", "C0", SpineAnswer(AnswerKind.THROTTLED, 429, retry_after=600.0))
    advance = bench.clock.advance
    began = bench.clock.monotonic()

    def advance_and_stop(seconds: float) -> None:
        advance(seconds)
        if bench.clock.monotonic() - began > 60:
            token.stop(StopReason.USER)

    bench.clock.advance = advance_and_stop
    assert bench.run(token=token).stop_reason is StopReason.USER
    assert bench.clock.monotonic() - began <= 60.4, "heard within a fifth of a second"
