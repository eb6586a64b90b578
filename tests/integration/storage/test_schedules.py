"""Schedules and occurrences as they are kept: one active, one outcome each, begun only together with an execution."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text

from app.domain.actions import Action
from app.domain.errors import Refused
from app.domain.occurrences import Outcome, Recorded, Why
from app.domain.states import RunStatus, StopReason
from app.domain.windows import OccurrenceKind, Plan
from app.engine.ports import NewRun
from app.engine.rows import Scope, Tally
from app.engine.schedule_rows import (
    ActiveSchedule,
    DueOccurrence,
    NewSchedule,
    NewTimes,
    ScheduledBy,
    ScheduleEnd,
    Settled,
)
from app.storage import audit
from app.storage.database import PracticeDatabase
from app.storage.faults import InconsistentChange
from app.storage.migration_store import SqlMigrationStore
from app.storage.run_queries import SqlRunQueries
from app.storage.schedule_store import SqlScheduleStore
from app.storage.sqlite.restore import restore_backup
from app.storage.tables import audit_event, item, occurrence, schedule_window
from tests.helpers.clocks import START, ManualClock
from tests.helpers.migration import FAMILY, SETTLE, Migration
from tests.helpers.practice import OPERATOR, ListOf, a_patient, bring_in, number, reception_changes
from tests.unit.domain.times import at

EVENING = START + timedelta(hours=1)
NIGHTLY = Plan(EVENING, at("08:00"), at("18:30"))
BY = ScheduledBy("Pat Manager", "Pat Manager (System Administrator, card 910000000001)", "FRONT-DESK")


def new(plan: Plan = NIGHTLY, action: Action = Action.RUN, group: str | None = None) -> NewSchedule:
    return NewSchedule(FAMILY, action, group, plan)


@pytest.fixture
def schedules(database: PracticeDatabase) -> SqlScheduleStore:
    return SqlScheduleStore(database)


@pytest.fixture
def runs(database: PracticeDatabase) -> SqlMigrationStore:
    return SqlMigrationStore(database)


@pytest.fixture
def queries(database: PracticeDatabase) -> SqlRunQueries:
    return SqlRunQueries(database)


def held(schedules: SqlScheduleStore) -> ActiveSchedule:
    found = schedules.active()
    assert found is not None
    return found


def due(schedules: SqlScheduleStore, outcome: Outcome = Outcome.FIRED, why: Why | None = None) -> DueOccurrence:
    schedule = held(schedules).schedule
    return DueOccurrence(schedule.schedule_id, schedule.run_id, Settled(schedule.plan.first(), outcome, why))


def begin_scheduled(runs: SqlMigrationStore, schedules: SqlScheduleStore, clock: ManualClock, **how):
    timing = due(schedules, **how)
    runs.begin_run(NewRun(FAMILY, held(schedules).schedule.group, timing.run_id), OPERATOR, clock.now())
    return runs.begin_execution(timing.run_id, OPERATOR, Scope.UNPROCESSED, SETTLE, clock.now(), timing)


def events(database: PracticeDatabase, *actions: str) -> list[tuple[str, str | None, str]]:
    query = select(audit_event.c.action, audit_event.c.after, audit_event.c.actor).where(
        audit_event.c.action.in_(actions)
    )
    with database.reading() as connection:
        return [tuple(row) for row in connection.execute(query.order_by(audit_event.c.number))]


# --- kept ---------------------------------------------------------------------------------------------------------


def test_without_a_schedule_there_is_none(schedules):
    assert schedules.active() is None
    assert schedules.latest() is None
    assert schedules.history(10) == []


def test_a_schedule_makes_a_run_that_has_not_begun_and_no_cohort(schedules, queries, database, clock):
    view = schedules.add(new(group="Flu clinic"), BY, clock.now())
    found = held(schedules)
    assert found.schedule == view
    assert (view.plan, view.action, view.group, view.created_by) == (NIGHTLY, Action.RUN, "Flu clinic", "Pat Manager")
    assert (found.status, found.live_since, found.recorded, found.is_over) == (RunStatus.SCHEDULED, None, {}, False)
    run = queries.run(view.run_id)
    assert (run.status, run.started_at, run.counts.total, run.group) == (RunStatus.SCHEDULED, None, 0, "Flu clinic")
    assert run.workstation == "FRONT-DESK"
    assert events(database, "schedule_added") == [("schedule_added", "2026-11-02T19:30Z", BY.actor)]


@pytest.mark.parametrize(
    "plan", [Plan(EVENING), Plan(EVENING, at("08:00")), NIGHTLY, Plan(EVENING, at("00:00"), at("23:59"))]
)
def test_the_times_come_back_as_they_were(schedules, database, clock, plan):
    schedules.add(new(plan), BY, clock.now())
    again = PracticeDatabase.open(database.place, clock=clock)
    assert held(SqlScheduleStore(again)).schedule.plan == plan
    again.close()


def test_one_schedule_at_a_time(schedules, database, clock):
    schedules.add(new(), BY, clock.now())
    with database.reading() as connection:
        row = dict(connection.execute(select(schedule_window)).one()._mapping) | {"id": 2}
    with pytest.raises(InconsistentChange), database.writing() as connection:
        connection.execute(insert(schedule_window).values(row))


def test_run_is_refused_where_a_run_was_begun_meanwhile(schedules, migration, clock):
    with pytest.raises(Refused, match="begun just now"):
        schedules.add(new(), BY, clock.now())
    assert schedules.active() is None


def test_a_rerun_gives_up_the_run_that_is_not_finished(schedules, migration, queries, clock):
    migration.end()
    view = schedules.add(new(action=Action.RERUN), BY, clock.now())
    assert queries.run(migration.run_id).status is RunStatus.ABANDONED
    assert queries.run(view.run_id).status is RunStatus.SCHEDULED


@pytest.mark.parametrize("action", [Action.RESUME, Action.FAILED])
def test_resume_and_failed_are_scheduled_on_the_run_there_is(schedules, migration, queries, clock, action):
    migration.end()
    view = schedules.add(new(action=action), BY, clock.now())
    assert view.run_id == migration.run_id
    assert queries.run(migration.run_id).status is RunStatus.STOPPED


def test_another_schedule_takes_the_place_of_the_first(schedules, migration, clock, database):
    migration.end()
    first = schedules.add(new(action=Action.RESUME), BY, clock.now())
    second = schedules.add(new(Plan(EVENING), Action.RESUME), BY, clock.now())
    assert held(schedules).schedule == second
    assert schedules.latest() == second
    ended = events(database, "schedule_ended")
    assert ended == [("schedule_ended", "replaced", BY.actor)]
    assert first.schedule_id != second.schedule_id


# --- begun --------------------------------------------------------------------------------------------------------


def test_the_cohort_is_that_of_the_moment_it_begins(schedules, runs, queries, database, clock):
    view = schedules.add(new(), BY, clock.now())
    reception_changes(database, "B", registration="deceased")
    bring_in(database, ListOf([a_patient("H", number(7)), a_patient("I", number(8))]), update=True)
    clock.advance(3_600)
    key = begin_scheduled(runs, schedules, clock)
    run = queries.run(view.run_id)
    assert (run.status, run.started_at, run.counts.total) == (RunStatus.RUNNING, clock.now(), 7)
    found = held(schedules)
    assert found.live_since == clock.now()
    assert found.recorded == {NIGHTLY.first().key: Recorded(Outcome.FIRED, None, clock.now())}
    with database.reading() as connection:
        row = connection.execute(select(occurrence)).one()
    assert (row.execution_id, row.kind, row.local_date) == (key.execution_id, OccurrenceKind.START, date(2026, 11, 2))


def test_an_occurrence_is_begun_once(schedules, runs, clock):
    schedules.add(new(), BY, clock.now())
    begin_scheduled(runs, schedules, clock, outcome=Outcome.LATE, why=Why.ASLEEP)
    key_of = held(schedules).schedule
    with pytest.raises(Refused, match="carried out before"):
        runs.begin_execution(key_of.run_id, OPERATOR, Scope.UNPROCESSED, SETTLE, clock.now(), due(schedules))
    assert held(schedules).recorded[NIGHTLY.first().key].outcome is Outcome.LATE


def test_what_is_not_scheduled_any_more_is_not_begun(schedules, runs, database, clock):
    view = schedules.add(new(), BY, clock.now())
    timing = due(schedules)
    schedules.end(view.schedule_id, ScheduleEnd.CANCELLED, BY.actor, clock.now())
    with pytest.raises(Refused, match="cancelled"):
        runs.begin_run(NewRun(FAMILY, None, view.run_id), OPERATOR, clock.now())
    assert rows_of(database, item) == []
    other = Migration(database).begin()
    other.end()
    with pytest.raises(Refused, match="cancelled"):
        runs.begin_execution(other.run_id, OPERATOR, Scope.UNPROCESSED, SETTLE, clock.now(), timing)
    assert len(other.rows("execution")) == 1, "undone with it"


def test_times_of_a_press_are_kept_with_its_run_and_the_start_is_recorded(schedules, runs, clock):
    plan = Plan(clock.now(), at("20:00"), at("06:00"))
    run_id = runs.begin_run(NewRun(FAMILY, None), OPERATOR, clock.now())
    timing = NewTimes(new(plan))
    runs.begin_execution(run_id, OPERATOR, Scope.UNPROCESSED, SETTLE, clock.now(), timing)
    found = held(schedules)
    assert (found.schedule.plan, found.schedule.run_id, found.schedule.created_by) == (plan, run_id, OPERATOR.name)
    assert [one.outcome for one in found.recorded.values()] == [Outcome.FIRED]


@pytest.mark.parametrize("timed", [False, True])
def test_the_times_of_the_next_press_count(schedules, runs, migration, clock, timed):
    migration.end()
    first = schedules.add(new(action=Action.RESUME), BY, clock.now())
    timing = NewTimes(new(Plan(clock.now(), at("21:00")), Action.RESUME)) if timed else None
    runs.begin_execution(migration.run_id, OPERATOR, Scope.UNPROCESSED, SETTLE, clock.now(), timing)
    now_held = schedules.active()
    assert (now_held is not None) is timed
    assert now_held is None or now_held.schedule.schedule_id != first.schedule_id
    latest = schedules.latest()
    assert latest.end is (None if timed else ScheduleEnd.REPLACED)


# --- ended --------------------------------------------------------------------------------------------------------


def test_cancelling_abandons_a_run_that_has_not_begun(schedules, queries, database, clock):
    view = schedules.add(new(), BY, clock.now())
    assert schedules.end(view.schedule_id, ScheduleEnd.CANCELLED, "the account", clock.now())
    assert schedules.active() is None
    assert queries.run(view.run_id).status is RunStatus.ABANDONED
    assert (schedules.latest().end, schedules.latest().ended_at) == (ScheduleEnd.CANCELLED, clock.now())
    assert events(database, "schedule_ended", "run_abandoned") == [
        ("schedule_ended", "cancelled", "the account"),
        ("run_abandoned", "abandoned", "the account"),
    ]
    assert not schedules.end(view.schedule_id, ScheduleEnd.CANCELLED, "the account", clock.now())
    assert audit.first_broken(database) is None


@pytest.mark.parametrize("end", [ScheduleEnd.CANCELLED, ScheduleEnd.LAPSED])
@pytest.mark.parametrize("before", [RunStatus.COMPLETED, RunStatus.STOPPED])
def test_a_run_given_up_before_it_began_leaves_the_one_before_as_it_was(
    schedules, migration, queries, database, clock, before: RunStatus, end: ScheduleEnd
):
    """Nobody has done anything, so Failed, results and reports are about the same run as ever, and Resume goes on."""
    migration.end(before, None if before is RunStatus.COMPLETED else StopReason.USER)
    as_it_was = queries.latest_run(FAMILY)
    clock.advance(60)
    view = schedules.add(new(action=Action.RERUN), BY, clock.now())
    assert queries.latest_run(FAMILY).run_id == view.run_id, "what waits for its time is the latest"
    clock.advance(60)
    assert schedules.end(view.schedule_id, end, "the account", clock.now())
    assert queries.latest_run(FAMILY) == as_it_was
    assert queries.run(view.run_id).status is RunStatus.ABANDONED
    taken_back = [("run_taken_back", "stopped", "the account")] if before is RunStatus.STOPPED else []
    assert events(database, "run_taken_back") == taken_back
    again = schedules.add(new(action=Action.FAILED), BY, clock.now())
    assert again.run_id == migration.run_id
    assert audit.first_broken(database) is None


def test_a_run_that_never_came_to_its_first_execution_is_given_back_as_interrupted(schedules, runs, queries, clock):
    """The program died between the two transactions of a press."""
    run_id = runs.begin_run(NewRun(FAMILY, None), OPERATOR, clock.now())
    assert runs.recover(FAMILY, clock.now())
    as_it_was = queries.latest_run(FAMILY)
    assert as_it_was.stop_reason is StopReason.INTERRUPTED
    view = schedules.add(new(action=Action.RERUN), BY, clock.now())
    schedules.end(view.schedule_id, ScheduleEnd.CANCELLED, BY.actor, clock.now())
    assert queries.latest_run(FAMILY) == as_it_was
    assert as_it_was.run_id == run_id


def test_a_rerun_that_is_set_to_another_time_gives_up_the_run_before_all_the_same(schedules, migration, queries, clock):
    migration.end()
    as_it_was = queries.latest_run(FAMILY)
    schedules.add(new(action=Action.RERUN), BY, clock.now())
    second = schedules.add(new(action=Action.RERUN), BY, clock.now())
    assert queries.run(migration.run_id).status is RunStatus.ABANDONED
    assert queries.latest_run(FAMILY).run_id == second.run_id
    schedules.end(second.schedule_id, ScheduleEnd.CANCELLED, BY.actor, clock.now())
    assert queries.latest_run(FAMILY) == as_it_was


def test_what_a_rerun_has_taken_the_place_of_is_not_given_back(schedules, runs, migration, queries, clock):
    """Begun by its time, or at once by hand: then the run before is given up for good, whatever is cancelled later."""
    migration.end()
    view = schedules.add(new(action=Action.RERUN), BY, clock.now())
    key = begin_scheduled(runs, schedules, clock)
    runs.end_execution(key, RunStatus.COMPLETED, None, "", Tally(), clock.now())
    later = schedules.add(new(action=Action.RERUN), BY, clock.now())
    schedules.end(later.schedule_id, ScheduleEnd.CANCELLED, BY.actor, clock.now())
    assert queries.run(migration.run_id).status is RunStatus.ABANDONED
    assert queries.latest_run(FAMILY).run_id == view.run_id


def test_a_rerun_by_hand_in_the_place_of_the_scheduled_one_gives_both_up(schedules, runs, migration, queries, clock):
    migration.end()
    schedules.add(new(action=Action.RERUN), BY, clock.now())
    other = Migration(runs._database).begin()
    assert schedules.active() is None
    assert queries.run(migration.run_id).status is RunStatus.ABANDONED
    assert queries.latest_run(FAMILY).run_id == other.run_id


def test_with_no_run_before_there_is_none_after_a_cancelled_one(schedules, queries, clock):
    view = schedules.add(new(), BY, clock.now())
    schedules.end(view.schedule_id, ScheduleEnd.CANCELLED, BY.actor, clock.now())
    assert queries.latest_run(FAMILY) is None


def test_cancelling_leaves_a_run_that_has_begun(schedules, runs, queries, clock):
    view = schedules.add(new(), BY, clock.now())
    begin_scheduled(runs, schedules, clock)
    assert schedules.end(view.schedule_id, ScheduleEnd.CANCELLED, BY.actor, clock.now())
    assert queries.run(view.run_id).status is RunStatus.RUNNING


@pytest.mark.sqlite_only
def test_a_restored_practice_begins_nothing_by_itself(schedules, queries, database, tmp_path: Path, clock):
    run_id = schedules.add(new(), BY, clock.now()).run_id
    copy = database.back_up(tmp_path / "backups")
    target = database.path
    database.close()
    restore_backup(copy, target, clock=clock, actor="the account")
    again = PracticeDatabase.open(target, clock=clock)
    assert SqlScheduleStore(again).active() is None
    assert SqlRunQueries(again).run(run_id).status is RunStatus.ABANDONED
    again.close()


@pytest.mark.parametrize(
    ("end", "why"),
    [
        (ScheduleEnd.CANCELLED, Why.CHANGED),
        (ScheduleEnd.REPLACED, Why.CHANGED),
        (ScheduleEnd.LAPSED, Why.CHANGED),
        (ScheduleEnd.DONE, Why.RUN_OVER),
    ],
)
def test_what_was_due_when_it_ended_has_its_outcome_too(schedules, clock, end, why):
    view = schedules.add(new(), BY, clock.now())
    clock.jump(1.5 * 86_400)
    schedules.end(view.schedule_id, end, BY.actor, clock.now())
    told = schedules.history(10)
    assert [(one.outcome, one.why) for one in told] == [(Outcome.SKIPPED, why)] * 2
    assert [one.planned_at for one in told] == [EVENING + timedelta(days=1, hours=-1), EVENING]


# --- outcomes -----------------------------------------------------------------------------------------------------


def rows_of(database: PracticeDatabase, table) -> list:
    with database.reading() as connection:
        return list(connection.execute(select(table)))


def missed(schedules: SqlScheduleStore, why: Why = Why.NO_CARD, detail: str = "") -> Settled:
    return Settled(held(schedules).schedule.plan.first(), Outcome.MISSED, why, detail)


def test_what_was_missed_is_written_once(schedules, database, clock):
    view = schedules.add(new(), BY, clock.now())
    first = missed(schedules)
    assert schedules.record(view.schedule_id, [first], clock.now()) == [first]
    assert schedules.record(view.schedule_id, [missed(schedules, Why.ASLEEP)], clock.now()) == []
    [told] = schedules.history(10)
    assert (told.action, told.set_by) == (view.action, view.created_by)
    assert (told.outcome, told.why, told.planned_at, told.kind) == (
        Outcome.MISSED,
        Why.NO_CARD,
        EVENING,
        OccurrenceKind.START,
    )
    assert events(database, "occurrence") == [("occurrence", "missed", audit.PROGRAM)]


def test_nothing_is_said_against_what_was_begun(schedules, runs, clock):
    view = schedules.add(new(), BY, clock.now())
    begin_scheduled(runs, schedules, clock)
    clock.jump(-86_400)
    assert schedules.record(view.schedule_id, [missed(schedules)], clock.now()) == []


@pytest.mark.fault_row(30)
def test_what_a_wrong_clock_wrote_is_overwritten_and_the_occurrence_can_be_begun(schedules, runs, database, clock):
    view = schedules.add(new(), BY, clock.now())
    clock.jump(86_400)
    schedules.record(view.schedule_id, [missed(schedules, Why.ASLEEP)], clock.now())
    clock.jump(-86_400)
    assert schedules.record(view.schedule_id, [missed(schedules, Why.NO_CARD)], clock.now())
    clock.jump(-60)
    begin_scheduled(runs, schedules, clock)
    assert [row.outcome for row in rows_of(database, occurrence)] == [Outcome.FIRED]


def test_the_history_is_newest_first_with_its_sentences(schedules, clock):
    view = schedules.add(new(), BY, clock.now())
    nights = list(NIGHTLY.occurrences(EVENING, EVENING + timedelta(days=3)))
    settled = [Settled(night, Outcome.MISSED, Why.REFUSED, f"Night {place}.") for place, night in enumerate(nights)]
    schedules.record(view.schedule_id, settled, clock.now())
    assert [told.detail for told in schedules.history(3)] == ["Night 3.", "Night 2.", "Night 1."]


@pytest.mark.parametrize(
    "broken",
    [
        "UPDATE occurrence SET outcome = 'fired', why = NULL",
        "UPDATE occurrence SET why = NULL",
        "UPDATE occurrence SET why = 'bogus'",
        "UPDATE occurrence SET outcome = 'bogus'",
        "UPDATE schedule_window SET end_reason = 'done'",
        "UPDATE schedule_window SET stop_local = NULL",
    ],
)
def test_what_the_database_itself_refuses(schedules, database, clock, broken):
    view = schedules.add(new(), BY, clock.now())
    schedules.record(view.schedule_id, [missed(schedules)], clock.now())
    with pytest.raises(InconsistentChange), database.writing() as connection:
        connection.execute(text(broken))


@pytest.mark.fault_row(29)
def test_a_jump_of_the_clock_while_nothing_runs_is_audited(schedules, database, clock):
    schedules.note_clock_jump(clock.now(), clock.now() + timedelta(hours=1))
    with database.reading() as connection:
        row = connection.execute(select(audit_event).where(audit_event.c.action == "clock_jumped")).one()
    assert row.detail == "3,600 seconds forward"


# --- what follows from them ---------------------------------------------------------------------------------------


def test_a_schedule_is_over_when_its_run_is(schedules, runs, clock):
    schedules.add(new(), BY, clock.now())
    key = begin_scheduled(runs, schedules, clock)
    assert not held(schedules).is_over
    migration = Migration(runs._database)
    migration.run_id, migration.key = key.run_id, key
    found = held(schedules)
    migration.complete()
    assert schedules.active() is None
    assert schedules.latest().end is ScheduleEnd.DONE
    assert replace(found, status=RunStatus.COMPLETED).is_over, "should it ever be found so"


def test_failed_waits_on_a_completed_run_until_it_has_begun(schedules, migration, clock):
    migration.commit(migration.failed("B"))
    migration.complete()
    schedules.add(new(action=Action.FAILED), BY, clock.now())
    found = held(schedules)
    assert (found.status, found.failed, found.is_over) == (RunStatus.COMPLETED, 1, False)
    key = NIGHTLY.first().key
    assert replace(found, recorded={key: Recorded(Outcome.FIRED, None, clock.now())}).is_over
    assert not replace(found, recorded={key: Recorded(Outcome.MISSED, Why.NO_CARD, clock.now())}).is_over
    assert replace(found, status=RunStatus.ABANDONED).is_over


def test_a_schedule_lapses_when_its_only_start_was_missed(schedules, clock):
    schedules.add(new(Plan(EVENING, at("08:00"))), BY, clock.now())
    found = held(schedules)
    assert not found.has_lapsed(clock.now())
    key = found.schedule.plan.first().key
    gone = replace(found, recorded={key: Recorded(Outcome.MISSED, Why.NO_CARD, EVENING)})
    assert gone.has_lapsed(EVENING)
    assert not gone.has_lapsed(clock.now()), "what a wrong clock wrote does not count"
    assert not replace(found, recorded={key: Recorded(Outcome.FIRED, None, EVENING)}).has_lapsed(EVENING)
    nightly = replace(gone, schedule=replace(gone.schedule, plan=NIGHTLY))
    assert not nightly.has_lapsed(EVENING)


def test_how_the_run_stands_goes_with_it(schedules, runs, clock):
    schedules.add(new(), BY, clock.now())
    key = begin_scheduled(runs, schedules, clock)
    migration = Migration(runs._database)
    migration.run_id, migration.key = key.run_id, key
    migration.end(reason=StopReason.WINDOW_CLOSED)
    assert (held(schedules).status, held(schedules).stop_reason) == (RunStatus.STOPPED, StopReason.WINDOW_CLOSED)
