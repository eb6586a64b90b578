"""The schema: made by the migrations exactly as the tables say, brought up in one step, refusing what must not be."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlcipher3.dbapi2 as sqlite
from sqlalchemy import create_engine, insert, inspect, select, text, update

from app.domain.errors import DatabaseUnusable
from app.domain.outcomes import ItemState, Reason
from app.domain.person_name import name_key
from app.domain.states import IntentState, RunStatus
from app.storage import audit
from app.storage.columns import UtcTime, utc_text
from app.storage.database import PracticeDatabase
from app.storage.faults import InconsistentChange
from app.storage.schema import CURRENT, Schema
from app.storage.sqlite import identity, location
from app.storage.sqlite.recipe import sqlite_engines
from app.storage.tables import execution, intent, item, meta, metadata
from tests.helpers.clocks import ManualClock
from tests.helpers.practice import ListOf, a_patient, damage_page_of, new_practice

pytestmark = pytest.mark.sqlite_only

REQUEST = "11111111-1111-4111-8111-111111111111"


def described(connection) -> dict[str, object]:
    """Every table with its columns, keys, constraints and indexes, with the text of partial ones."""
    found = inspect(connection)
    tables = {}
    for name in sorted(set(found.get_table_names()) - {"alembic_version"}):
        tables[name] = {
            "columns": [(c["name"], str(c["type"]), c["nullable"], c["primary_key"]) for c in found.get_columns(name)],
            "checks": sorted((c["name"], c["sqltext"].lower()) for c in found.get_check_constraints(name)),
            "unique": sorted((c["name"], c["column_names"]) for c in found.get_unique_constraints(name)),
            "keys": sorted(
                (k["name"], k["constrained_columns"], k["referred_table"], k["referred_columns"])
                for k in found.get_foreign_keys(name)
            ),
        }
    indexes = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"))
    return tables | {"indexes": sorted((name, " ".join(sql.lower().split())) for name, sql in indexes)}


# The indexes themselves are compared by their text.
@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
def test_the_migrations_make_what_the_tables_say(database):
    engine = create_engine("sqlite+pysqlite://", module=sqlite)
    metadata.create_all(engine)
    with engine.connect() as wanted, database.reading() as made:
        assert described(made) == described(wanted)
    engine.dispose()


def test_the_file_says_what_it_is(database):
    with database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA application_id").scalar() == 0x53435243
        assert connection.exec_driver_sql("PRAGMA user_version").scalar() == CURRENT.number
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == f"{CURRENT.number:04}"


def test_the_newest_revision_is_the_programs_schema():
    from alembic.script import ScriptDirectory

    [head] = ScriptDirectory(str(CURRENT.scripts)).get_heads()
    assert int(head) == CURRENT.number


def test_no_revision_knows_the_programs_tables():
    for revision in CURRENT.scripts.rglob("*.py"):
        assert "app." not in revision.read_text(encoding="utf-8").replace("`app.", "`")


# --- an older one -------------------------------------------------------------------------------------------------

NEXT = '''
"""A later revision."""
import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{before}"


def upgrade():
    op.add_column("patient", sa.Column("later", sa.Text()))
    op.execute("UPDATE patient SET later = surname")
    op.execute({statement!r})
'''


LATER = CURRENT.number + 1


def later_schema(folder: Path, statement: str) -> Schema:
    scripts = folder / "scripts"
    shutil.copytree(CURRENT.scripts, scripts)
    revision = NEXT.format(revision=f"{LATER:04}", before=f"{CURRENT.number:04}", statement=statement)
    (scripts / "versions" / f"r{LATER:04}_later.py").write_text(revision)
    return Schema(LATER, scripts)


@pytest.fixture
def older(tmp_path: Path) -> Path:
    database = new_practice(tmp_path / "data", ListOf([a_patient("A")]))
    database.close()
    return database.path


@pytest.mark.fault_row(28)
def test_an_older_one_is_backed_up_and_brought_up(older, tmp_path):
    wanted = later_schema(tmp_path, "UPDATE patient SET later = later || '!'")
    database = PracticeDatabase.open(older, clock=ManualClock(), wanted=wanted)
    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT later FROM patient").scalar() == "Surname-A!"
    assert identity.schema_number(older) == LATER
    [copy] = database.backups.iterdir()
    assert identity.schema_number(copy) == CURRENT.number
    database.close()
    PracticeDatabase.open(older, clock=ManualClock(), wanted=wanted).close()
    assert list(database.backups.iterdir()) == [copy]


@pytest.mark.fault_row(28)
def test_a_revision_that_fails_leaves_the_older_one_whole(older, tmp_path):
    wanted = later_schema(tmp_path, "UPDATE no_such_table SET x = 1")
    with pytest.raises(DatabaseUnusable, match="left as it was"):
        PracticeDatabase.open(older, clock=ManualClock(), wanted=wanted)
    assert identity.schema_number(older) == CURRENT.number
    database = PracticeDatabase.open(older, clock=ManualClock())
    with database.reading() as connection:
        assert "later" not in {column["name"] for column in inspect(connection).get_columns("patient")}
    assert audit.first_broken(database) is None
    database.close()


def test_no_bringing_up_without_a_backup(older, tmp_path):
    (older.parent / "backups").write_text("in the way")
    with pytest.raises(DatabaseUnusable):
        PracticeDatabase.open(older, clock=ManualClock(), wanted=later_schema(tmp_path, "SELECT 1"))
    assert identity.schema_number(older) == CURRENT.number


def test_a_damaged_older_one_is_not_brought_up(older, tmp_path):
    damage_page_of(older, "patient")
    with pytest.raises(DatabaseUnusable, match="damaged"):
        PracticeDatabase.open(older, clock=ManualClock(), check=False, wanted=later_schema(tmp_path, "SELECT 1"))


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
def test_the_first_schema_is_brought_up_with_its_patients(tmp_path, database):
    path = tmp_path / "first" / "practice.db"
    path.parent.mkdir(mode=0o700)
    location.make_private_file(path)
    engines = sqlite_engines(path)
    with engines.writer.begin() as connection:
        Schema(1, CURRENT.scripts).bring_up(connection)
        identity.mark_file(connection, 1)
        row = {"id": 1, "practice_name": "", "ods_code": "", "demonstration": False, "spine": "unset", "epoch": 0}
        row |= {"list_number": 1, "audit_number": 0, "audit_hash": "", "created_at": database.clock.now()}
        connection.execute(insert(meta).values(row))
        for ref, surname, forename in [("A", "Müller", "Ann"), ("B", "O'Brien", "<b>Bo</b>"), ("C", "", "")]:
            connection.exec_driver_sql(
                "INSERT INTO patient (patient_ref, surname, forename, date_of_birth, sex, registration, fp69, "
                "sensitive, pds_linked, record_in_use, consent_version, list_number) "
                "VALUES (?, ?, ?, '1970-01-01', 'F', 'permanent', 0, 0, 1, 0, 1, 1)",
                (ref, surname, forename),
            )
    engines.dispose()
    brought_up = PracticeDatabase.open(path, clock=ManualClock())
    with brought_up.reading() as connection, database.reading() as fresh:
        keys = [row[0] for row in connection.exec_driver_sql("SELECT name_key FROM patient ORDER BY id")]
        assert described(connection) == described(fresh)
    brought_up.close()
    assert keys == [name_key("Müller", "Ann"), name_key("O'Brien", "<b>Bo</b>"), name_key("", "")]


# --- what the database itself refuses -----------------------------------------------------------------------------


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


def test_both_half_past_ones_of_the_autumn_night_differ_and_sort():
    london = ZoneInfo("Europe/London")
    first, second = (datetime(2026, 10, 25, 1, 30, fold=fold, tzinfo=london) for fold in (0, 1))
    assert utc_text(first) < utc_text(second)


def test_texts_sort_as_the_instants_do():
    start = datetime(2026, 10, 25, tzinfo=UTC)
    instants = [start + timedelta(microseconds=step) for step in (0, 1, 10, 999_999, 1_000_000, 3_600_000_000)]
    texts = [utc_text(instant) for instant in instants]
    assert texts == sorted(texts)
    assert {len(one) for one in texts} == {UtcTime.impl.length}
