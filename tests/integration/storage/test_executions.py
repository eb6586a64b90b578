"""Runs and executions: begun, ended, taken up after a death (faults, rows 1 to 6)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from app.domain.errors import Refused
from app.domain.outcomes import ItemState, Reason
from app.domain.states import IntentState, RunStatus, StopReason
from app.engine.ports import Fenced, NewRun
from app.engine.rows import Outcome, Scope, Tally
from app.storage.faults import InconsistentChange
from app.storage.run_queries import SqlRunQueries
from app.storage.tables import run
from tests.helpers.migration import FAMILY, Migration
from tests.helpers.practice import OPERATOR

pytestmark = pytest.mark.both_databases

REQUEST = "11111111-1111-4111-8111-111111111111"
OTHER_REQUEST = "22222222-2222-4222-8222-222222222222"
FIRST, SECOND = "aaaaaaaa-0000-4000-8000-000000000001", "aaaaaaaa-0000-4000-8000-000000000002"


@pytest.fixture
def queries(database) -> SqlRunQueries:
    return SqlRunQueries(database)


def test_a_run_begins_running_with_its_cohort(migration, queries):
    view = queries.latest_run(FAMILY)
    assert (view.run_id, view.status, view.group) == (migration.run_id, RunStatus.RUNNING, None)
    assert view.counts.unprocessed == view.counts.total == 6
    assert (view.operator, view.workstation) == ("Pat Manager", "FRONT-DESK")
    assert view.started_at == migration.now
    assert view.ended_at is None


def test_a_completed_run_has_an_end_and_no_reason(migration, queries, clock):
    clock.advance(60)
    migration.complete()
    view = queries.run(migration.run_id)
    assert (view.status, view.stop_reason, view.ended_at) == (RunStatus.COMPLETED, None, clock.now())


def test_a_stopped_run_tells_why(migration, queries):
    migration.store.end_execution(
        migration.key, RunStatus.STOPPED, StopReason.CARD_EXPIRED, "at 19:02", Tally(), migration.now
    )
    view = queries.run(migration.run_id)
    assert (view.status, view.stop_reason, view.stop_detail) == (RunStatus.STOPPED, StopReason.CARD_EXPIRED, "at 19:02")
    assert view.ended_at is None


def test_an_execution_ends_once(migration):
    migration.end()
    with pytest.raises(Fenced):
        migration.end()


def test_stopping_needs_a_reason(migration):
    with pytest.raises(InconsistentChange):
        migration.end(RunStatus.STOPPED, None)


def test_resume_is_a_new_execution_of_the_same_run(migration, queries):
    older = migration.key
    migration.end()
    migration.take_up()
    assert migration.key.run_id == older.run_id
    assert migration.key.epoch > older.epoch
    view = queries.latest_run(FAMILY)
    assert (view.status, view.stop_reason) == (RunStatus.RUNNING, None)


def test_failed_reopens_a_completed_run(migration, queries):
    migration.commit(*[migration.failed(ref) for ref in "ABCDFG"])
    migration.complete()
    migration.take_up(Scope.FAILED)
    view = queries.latest_run(FAMILY)
    assert (view.status, view.ended_at) == (RunStatus.RUNNING, None)


def test_an_abandoned_run_is_never_taken_up(migration):
    old_run = migration.run_id
    migration.end()
    migration.begin()
    migration.complete()
    migration.run_id = old_run
    with pytest.raises(Fenced):
        migration.take_up()


def test_a_new_run_abandons_an_unfinished_one(migration, queries):
    old_run = migration.run_id
    migration.end()
    migration.begin()
    assert queries.run(old_run).status is RunStatus.ABANDONED
    assert queries.run(old_run).ended_at == migration.now
    assert queries.latest_run(FAMILY).run_id == migration.run_id != old_run


def test_a_new_run_leaves_a_completed_one_as_it_is(migration, queries):
    old_run = migration.run_id
    migration.complete()
    migration.begin()
    assert queries.run(old_run).status is RunStatus.COMPLETED


def test_a_scheduled_run_is_abandoned_by_a_new_one(database, queries):
    with database.writing() as connection:
        connection.execute(
            insert(run).values(
                family=FAMILY,
                status=RunStatus.SCHEDULED,
                created_at=database.clock.now(),
                created_by="x",
                created_on="y",
            )
        )
    migration = Migration(database).begin()
    assert queries.run(migration.run_id - 1).status is RunStatus.ABANDONED


def test_another_family_must_finish_first(migration):
    migration.end()
    with pytest.raises(Refused):
        migration.store.begin_run(NewRun("initial-upload", None), OPERATOR, migration.now)


@pytest.mark.fault_row(36)
def test_the_database_itself_refuses_a_second_open_run(migration, database):
    values = {"created_at": migration.now, "created_by": "x", "created_on": "y"}
    with pytest.raises(InconsistentChange), database.writing() as connection:
        connection.execute(insert(run).values(family="other", status=RunStatus.SCHEDULED, **values))
    migration.complete()
    with database.writing() as connection:
        connection.execute(insert(run).values(family="other", status=RunStatus.SCHEDULED, **values))
    with pytest.raises(InconsistentChange), database.writing() as connection:
        connection.execute(update(run).values(status=RunStatus.RUNNING))


# --- after a death ------------------------------------------------------------------------------------------------


def test_recovery_finds_an_interrupted_run_once(migration, queries):
    assert migration.store.recover(FAMILY, migration.now) is True
    view = queries.latest_run(FAMILY)
    assert (view.status, view.stop_reason) == (RunStatus.STOPPED, StopReason.INTERRUPTED)
    assert migration.row("execution").ended_at == migration.now
    assert migration.store.recover(FAMILY, migration.now) is False


@pytest.mark.fault_row(37)
def test_recovery_fences_the_program_that_was_taken_for_dead(migration):
    change = migration.not_required("B")
    migration.store.recover(FAMILY, migration.now)
    with pytest.raises(Fenced):
        migration.commit(change)


def test_recovery_leaves_a_paused_or_completed_run_alone(migration, queries):
    migration.end()
    assert migration.store.recover(FAMILY, migration.now) is False
    assert queries.latest_run(FAMILY).stop_reason is StopReason.USER


def test_a_death_between_run_and_execution_leaves_a_run_to_resume(database, queries):
    migration = Migration(database)
    migration.run_id = migration.store.begin_run(NewRun(FAMILY, None), OPERATOR, migration.now)
    assert migration.store.recover(FAMILY, migration.now) is True
    assert queries.latest_run(FAMILY).stop_reason is StopReason.INTERRUPTED
    assert len(migration.take_up().fresh()) == 6


def test_an_execution_found_open_is_closed_as_interrupted(migration):
    migration.take_up()
    first, second = migration.rows("execution")
    assert (first.end_reason, first.ended_at) == (StopReason.INTERRUPTED, migration.now)
    assert second.ended_at is None


@pytest.mark.fault_row(4)
def test_an_attempt_without_an_end_makes_its_message_unknown(migration, clock):
    migration.commit(migration.prepare("A", REQUEST, send_as=FIRST), migration.prepare("C", OTHER_REQUEST))
    started_at = clock.now()
    clock.advance(10)
    migration.take_up()
    ended = migration.row("attempt")
    assert (ended.answer_class, ended.ended_at) == ("unknown", clock.now())
    work = migration.work("A")
    assert work.intent.state is IntentState.UNKNOWN
    assert (work.intent.sends, work.intent.last_started_at) == (1, started_at)
    assert migration.work("C").intent.state is IntentState.PREPARED


@pytest.mark.fault_row(3, 4)
def test_an_unknown_message_is_due_after_the_settle_time_and_a_prepared_one_at_once(migration, clock):
    migration.commit(migration.prepare("A", REQUEST, send_as=FIRST), migration.prepare("C", OTHER_REQUEST))
    clock.advance(30)
    migration.take_up()
    assert migration.due() == ["C"]
    assert migration.fresh() == ["B", "D", "F", "G"]
    a, c = migration.work("A").item_id, migration.work("C").item_id
    assert migration.store.next_due_at(migration.key, Scope.UNPROCESSED, [c]) == clock.now() + timedelta(seconds=45)
    assert migration.store.next_due_at(migration.key, Scope.UNPROCESSED, [a, c]) is None
    clock.advance(45)
    assert migration.due() == ["C", "A"]


def test_the_settle_time_runs_from_the_latest_attempt(migration, clock):
    migration.commit(migration.prepare("A", REQUEST, send_as=FIRST))
    migration.commit(migration.held_back("A", REQUEST, FIRST, "throttled"))
    clock.advance(50)
    migration.commit(migration.send("A", REQUEST, SECOND))
    clock.advance(10)
    migration.take_up()
    assert migration.store.next_due_at(migration.key, Scope.UNPROCESSED, []) == clock.now() + timedelta(seconds=65)


@pytest.mark.fault_row(30)
def test_waiting_times_of_a_clock_that_was_put_back_are_brought_forward(migration, clock):
    later = clock.now() + timedelta(hours=2)
    sooner = clock.now() + timedelta(minutes=59)
    migration.commit(
        migration.outcome("B", ItemState.UNPROCESSED, next_attempt_at=later),
        migration.outcome("D", ItemState.UNPROCESSED, next_attempt_at=sooner),
        migration.prepare("A", REQUEST, send_as=FIRST),
    )
    clock.jump(-3 * 3600)
    migration.take_up()
    # The message of A is settled no later than anything sent now would be.
    assert migration.due() == ["A", "B", "D"]


def test_a_wait_within_the_hour_stays_as_it_is(migration, clock):
    due_at = clock.now() + timedelta(minutes=59)
    migration.commit(migration.outcome("D", ItemState.UNPROCESSED, next_attempt_at=due_at))
    migration.take_up()
    assert migration.store.next_due_at(migration.key, Scope.UNPROCESSED, []) == due_at


def test_a_rerun_takes_over_the_message_of_the_run_before(migration):
    migration.commit(migration.prepare("A", REQUEST, send_as=FIRST))
    migration.begin()
    work = migration.work("A")
    assert work.state is ItemState.UNPROCESSED
    assert (work.intent.request_id, work.intent.state) == (REQUEST, IntentState.UNKNOWN)
    assert migration.fresh()[0] == "A"
    outcome = Outcome(ItemState.SENT, Reason.CONFIRMED_BY_READ, migration.now)
    settled = migration.settled("A", REQUEST, IntentState.UNKNOWN, IntentState.CONFIRMED, outcome)
    assert migration.commit(settled) == [True]
    assert migration.item_row("A").state is ItemState.SENT


# --- the wish to stop ---------------------------------------------------------------------------------------------


def test_a_wish_to_stop_is_found_and_then_forgotten(migration, queries):
    assert migration.store.stop_requested(migration.run_id) is False
    migration.store.request_stop(migration.run_id, "Robin Reception", migration.now)
    migration.store.request_stop(migration.run_id, "Somebody else", migration.now)
    assert migration.store.stop_requested(migration.run_id) is True
    assert queries.latest_run(FAMILY).stop_requested is True
    assert migration.row("run_control").requested_by == "Robin Reception"
    migration.end()
    assert queries.latest_run(FAMILY).stop_requested is False
    migration.take_up()
    assert migration.store.stop_requested(migration.run_id) is False


# --- requests -----------------------------------------------------------------------------------------------------


def test_requests_are_counted_over_the_whole_run(migration, queries):
    migration.commit(migration.prepare("A", REQUEST, send_as=FIRST), reads=4)
    migration.commit(migration.held_back("A", REQUEST, FIRST))
    migration.end()
    migration.take_up()
    migration.commit(migration.send("A", REQUEST, SECOND))
    migration.commit(migration.accepted("A", REQUEST, SECOND), reads=1)
    migration.store.end_execution(migration.key, RunStatus.STOPPED, StopReason.USER, "", Tally(reads=2), migration.now)
    view = queries.latest_run(FAMILY)
    assert (view.reads, view.writes) == (7, 1)
