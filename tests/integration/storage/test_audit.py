"""The audit trail: who did what to whom, sealed event by event (invariants I5 and I8)."""

from __future__ import annotations

import hashlib
import json

import pytest
from sqlalchemy import delete, text, update

from app.domain.outcomes import ItemState, Reason
from app.domain.states import IntentState, RunStatus, StopReason
from app.engine.practice import SpineKind
from app.engine.rows import Outcome, Tally
from app.storage import audit
from app.storage.audit import AuditEvent
from app.storage.faults import InconsistentChange
from app.storage.tables import audit_event, consent_entry, meta
from tests.helpers.migration import FAMILY, Migration
from tests.helpers.practice import ListOf, a_patient, bring_in, number, reception_changes
from tests.helpers.tampering import without_triggers

pytestmark = pytest.mark.both_databases

REQUEST = "11111111-1111-4111-8111-111111111111"
FIRST = "aaaaaaaa-0000-4000-8000-000000000001"
PERSON = "Pat Manager (System Administrator, card 910000000001)"


def actions(migration: Migration) -> list[str]:
    return [row.action for row in migration.rows("audit_event")]


def since(migration: Migration, known: int) -> list[tuple[object, ...]]:
    return [
        (row.action, row.before, row.after, row.request_id)
        for row in migration.rows("audit_event")
        if row.number > known
    ]


def test_everything_so_far_is_told_and_the_chain_holds(migration, database):
    assert actions(migration) == ["database_made", "list_imported", "run_begun", "execution_begun"]
    numbers = [row.number for row in migration.rows("audit_event")]
    assert numbers == [1, 2, 3, 4]
    assert audit.first_broken(database) is None


def test_it_tells_who_where_and_on_which_patient(migration):
    migration.commit(migration.failed("B", Reason.PDS_MISMATCH))
    begun = migration.row("audit_event", action="execution_begun")
    assert begun.actor == PERSON
    assert "FRONT-DESK" in begun.detail
    told = migration.row("audit_event", action="outcome")
    assert (told.actor, told.run_id, told.at) == (PERSON, migration.run_id, migration.now)
    assert told.patient_id == migration.work("B").record.patient_id
    assert (told.before, told.after, told.detail) == ("unprocessed", "failed", "pds_mismatch")


def test_the_old_code_stays_in_the_trail(migration):
    migration.commit(migration.not_required("C", local=migration.conversion("C")))
    pairs = [(row.before, row.after) for row in migration.rows("audit_event", action="entry_converted")]
    assert pairs == [("93C2.", "9Ndn."), ("93C3.", "9Ndo.")]


def test_an_added_entry_is_told(migration):
    added = migration.implied(migration.now.date())
    migration.commit(migration.not_required("G", local=added))
    row = migration.row("audit_event", action="entry_added")
    assert (row.before, row.after, row.detail) == (None, "9Ndl.", "2026-11-02")


def test_a_message_is_told_step_by_step(migration):
    known = len(actions(migration))
    migration.commit(migration.prepare("A", REQUEST, send_as=FIRST))
    migration.commit(migration.accepted("A", REQUEST, FIRST))
    assert since(migration, known) == [
        ("message_prepared", "Ask", "No", REQUEST),
        ("attempt_started", None, "No", REQUEST),
        ("outcome", "unprocessed", "sending", None),
        ("attempt_ended", None, "accepted", REQUEST),
        ("outcome", "sending", "sent", None),
    ]
    assert FIRST in migration.row("audit_event", action="attempt_started").detail
    assert "HTTP 201" in migration.row("audit_event", action="attempt_ended").detail


def test_a_message_settled_by_reading_is_told(migration):
    migration.commit(migration.prepare("A", REQUEST, send_as=FIRST))
    migration.commit(migration.lost("A", REQUEST, FIRST))
    known = len(actions(migration))
    confirmed = Outcome(ItemState.SENT, Reason.CONFIRMED_BY_READ, migration.now)
    migration.commit(migration.settled("A", REQUEST, IntentState.UNKNOWN, IntentState.CONFIRMED, confirmed))
    assert since(migration, known) == [
        ("message_moved", "unknown", "confirmed", REQUEST),
        ("outcome", "sending", "sent", None),
    ]


def test_a_stale_change_tells_nothing(migration):
    change = migration.not_required("C", local=migration.conversion("C"))
    reception_changes(migration.database, "C", fp69=True)
    known = actions(migration)
    assert migration.commit(change) == [False]
    assert actions(migration) == known


def test_the_end_of_an_execution_is_told_with_its_reason(migration):
    migration.store.end_execution(migration.key, RunStatus.STOPPED, StopReason.CARD_REMOVED, "", Tally(), migration.now)
    row = migration.rows("audit_event")[-1]
    assert (row.action, row.after, row.detail, row.actor) == ("execution_ended", "stopped", "card_removed", PERSON)


def test_a_death_is_told_by_the_program(migration):
    migration.store.recover(FAMILY, migration.now)
    row = migration.rows("audit_event")[-1]
    assert (row.action, row.detail, row.actor) == ("execution_ended", "interrupted", audit.PROGRAM)


def test_abandoning_stopping_marking_and_updating_are_told(migration, database):
    migration.store.request_stop(migration.run_id, "Robin", migration.now)
    migration.end()
    migration.begin()
    migration.complete()
    database.mark_spine(SpineKind.SIMULATED, "tester")
    bring_in(database, ListOf([a_patient("A", number(0))]), update=True)
    told = actions(migration)
    assert {"stop_requested", "run_abandoned", "spine_marked", "list_updated"} <= set(told)
    updated = migration.row("audit_event", action="list_updated").detail
    assert updated == "0 added, 1 updated, 6 kept, 0 entries, 0 groups, 1 no longer object"
    assert audit.first_broken(database) is None


def test_others_can_add_what_they_did(database):
    event = AuditEvent(database.clock.now(), "account", "exported", detail="four files, reason: go-live check")
    audit.record(database, event)
    assert audit.first_broken(database) is None


def test_no_name_and_no_number_is_in_it(migration, database):
    migration.commit(migration.not_required("B", local=migration.conversion("B")), migration.prepare("A", REQUEST))
    with database.reading() as connection:
        told = "".join(map(str, connection.exec_driver_sql("SELECT * FROM audit_event").all()))
    for ordinal in range(7):
        assert number(ordinal) not in told
    assert "Surname" not in told
    assert "Forename" not in told


# --- tampering ----------------------------------------------------------------------------------------------------


def test_the_database_refuses_to_change_it(migration, database):
    for statement in (update(audit_event).values(actor="x"), delete(audit_event)):
        with pytest.raises(InconsistentChange, match="never changed"), database.writing() as connection:
            connection.execute(statement)
    assert audit.first_broken(database) is None


@pytest.mark.parametrize(
    "values",
    [
        {"actor": "Somebody else"},
        {"action": "exported"},
        {"run_id": 99},
        {"patient_id": 99},
        {"request_id": "x"},
        {"before": "x"},
        {"after": "x"},
        {"detail": "x"},
        {"at": "2026-11-02T18:30:00.000001Z"},
        {"hash": "0" * 64},
    ],
    ids=lambda values: next(iter(values)),
)
def test_a_changed_event_is_found(migration, database, values):
    [(column, value)] = values.items()
    without_triggers(
        database,
        lambda connection: connection.execute(
            text(f'UPDATE audit_event SET "{column}" = :value WHERE number = 3'), {"value": value}
        ),
    )
    assert audit.first_broken(database) == 3


@pytest.mark.parametrize("number_gone", [1, 2, 3])
def test_a_missing_event_is_found(migration, database, number_gone):
    without_triggers(
        database, lambda connection: connection.execute(delete(audit_event).where(audit_event.c.number == number_gone))
    )
    assert audit.first_broken(database) == number_gone


def test_a_trail_cut_short_is_found(migration, database):
    without_triggers(
        database, lambda connection: connection.execute(delete(audit_event).where(audit_event.c.number > 3))
    )
    assert audit.first_broken(database) == 4
    with database.writing() as connection:
        connection.execute(delete(audit_event))
    assert audit.first_broken(database) == 1


def test_an_event_put_in_afterwards_is_found(migration, database):
    with database.writing() as connection:
        connection.exec_driver_sql(
            "INSERT INTO audit_event (number, at, actor, action, detail, hash) "
            "VALUES (5, '2026-11-02T18:30:00.000000Z', 'x', 'outcome', '', 'x')"
        )
    assert audit.first_broken(database) == 5


def sealed(previous: str, row, **changes: object) -> str:
    """An event's seal, by the recipe of the trail: over the seal before and every field, as compact JSON."""
    fields = {**row._asdict(), **changes}
    fields["at"] = fields["at"].strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    del fields["hash"]
    text = json.dumps(list(fields.values()), separators=(",", ":"))
    return hashlib.sha256((previous + text).encode("ascii")).hexdigest()


def test_a_forger_who_seals_one_event_anew_breaks_the_next(migration, database):
    first, second, *_ = migration.rows("audit_event")
    assert second.hash == sealed(first.hash, second)
    forged = sealed(first.hash, second, detail="x")
    without_triggers(
        database,
        lambda connection: connection.execute(
            update(audit_event).where(audit_event.c.number == 2).values(detail="x", hash=forged)
        ),
    )
    assert audit.first_broken(database) == 3


def test_a_number_beyond_the_pages_is_found(migration, database):
    for _ in range(3):
        with database.writing() as connection:
            audit.append(connection, [AuditEvent(database.clock.now(), "x", "outcome") for _ in range(999)])
    assert audit.first_broken(database) is None
    without_triggers(
        database,
        lambda connection: connection.exec_driver_sql("UPDATE audit_event SET detail = 'x' WHERE number = 2500"),
    )
    assert audit.first_broken(database) == 2500


@pytest.mark.fault_row(46)
def test_no_audit_no_change(migration, database):
    """The event is in the transaction of what it tells: where it cannot be written, nothing is."""
    with database.writing() as connection:
        connection.execute(update(meta).values(audit_number=0))
    change = migration.not_required("B", local=migration.conversion("B"))
    with pytest.raises(InconsistentChange):
        migration.commit(change)
    assert migration.item_row("B").state == "unprocessed"
    with database.reading() as connection:
        assert "9Ndn." not in connection.execute(consent_entry.select()).scalars().all()
