"""The audit trail looked through: counts, pages in both orders and filters equal plain SQL; a broken one is named."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import delete, update

from app.domain.outcomes import Reason
from app.engine.audit_trail import Damage, TrailLine, TrailQuery, TrailVerdict
from app.engine.long_work import Cancelled, WorkMeter, nobody_waits
from app.storage import audit
from app.storage.audit import PROGRAM, AuditEvent
from app.storage.database import PracticeDatabase
from app.storage.tables import audit_event
from app.storage.trail_queries import SqlAuditTrail
from tests.helpers.migration import Migration
from tests.helpers.seeded import rows_of
from tests.helpers.tampering import without_triggers

PERSON = "Pat Manager (System Administrator, card 910000000001)"


@pytest.fixture
def trail(migration: Migration) -> SqlAuditTrail:
    """A night of two runs and some days of other things."""
    for ref, reason in (("B", Reason.NOTHING_TO_DO), ("D", Reason.PDS_MISMATCH), ("F", Reason.NHS_NUMBER_INVALID)):
        migration.commit(migration.failed(ref, reason, rule=14))
    migration.complete()
    migration.begin()
    clock = migration.database.clock
    for at, kind in enumerate(("report_taken", "list_exported", "report_taken")):
        clock.advance(20 * 3600)
        event = AuditEvent(clock.now(), "reception", kind, run_id=1 if at else None, detail=f"{at}")
        audit.record(migration.database, event)
    return SqlAuditTrail(migration.database)


def everything(trail: SqlAuditTrail, query: TrailQuery, size: int = 3) -> list[TrailLine]:
    found: list[TrailLine] = []
    while page := trail.page(query, found[-1].mark if found else None, 0, size):
        assert len(page) <= size
        found += page
    return found


@pytest.mark.parametrize(
    ("query", "where"),
    [
        (TrailQuery(), "1 = 1"),
        (TrailQuery(kind="outcome"), "action = 'outcome'"),
        (TrailQuery(kind="report_taken"), "action = 'report_taken'"),
        (TrailQuery(actor=PERSON), f"actor = '{PERSON}'"),
        (TrailQuery(actor=PROGRAM), f"actor = '{PROGRAM}'"),
        (TrailQuery(run_id=1), "run_id = 1"),
        (TrailQuery(run_id=2), "run_id = 2"),
        (TrailQuery(run_id=1, kind="report_taken", actor="reception"), "run_id = 1 AND action = 'report_taken'"),
        (TrailQuery(first_day=date(2026, 11, 4)), "at >= '2026-11-04'"),
        (TrailQuery(last_day=date(2026, 11, 3)), "at < '2026-11-04'"),
        (
            TrailQuery(first_day=date(2026, 11, 3), last_day=date(2026, 11, 3)),
            "at >= '2026-11-03' AND at < '2026-11-04'",
        ),
        (TrailQuery(kind="nothing_like_it"), "1 = 0"),
    ],
    ids=str,
)
@pytest.mark.parametrize("descending", [True, False], ids=["newest first", "oldest first"])
def test_what_is_found_is_what_plain_sql_finds(trail, database, query, where, descending):
    sql = f"SELECT number FROM audit_event WHERE {where} ORDER BY number {'DESC' if descending else 'ASC'}"
    expected = [row["number"] for row in rows_of(database, sql)]
    asked = TrailQuery(query.kind, query.actor, query.run_id, query.first_day, query.last_day, descending)
    assert [line.number for line in everything(trail, asked)] == expected
    assert trail.count(asked) == len(expected)
    assert [line.number for line in trail.page(asked, None, 1, 2)] == expected[1:3]


def test_a_line_is_the_event_as_it_was_written(trail, migration):
    [written] = migration.rows("audit_event", detail="pds_mismatch rule 14")
    [line] = trail.page(TrailQuery(kind="outcome"), trail.page(TrailQuery(kind="outcome"), None, 0, 1)[0].mark, 0, 1)
    assert (line.number, line.at, line.actor, line.run_id) == (written.number, written.at, PERSON, 1)
    assert line.patient_id == migration.work("D").record.patient_id
    assert (line.before, line.after, line.detail) == ("unprocessed", "failed", "pds_mismatch rule 14")


def test_a_day_is_englands(database, migration):
    """Half past midnight on 2 July in England is still 1 July in UTC."""
    audit.record(database, AuditEvent(datetime(2026, 7, 1, 23, 30, tzinfo=UTC), "reception", "report_taken"))
    trail = SqlAuditTrail(database)
    assert trail.count(TrailQuery("report_taken", first_day=date(2026, 7, 2), last_day=date(2026, 7, 2))) == 1
    assert trail.count(TrailQuery("report_taken", first_day=date(2026, 7, 1), last_day=date(2026, 7, 1))) == 0


def test_who_and_what_can_be_chosen(trail, database):
    everybody = {row["actor"] for row in rows_of(database, "SELECT actor FROM audit_event")}
    assert trail.actors() == sorted(everybody)
    assert trail.kinds() == sorted({row["action"] for row in rows_of(database, "SELECT action FROM audit_event")})


# --- whether it is whole --------------------------------------------------------------------------------------------


def test_a_whole_trail_is_said_to_be_whole(trail, database):
    number = rows_of(database, "SELECT count(*) AS n FROM audit_event")[0]["n"]
    assert trail.verify(nobody_waits) == TrailVerdict(number)


CHANGES: dict[str, dict[str, Any]] = {
    "actor": {"actor": "somebody else"},
    "action": {"action": "outcomf"},
    "run": {"run_id": 2},
    "patient": {"patient_id": 1},
    "before": {"before": "sent"},
    "detail": {"detail": "pds_mismatch rule 15"},
    "time": {"at": datetime(2026, 11, 2, tzinfo=UTC)},
    "seal": {"hash": "0" * 64},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_byte_is_found_and_named(trail, database, change):
    [row] = rows_of(database, "SELECT number FROM audit_event WHERE detail = 'pds_mismatch rule 14'")
    number = row["number"]
    changed = update(audit_event).where(audit_event.c.number == number).values(**change)
    without_triggers(database, lambda connection: connection.execute(changed))
    assert trail.verify(nobody_waits) == TrailVerdict(number - 1, number, Damage.CHANGED)


def test_a_missing_event_is_found_and_named(trail, database):
    gone = delete(audit_event).where(audit_event.c.number == 5)
    without_triggers(database, lambda connection: connection.execute(gone))
    assert trail.verify(nobody_waits) == TrailVerdict(4, 5, Damage.MISSING)


def test_a_trail_cut_short_is_found(trail, database):
    last = rows_of(database, "SELECT audit_number FROM meta")[0]["audit_number"]
    gone = delete(audit_event).where(audit_event.c.number == last)
    without_triggers(database, lambda connection: connection.execute(gone))
    assert trail.verify(nobody_waits) == TrailVerdict(last - 1, last, Damage.CUT_SHORT)


def test_it_tells_how_far_it_is_and_can_be_given_up(trail, database, monkeypatch):
    monkeypatch.setattr(audit, "_PAGE", 4)
    told: list[tuple[int, int]] = []
    trail.verify(lambda doing, done=0, total=0: told.append((done, total)))
    number = rows_of(database, "SELECT count(*) AS n FROM audit_event")[0]["n"]
    assert told[-1] == (number, number)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert len(told) > 2
    meter = WorkMeter()
    meter.cancel()
    with pytest.raises(Cancelled):
        trail.verify(meter)


def test_an_empty_page_is_no_fault(database: PracticeDatabase):
    assert SqlAuditTrail(database).page(TrailQuery(run_id=7), None, 0, 5) == []
