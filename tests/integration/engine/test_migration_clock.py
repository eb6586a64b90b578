"""The clock is set, or the computer sleeps, in the middle of a run: faults page, rows 29 and 30."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.domain.states import RunStatus, StopReason
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
