"""What the screen is shown of a run: invariant I6."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.states import RunStatus, StopReason
from app.engine.control import StopToken
from app.engine.progress import Phase
from app.engine.spine_port import AnswerKind, SpineAnswer
from tests.helpers.bench import Bench, Person, consenter, dissenter
from tests.helpers.scripted_spine import applied_but_lost
from tests.integration.engine.conftest import MakeBench


def check_the_snapshots(bench: Bench) -> None:
    view = bench.queries.latest_run("consent-migration")
    assert view is not None
    board = bench.board
    assert all(snapshot.counts.total == view.counts.total for snapshot in board.all)
    last = board.last
    assert (last.phase, last.counts, last.reads, last.writes) == (Phase.ENDED, view.counts, view.reads, view.writes)
    assert last.stop_reason is view.stop_reason or view.status is RunStatus.STOPPED
    assert [snapshot.phase for snapshot in board.all].count(Phase.ENDED) == 1
    assert {(snapshot.run_id, snapshot.execution_id) for snapshot in board.all} == {
        (view.run_id, bench.executions()[-1].id)
    }
    for earlier, later in zip(board.all, board.all[1:], strict=False):
        assert earlier.elapsed <= later.elapsed
        assert earlier.reads <= later.reads
        assert earlier.writes <= later.writes
        assert earlier.checked_now <= later.checked_now


def a_practice(make_bench: MakeBench) -> Bench:
    bench = make_bench(
        *(dissenter(f"D{number}") for number in range(10)),
        *(Person(f"L{number}", ("93C2.",), has_scr=True) for number in range(10)),
        *(consenter(f"C{number}") for number in range(60)),
        Person("in use", flags={"record_in_use": True}),
    )
    bench.settings = replace(bench.settings, per_second=5.0)
    return bench


def test_the_sums_are_the_cohorts_in_every_snapshot_and_the_last_is_what_the_database_has(make_bench: MakeBench):
    bench = a_practice(make_bench)
    bench.script("send", "D1", applied_but_lost)
    bench.script("send", "D2", SpineAnswer(AnswerKind.THROTTLED, 429, retry_after=2.0))
    bench.script("read", "D3", SpineAnswer(AnswerKind.REJECTED, 400, "35160"))
    view = bench.run()
    assert view.status is RunStatus.COMPLETED
    check_the_snapshots(bench)
    assert len(bench.board.all) > 50
    assert bench.board.last.in_scope == bench.board.last.checked_now == 81
    bench.failed()
    check_the_snapshots(bench)
    assert bench.board.last.in_scope == bench.board.last.checked_now == 2


def test_the_counts_of_requests_go_on_over_the_executions_of_a_run(make_bench: MakeBench):
    bench = a_practice(make_bench)
    token = StopToken()
    bench.script("send", "D5", lambda *_: token.stop(StopReason.USER))
    first = bench.run(token=token)
    check_the_snapshots(bench)
    view = bench.resume()
    check_the_snapshots(bench)
    assert bench.board.all[0].reads >= first.reads > 0
    assert (view.reads, view.writes) == (len(bench.spine.reads()), len(bench.spine.sends()))
    assert bench.board.last.in_scope == 81 - first.counts.checked + first.counts.sending


def test_the_forecast_comes_after_a_few_seconds_and_is_about_right(make_bench: MakeBench):
    bench = a_practice(make_bench)
    bench.run()
    total = bench.board.last.elapsed
    told = [snapshot for snapshot in bench.board.all if snapshot.seconds_left is not None]
    assert told[0].elapsed >= 3.0
    half = min(told, key=lambda snapshot: abs(snapshot.checked_now - 50))
    assert half.seconds_left == pytest.approx(total - half.elapsed, rel=0.25)


def test_a_long_outage_says_stopping_or_waiting_but_never_nothing(make_bench: MakeBench):
    bench = a_practice(make_bench)
    bench.spine.always = lambda *_: SpineAnswer(AnswerKind.NO_CONNECTION)
    bench.settings = replace(bench.settings, max_wait=200.0)
    bench.run()
    check_the_snapshots(bench)
    gaps = [
        later.elapsed - earlier.elapsed for earlier, later in zip(bench.board.all, bench.board.all[1:], strict=False)
    ]
    assert max(gaps) <= 0.25
    assert bench.board.last.stop_reason is StopReason.NO_CONNECTION


def test_when_only_a_message_of_unknown_outcome_is_left_it_says_until_when_and_guesses_no_time(make_bench: MakeBench):
    bench = a_practice(make_bench)
    bench.script("send", "D1", applied_but_lost)
    bench.run()
    check_the_snapshots(bench)
    resting = [snapshot for snapshot in bench.board.all if snapshot.put_off_until is not None]
    assert resting
    assert resting[-1].elapsed - resting[0].elapsed > 20
    for snapshot in resting:
        assert snapshot.counts.sending == 1
        assert snapshot.counts.unprocessed == 0
        assert snapshot.seconds_left is None
    assert {snapshot.put_off_until for snapshot in resting} == {resting[0].put_off_until}
    assert bench.board.last.put_off_until is None


ANSWERS = st.sampled_from(
    [
        None,
        applied_but_lost,
        SpineAnswer(AnswerKind.UNKNOWN, 504),
        SpineAnswer(AnswerKind.THROTTLED, 429),
        SpineAnswer(AnswerKind.UNAVAILABLE, 502),
        SpineAnswer(AnswerKind.NOT_UNDERSTOOD, 200),
        SpineAnswer(AnswerKind.REJECTED, 400, "35160"),
        SpineAnswer(AnswerKind.ACCESS_REFUSED, 403, "420"),
        SpineAnswer(AnswerKind.NO_CONNECTION),
    ]
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(answers=st.lists(st.tuples(st.sampled_from("ABCDEF"), ANSWERS), max_size=14))
def test_whatever_the_spine_answers_the_sums_hold_and_the_run_comes_to_an_end(answers, make_bench: MakeBench):
    bench = make_bench(dissenter("A"), dissenter("B", has_scr=False), Person("C", has_scr=True), *map(consenter, "DEF"))
    for ref, answer in answers:
        for operation in ("read", "send"):
            # An answer of a kind that only a read can have means nothing to a send.
            reading = answer in (SpineAnswer(AnswerKind.UNAVAILABLE, 502), SpineAnswer(AnswerKind.NOT_UNDERSTOOD, 200))
            sending = answer in (applied_but_lost, SpineAnswer(AnswerKind.UNKNOWN, 504))
            if (operation == "read" and not sending) or (operation == "send" and not reading):
                bench.script(operation, ref, answer or (lambda *_: None))
    view = bench.run()
    check_the_snapshots(bench)
    assert view.status is RunStatus.COMPLETED or view.stop_reason is StopReason.NOT_AUTHORISED
