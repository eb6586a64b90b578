"""What the database itself refuses, on a file and on a server: the last guard where the program's own rules fail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select, text, update

from app.domain.outcomes import ItemState, Reason
from app.domain.states import IntentState, RunStatus
from app.storage.faults import InconsistentChange
from app.storage.tables import execution, intent, item, meta

pytestmark = pytest.mark.both_databases

REQUEST = "11111111-1111-4111-8111-111111111111"


@pytest.mark.parametrize("value", ["Yes", "Ask", "no", "", None])
def test_no_message_can_ask_for_anything_but_no(migration, value):
    migration.commit(migration.prepare("A", REQUEST))
    with pytest.raises(InconsistentChange), migration.database.writing() as connection:
        connection.execute(update(intent).values(desired=value))
    assert migration.row("intent").desired == "No"


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("item", "state"),
        ("item", "reason"),
        ("run", "status"),
        ("execution", "end_reason"),
        ("execution", "scope"),
        ("intent", "state"),
        ("patient", "registration"),
        ("attempt", "answer_class"),
        ("meta", "spine"),
    ],
)
def test_a_word_that_is_none_is_refused(migration, table, column):
    migration.commit(migration.prepare("A", REQUEST, send_as="x"))
    with pytest.raises(InconsistentChange), migration.database.writing() as connection:
        connection.execute(text(f"UPDATE {table} SET {column} = 'bogus'"))


def test_every_word_of_the_domain_is_accepted(migration):
    with migration.database.writing() as connection:
        for state in ItemState:
            connection.execute(update(item).values(state=state))
        for reason in Reason:
            connection.execute(update(item).values(reason=reason))
        connection.execute(update(item).values(state=ItemState.UNPROCESSED, reason=None))
    assert len(migration.fresh()) == 6


def test_one_unsettled_message_a_patient(migration):
    migration.commit(migration.prepare("A", REQUEST))
    row = dict(migration.row("intent")._mapping) | {"id": 2, "request_id": "other"}
    for state in (IntentState.PREPARED, IntentState.IN_FLIGHT, IntentState.UNKNOWN):
        with pytest.raises(InconsistentChange), migration.database.writing() as connection:
            connection.execute(insert(intent).values(row | {"state": state}))
    with migration.database.writing() as connection:
        connection.execute(insert(intent).values(row | {"state": IntentState.CONFIRMED}))


def test_one_open_execution(migration):
    row = dict(migration.row("execution")._mapping) | {"id": 2, "epoch": 99}
    with pytest.raises(InconsistentChange), migration.database.writing() as connection:
        connection.execute(insert(execution).values(row))


def test_one_item_a_patient_and_place(migration):
    row = dict(migration.rows("item")[0]._mapping) | {"id": 99}
    for change in ({"sequence": 99}, {"patient_id": 5}):
        with pytest.raises(InconsistentChange), migration.database.writing() as connection:
            connection.execute(insert(item).values(row | change))


def test_one_row_about_the_practice(database):
    with pytest.raises(InconsistentChange), database.writing() as connection:
        connection.execute(insert(meta).values(id=2, created_at=database.clock.now()))


def test_a_stopped_run_has_its_reason_and_no_other_has(migration):
    for values in ("status = 'stopped'", "stop_reason = 'user'"):
        with pytest.raises(InconsistentChange), migration.database.writing() as connection:
            connection.execute(text(f"UPDATE run SET {values}"))
    assert RunStatus(migration.row("run").status) is RunStatus.RUNNING


# --- times --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "instant",
    [
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 30, tzinfo=ZoneInfo("Europe/London")),
        datetime(2026, 10, 25, 1, 30, fold=1, tzinfo=ZoneInfo("Europe/London")),
        datetime(2026, 6, 1, 12, 0, 0, 1, tzinfo=timezone(timedelta(hours=-5))),
    ],
)
def test_an_instant_comes_back_as_it_was(database, instant):
    with database.writing() as connection:
        connection.execute(update(meta).values(created_at=instant))
    with database.reading() as connection:
        found = connection.execute(select(meta.c.created_at)).scalar_one()
    assert found == instant.astimezone(UTC)
    assert found.utcoffset() == timedelta(0)
