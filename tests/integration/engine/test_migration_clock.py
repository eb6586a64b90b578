"""The clock is set, or the computer sleeps, in the middle of a run: faults page, rows 29 and 30."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.domain.decision import Permission
from app.domain.states import IntentState, RunStatus, StopReason
from app.engine.spine_port import AnswerKind, SpineAnswer
from app.storage import audit
from app.storage.tables import audit_event
from tests.helpers.bench import Bench, consenter, dissenter
from tests.helpers.scripted_spine import Call, Holding, applied_but_lost
from tests.integration.engine.conftest import MakeBench


def a_practice(make_bench: MakeBench) -> Bench:
    return make_bench(*(dissenter(f"D{number}") for number in range(3)), *(consenter(f"C{n}") for n in range(20)))


def set_clock_at(bench: Bench, ref: str, seconds: float) -> None:
    """Somebody sets the clock while the Spine is asked about this patient."""

    def jump(_: Holding, __: Call) -> None:
        bench.clock.jump(seconds)

    bench.script("read", ref, jump)


def jumps(bench: Bench) -> list[Any]:
    query = select(audit_event).where(audit_event.c.action == audit.AuditAction.CLOCK_JUMPED)
    return bench.rows(query.order_by(audit_event.c.number))


@pytest.mark.fault_row(29, 30)
@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (121, "121 seconds forward"),
        (3600, "3,600 seconds forward"),
        (-121, "121 seconds back"),
        (-86_400, "86,400 seconds back"),
    ],
)
def test_a_jump_of_more_than_two_minutes_is_in_the_audit_trail(seconds: float, words: str, make_bench: MakeBench):
    bench = a_practice(make_bench)
    set_clock_at(bench, "D1", seconds)
    view = bench.run()
    assert (view.status, view.counts.sent, view.counts.not_required) == (RunStatus.COMPLETED, 3, 20)
    [event] = jumps(bench)
    assert event.detail == words
    assert (event.actor, event.run_id, event.patient_id) == (audit.PROGRAM, view.run_id, None)
    assert event.before < event.after if seconds > 0 else event.before > event.after


@pytest.mark.parametrize("seconds", [60, 119, -60, -119])
def test_a_clock_that_is_put_right_by_a_little_is_not_worth_an_event(seconds: float, make_bench: MakeBench):
    bench = a_practice(make_bench)
    set_clock_at(bench, "D1", seconds)
    assert bench.run().status is RunStatus.COMPLETED
    assert jumps(bench) == []


def test_time_that_passes_while_nothing_happens_is_no_jump(make_bench: MakeBench):
    bench = a_practice(make_bench)
    bench.script("read", "D1", SpineAnswer(AnswerKind.THROTTLED, 429, retry_after=600.0))
    assert bench.run().status is RunStatus.COMPLETED
    assert jumps(bench) == []


@pytest.mark.fault_row(29)
def test_a_jump_past_the_end_of_the_session_begins_nothing_more(make_bench: MakeBench):
    """The card's ten hours are over by the clock that says more."""
    bench = a_practice(make_bench)
    set_clock_at(bench, "D1", timedelta(hours=10).total_seconds())
    view = bench.run()
    assert (view.status, view.stop_reason) == (RunStatus.STOPPED, StopReason.CARD_EXPIRED)
    assert len(bench.spine.calls) <= 4
    assert view.counts.failed == 0
    bench.card.sign_in()
    assert bench.resume().counts.sent == 3


class OpenUntil:
    """Messages may be sent until this instant."""

    def __init__(self, bench: Bench, hours: float) -> None:
        self._clock = bench.clock
        self._end = bench.clock.now() + timedelta(hours=hours)

    def closed(self) -> bool:
        return self._clock.now() >= self._end


@pytest.mark.fault_row(32)
@pytest.mark.parametrize("arrived", [True, False])
def test_a_computer_that_slept_through_the_stop_time_sends_nothing_more(arrived: bool, make_bench: MakeBench):
    """The answer under way when it fell asleep is lost: settled in the next hours that are open."""
    bench = a_practice(make_bench)
    bench.settings = replace(bench.settings, senders=1)

    def sleep(holding: Holding, call: Call) -> SpineAnswer:
        bench.clock.jump(8 * 3600)
        return applied_but_lost(holding, call) if arrived else SpineAnswer(AnswerKind.UNKNOWN)

    bench.script("send", "D0", sleep)
    view = bench.run(window=OpenUntil(bench, hours=1))
    assert (view.status, view.stop_reason, view.counts.failed) == (RunStatus.STOPPED, StopReason.WINDOW_CLOSED, 0)
    assert len(bench.spine.sends()) == 1
    assert [message.state for message in bench.intents("D0")] == [IntentState.UNKNOWN]
    assert [event.detail for event in jumps(bench)] == ["28,800 seconds forward"]
    asked = len(bench.reads("D0"))
    assert bench.resume(window=OpenUntil(bench, hours=1)).status is RunStatus.COMPLETED
    assert len(bench.reads("D0")) == asked + 1
    assert len(bench.sends("D0")) == (1 if arrived else 2)
    assert bench.holds("D0") is Permission.NO


@pytest.mark.fault_row(30)
@pytest.mark.parametrize("back", [600, 86_400])
def test_after_a_jump_back_nobody_waits_longer_and_the_trail_is_in_order_by_number(back: float, make_bench: MakeBench):
    """The times in the trail then run backwards; its numbers and its seals do not."""
    bench = a_practice(make_bench)
    bench.script("send", "D0", applied_but_lost)
    bench.script("read", "D1", *[AnswerKind.UNAVAILABLE] * 3)
    set_clock_at(bench, "C3", -back)
    began = bench.clock.monotonic()
    view = bench.run()
    assert (view.status, view.counts.sent, view.counts.failed) == (RunStatus.COMPLETED, 3, 0)
    assert bench.clock.monotonic() - began < 200, "the settle time and the delays are those of before"
    events = bench.rows(select(audit_event.c.number, audit_event.c.at).order_by(audit_event.c.number))
    assert [event.number for event in events] == list(range(1, len(events) + 1))
    assert [event.at for event in events] != sorted(event.at for event in events)
    assert audit.first_broken(bench.database) is None
