"""Nights with sleep, a closed or dead program, and a clock that is set. Faults page, rows 29 to 33."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.domain.occurrences import Why
from app.domain.states import RunStatus, StopReason
from app.storage.tables import audit_event
from tests.helpers.failing_store import FailingStore, Killed
from tests.helpers.night import a_night
from tests.helpers.scripted_spine import Call, Holding
from tests.integration.engine.conftest import MakeBench
from tests.unit.domain.times import shown, wall


@pytest.mark.fault_row(32)
def test_a_computer_that_sleeps_through_the_stop_time_sends_nothing_after(make_bench: MakeBench):
    night = a_night(make_bench, 20)

    def sleep(holding: Holding, call: Call) -> None:
        if len(night.bench.spine.calls) == 2:
            night.clock.jump(10 * 3600)
        else:
            night.clock.advance(600)

    night.bench.spine.always = sleep
    night.plan("now", "20:00", "21:00")
    assert night.run.stop_reason is StopReason.WINDOW_CLOSED
    assert len(night.bench.spine.calls) == 3
    assert night.calls_between("02/11/2026 20:00", "03/11/2026 12:00") == []


@pytest.mark.fault_row(32, 33)
def test_a_computer_that_sleeps_through_stop_and_resume_stops_and_goes_on_late(make_bench: MakeBench):
    night = a_night(make_bench, 20)

    def sleep(holding: Holding, call: Call) -> None:
        if len(night.bench.spine.calls) == 2:
            night.sleep_until("02/11/2026 23:00")
            night.bench.spine.always = night._slowly

    night.bench.spine.always = sleep
    night.plan("now", "20:00", "21:00")
    assert night.run.stop_reason is StopReason.WINDOW_CLOSED
    night.look()
    assert len(night.views) == 1, "it settles first"
    night.until("02/11/2026 23:05")
    assert night.told()[1:] == [("02/11/2026 21:00", "late", "asleep")]
    assert night.asked_spine == 1
    assert night.calls_between("02/11/2026 20:00", "02/11/2026 23:00") == []


@pytest.mark.fault_row(33)
def test_a_computer_that_sleeps_through_the_start_begins_late_once_the_spine_answers(make_bench: MakeBench):
    night = a_night(make_bench, 3)
    night.plan("02/11/2026 20:00", "04:00", "20:00")
    night.spine_reachable = False
    night.sleep_until("02/11/2026 22:00")
    night.until("02/11/2026 22:10")
    assert night.told() == []
    waiting = night.watchman.waiting
    assert waiting is not None
    assert (waiting.why, waiting.until) == (Why.SPINE_UNREACHABLE, wall("03/11/2026 04:00"))
    night.spine_reachable = True
    night.until("02/11/2026 22:12")
    assert night.told() == [("02/11/2026 20:00", "late", "asleep")]
    assert night.run.status is RunStatus.COMPLETED
    assert night.watchman.waiting is None


@pytest.mark.fault_row(33)
def test_the_program_opened_too_late_tells_what_it_missed(make_bench: MakeBench):
    night = a_night(make_bench, 3)
    night.plan("02/11/2026 20:00", "04:00", "20:00")
    night.close_program()
    night.clock.advance(15 * 3600)
    night.start_program()
    night.look()
    assert night.told() == [("02/11/2026 20:00", "missed", "program_closed")]
    assert [notice.settled.why for notice in night.notices] == [Why.PROGRAM_CLOSED]


@pytest.mark.fault_row(33)
def test_the_program_opened_within_the_window_waits_for_somebody_to_sign_in(make_bench: MakeBench):
    night = a_night(make_bench, 3)
    night.plan("02/11/2026 20:00", "04:00", "20:00")
    night.close_program()
    night.bench.card.end()
    night.clock.advance(2 * 3600)
    night.start_program()
    night.until("02/11/2026 20:35")
    assert night.told() == []
    night.bench.card.sign_in()
    night.until("02/11/2026 20:37")
    assert night.told() == [("02/11/2026 20:00", "late", "program_closed")]


def test_after_a_restart_the_schedule_is_there_again(make_bench: MakeBench):
    night = a_night(make_bench, 20)
    night.plan("now", "20:00", "21:00")
    night.close_program()
    night.start_program()
    night.until("02/11/2026 23:59")
    assert night.told()[1:] == [("02/11/2026 21:00", "fired", None)]


def test_a_night_in_which_the_program_died_is_not_begun_again_but_the_next_is(make_bench: MakeBench):
    night = a_night(make_bench, 60)

    def die(holding: Holding, call: Call) -> None:
        night.clock.advance(600)
        if len(night.bench.spine.calls) == 3:
            raise Killed

    night.bench.spine.always = die
    with pytest.raises(Killed):
        night.plan("now", "20:00", "21:00")
    night.bench.spine.always = night._slowly
    night.close_program()
    night.start_program()
    assert night.run.stop_reason is StopReason.INTERRUPTED
    night.until("02/11/2026 20:30")
    assert len(night.views) == 0
    night.until("02/11/2026 21:01")
    assert night.told()[1:] == [("02/11/2026 21:00", "fired", None)]


@pytest.mark.parametrize("dies_at", ["begin_run", "begin_execution"])
@pytest.mark.parametrize("after", [False, True])
def test_a_program_that_dies_as_it_begins_leaves_no_start_unrecorded(make_bench: MakeBench, dies_at: str, after: bool):
    """An occurrence counts as begun exactly when there is an execution; else it is made up for."""
    night = a_night(make_bench, 3)
    night.plan("02/11/2026 20:00", "04:00", "20:00")

    def die(name: str, arguments: object) -> None:
        if name == dies_at:
            raise Killed

    real = night.bench.store
    night.bench.store = FailingStore(real, **{"after" if after else "before": die})  # type: ignore[assignment]
    night.start_program()
    with pytest.raises(Killed):
        night.until("02/11/2026 20:05")
    night.bench.store = real
    night.close_program()
    night.start_program()
    begun = dies_at == "begin_execution" and after
    assert bool(night.told()) is begun
    assert len(night.bench.executions()) == int(begun)
    night.until("02/11/2026 20:10")
    if begun:
        assert night.run.stop_reason is StopReason.INTERRUPTED
        assert len(night.bench.executions()) == 1
    else:
        assert night.told() == [("02/11/2026 20:00", "late", "program_closed")] or night.told()[0][1] == "fired"
        assert night.run.status is RunStatus.COMPLETED
    assert len(night.told()) == 1


@pytest.mark.fault_row(29)
def test_a_jump_of_the_clock_is_audited_once_whether_or_not_something_runs(make_bench: MakeBench):
    night = a_night(make_bench, 6)

    def jumps() -> int:
        return len(night.bench.rows(select(audit_event).where(audit_event.c.action == "clock_jumped")))

    night.look()
    night.clock.jump(3600)
    night.look()
    assert jumps() == 1

    def jump(holding: Holding, call: Call) -> None:
        if len(night.bench.spine.calls) == 2:
            night.clock.jump(3600)

    night.bench.spine.always = jump
    night.plan()
    night.look()
    assert jumps() == 2


@pytest.mark.fault_row(29, 30)
@pytest.mark.parametrize("jump", [3600.0, -3600.0, 86_400.0, -86_400.0, 31_536_000.0, -31_536_000.0])
def test_the_clock_is_set_in_the_middle_of_a_night_and_put_right(make_bench: MakeBench, jump: float):
    night = a_night(make_bench, 40)

    def set_clock(holding: Holding, call: Call) -> None:
        night.clock.advance(600)
        if len(night.bench.spine.calls) == 3:
            night.clock.jump(jump)

    night.bench.spine.always = set_clock
    night.plan("now", "22:00", "23:00")
    for _ in range(5):
        night.clock.advance(30)
        night.look()
    night.clock.jump(-jump)
    night.bench.spine.always = night._slowly
    while night.run.status is not RunStatus.COMPLETED and night.clock.now() < wall("07/11/2026 12:00"):
        night.evening(f"{shown(night.clock.now())[:10]} 22:50")
        night.until(shown(night.clock.now() + timedelta(hours=2)))
        night.clock.advance(12 * 3600)
    assert night.run.status is RunStatus.COMPLETED
    days = [row[0] for row in night.told()]
    assert len(set(days)) == len(days)
