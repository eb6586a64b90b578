"""The watchman among others: copies that work or keep watch, orders, a database that fails, looks while it runs."""

from __future__ import annotations

import pytest

from app.domain.errors import Refused, StorageFault
from app.domain.occurrences import Why
from app.domain.states import RunStatus, StopReason
from tests.helpers import databases
from tests.helpers.night import BY, a_night
from tests.integration.engine.conftest import MakeBench


def test_while_somebody_else_works_on_the_practice_it_waits(make_bench: MakeBench):
    night = a_night(make_bench, 3)
    night.plan("02/11/2026 20:00", "04:00", "20:00")
    other = databases.lock_of(night.bench.database, night.clock, "BACK-OFFICE")
    other.acquire("Sam Other")
    night.until("02/11/2026 20:30")
    assert night.told() == []
    assert night.watchman.waiting is not None
    assert night.watchman.waiting.why is Why.ANOTHER_RUN
    other.release()
    night.until("02/11/2026 20:32")
    assert night.told() == [("02/11/2026 20:00", "late", "another_run")]


def test_another_copy_that_keeps_watch_is_left_alone_until_it_is_closed(make_bench: MakeBench):
    night = a_night(make_bench, 3)
    night.plan("02/11/2026 20:00", "04:00", "20:00")
    other = night.another_watch()
    other.acquire("the other copy")
    night.until("02/11/2026 20:30")
    assert (night.told(), night.views) == ([], [])
    other.release()
    night.look()
    night.until("02/11/2026 20:32")
    assert night.told() == [("02/11/2026 20:00", "late", "program_closed")]


def test_the_watch_is_given_up_once_nothing_is_scheduled(make_bench: MakeBench):
    night = a_night(make_bench, 3)
    night.plan("02/11/2026 20:00")
    night.look()
    assert night.watch_lock.held_here
    night.schedules.cancel(BY)
    night.look()
    assert not night.watch_lock.held_here


def test_an_order_is_given_once_until_it_is_carried_out_or_forgotten(make_bench: MakeBench):
    night = a_night(make_bench, 3)
    night.plan("02/11/2026 18:31")
    night.clock.advance(60)
    for _ in range(3):
        night.watchman.look()
        night.clock.advance(15)
    assert len(night.orders) == 1
    night.clock.advance(30)
    night.watchman.look()
    assert len(night.orders) == 2, "whoever had it has forgotten it"
    first, second = night.orders
    night.orders.clear()
    night.carry_out(first)
    with pytest.raises(Refused):
        night.carry_out(second)
    assert night.told() == [("02/11/2026 18:31", "fired", None)]


def test_a_database_that_fails_is_looked_at_again(make_bench: MakeBench):
    night = a_night(make_bench, 3)
    night.plan("02/11/2026 18:31")
    night.clock.advance(60)
    with databases.out_of_reach(night.bench.database), pytest.raises(StorageFault):
        night.look()
    night.look()
    assert night.told() == [("02/11/2026 18:31", "fired", None)]


def test_a_look_at_the_stop_time_stops_an_execution_by_its_token(make_bench: MakeBench):
    """Besides the gate: should an execution not notice, the wish reaches it all the same."""
    night = a_night(make_bench, 20)
    night.during_call(9, night.watchman.look)
    night.plan("now", "20:00", "21:00")
    assert night.time_of_day() == "20:00"
    assert night.token.reason is StopReason.WINDOW_CLOSED
    assert night.run.stop_reason is StopReason.WINDOW_CLOSED


def test_a_look_while_it_runs_and_nothing_is_due_changes_nothing(make_bench: MakeBench):
    night = a_night(make_bench, 9)
    night.during_call(3, night.watchman.look)
    night.plan("now", "22:00", "23:00")
    assert night.run.status is RunStatus.COMPLETED
    assert night.token.reason is None


def test_another_copy_that_takes_the_watch_an_instant_before(make_bench: MakeBench):
    night = a_night(make_bench, 3)
    night.plan("02/11/2026 18:31")
    other = night.another_watch()
    real = night.watch_lock.holder

    def holder() -> str | None:
        told = real()
        other.acquire("the other copy")
        return told

    night.watch_lock.holder = holder  # type: ignore[method-assign]
    night.clock.advance(60)
    night.look()
    assert (night.told(), night.views) == ([], [])
    other.release()


def test_what_is_refused_because_somebody_is_at_work_is_not_held_against_it(make_bench: MakeBench):
    night = a_night(make_bench, 3)
    night.plan("02/11/2026 18:31", "04:00", "18:31")
    night.clock.advance(60)
    night.watchman.look()
    other = databases.lock_of(night.bench.database, night.clock, "BACK-OFFICE")
    other.acquire("Sam Other")
    with pytest.raises(Refused, match="Sam Other"):
        night.carry_out(night.orders.popleft())
    assert night.told() == []
    other.release()
    night.look()
    assert night.told() == [("02/11/2026 18:31", "fired", None)]
