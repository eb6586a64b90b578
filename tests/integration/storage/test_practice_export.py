"""What staff take away: outcomes column by column, and files that agree while a run goes on."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from app.domain.decision import NO_SUMMARY, Permission, SpineConsent, Summary
from app.domain.outcomes import ItemState, Reason
from app.domain.states import IntentState
from app.engine.practice import OutcomeRow
from app.engine.rows import Outcome
from app.storage.postgres.address import ServerAddress
from app.storage.practice_store import SqlPracticeStore
from tests.helpers.migration import Migration
from tests.helpers.practice import ListOf, a_patient, an_entry, clinician_adds, new_practice, number

REQUEST = "11111111-1111-4111-8111-111111111111"
FIRST, SECOND = "aaaaaaaa-0000-4000-8000-000000000001", "aaaaaaaa-0000-4000-8000-000000000002"


@pytest.fixture
def store(database) -> SqlPracticeStore:
    return SqlPracticeStore(database)


def outcome_of(store: SqlPracticeStore, migration: Migration, ref: str) -> OutcomeRow:
    [found] = [row for row in store.export_outcomes(migration.run_id) if row.patient_ref == ref]
    return found


def test_a_patient_not_yet_taken_in_hand(migration, store):
    assert outcome_of(store, migration, "C") == OutcomeRow(
        patient_ref="C",
        nhs_number=number(2),
        outcome="unprocessed",
        reason="",
        code_before="93C3.",
        code_after="93C3.",
        scr_on_spine="",
        permission_before="",
        message_sent=False,
        attempts=0,
        spine_code="",
        processed_at=None,
        mismatch=False,
    )


def test_a_patient_whose_dissent_was_sent(migration, store, clock):
    migration.commit(migration.prepare("C", REQUEST, migration.conversion("C"), send_as=FIRST))
    clock.advance(2)
    migration.commit(migration.accepted("C", REQUEST, FIRST))
    row = outcome_of(store, migration, "C")
    assert (row.outcome, row.reason, row.message_sent, row.attempts) == ("sent", "dissent_sent", True, 1)
    assert (row.scr_on_spine, row.permission_before) == ("yes", "Ask")
    assert (row.code_after, row.processed_at) == ("9Ndo.", clock.now())


def test_the_code_before_is_the_one_kept_when_the_patient_was_taken_in_hand(migration, store, database):
    migration.commit(migration.not_required("B", local=migration.conversion("B"), code_before="93C2."))
    row = outcome_of(store, migration, "B")
    assert (row.code_before, row.code_after) == ("93C2.", "9Ndn.")
    clinician_adds(database, "B", "9Ndo.", date(2026, 11, 2))
    row = outcome_of(store, migration, "B")
    assert (row.code_before, row.code_after) == ("93C2.", "9Ndo.")


def test_no_entry_is_no_code(migration, store):
    migration.commit(migration.outcome("G", ItemState.NOT_REQUIRED, Reason.NO_PREFERENCE_EXPRESSED, code_before=""))
    row = outcome_of(store, migration, "G")
    assert (row.code_before, row.code_after) == ("", "")


def test_a_code_is_that_of_the_entry_that_counts_today_in_england(migration, store, database, clock):
    clinician_adds(database, "G", "9Ndo.", date(2026, 11, 3))
    assert outcome_of(store, migration, "G").code_after == ""
    clock.advance(6 * 3600)
    assert outcome_of(store, migration, "G").code_after == "9Ndo."


@pytest.mark.parametrize(
    ("consent", "told"),
    [
        (SpineConsent(Summary.YES, Permission.YES), ("yes", "Yes")),
        (SpineConsent(Summary.NOT_TOLD, Permission.NO), ("not_told", "No")),
        (NO_SUMMARY, ("no", "not_told")),
        (None, ("", "")),
    ],
)
def test_what_the_spine_told(migration, store, consent, told):
    migration.commit(migration.not_required("B", consent=consent, mismatch=True))
    row = outcome_of(store, migration, "B")
    assert (row.scr_on_spine, row.permission_before) == told
    assert row.mismatch is True


def test_a_message_sent_and_refused_counts_as_not_sent_but_as_an_attempt(migration, store):
    migration.commit(migration.prepare("A", REQUEST, send_as=FIRST))
    refused = Outcome(ItemState.FAILED, Reason.SPINE_REJECTED, migration.now, spine_code="35160", text="Invalid")
    migration.commit(migration.answered("A", REQUEST, FIRST, "rejected", IntentState.REJECTED, refused, 400))
    row = outcome_of(store, migration, "A")
    assert (row.outcome, row.reason, row.spine_code) == ("failed", "spine_rejected", "35160")
    assert (row.message_sent, row.attempts) == (False, 1)


def test_a_message_confirmed_by_reading_counts_as_sent(migration, store):
    migration.commit(migration.prepare("A", REQUEST, send_as=FIRST))
    migration.commit(migration.lost("A", REQUEST, FIRST))
    assert outcome_of(store, migration, "A").message_sent is False
    assert outcome_of(store, migration, "A").outcome == "sending"
    confirmed = Outcome(ItemState.SENT, Reason.CONFIRMED_BY_READ, migration.now)
    migration.commit(migration.settled("A", REQUEST, IntentState.UNKNOWN, IntentState.CONFIRMED, confirmed))
    row = outcome_of(store, migration, "A")
    assert (row.outcome, row.reason, row.message_sent, row.attempts) == ("sent", "confirmed_by_read", True, 1)


def test_attempts_are_those_of_this_run_that_left_the_program(migration, store):
    migration.commit(migration.prepare("A", REQUEST, send_as=FIRST))
    migration.commit(migration.held_back("A", REQUEST, FIRST))
    migration.commit(migration.send("A", REQUEST, SECOND))
    assert outcome_of(store, migration, "A").attempts == 1
    migration.begin()
    assert outcome_of(store, migration, "A").attempts == 0


def test_the_cohorts_order_and_nobody_else(migration, store):
    assert [row.patient_ref for row in store.export_outcomes(migration.run_id)] == ["A", "C", "B", "D", "F", "G"]
    assert list(store.export_outcomes(migration.run_id + 1)) == []


def test_a_patient_without_a_number_has_an_empty_one(migration, store):
    assert outcome_of(store, migration, "F").nhs_number == ""


def test_two_exports_of_the_same_practice_are_the_same(migration, store):
    migration.commit(migration.not_required("B", local=migration.conversion("B")))

    def everything() -> tuple[list[object], ...]:
        with store.snapshot() as rows:
            return (
                list(rows.export_patients()),
                list(rows.export_entries()),
                list(rows.export_groups()),
                list(rows.export_outcomes(migration.run_id)),
            )

    assert everything() == everything()


def test_a_snapshot_stays_as_it_was_while_the_run_goes_on(migration, store, database):
    with store.snapshot() as rows:
        before = list(rows.export_entries()), list(rows.export_outcomes(migration.run_id))
        migration.commit(migration.not_required("B", local=migration.conversion("B"), code_before="93C2."))
        assert (list(rows.export_entries()), list(rows.export_outcomes(migration.run_id))) == before
    assert outcome_of(store, migration, "B").outcome == "not_required"
    left = {file.name for file in database.backups.parent.iterdir()}
    assert left == (
        set() if isinstance(database.place, ServerAddress) else {f"practice.db{end}" for end in ("", "-wal", "-shm")}
    )


@pytest.mark.sqlite_only
def test_no_read_is_held_open_between_the_rows(migration, store, database):
    """A list being written out keeps neither the writer nor the tidying of its log waiting."""
    rows = store.export_outcomes(migration.run_id)
    next(rows)
    migration.commit(migration.not_required("B"))
    with database.reading() as connection:
        busy, _, _ = connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)").one()
    assert busy == 0
    assert len(list(rows)) == 5


def test_a_long_list_comes_in_pages(tmp_path, clock):
    count = 2_001
    database = new_practice(
        tmp_path / "long",
        ListOf([a_patient(f"P{n:04}") for n in range(count)], [an_entry(f"P{n:04}", "9Ndm.") for n in range(count)]),
        clock,
    )
    migration = Migration(database).begin()
    rows = list(SqlPracticeStore(database).export_outcomes(migration.run_id))
    assert [row.patient_ref for row in rows] == [f"P{n:04}" for n in range(count)]
    assert {row.code_after for row in rows} == {"9Ndm."}
    database.close()


def test_times_are_exact(migration, store, clock):
    clock.advance(0.123456)
    migration.commit(migration.not_required("B"))
    assert outcome_of(store, migration, "B").processed_at - migration.row("execution").started_at == timedelta(
        microseconds=123456
    )
