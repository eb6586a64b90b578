"""What the loop is given: fresh items, the waiting list, messages with their sends, what came before."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from app.domain.outcomes import ItemState, Reason
from app.domain.patient import ConsentEntry
from app.domain.states import IntentState
from app.engine.rows import Outcome, Scope
from tests.helpers.migration import ASK, Migration
from tests.helpers.practice import (
    ListOf,
    a_patient,
    an_entry,
    clinician_adds,
    clinician_deletes,
    new_practice,
    number,
    reception_changes,
)

pytestmark = pytest.mark.both_databases

REQUEST = "11111111-1111-4111-8111-111111111111"
NEXT_REQUEST = "22222222-2222-4222-8222-222222222222"
IDS = [f"aaaaaaaa-0000-4000-8000-{n:012}" for n in range(10)]


def test_an_item_carries_the_record_as_it_is(migration, database):
    reception_changes(database, "C", fp69=True, sensitive=True, pds_linked=False, record_in_use=True)
    record = migration.work("C").record
    assert record.nhs_number == number(2)
    assert (record.registration, record.consent_version) == ("permanent", 2)
    assert (record.fp69, record.sensitive, record.pds_linked, record.record_in_use) == (True, True, False, True)
    assert [(type(entry), entry.code, entry.event_date) for entry in record.entries] == [
        (ConsentEntry, "93C2.", date(2015, 6, 1)),
        (ConsentEntry, "93C3.", date(2015, 6, 1)),
    ]


def test_entry_times_come_back_in_utc(tmp_path, clock):
    rows = ListOf([a_patient("A", number(0))], [an_entry("A", "9Ndo.", at=clock.now()), an_entry("A", "9Ndm.")])
    database = new_practice(tmp_path, rows, clock)
    first, second = Migration(database).begin().work("A").record.entries
    assert first.recorded_at == clock.now()
    assert first.recorded_at.utcoffset() == timedelta(0)
    assert second.recorded_at is None
    database.close()


def test_a_patient_without_a_number_has_none(migration):
    assert migration.work("F").record.nhs_number is None


def test_what_is_done_is_not_fresh_again(migration):
    migration.commit(migration.not_required("B"), migration.failed("D"), migration.prepare("A", REQUEST))
    assert migration.fresh() == ["C", "F", "G"]


def test_a_patient_put_off_waits_until_due(migration, clock):
    put_off = migration.outcome(
        "B", ItemState.UNPROCESSED, next_attempt_at=clock.now() + timedelta(seconds=60), deferrals=1
    )
    migration.commit(put_off)
    assert "B" not in migration.fresh()
    assert migration.due() == []
    clock.advance(59)
    assert migration.due() == []
    clock.advance(1)
    assert migration.due() == ["B"]
    assert migration.due() == ["B"]
    assert migration.due(in_hand=(migration.work("B").item_id,)) == []


def test_the_longest_due_comes_first(migration, clock):
    for ref, seconds in (("B", 30), ("D", 10), ("F", 20)):
        due_at = clock.now() + timedelta(seconds=seconds)
        migration.commit(migration.outcome(ref, ItemState.UNPROCESSED, next_attempt_at=due_at))
    clock.advance(60)
    assert migration.due() == ["D", "F", "B"]
    assert migration.due(limit=2) == ["D", "F"]


def test_the_next_due_time_leaves_out_those_in_hand(migration, clock):
    for ref, seconds in (("B", 30), ("D", 10)):
        due_at = clock.now() + timedelta(seconds=seconds)
        migration.commit(migration.outcome(ref, ItemState.UNPROCESSED, next_attempt_at=due_at))
    d = migration.work("D").item_id
    assert migration.store.next_due_at(migration.key, Scope.UNPROCESSED, []) == clock.now() + timedelta(seconds=10)
    assert migration.store.next_due_at(migration.key, Scope.UNPROCESSED, [d]) == clock.now() + timedelta(seconds=30)


def test_any_change_takes_a_patient_off_the_waiting_list_unless_it_says_otherwise(migration, clock):
    migration.commit(migration.outcome("B", ItemState.UNPROCESSED, next_attempt_at=clock.now()))
    assert migration.due() == ["B"]
    migration.commit(migration.outcome("B", ItemState.UNPROCESSED))
    assert migration.due() == []


def test_deferrals_are_counted_for_one_execution(migration, clock):
    migration.commit(migration.outcome("B", ItemState.UNPROCESSED, next_attempt_at=clock.now(), deferrals=2))
    assert migration.work("B").deferrals == 2
    migration.take_up()
    assert migration.work("B").deferrals == 0


def test_what_is_left_over_is_open_and_not_waiting(migration, clock):
    migration.commit(
        migration.not_required("B"),
        migration.failed("D"),
        migration.outcome("F", ItemState.UNPROCESSED, next_attempt_at=clock.now()),
        migration.prepare("A", REQUEST),
    )
    left = migration.store.leftover_items(migration.key, Scope.UNPROCESSED, 10)
    assert sorted(migration.refs(left)) == ["A", "C", "G"]
    assert len(migration.store.leftover_items(migration.key, Scope.UNPROCESSED, 2)) == 2


def test_items_are_those_of_the_run_in_the_cohorts_order(migration):
    ids = [migration.work(ref).item_id for ref in "GBA"]
    assert migration.refs(migration.store.items(migration.key, ids)) == ["A", "B", "G"]
    assert migration.store.items(migration.key, []) == []


# --- the Failed action --------------------------------------------------------------------------------------------


@pytest.fixture
def failed_run(migration: Migration) -> Migration:
    """B, D and F failed, A waits to be settled, the rest is unprocessed; the Failed action has begun."""
    migration.commit(*[migration.failed(ref) for ref in "BDF"])
    migration.commit(migration.prepare("A", REQUEST, send_as=IDS[0]))
    migration.commit(migration.lost("A", REQUEST, IDS[0]))
    migration.end()
    return migration.take_up(Scope.FAILED)


def test_failed_takes_those_that_had_failed_when_it_began(failed_run):
    assert failed_run.fresh(Scope.FAILED) == ["B", "D", "F"]
    failed_run.commit(failed_run.failed("B", Reason.PDS_MISMATCH), failed_run.not_required("D"))
    assert failed_run.fresh(Scope.FAILED) == ["F"]
    failed_run.end()
    assert failed_run.take_up(Scope.FAILED).fresh(Scope.FAILED) == ["B", "F"]


def test_failed_leaves_the_others_waiting_list_alone(failed_run, clock):
    clock.advance(80)
    assert failed_run.due(Scope.FAILED) == []
    assert failed_run.due(Scope.UNPROCESSED) == ["A"]


def test_failed_waits_for_what_it_has_put_off_itself(failed_run, clock):
    failed_run.commit(
        failed_run.outcome("B", ItemState.FAILED, next_attempt_at=clock.now()),
        failed_run.outcome("D", ItemState.UNPROCESSED, next_attempt_at=clock.now()),
    )
    assert failed_run.fresh(Scope.FAILED) == ["F"]
    assert failed_run.due(Scope.FAILED) == ["B", "D"]
    assert failed_run.store.next_due_at(failed_run.key, Scope.FAILED, []) == clock.now()


def test_failed_leaves_over_only_what_it_has_touched(failed_run):
    assert failed_run.store.leftover_items(failed_run.key, Scope.FAILED, 10) == []
    failed_run.commit(failed_run.outcome("B", ItemState.UNPROCESSED))
    left = failed_run.store.leftover_items(failed_run.key, Scope.FAILED, 10)
    assert failed_run.refs(left) == ["B"]


# --- messages -----------------------------------------------------------------------------------------------------


def test_a_message_tells_its_sends_in_all_and_now(migration, clock):
    migration.commit(migration.prepare("A", REQUEST))
    assert migration.work("A").intent.tried is False
    migration.commit(migration.send("A", REQUEST, IDS[0]))
    first_at = clock.now()
    migration.commit(migration.lost("A", REQUEST, IDS[0]))
    clock.advance(80)
    waiting = Outcome(ItemState.SENDING, None, migration.now)
    migration.commit(migration.settled("A", REQUEST, IntentState.UNKNOWN, IntentState.PREPARED, waiting))
    migration.commit(migration.send("A", REQUEST, IDS[1], "READBACK_NOT_APPLIED"))
    migration.commit(migration.held_back("A", REQUEST, IDS[1], "throttled"))
    intent = migration.work("A").intent
    assert (intent.sends, intent.sends_now, intent.last_started_at) == (1, 1, first_at)
    migration.take_up()
    intent = migration.work("A").intent
    assert (intent.tried, intent.sends, intent.sends_now) == (True, 1, 0)
    clock.advance(5)
    migration.commit(migration.send("A", REQUEST, IDS[2], "NOT_PROCESSED"))
    intent = migration.work("A").intent
    assert (intent.state, intent.sends, intent.sends_now) == (IntentState.IN_FLIGHT, 2, 1)
    assert intent.last_started_at == clock.now()
    assert (intent.snapshot, intent.request_id) == (ASK, REQUEST)


def test_a_blind_resend_is_told_for_one_execution(migration):
    migration.commit(migration.prepare("A", REQUEST, send_as=IDS[0]))
    migration.commit(migration.lost("A", REQUEST, IDS[0]))
    assert migration.work("A").intent.resent_blind is False
    waiting = Outcome(ItemState.SENDING, None, migration.now)
    migration.commit(migration.settled("A", REQUEST, IntentState.UNKNOWN, IntentState.PREPARED, waiting))
    migration.commit(migration.send("A", REQUEST, IDS[1], "NO_READBACK"))
    migration.commit(migration.lost("A", REQUEST, IDS[1]))
    assert migration.work("A").intent.resent_blind is True
    migration.take_up()
    assert migration.work("A").intent.resent_blind is False


def test_a_settled_message_is_told_while_the_record_is_as_it_was(migration, database):
    migration.commit(migration.prepare("C", REQUEST, migration.conversion("C"), send_as=IDS[0]))
    refused = Outcome(
        ItemState.FAILED, Reason.SPINE_REJECTED, migration.now, spine_code="35160", text="No such patient"
    )
    migration.commit(migration.answered("C", REQUEST, IDS[0], "rejected", IntentState.REJECTED, refused, 400))
    work = migration.work("C")
    assert work.intent is None
    assert (work.past.state, work.past.spine_code, work.past.text) == (IntentState.REJECTED, "35160", "No such patient")
    migration.begin()
    assert migration.work("C").past.state is IntentState.REJECTED
    clinician_adds(database, "C", "9Ndm.", date(2026, 11, 2))
    assert migration.work("C").past is None


def test_it_is_the_latest_settled_message_that_is_told(migration):
    waiting = Outcome(ItemState.SENDING, None, migration.now)
    migration.commit(migration.prepare("A", REQUEST))
    migration.commit(migration.settled("A", REQUEST, IntentState.PREPARED, IntentState.SUPERSEDED, waiting))
    assert migration.work("A").past.state is IntentState.SUPERSEDED
    migration.commit(migration.prepare("A", NEXT_REQUEST, send_as=IDS[0]))
    assert migration.work("A").past.state is IntentState.SUPERSEDED
    migration.commit(migration.accepted("A", NEXT_REQUEST, IDS[0]))
    assert migration.work("A").past.state is IntentState.CONFIRMED


def test_a_later_message_on_another_record_hides_an_earlier_one(migration, database):
    migration.commit(migration.prepare("A", REQUEST, send_as=IDS[0]))
    migration.commit(migration.accepted("A", REQUEST, IDS[0]))
    migration.complete()
    clinician_deletes(database, "A", "9Ndo.")
    migration.begin()
    assert migration.work("A").past is None
