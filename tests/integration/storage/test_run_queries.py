"""Short questions about runs, groups and the list (`RunQueries`)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.errors import Refused
from app.domain.states import RunStatus
from app.engine.ports import GroupView
from app.engine.practice import GroupRow
from app.engine.rows import Counts, Scope
from app.storage.run_queries import SqlRunQueries
from tests.helpers.migration import FAMILY, SETTLE
from tests.helpers.practice import OPERATOR, ListOf, a_patient, bring_in

REQUEST = "11111111-1111-4111-8111-111111111111"
FIRST = "aaaaaaaa-0000-4000-8000-000000000001"


@pytest.fixture
def queries(database) -> SqlRunQueries:
    return SqlRunQueries(database)


def test_before_the_first_run_there_is_none(queries):
    assert queries.latest_run(FAMILY) is None
    assert queries.run(1) is None


def test_the_latest_run_is_of_its_family(migration, queries):
    assert queries.latest_run("initial-upload") is None
    migration.complete()
    migration.begin()
    assert queries.latest_run(FAMILY).run_id == migration.run_id
    assert queries.run(migration.run_id - 1).status is RunStatus.COMPLETED


def test_counts_are_of_the_rows_and_add_up(migration, queries):
    migration.commit(migration.not_required("B"), migration.failed("D"), migration.failed("F"))
    migration.commit(migration.prepare("A", REQUEST, send_as=FIRST), migration.prepare("C", FIRST))
    assert queries.latest_run(FAMILY).counts == Counts(unprocessed=1, sending=2, failed=2, not_required=1)
    migration.commit(migration.accepted("A", REQUEST, FIRST))
    counts = queries.latest_run(FAMILY).counts
    assert counts == Counts(unprocessed=1, sending=1, sent=1, failed=2, not_required=1)
    assert counts == migration.store.counts(migration.run_id)
    assert counts.total == 6


def test_the_person_and_the_place_are_those_of_the_latest_execution(migration, queries):
    migration.end()
    robin = replace(OPERATOR, name="Robin Partner", workstation="BACK-OFFICE")
    migration.store.begin_execution(migration.run_id, robin, Scope.UNPROCESSED, SETTLE, migration.now)
    view = queries.latest_run(FAMILY)
    assert (view.operator, view.workstation) == ("Robin Partner", "BACK-OFFICE")


def test_patients_are_counted_active_or_not(queries):
    assert queries.patient_count() == 7
    assert queries.active_count() == 6
    assert queries.active_count("Flu clinic") == 2


def test_a_name_is_not_guessed_at(queries):
    with pytest.raises(Refused):
        queries.active_count("flu clinic")


def test_groups_by_name_with_members_and_active_ones(database, queries):
    assert queries.groups() == [GroupView("Flu clinic", members=3, active=2)]
    rows = ListOf(
        [a_patient("A"), a_patient("E")], group_rows=[GroupRow("Asthma", "A", None), GroupRow("Asthma", "E", None)]
    )
    bring_in(database, rows, update=True)
    assert queries.groups() == [GroupView("Asthma", 2, 2), GroupView("Flu clinic", 3, 3)]
