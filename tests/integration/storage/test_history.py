"""Runs, executions, their course and two runs compared (`History`), against the plain rows counted anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from app.domain.errors import Refused
from app.domain.outcomes import ItemState, Reason
from app.domain.states import RunStatus, StopReason
from app.engine.history import behind_difference
from app.engine.lists import ListQuery, Sort, every_line
from app.engine.rows import Counts, Scope
from app.storage.database import PracticeDatabase
from app.storage.patient_lists import SqlPatientLists
from app.storage.run_history import SqlHistory
from tests.helpers.migration import Migration
from tests.helpers.seeded import rows_of, seeded_practice
from tests.helpers.soak import size

REQUEST = "11111111-1111-4111-8111-111111111111"
FIRST = "aaaaaaaa-0000-4000-8000-000000000001"


@pytest.fixture
def history(database: PracticeDatabase) -> SqlHistory:
    return SqlHistory(database)


def test_before_the_first_run_there_is_nothing(history):
    assert history.runs(None, 10) == []
    assert history.run(1) is None
    assert history.course(1) == []


def test_runs_come_newest_first_and_page_by_page(migration, history):
    for _ in range(3):
        migration.complete()
        migration.begin()
    assert [run.run_id for run in history.runs(None, 3)] == [4, 3, 2]
    assert [run.run_id for run in history.runs(2, 3)] == [1]
    assert history.runs(None, 1)[0].status is RunStatus.RUNNING


def test_each_execution_tells_who_where_how_long_why_and_how_far(migration, history, clock):
    """A run in two sessions, then its failed patients again."""
    migration.commit(migration.prepare("A", REQUEST, send_as=FIRST), reads=3)
    clock.advance(30)
    migration.commit(migration.accepted("A", REQUEST, FIRST))
    migration.end(RunStatus.STOPPED, StopReason.CARD_REMOVED)
    clock.advance(3600)
    migration.take_up()
    clock.advance(60)
    rest = [migration.not_required(ref) for ref in ("B", "C", "G")]
    migration.commit(*rest, migration.failed("D"), migration.failed("F"), reads=5)
    migration.complete()
    migration.take_up(Scope.FAILED)
    clock.advance(5)
    migration.commit(migration.not_required("D"))

    told = history.run(migration.run_id)
    first, second, third = told.executions
    assert (first.place, second.place, third.place) == (1, 2, 3)
    assert (first.operator, first.role_name, first.card_uid) == ("Pat Manager", "System Administrator", "910000000001")
    assert first.workstation == "FRONT-DESK"
    assert first.end_reason is StopReason.CARD_REMOVED
    assert first.ended_at - first.started_at == timedelta(seconds=30)
    assert second.started_at - first.ended_at == timedelta(hours=1)
    assert (first.reads, first.writes, second.reads, second.writes) == (3, 1, 5, 0)
    assert first.after == Counts(unprocessed=5, sent=1)
    assert second.after == Counts(sent=1, failed=2, not_required=3)
    assert (second.end_reason, second.ended_at is not None) == (None, True)
    assert (third.scope, third.ended_at) == (Scope.FAILED, None)
    assert third.after == told.run.counts == Counts(sent=1, failed=1, not_required=4)


def test_the_course_follows_every_outcome(migration, history, clock):
    clock.advance(10)
    migration.commit(migration.not_required("B"))
    clock.advance(10)
    migration.commit(migration.prepare("A", REQUEST, send_as=FIRST), migration.failed("D"))
    clock.advance(10)
    migration.commit(migration.accepted("A", REQUEST, FIRST))
    clock.advance(10)
    migration.end()
    points = history.course(migration.key.execution_id)
    assert [(point.seconds, point.finished) for point in points] == [(0, 0), (10, 1), (20, 2), (30, 3), (40, 3)]
    assert points[0].counts == Counts(unprocessed=6)
    assert points[2].counts == Counts(unprocessed=3, sending=1, failed=1, not_required=1)
    assert points[-1].counts == Counts(unprocessed=3, sent=1, failed=1, not_required=1)
    assert {point.counts.total for point in points} == {6}


def test_a_later_execution_goes_on_where_the_one_before_ended(migration, history, clock):
    migration.commit(migration.failed("D"), migration.not_required("B"))
    migration.end()
    clock.advance(600)
    migration.take_up()
    clock.advance(5)
    migration.commit(migration.not_required("C"))
    begun, after = history.course(migration.key.execution_id)[:2]
    assert (begun.finished, begun.counts) == (0, Counts(unprocessed=4, failed=1, not_required=1))
    assert (after.finished, after.counts) == (1, Counts(unprocessed=3, failed=1, not_required=2))


def test_a_long_execution_has_no_more_moments_than_a_picture_shows(migration, history, clock):
    for ref in ("B", "C", "D", "F", "G"):
        clock.advance(3 * 3600)
        migration.commit(migration.not_required(ref))
    migration.end()
    points = history.course(migration.key.execution_id)
    assert len(points) == 6
    assert [round(point.seconds) for point in points] == [hours * 3600 for hours in (0, 3, 6, 9, 12, 15)]


def test_a_clock_put_back_makes_no_course_that_runs_backwards(migration, history, clock):
    clock.advance(60)
    migration.commit(migration.not_required("B"))
    clock.jump(-3600)
    clock.advance(1)
    migration.commit(migration.not_required("C"))
    migration.end()
    points = history.course(migration.key.execution_id)
    assert [point.seconds for point in points] == sorted(point.seconds for point in points)
    assert points[-1].finished == 2


# --- two runs, on practices drawn by chance -------------------------------------------------------------------------


@pytest.fixture(scope="module", params=range(size(2, 20)))
def drawn(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PracticeDatabase]:
    database, _ = seeded_practice(tmp_path_factory.mktemp("history") / "data", 100 + request.param)
    yield database
    database.close()


def _outcomes(database: PracticeDatabase, run_id: int) -> dict[int, tuple[Any, Any]]:
    found = rows_of(database, f"SELECT patient_id, state, reason FROM item WHERE run_id = {run_id}")
    return {row["patient_id"]: (row["state"], row["reason"]) for row in found}


def test_a_comparison_is_the_difference_of_the_plain_rows(drawn):
    one, other = _outcomes(drawn, 1), _outcomes(drawn, 2)
    pairs = Counter((one[patient], other[patient]) for patient in one.keys() & other.keys())
    compared = SqlHistory(drawn).compare(1, 2)
    assert {
        ((group.before, group.before_reason), (group.after, group.after_reason)): group.patients
        for group in compared.differences
    } == {pair: number for pair, number in pairs.items() if pair[0] != pair[1]}
    assert compared.same == sum(number for pair, number in pairs.items() if pair[0] == pair[1])
    numbers = [group.patients for group in compared.differences]
    assert numbers == sorted(numbers, reverse=True)
    assert compared.only_first == len(one.keys() - other.keys())
    assert compared.only_second == len(other.keys() - one.keys())
    assert compared.first.counts.total == len(one)
    assert (compared.first.run_id, compared.second.run_id) == (1, 2)


def test_who_left_the_list_is_in_one_run_only(migration, history, database):
    migration.complete()
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE patient SET registration = 'deceased' WHERE patient_ref = 'B'")
    migration.begin()
    migration.commit(migration.failed("C"))
    compared = history.compare(1, 2)
    assert (compared.only_first, compared.only_second) == (1, 0)
    [group] = compared.differences
    assert (group.before, group.before_reason) == (ItemState.UNPROCESSED, None)
    assert (group.after, group.after_reason) == (ItemState.FAILED, Reason.SPINE_UNAVAILABLE)
    assert (group.patients, compared.same) == (1, 4)


def test_a_run_that_is_not_there_is_refused(migration, history):
    with pytest.raises(Refused, match="not there any more"):
        history.compare(1, 99)


def test_an_item_keeps_the_rule_of_its_latest_decision(migration: Migration):
    migration.commit(migration.failed("D", rule=14))
    assert migration.item_row("D").rule == 14
    migration.commit(migration.failed("D", Reason.OUTCOME_UNKNOWN))
    assert migration.item_row("D").rule == 14
    migration.commit(migration.not_required("D", rule=13))
    assert migration.item_row("D").rule == 13


def test_behind_every_difference_is_its_list(drawn):
    """The patients of a difference, in pages, are those whom the plain rows name."""
    one, other = _outcomes(drawn, 1), _outcomes(drawn, 2)
    lists = SqlPatientLists(drawn)
    compared = SqlHistory(drawn).compare(1, 2)
    for group in compared.differences[:: size(7, 1)]:
        before, after = (group.before, group.before_reason), (group.after, group.after_reason)
        expected = {
            patient for patient in one.keys() & other.keys() if (one[patient], other[patient]) == (before, after)
        }
        source = behind_difference(compared, group)
        for sort in (Sort.NAME, Sort.TIME):
            query = ListQuery(source, sort=sort)
            assert lists.count(query) == group.patients
            assert {line.patient_id for line in every_line(lists, query)} == expected
        assert [(told.state, told.reason, told.patients) for told in lists.reasons(source)] == [
            (*after, group.patients)
        ]
