"""A group of changes: all or nothing, compare-and-set, the fence (faults, rows 37 and 41)."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import update

from app.domain.decision import NO_SUMMARY, Conversion, Permission, SpineConsent, Summary
from app.domain.outcomes import ItemState, Reason
from app.domain.states import INTENT_TRANSITIONS, ITEM_TRANSITIONS, IntentState, may_become
from app.engine.ports import Fenced
from app.engine.rows import Change, IntentChange, LocalChange, NewAttempt, Outcome, Tally
from app.storage import audit
from app.storage.faults import InconsistentChange
from app.storage.tables import meta
from tests.helpers.migration import Migration
from tests.helpers.practice import (
    ListOf,
    a_patient,
    an_entry,
    clinician_adds,
    codes_of,
    new_practice,
    number,
    reception_changes,
)

pytestmark = pytest.mark.both_databases

REQUEST = "11111111-1111-4111-8111-111111111111"
FIRST, SECOND = "aaaaaaaa-0000-4000-8000-000000000001", "aaaaaaaa-0000-4000-8000-000000000002"


def version_of(migration: Migration, ref: str) -> int:
    return migration.work(ref).record.consent_version


def everything(migration: Migration) -> dict[str, list[object]]:
    return {
        table: list(migration.rows(table))
        for table in ("patient", "consent_entry", "item", "intent", "attempt", "audit_event", "execution", "meta")
    }


def test_an_outcome_is_written_with_all_its_fields(migration):
    consent = SpineConsent(Summary.YES, Permission.NO)
    change = migration.outcome(
        "B", ItemState.NOT_REQUIRED, Reason.DISSENT_ON_SPINE, mismatch=True, code_before="93C2.", consent=consent
    )
    assert migration.commit(change, reads=3) == [True]
    row = migration.item_row("B")
    assert (row.state, row.reason, row.mismatch) == (ItemState.NOT_REQUIRED, Reason.DISSENT_ON_SPINE, True)
    assert (row.code_before, row.scr_on_spine, row.permission_before) == ("93C2.", Summary.YES, Permission.NO)
    assert row.processed_at == migration.now
    assert row.execution_id == migration.key.execution_id
    assert migration.row("execution").reads == 3


def test_a_legacy_entry_is_converted_in_place(migration):
    before = migration.rows("consent_entry", code="93C3.")
    version = version_of(migration, "C")
    change = migration.not_required("C", local=migration.conversion("C"))
    assert migration.commit(change) == [True]
    assert codes_of(migration.database, "C") == ["9Ndn.", "9Ndo."]
    [old] = [row for row in before if row.patient_id == change.patient_id]
    new = migration.row("consent_entry", id=old.id)
    assert new.term == "Express dissent for Summary Care Record dataset upload"
    unchanged = ("patient_id", "position", "event_date", "recorded_at", "recorded_by")
    assert [getattr(new, name) for name in unchanged] == [getattr(old, name) for name in unchanged]
    assert version_of(migration, "C") == version + 1


def test_implied_consent_becomes_the_last_entry(migration):
    clinician_adds(migration.database, "G", "9Ndm.", date(2030, 1, 1))
    change = migration.outcome(
        "G", ItemState.NOT_REQUIRED, Reason.IMPLIED_CONSENT_ADDED, migration.implied(date(2026, 11, 2))
    )
    assert migration.commit(change) == [True]
    assert codes_of(migration.database, "G") == ["9Ndm.", "9Ndl."]
    added = migration.row("consent_entry", code="9Ndl.")
    assert (added.event_date, added.recorded_at, added.recorded_by) == (date(2026, 11, 2), migration.now, "Pat Manager")
    assert added.term == "Implied consent for core Summary Care Record dataset upload"


def test_conversions_and_an_addition_count_the_version_up_once(migration):
    local = LocalChange(migration.conversion("B").conversions, migration.implied(date(2026, 11, 2)).implied_consent)
    version = version_of(migration, "B")
    migration.commit(migration.not_required("B", local=local))
    assert version_of(migration, "B") == version + 1


@pytest.mark.fault_row(41)
def test_a_change_on_an_older_record_is_stale_and_leaves_nothing(migration):
    change = migration.prepare("C", REQUEST, migration.conversion("C"), send_as=FIRST)
    clinician_adds(migration.database, "C", "9Ndm.", date(2026, 11, 2))
    before = everything(migration)
    assert migration.commit(change) == [False]
    assert everything(migration) == before


@pytest.mark.parametrize(
    "columns",
    [{"nhs_number": "9990000018"}, {"registration": "deceased"}, {"record_in_use": True}],
    ids=["number", "registration", "flag"],
)
def test_a_change_of_number_registration_or_flag_makes_it_stale_too(migration, columns):
    change = migration.not_required("A")
    reception_changes(migration.database, "A", **columns)
    assert migration.commit(change) == [False]


def test_one_stale_change_does_not_hold_back_its_group(migration):
    changes = [migration.not_required(ref) for ref in "BCD"]
    reception_changes(migration.database, "C", sensitive=True)
    assert migration.commit(*changes) == [True, False, True]
    assert [migration.item_row(ref).state for ref in "BCD"] == ["not_required", "unprocessed", "not_required"]


def test_what_happened_on_the_wire_is_written_whatever_the_record_is_by_now(migration):
    migration.commit(migration.prepare("A", REQUEST, send_as=FIRST))
    clinician_adds(migration.database, "A", "9Ndm.", date(2026, 11, 2))
    assert migration.commit(migration.accepted("A", REQUEST, FIRST)) == [True]
    assert migration.item_row("A").state is ItemState.SENT


@pytest.mark.fault_row(2)
def test_a_group_that_fails_in_the_middle_leaves_nothing_and_its_others_can_be_made_alone(migration):
    good = migration.not_required("B", local=migration.conversion("B"))
    impossible = migration.outcome(
        "C", ItemState.NOT_REQUIRED, Reason.NOTHING_TO_DO, LocalChange((Conversion(1, "93C3.", "9Ndo."),))
    )
    before = everything(migration)
    with pytest.raises(InconsistentChange):
        migration.commit(good, impossible)
    assert everything(migration) == before
    assert migration.commit(good) == [True]


@pytest.mark.fault_row(37)
def test_an_older_epoch_changes_nothing(migration):
    change = migration.not_required("B")
    older = migration.key
    migration.take_up()
    before = everything(migration)
    with pytest.raises(Fenced):
        migration.store.commit(older, [change], Tally(5))
    assert everything(migration) == before


def test_an_ended_execution_changes_nothing(migration):
    change = migration.not_required("B")
    migration.end()
    with pytest.raises(Fenced):
        migration.commit(change)


def test_an_epoch_counted_up_by_hand_fences_an_open_execution(migration):
    """As bringing back a backup does, which closes no execution."""
    change = migration.not_required("B")
    with migration.database.writing() as connection:
        connection.execute(update(meta).values(epoch=meta.c.epoch + 1))
    with pytest.raises(Fenced):
        migration.commit(change)


def test_a_key_made_up_from_the_newest_epoch_does_not_pass(migration):
    older = migration.key
    newer = migration.take_up().key
    with pytest.raises(Fenced):
        migration.store.commit(replace(older, epoch=newer.epoch), [], Tally())


# --- messages -----------------------------------------------------------------------------------------------------


def test_a_message_keeps_the_version_after_its_own_local_change(migration):
    version = version_of(migration, "C")
    migration.commit(migration.prepare("C", REQUEST, migration.conversion("C")))
    row = migration.row("intent")
    assert (row.request_id, row.desired, row.state) == (REQUEST, "No", IntentState.PREPARED)
    assert row.consent_version == version + 1 == version_of(migration, "C")
    assert (row.snapshot_summary, row.snapshot_permission) == (Summary.YES, Permission.ASK)
    assert migration.item_row("C").state is ItemState.SENDING


def test_a_message_and_its_first_attempt_can_be_one_commit(migration):
    migration.commit(migration.prepare("A", REQUEST, send_as=FIRST))
    assert migration.row("intent").state is IntentState.IN_FLIGHT
    row = migration.row("attempt")
    assert (row.correlation_id, row.request_id, row.started_at, row.ended_at) == (FIRST, REQUEST, migration.now, None)
    assert migration.item_row("A").attempts == 1


def test_a_prepared_message_is_sent_later(migration):
    migration.commit(migration.prepare("A", REQUEST))
    assert migration.commit(migration.send("A", REQUEST, FIRST)) == [True]
    assert migration.row("intent").state is IntentState.IN_FLIGHT
    assert migration.row("attempt").execution_id == migration.key.execution_id


def test_a_message_that_is_prepared_may_be_told_to_be_so_and_sent_in_one_commit(migration):
    migration.commit(migration.prepare("A", REQUEST))
    send = migration.send("A", REQUEST, FIRST)
    as_it_is = IntentChange(REQUEST, IntentState.PREPARED, IntentState.PREPARED)
    assert migration.commit(replace(send, intent=as_it_is)) == [True]
    assert migration.row("intent").state is IntentState.IN_FLIGHT
    assert migration.rows("audit_event", action="message_moved") == []


def test_a_message_is_sent_once_even_when_two_ask_for_it(migration):
    migration.commit(migration.prepare("A", REQUEST))
    twice = [migration.send("A", REQUEST, FIRST), migration.send("A", REQUEST, SECOND)]
    assert migration.commit(*twice) == [True, False]
    assert len(migration.rows("attempt")) == 1


def test_a_resend_after_a_read_can_be_one_commit(migration):
    migration.commit(migration.prepare("A", REQUEST, send_as=FIRST))
    migration.commit(migration.lost("A", REQUEST, FIRST))
    work = migration.work("A")
    resend = Change(
        work.item_id,
        work.record.patient_id,
        work.record.consent_version,
        Outcome(ItemState.SENDING, None, migration.now),
        intent=IntentChange(REQUEST, IntentState.UNKNOWN, IntentState.PREPARED),
        new_attempt=NewAttempt(SECOND, migration.now, "READBACK_NOT_APPLIED"),
    )
    assert migration.commit(resend) == [True]
    assert migration.row("intent").state is IntentState.IN_FLIGHT
    assert migration.row("attempt", correlation_id=SECOND).reason == "READBACK_NOT_APPLIED"


def test_an_accepted_send_closes_everything_at_once(migration):
    migration.commit(migration.prepare("A", REQUEST, send_as=FIRST))
    assert migration.commit(migration.accepted("A", REQUEST, FIRST)) == [True]
    ended = migration.row("attempt")
    assert (ended.answer_class, ended.http_status, ended.ended_at) == ("accepted", 201, migration.now)
    assert migration.row("intent").state is IntentState.CONFIRMED
    assert migration.item_row("A").state is ItemState.SENT


def test_an_attempt_ends_once(migration):
    migration.commit(migration.prepare("A", REQUEST, send_as=FIRST))
    first, late = migration.lost("A", REQUEST, FIRST), migration.accepted("A", REQUEST, FIRST)
    assert migration.commit(first) == [True]
    assert migration.commit(late) == [False]
    assert migration.commit(replace(late, intent=None)) == [False]
    assert migration.row("attempt").answer_class == "unknown"


@pytest.mark.parametrize(
    ("kind", "left", "sent"),
    [
        ("not_sent", 0, 0),
        ("no_connection", 0, 0),
        ("throttled", 1, 0),
        ("unauthenticated", 1, 0),
        ("not_authorised", 1, 0),
        ("configuration", 1, 0),
        ("unknown", 1, 1),
    ],
)
def test_attempts_count_once_they_left_and_sends_where_they_may_have_been_applied(migration, kind, left, sent):
    migration.commit(migration.prepare("A", REQUEST, send_as=FIRST))
    migration.commit(migration.held_back("A", REQUEST, FIRST, kind))
    assert migration.item_row("A").attempts == left
    intent = migration.work("A").intent
    assert (intent.tried, intent.sends, intent.sends_now) == (True, sent, sent)


def test_a_settled_message_makes_room_for_the_next_in_the_same_commit(migration):
    migration.commit(migration.prepare("A", REQUEST))
    other = "22222222-2222-4222-8222-222222222222"
    given_up = IntentChange(REQUEST, IntentState.PREPARED, IntentState.SUPERSEDED)
    assert migration.commit(replace(migration.prepare("A", other), intent=given_up)) == [True]
    states = {row.request_id: row.state for row in migration.rows("intent")}
    assert states == {REQUEST: IntentState.SUPERSEDED, other: IntentState.PREPARED}


def test_a_patient_has_one_unsettled_message_at_most(migration):
    migration.commit(migration.prepare("A", REQUEST))
    with pytest.raises(InconsistentChange):
        migration.commit(migration.prepare("A", "22222222-2222-4222-8222-222222222222"))


def test_steps_of_one_patient_in_one_group_follow_each_other(migration):
    prepare = migration.prepare("C", REQUEST, migration.conversion("C"))
    send = Change(
        prepare.item_id,
        prepare.patient_id,
        prepare.version + 1,
        Outcome(ItemState.SENDING, None, migration.now),
        intent=IntentChange(REQUEST, IntentState.PREPARED, IntentState.IN_FLIGHT),
        new_attempt=NewAttempt(FIRST, migration.now),
    )
    assert migration.commit(prepare, migration.not_required("B"), send) == [True, True, True]
    assert migration.row("intent").state is IntentState.IN_FLIGHT


def test_of_two_decisions_on_one_record_the_second_is_stale(migration):
    twice = [migration.not_required("B", local=migration.conversion("B")) for _ in range(2)]
    assert migration.commit(*twice) == [True, False]


# --- what the rules forbid ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("old", ItemState)
@pytest.mark.parametrize("new", ItemState)
def test_a_patient_moves_as_the_table_of_states_says(migration, old, new):
    if old is not ItemState.UNPROCESSED:
        migration.commit(migration.outcome("B", old, Reason.NOTHING_TO_DO))
    change = migration.outcome("B", new, Reason.NOTHING_TO_DO)
    if may_become(ITEM_TRANSITIONS, old, new):
        assert migration.commit(change) == [True]
        assert migration.item_row("B").state is new
    else:
        with pytest.raises(InconsistentChange):
            migration.commit(change)


PATHS: dict[IntentState, list[IntentState]] = {
    IntentState.PREPARED: [],
    IntentState.IN_FLIGHT: [IntentState.IN_FLIGHT],
    IntentState.UNKNOWN: [IntentState.IN_FLIGHT, IntentState.UNKNOWN],
    IntentState.CONFIRMED: [IntentState.IN_FLIGHT, IntentState.CONFIRMED],
    IntentState.REJECTED: [IntentState.IN_FLIGHT, IntentState.REJECTED],
    IntentState.SUPERSEDED: [IntentState.SUPERSEDED],
    IntentState.CONFLICT: [IntentState.IN_FLIGHT, IntentState.UNKNOWN, IntentState.CONFLICT],
}


@pytest.mark.parametrize("old", IntentState)
@pytest.mark.parametrize("new", IntentState)
def test_a_message_moves_as_the_table_of_states_says(migration, old, new):
    waiting = Outcome(ItemState.SENDING, None, migration.now)
    migration.commit(migration.prepare("A", REQUEST))
    state = IntentState.PREPARED
    for step in PATHS[old]:
        assert migration.commit(migration.settled("A", REQUEST, state, step, waiting)) == [True]
        state = step
    change = migration.settled("A", REQUEST, old, new, waiting)
    if may_become(INTENT_TRANSITIONS, old, new) or (old is new and old.is_unsettled):
        assert migration.commit(change) == [True]
        assert migration.row("intent").state is new
    else:
        with pytest.raises(InconsistentChange):
            migration.commit(change)


def test_rows_that_do_not_belong_together_are_a_fault_of_ours(migration):
    a, b = migration.not_required("A"), migration.not_required("B")
    migration.commit(migration.prepare("A", REQUEST, send_as=FIRST))
    wrong_patient = replace(a, patient_id=b.patient_id)
    somebody_elses_message = replace(b, intent=IntentChange(REQUEST, IntentState.IN_FLIGHT, IntentState.CONFIRMED))
    somebody_elses_attempt = replace(b, attempt_end=migration.accepted("A", REQUEST, FIRST).attempt_end)
    no_message = replace(b, new_attempt=NewAttempt(SECOND, migration.now))
    unknown_version = replace(b, version=None, local=migration.conversion("B"))
    for change in (wrong_patient, somebody_elses_message, somebody_elses_attempt, no_message, unknown_version):
        with pytest.raises(InconsistentChange):
            migration.commit(change)


def test_a_message_that_is_settled_is_never_sent(migration):
    migration.commit(migration.prepare("A", REQUEST, send_as=FIRST))
    migration.commit(migration.accepted("A", REQUEST, FIRST))
    again = replace(
        migration.prepare("A", "22222222-2222-4222-8222-222222222222"),
        new_intent=None,
        outcome=Outcome(ItemState.SENT, None, migration.now),
        intent=IntentChange(REQUEST, IntentState.CONFIRMED, IntentState.CONFIRMED),
        new_attempt=NewAttempt(SECOND, migration.now),
    )
    with pytest.raises(InconsistentChange):
        migration.commit(again)


# --- what stays and what goes -------------------------------------------------------------------------------------


def test_what_the_patient_was_found_with_is_kept_from_the_first_time(migration):
    first = SpineConsent(Summary.YES, Permission.ASK)
    migration.commit(migration.failed("B", code_before="93C2.", consent=first))
    migration.commit(migration.failed("B", code_before="9Ndn.", consent=NO_SUMMARY))
    migration.commit(migration.failed("B"))
    row = migration.item_row("B")
    assert (row.code_before, row.scr_on_spine, row.permission_before) == ("93C2.", Summary.YES, Permission.ASK)
    assert migration.work("B").code_before == "93C2."


def test_no_entry_before_is_kept_as_such(migration):
    migration.commit(migration.failed("G", code_before=""))
    migration.commit(migration.failed("G", code_before="9Ndl."))
    assert migration.work("G").code_before == ""


def test_a_reason_stays_until_the_state_changes(migration):
    migration.commit(migration.failed("B", Reason.PDS_MISMATCH))
    migration.commit(migration.outcome("B", ItemState.FAILED, next_attempt_at=migration.now + timedelta(minutes=1)))
    assert migration.item_row("B").reason is Reason.PDS_MISMATCH
    migration.commit(migration.outcome("B", ItemState.UNPROCESSED))
    row = migration.item_row("B")
    assert (row.reason, row.next_attempt_at, row.processed_at) == (None, None, None)


def test_spine_code_and_text_are_the_latest_ones(migration):
    migration.commit(migration.failed("B", spine_code="35160", text="Invalid NHS number"))
    assert (migration.item_row("B").spine_code, migration.item_row("B").spine_text) == ("35160", "Invalid NHS number")
    migration.commit(migration.failed("B"))
    assert (migration.item_row("B").spine_code, migration.item_row("B").spine_text) == ("", "")


def test_an_empty_group_still_counts_its_reads(migration):
    assert migration.commit(reads=2) == []
    assert migration.commit(reads=1) == []
    assert migration.row("execution").reads == 3


@pytest.mark.parametrize("seed", range(3))
def test_any_group_of_stale_and_fresh_changes_adds_up(tmp_path, seed):
    """Whatever is stale in whatever order: made changes are made, stale ones leave no trace, the audit chain holds."""
    chance = random.Random(seed)
    refs = [f"P{n:02}" for n in range(40)]
    rows = ListOf([a_patient(ref, number(n)) for n, ref in enumerate(refs)], [an_entry(ref, "93C2.") for ref in refs])
    database = new_practice(tmp_path, rows)
    migration = Migration(database).begin()
    touched = set(chance.sample(refs, chance.randrange(1, 20)))
    changes = {ref: migration.not_required(ref, local=migration.conversion(ref)) for ref in refs}
    for ref in touched:
        reception_changes(database, ref, fp69=True)
    chance.shuffle(refs)
    assert migration.commit(*[changes[ref] for ref in refs]) == [ref not in touched for ref in refs]
    for ref in refs:
        assert codes_of(database, ref) == (["93C2."] if ref in touched else ["9Ndn."])
        assert migration.item_row(ref).state == ("unprocessed" if ref in touched else "not_required")
    assert audit.first_broken(database) is None
    database.close()
