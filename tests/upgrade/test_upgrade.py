"""Practices of every released version, made by that version itself: nothing of them is lost, and work goes on.

`make_fixtures.py` has made them. What is compared is every row of every table as the older version wrote it.
"""

from __future__ import annotations

import json
import lzma
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as sqlite

from app.domain.errors import DatabaseUnusable
from app.storage import audit
from app.storage.database import PracticeDatabase
from app.storage.schema import CURRENT, Schema
from app.storage.sqlite import identity
from tests.helpers.clocks import ManualClock
from tests.helpers.program import Program
from tests.helpers.simulator import ROOT, SimulatorProcess, running_simulator

HERE = Path(__file__).parent
SCHEMAS = {"0.1.0": 3}
"""Every released version, and the number of the schema it had."""

PRACTICES = [
    f"{version}/{file.name.removesuffix('.db.xz')}" for version in SCHEMAS for file in (HERE / version).glob("*.xz")
]
QUICK = {"SCR_BULK_SETTLE_SECONDS": "0.3", "SCR_BULK_RETRY_DELAYS_SECONDS": "0.1,0.2"}

Rows = dict[str, list[tuple[object, ...]]]


def unpacked(practice: str, folder: Path) -> Path:
    """The database of a practice, in a data folder as that version left it."""
    folder.mkdir(parents=True, mode=0o700)
    path = folder / "practice.db"
    path.write_bytes(lzma.decompress((HERE / f"{practice}.db.xz").read_bytes()))
    path.chmod(0o600)
    return path


def schema_of(practice: str) -> int:
    return SCHEMAS[practice.partition("/")[0]]


def columns_of(path: Path) -> dict[str, list[str]]:
    """Every table with its columns, but for the one in which the schema's tool keeps its place."""
    with sqlite.connect(str(path)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name != 'alembic_version'")
        return {
            name: [row[1] for row in connection.execute(f"PRAGMA table_info({name})")] for (name,) in tables.fetchall()
        }


def rows_of(path: Path, columns: dict[str, list[str]]) -> Rows:
    """All rows of these tables, of each these columns, in an order that depends on nothing but them."""
    with sqlite.connect(str(path)) as connection:
        return {
            name: sorted(connection.execute(f"SELECT {', '.join(theirs)} FROM {name}").fetchall(), key=repr)
            for name, theirs in columns.items()
        }


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path / "practice")


@pytest.fixture
def spine_of(program: Program) -> Iterator:
    """Starts a simulated Spine that holds what the practice's own did."""
    running = []

    def start(practice: str) -> SimulatorProcess:
        shutil.copy(HERE / f"{practice}.spine.csv", program.folder.parent / "spine.csv")
        context = running_simulator("--rate", "0", load=program.folder.parent / "spine.csv")
        running.append(context)
        program.spine = context.__enter__()
        return program.spine

    yield start
    for context in running:
        context.__exit__(None, None, None)


def test_every_released_version_is_there():
    assert sorted(path.name for path in HERE.iterdir() if (path / "finished.db.xz").exists()) == sorted(SCHEMAS)
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert version not in SCHEMAS, "a version that is released gets a new number before anything is changed"
    for version in SCHEMAS:
        stories = {practice.partition("/")[2] for practice in PRACTICES if practice.startswith(version)}
        assert stories == {"finished", "paused", "scheduled", "unknown", "interrupted"}


@pytest.mark.fault_row(28)
@pytest.mark.parametrize("practice", PRACTICES)
def test_every_row_is_there_after_the_upgrade(practice: str, tmp_path: Path):
    path = unpacked(practice, tmp_path / "practice")
    columns = columns_of(path)
    before = rows_of(path, columns)
    assert {"patient", "consent_entry", "run", "item", "intent", "attempt", "audit_event"} <= set(before)
    assert identity.schema_number(path) == schema_of(practice)
    database = PracticeDatabase.open(path, clock=ManualClock())
    whole = audit.first_broken(database) is None
    database.close()
    assert whole
    assert identity.schema_number(path) == CURRENT.number
    assert rows_of(path, columns) == before


@pytest.mark.parametrize("practice", PRACTICES)
def test_the_way_back_stays_open(practice: str, tmp_path: Path):
    path = unpacked(practice, tmp_path / "practice")
    columns = columns_of(path)
    before = rows_of(path, columns)
    database = PracticeDatabase.open(path, clock=ManualClock())
    [copy] = database.backups.iterdir()
    for _ in range(9):
        database.back_up(database.backups, automatic=True)
    database.close()
    older = Schema(schema_of(practice), CURRENT.scripts)
    if older.number < CURRENT.number:
        with pytest.raises(DatabaseUnusable, match="made by a newer version of the program"):
            PracticeDatabase.open(path, clock=ManualClock(), wanted=older)
    assert copy.exists(), "backups that make room for each other must not take its place"
    assert rows_of(copy, columns) == before
    back = tmp_path / "back" / "practice.db"
    back.parent.mkdir(mode=0o700)
    shutil.copy(copy, back)
    PracticeDatabase.open(back, clock=ManualClock(), wanted=older).close()
    assert rows_of(back, columns) == before


@pytest.mark.parametrize("practice", [one for one in PRACTICES if not one.endswith(("/scheduled", "/finished"))])
def test_a_run_of_the_older_version_goes_on(practice: str, program: Program, spine_of):
    path = unpacked(practice, program.folder)
    with sqlite.connect(str(path)) as connection:
        numbers = "SELECT nhs_number FROM patient WHERE id IN (SELECT patient_id FROM intent WHERE state IN ({}))"
        settled = {row[0] for row in connection.execute(numbers.format("'confirmed'"))}
        doubtful = {row[0] for row in connection.execute(numbers.format("'unknown', 'in_flight'"))}
    spine = spine_of(practice)
    held = {number for number, (_, permission) in spine.state().items() if permission == "No"}
    done = program.press("resume", environment=QUICK)
    assert done.code == 0, done.err
    assert done.result["status"] == "completed"
    assert done.result["counts"]["unprocessed"] == done.result["counts"]["sending"] == 0
    received = [one["nhs_number"] for one in spine.writes() if one["applied"]]
    assert len(set(received)) == len(received)
    assert not set(received) & settled, "what the older version had settled is not sent again"
    assert not set(received) & doubtful & held, "what the Spine holds is read back and not sent again"
    assert settled | doubtful
    assert {number for number, (_, permission) in spine.state().items() if permission == "No"} == held | set(received)
    verified = program("audit", "verify")
    assert verified.code == 0, verified.err


def test_a_finished_run_can_be_gone_over_again(program: Program, spine_of):
    for practice in (one for one in PRACTICES if one.endswith("/finished")):
        unpacked(practice, program.folder)
        spine = spine_of(practice)
        told = program("status", "--json").result
        assert (told["status"], told["run"], told["counts"]["unprocessed"]) == ("completed", 2, 0)
        again = program.press("rerun", environment=QUICK)
        assert again.code == 0, again.err
        assert [one for one in spine.writes() if one["applied"]] == []
        shutil.rmtree(program.folder)


def test_what_was_scheduled_still_is(program: Program):
    for practice in (one for one in PRACTICES if one.endswith("/scheduled")):
        unpacked(practice, program.folder)
        told = json.loads(program("schedule", "list", "--json").out)
        assert "2027-01-18" in json.dumps(told)
        assert program("schedule", "cancel").code == 0
        assert program("audit", "verify").code == 0
        shutil.rmtree(program.folder)
