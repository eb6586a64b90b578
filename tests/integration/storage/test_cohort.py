"""Who is in a run and in which order, and that it stays so."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.errors import Refused
from app.domain.patient import RegistrationStatus
from app.engine.ports import NewRun
from app.engine.practice import GroupRow
from app.storage.run_queries import SqlRunQueries
from tests.helpers.migration import FAMILY, Migration
from tests.helpers.practice import (
    OPERATOR,
    ListOf,
    a_patient,
    an_entry,
    bring_in,
    clinician_adds,
    new_practice,
    number,
    patient_id,
    reception_changes,
)

pytestmark = pytest.mark.both_databases

TODAY = date(2026, 11, 2)


def sequences(migration: Migration) -> list[int]:
    return [row.sequence for row in migration.rows("item")]


def test_dissent_comes_first_and_then_the_order_of_the_list(migration):
    assert migration.fresh() == ["A", "C", "B", "D", "F", "G"]
    assert sorted(sequences(migration)) == [1, 2, 3, 4, 5, 6]


def test_those_who_left_are_not_in_it(migration):
    assert "E" not in migration.fresh()


@pytest.mark.parametrize("status", RegistrationStatus)
def test_active_is_permanent_or_applied(tmp_path, status):
    rows = ListOf([a_patient("A", number(0)), a_patient("X", number(1), registration=status)])
    database = new_practice(tmp_path, rows)
    active = status in {RegistrationStatus.PERMANENT, RegistrationStatus.APPLIED}
    assert SqlRunQueries(database).active_count() == 1 + active
    assert Migration(database).begin().fresh() == ["A"] + ["X"] * active
    database.close()


@pytest.mark.parametrize(
    ("entries", "first"),
    [
        ([("9Ndo.", date(2015, 1, 1))], True),
        ([("93C3.", date(2015, 1, 1))], True),
        ([("93C3.", date(2015, 1, 1)), ("9Ndm.", date(2016, 1, 1))], False),
        ([("9Ndm.", date(2016, 1, 1)), ("93C3.", date(2016, 1, 1))], True),
        ([("9Ndo.", date(2027, 1, 1))], False),
        ([("9Ndo.", TODAY)], True),
        ([("93C1.", date(2015, 1, 1))], False),
    ],
    ids=["new", "legacy", "later consent", "same day", "future", "today", "other sharing"],
)
def test_it_is_the_entry_that_counts_that_decides_who_is_first(tmp_path, entries, first):
    rows = ListOf(
        [a_patient("plain", number(0)), a_patient("other", number(1))],
        [an_entry("other", code, on) for code, on in entries],
    )
    database = new_practice(tmp_path, rows)
    assert Migration(database).begin().fresh() == (["other", "plain"] if first else ["plain", "other"])
    database.close()


def test_today_is_the_date_in_england(tmp_path, clock):
    clock.jump(6 * 3600)  # 2026-11-03 00:30 UTC, in winter the same in England
    rows = ListOf(
        [a_patient("plain", number(0)), a_patient("other", number(1))], [an_entry("other", "9Ndo.", date(2026, 11, 3))]
    )
    database = new_practice(tmp_path, rows, clock)
    assert Migration(database).begin().fresh() == ["other", "plain"]
    clock.jump(-130 * 86400 - 2 * 3600)  # in summer England is an hour ahead of UTC
    assert clock.now().isoformat() == "2026-06-25T22:30:00+00:00"
    summer = ListOf([a_patient("other", number(1))], [an_entry("other", "9Ndo.", date(2026, 6, 26))])
    migration = Migration(database)
    migration.begin().complete()
    bring_in(database, summer, update=True)
    assert migration.begin().fresh() == ["plain", "other"]
    migration.complete()
    clock.jump(3600)
    assert migration.begin().fresh() == ["other", "plain"]
    database.close()


def test_a_group_takes_its_active_members_only(database):
    migration = Migration(database).begin("Flu clinic")
    assert migration.fresh() == ["C", "D"]
    assert sequences(migration) == [1, 2]
    assert SqlRunQueries(database).active_count("Flu clinic") == 2
    assert SqlRunQueries(database).run(migration.run_id).group == "Flu clinic"


def test_an_unknown_group_is_refused_and_nothing_is_begun(database):
    migration = Migration(database)
    with pytest.raises(Refused, match="group"):
        migration.begin("No such group")
    with pytest.raises(Refused, match="group"):
        SqlRunQueries(database).active_count("No such group")
    assert SqlRunQueries(database).latest_run(FAMILY) is None


def test_a_refused_start_abandons_nothing(migration, database):
    migration.end()
    with pytest.raises(Refused):
        migration.store.begin_run(NewRun(FAMILY, "No such group"), OPERATOR, migration.now)
    assert SqlRunQueries(database).latest_run(FAMILY).status == "stopped"


def test_a_group_without_active_members_is_refused(tmp_path):
    rows = ListOf(
        [a_patient("A", number(0)), a_patient("X", number(1), registration=RegistrationStatus.DECEASED)],
        group_rows=[GroupRow("Gone", "X", None)],
    )
    database = new_practice(tmp_path, rows)
    with pytest.raises(Refused, match="active"):
        Migration(database).begin("Gone")
    database.close()


def test_a_practice_without_active_patients_is_refused(tmp_path):
    database = new_practice(tmp_path, ListOf([]))
    with pytest.raises(Refused, match="active"):
        Migration(database).begin()
    database.close()


def test_the_cohort_stays_as_it_was_frozen(migration, database):
    migration.commit(migration.not_required("A"))
    migration.end()
    reception_changes(database, "B", registration=RegistrationStatus.DECEASED)
    reception_changes(database, "E", registration=RegistrationStatus.PERMANENT)
    clinician_adds(database, "G", "9Ndo.", TODAY)
    migration.take_up()
    assert migration.fresh() == ["C", "B", "D", "F", "G"]
    migration.end()
    assert migration.begin().fresh() == ["A", "C", "E", "G", "D", "F"]


def test_the_next_pages_go_on_where_the_last_one_ended(migration):
    first = migration.store.fresh_items(migration.key, "unprocessed", 0, 4)
    second = migration.store.fresh_items(migration.key, "unprocessed", first[-1].sequence, 4)
    assert migration.refs([*first, *second]) == ["A", "C", "B", "D", "F", "G"]


def test_more_of_both_than_one_page(tmp_path):
    count = 2_050
    rows = ListOf(
        [a_patient(f"P{n:05}", None) for n in range(count)],
        [an_entry(f"P{n:05}", "93C3." if n % 2 else "9Ndm.") for n in range(count)],
    )
    database = new_practice(tmp_path, rows)
    migration = Migration(database).begin()
    order = migration.fresh(limit=count + 1)
    odd = [f"P{n:05}" for n in range(1, count, 2)]
    even = [f"P{n:05}" for n in range(0, count, 2)]
    assert order == odd + even
    assert sorted(sequences(migration)) == list(range(1, count + 1))
    database.close()


@settings(max_examples=10)
@given(
    patients=st.lists(
        st.tuples(st.sampled_from(RegistrationStatus), st.sampled_from(["", "9Ndo.", "93C3.", "93C2.", "9Ndl."])),
        min_size=1,
        max_size=12,
    )
)
def test_everybody_active_is_in_it_once(tmp_path_factory, patients):
    rows = ListOf(
        [a_patient(f"P{n:02}", None, registration=status) for n, (status, _) in enumerate(patients)],
        [an_entry(f"P{n:02}", code) for n, (_, code) in enumerate(patients) if code],
    )
    database = new_practice(tmp_path_factory.mktemp("practice"), rows)
    try:
        active = [f"P{n:02}" for n, (status, _) in enumerate(patients) if status.value in {"permanent", "applied"}]
        objecting = [f"P{n:02}" for n, (_, code) in enumerate(patients) if code in {"9Ndo.", "93C3."}]
        expected = [ref for ref in active if ref in objecting] + [ref for ref in active if ref not in objecting]
        if not expected:
            with pytest.raises(Refused):
                Migration(database).begin()
        else:
            migration = Migration(database).begin()
            assert migration.fresh() == expected
            assert {row.patient_id for row in migration.rows("item")} == {patient_id(database, ref) for ref in expected}
    finally:
        database.close()
