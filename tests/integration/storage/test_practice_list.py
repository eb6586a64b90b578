"""Bringing a list in and up to date: all or nothing, who is who, what makes a record newer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.errors import Refused, StorageFault
from app.domain.patient import RegistrationStatus
from app.domain.states import RunStatus
from app.engine.practice import EntryRow, GroupRow, ImportSummary, PatientRow
from app.storage.database import PracticeDatabase
from app.storage.faults import InconsistentChange
from app.storage.practice_store import SqlPracticeStore
from tests.helpers.clocks import ManualClock
from tests.helpers.migration import Migration
from tests.helpers.practice import ListOf, a_patient, an_entry, bring_in, codes_of, new_practice, number

pytestmark = pytest.mark.both_databases


@pytest.fixture
def empty(tmp_path, clock) -> Iterator[PracticeDatabase]:
    database = new_practice(tmp_path / "empty", None, clock)
    yield database
    database.close()


def out(database: PracticeDatabase) -> tuple[list[PatientRow], list[EntryRow], list[GroupRow]]:
    store = SqlPracticeStore(database)
    return list(store.export_patients()), list(store.export_entries()), list(store.export_groups())


def versions(database: PracticeDatabase) -> dict[str, int]:
    with database.reading() as connection:
        rows = connection.exec_driver_sql("SELECT patient_ref, consent_version FROM patient")
        return {row[0]: row[1] for row in rows}


FULL = PatientRow(
    patient_ref="A-1",
    nhs_number=number(0),
    surname="O'Brien",
    forename="Zoë 🙂",
    date_of_birth=date(1931, 2, 28),
    sex="F",
    registration=RegistrationStatus.APPLIED,
    fp69=True,
    sensitive=True,
    pds_linked=False,
    record_in_use=True,
)


def test_what_comes_in_goes_out_again(empty):
    entries = [
        EntryRow(
            "A-1", number(0), "93C3.", "Refused", date(2012, 5, 1), datetime(2012, 5, 1, 9, 30, tzinfo=UTC), "Dr X"
        ),
        EntryRow("A-1", number(0), "93C1.", "Other", date(2012, 5, 1), None, ""),
        EntryRow("B-2", None, "9Ndo.", "Dissent", date(2030, 1, 1), None, "Nurse"),
    ]
    patients = [FULL, a_patient("B-2"), a_patient("C-3", "9990000019")]
    groups = [
        GroupRow("Asthma", "A-1", number(0)),
        GroupRow("Asthma", "B-2", None),
        GroupRow("Över 75", "A-1", number(0)),
    ]
    summary = bring_in(empty, ListOf(patients, entries, groups))
    assert summary == ImportSummary(added=3, updated=0, entries=3, groups=2)
    assert out(empty) == (patients, entries, groups)


def test_rows_belong_together_by_number_where_there_is_no_reference(empty):
    rows = ListOf(
        [replace(FULL, patient_ref=None), a_patient("B-2", number(1))],
        [an_entry(None, "93C3.", nhs_number=number(0)), an_entry(None, "9Ndm.", nhs_number=number(1))],
        [GroupRow("G", None, number(0))],
    )
    bring_in(empty, rows)
    patients, entries, groups = out(empty)
    made_up = patients[0].patient_ref
    assert made_up
    assert [(entry.patient_ref, entry.code) for entry in entries] == [(made_up, "93C3."), ("B-2", "9Ndm.")]
    assert groups == [GroupRow("G", made_up, number(0))]


def test_made_up_references_differ(empty):
    bring_in(empty, ListOf([replace(a_patient("x"), patient_ref=None) for _ in range(50)]))
    assert len({row.patient_ref for row in out(empty)[0]}) == 50


def test_the_order_among_one_patients_entries_is_the_files(empty):
    codes = ["9Ndm.", "93C3.", "9Ndl.", "93C2.", "9Ndo."]
    rows = ListOf([a_patient("A"), a_patient("B")], [an_entry(ref, code) for code in codes for ref in ("B", "A")])
    bring_in(empty, rows)
    assert codes_of(empty, "A") == codes_of(empty, "B") == codes


def test_a_list_that_breaks_off_leaves_nothing(empty):
    class Broken(ListOf):
        def groups(self) -> Iterator[GroupRow]:
            yield GroupRow("G", "A", None)
            raise OSError

    with pytest.raises(OSError):  # noqa: PT011 - it is the list's own
        bring_in(empty, Broken([a_patient("A")], [an_entry("A", "93C3.")]))
    assert out(empty) == ([], [], [])
    assert SqlPracticeStore(empty).patient_count() == 0


def test_an_entry_of_nobody_is_a_fault_of_ours(empty):
    with pytest.raises(InconsistentChange):
        bring_in(empty, ListOf([a_patient("A")], [an_entry("Z", "93C3.")]))
    assert SqlPracticeStore(empty).patient_count() == 0


def test_a_second_list_is_refused_without_update(database):
    before = out(database)
    with pytest.raises(Refused, match="--update"):
        bring_in(database, ListOf([a_patient("Z")]))
    assert out(database) == before


def test_more_than_one_chunk(empty):
    count = 4_321
    rows = ListOf(
        [a_patient(f"P{n}") for n in range(count)],
        [an_entry(f"P{count - 1 - n}", "93C3.") for n in range(count)],
        [GroupRow("All", f"P{n}", None) for n in range(count)],
    )
    assert bring_in(empty, rows) == ImportSummary(count, 0, count, 1)
    patients, entries, groups = out(empty)
    assert [row.patient_ref for row in patients] == [row.patient_ref for row in rows.patient_rows]
    assert [row.patient_ref for row in entries] == [row.patient_ref for row in rows.patient_rows]
    assert len(groups) == count
    assert bring_in(empty, rows, update=True) == ImportSummary(0, count, count, 1)
    assert out(empty) == (patients, entries, groups)


def test_a_demonstration_is_known_as_one(empty):
    SqlPracticeStore(empty).import_list(ListOf([a_patient("A")]), update=False, actor="x", demonstration=True)
    assert empty.info().demonstration is True
    with pytest.raises(Refused, match="demonstration"):
        bring_in(empty, ListOf([a_patient("A")]), update=True)


# --- update -------------------------------------------------------------------------------------------------------


@pytest.fixture
def known(empty) -> PracticeDatabase:
    """A (number 0), B (number 1), C (no number); A objects in the old term, B consents."""
    rows = ListOf(
        [a_patient("A", number(0)), a_patient("B", number(1)), a_patient("C")],
        [an_entry("A", "93C3."), an_entry("B", "9Ndm.")],
        [GroupRow("G", "A", None), GroupRow("G", "B", None), GroupRow("H", "C", None)],
    )
    bring_in(empty, rows)
    return empty


def test_the_same_list_again_makes_nothing_newer(known):
    before = out(known)
    rows = ListOf(*before)
    assert bring_in(known, rows, update=True) == ImportSummary(0, 3, 2, 2)
    assert out(known) == before
    assert versions(known) == {"A": 1, "B": 1, "C": 1}


def test_patients_are_known_by_reference_then_by_number(known):
    rows = ListOf(
        [a_patient("A", number(5), surname="New"), a_patient(None, number(1)), a_patient("D", number(6))],
        [an_entry("A", "93C3."), an_entry(None, "9Ndm.", nhs_number=number(1))],
    )
    summary = bring_in(known, rows, update=True)
    assert summary == ImportSummary(added=1, updated=2, entries=2, groups=0, kept=("C",))
    patients = {row.patient_ref: row for row in out(known)[0]}
    assert list(patients) == ["A", "B", "C", "D"]
    assert (patients["A"].nhs_number, patients["A"].surname) == (number(5), "New")
    assert versions(known) == {"A": 2, "B": 1, "C": 1, "D": 1}


def test_a_new_reference_for_a_known_number_is_taken_over(known):
    bring_in(known, ListOf([a_patient("B-new", number(1))], [an_entry("B-new", "9Ndm.")]), update=True)
    assert [row.patient_ref for row in out(known)[0]] == ["A", "B-new", "C"]
    assert versions(known)["B-new"] == 1


def test_a_number_that_passed_to_another_reference_drags_no_record_along(known):
    """A's number was B's all along, and A has none: whatever the order of the lines, A stays A."""
    lines = [a_patient("A", None), a_patient("B", number(0))]
    for rows in (lines, lines[::-1]):
        bring_in(known, ListOf(rows, [an_entry("A", "93C3."), an_entry("B", "9Ndm.")]), update=True)
        assert [(row.patient_ref, row.nhs_number) for row in out(known)[0]] == [
            ("A", None),
            ("B", number(0)),
            ("C", None),
        ]
        assert (codes_of(known, "A"), codes_of(known, "B")) == (["93C3."], ["9Ndm."])


def test_two_lines_with_one_number_are_two_patients(known):
    """Files are checked for that before; should it slip through, no record is written over by another's."""
    rows = ListOf(
        [a_patient("A", number(0)), a_patient("Z", number(0))], [an_entry("A", "93C3."), an_entry("Z", "9Ndm.")]
    )
    assert bring_in(known, rows, update=True).added == 1
    assert (codes_of(known, "A"), codes_of(known, "Z")) == (["93C3."], ["9Ndm."])


@pytest.mark.parametrize(
    ("change", "newer"),
    [
        ({"nhs_number": number(9)}, True),
        ({"nhs_number": None}, True),
        ({"registration": RegistrationStatus.DECEASED}, True),
        ({"fp69": True}, True),
        ({"sensitive": True}, True),
        ({"pds_linked": False}, True),
        ({"record_in_use": True}, True),
        ({"surname": "Other"}, False),
        ({"forename": "Other"}, False),
        ({"sex": "M"}, False),
        ({"date_of_birth": date(1980, 1, 1)}, False),
    ],
)
def test_what_makes_a_record_newer(known, change, newer):
    changed = replace(a_patient("A", number(0)), **change)
    bring_in(known, ListOf([changed], [an_entry("A", "93C3.")]), update=True)
    assert out(known)[0][0] == changed
    assert versions(known)["A"] == (2 if newer else 1)


@pytest.mark.parametrize(
    "entries",
    [
        [],
        [an_entry("A", "9Ndo.")],
        [an_entry("A", "93C3.", date(2016, 1, 1))],
        [an_entry("A", "93C3.", at=datetime(2015, 6, 1, tzinfo=UTC))],
        [an_entry("A", "93C3."), an_entry("A", "9Ndm.")],
    ],
    ids=["gone", "code", "date", "time", "one more"],
)
def test_changed_entries_make_a_record_newer_and_replace_the_old_ones(known, entries):
    bring_in(known, ListOf([a_patient("A", number(0))], entries), update=True)
    assert codes_of(known, "A") == [entry.code for entry in entries]
    assert versions(known) == {"A": 2, "B": 1, "C": 1}
    assert codes_of(known, "B") == ["9Ndm."]


# --- what a person has to look at -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entries", "named"),
    [
        ([], ("A",)),
        ([an_entry("A", "93C3.", date(2062, 6, 1))], ("A",)),
        ([an_entry("A", "93C3."), an_entry("A", "9Ndm.", date(2020, 6, 1))], ("A",)),
        ([an_entry("A", "93C3."), an_entry("A", "9Ndm.", date(2010, 6, 1))], ()),
        ([an_entry("A", "9Ndo.", date(2022, 6, 1))], ()),
    ],
    ids=["gone", "in the future", "outdone", "as before", "another one"],
)
def test_whose_refusal_stood_here_and_would_no_longer_is_named(known, entries, named):
    """A consent file that was cut short, or is the wrong one, takes the refusals away of everybody it lacks."""
    people = [a_patient("A", number(0)), a_patient("B", number(1))]
    rows = ListOf(people, [*entries, an_entry("B", "9Ndm.")])
    assert SqlPracticeStore(known).rehearse_update(rows).to_look_at.no_longer_objecting == named
    assert bring_in(known, rows, update=True).to_look_at.no_longer_objecting == named


def test_whoever_is_not_in_the_list_objects_as_before(known):
    rows = ListOf([a_patient("B", number(1))], [an_entry("B", "9Ndm.")])
    assert bring_in(known, rows, update=True).to_look_at.no_longer_objecting == ()


@pytest.mark.parametrize(
    ("registration", "named"), [(RegistrationStatus.PERMANENT, ("A",)), (RegistrationStatus.DECEASED, ())]
)
def test_whoever_was_kept_with_a_number_that_the_list_gives_to_another_is_named(known, registration, named):
    """Both records are scanned: what is sent for the one is sent for the other's person."""
    bring_in(known, ListOf([a_patient("A", number(0), registration=registration)]), update=True)
    rows = ListOf([a_patient("B", number(0))], [an_entry("B", "9Ndm.")])
    summary = bring_in(known, rows, update=True)
    assert summary.to_look_at.same_number == named
    assert summary.kept == ("A", "C")


def test_a_group_that_the_list_takes_members_out_of_is_named_with_how_many(known):
    """Somebody may have put them in here, in the program, which no list knows of."""
    people = [a_patient("A", number(0)), a_patient("B", number(1)), a_patient("N", number(2))]
    groups = [GroupRow("g", "B", None), GroupRow("g", "N", None), GroupRow("New", "A", None)]
    rows = ListOf(people, [an_entry("A", "93C3."), an_entry("B", "9Ndm.")], groups)
    assert SqlPracticeStore(known).rehearse_update(rows).to_look_at.groups_reduced == ("G (1)",)
    assert bring_in(known, rows, update=True).to_look_at.groups_reduced == ("G (1)",)
    assert bring_in(known, rows, update=True).to_look_at.groups_reduced == ()


def test_groups_that_are_named_are_replaced_and_others_kept(known):
    rows = ListOf(
        [a_patient("B", number(1))], [an_entry("B", "9Ndm.")], [GroupRow("G", "B", None), GroupRow("New", "B", None)]
    )
    assert bring_in(known, rows, update=True).groups == 2
    assert [(row.group_name, row.patient_ref) for row in out(known)[2]] == [("G", "B"), ("H", "C"), ("New", "B")]


def test_a_group_with_other_capital_letters_is_the_same_group_and_keeps_its_name(known):
    """Two groups whose names differ in nothing else could not be told apart by whoever chooses one."""
    rows = ListOf(
        [a_patient("B", number(1)), a_patient("C", number(2))],
        [an_entry("B", "9Ndm.")],
        [GroupRow("g", "B", None), GroupRow("Ärzte", "B", None), GroupRow("ÄRZTE", "C", None)],
    )
    assert bring_in(known, rows, update=True).groups == 2
    groups = [(row.group_name, row.patient_ref) for row in out(known)[2]]
    assert groups == [("G", "B"), ("H", "C"), ("Ärzte", "B"), ("Ärzte", "C")]


def test_a_backup_is_made_before_an_update(known):
    before = out(known)
    bring_in(known, ListOf([a_patient("A", number(0))]), update=True)
    [copy] = known.backups.iterdir()
    old = PracticeDatabase.open(copy, clock=known.clock)
    assert out(old) == before
    old.close()


def test_no_update_without_its_backup(known):
    before = out(known)
    known.backups.write_text("in the way")
    with pytest.raises(StorageFault):
        bring_in(known, ListOf([a_patient("Z")]), update=True)
    assert out(known) == before


@pytest.mark.parametrize("status", [RunStatus.STOPPED, RunStatus.RUNNING])
def test_no_update_under_an_unfinished_run(known, status):
    migration = Migration(known).begin()
    if status is RunStatus.STOPPED:
        migration.end()
    with pytest.raises(Refused, match="not finished"):
        bring_in(known, ListOf([a_patient("A", number(0))]), update=True)
    assert not known.backups.exists()
    if status is RunStatus.STOPPED:
        migration.take_up()
    migration.complete()
    bring_in(known, ListOf([a_patient("A", number(0))]), update=True)


def test_a_run_that_begins_while_the_backup_is_made_is_seen(known):
    """The name of the backup asks for the time, between the first look and the import itself."""
    before = out(known)

    class Meddler(ManualClock):
        def now(self) -> datetime:
            known.clock = self.real
            Migration(known).begin()
            return self.real.now()

    meddler = Meddler()
    meddler.real = known.clock
    known.clock = meddler
    with pytest.raises(Refused, match="not finished"):
        bring_in(known, ListOf([a_patient("Z")]), update=True)
    assert out(known) == before


def test_an_update_of_an_empty_practice_adds_everybody(empty):
    assert bring_in(empty, ListOf([a_patient("A")]), update=True) == ImportSummary(1, 0, 0, 0)


references = st.sampled_from([None, "A", "B", "C", "D"])


@settings(max_examples=10)
@given(
    first=st.lists(
        st.tuples(references, st.integers(0, 5)), max_size=6, unique_by=(lambda row: row[1], lambda row: row[0])
    ),
    second=st.lists(
        st.tuples(references, st.integers(0, 5)), max_size=6, unique_by=(lambda row: row[1], lambda row: row[0])
    ),
)
def test_after_an_update_the_list_stands_as_it_says_and_nobody_is_lost(tmp_path_factory, first, second):
    def rows(lines: list[tuple[str | None, int]]) -> ListOf:
        return ListOf(
            [a_patient(ref, number(n)) for ref, n in lines],
            [an_entry(ref, "93C3.", nhs_number=number(n)) for ref, n in lines],
        )

    database = new_practice(tmp_path_factory.mktemp("practice"), rows(first))
    try:
        summary = bring_in(database, rows(second), update=True)
        patients, entries, _ = out(database)
        assert summary.added + summary.updated == len(second)
        assert len(patients) == len(first) + summary.added == len(second) + len(summary.kept)
        told = {(row.patient_ref, row.nhs_number) for row in patients}
        for ref, n in second:
            assert any(found_ref == ref or ref is None for found_ref, found in told if found == number(n))
        assert {row.patient_ref for row in entries} == {row.patient_ref for row in patients}
        # A second time the same list changes nothing any more.
        again = bring_in(database, rows(second), update=True)
        assert (again.added, again.kept) == (0, summary.kept)
        assert out(database)[:2] == (patients, entries)
    finally:
        database.close()
