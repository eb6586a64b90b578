"""The schema: made by the migrations exactly as the tables say, brought up in one step, refusing what must not be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlcipher3.dbapi2 as sqlite
from sqlalchemy import create_engine, insert, inspect, text

from app.domain.errors import DatabaseUnusable
from app.domain.person_name import name_key
from app.storage.columns import UtcTime, utc_text
from app.storage.database import PracticeDatabase
from app.storage.schema import CURRENT, Schema
from app.storage.sqlite import identity, location
from app.storage.sqlite.recipe import sqlite_engines
from app.storage.tables import meta, metadata
from tests.helpers.clocks import ManualClock
from tests.helpers.later_schema import later_schema
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


@pytest.fixture
def older(tmp_path: Path) -> Path:
    database = new_practice(tmp_path / "data", ListOf([a_patient("A")]))
    database.close()
    return database.path


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


# --- times --------------------------------------------------------------------------------------------------------


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
