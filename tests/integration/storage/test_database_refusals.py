"""Files and places the program must not work with, each refused in plain words (faults, rows 26 to 28)."""

from __future__ import annotations

import os
import random
import stat
import sys
from contextlib import closing
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as sqlite
from sqlalchemy import select

from app.domain.errors import DatabaseDamaged, DatabaseUnusable, KnownError, Refused, StorageFault
from app.engine.long_work import Cancelled
from app.engine.ports import NewRun
from app.engine.practice import SpineKind
from app.storage.database import PracticeDatabase, Surroundings
from app.storage.migration_store import SqlMigrationStore
from app.storage.practice_store import SqlPracticeStore
from app.storage.schema import CURRENT
from app.storage.sqlite import location, recipe
from app.storage.tables import meta
from tests.helpers.clocks import ManualClock
from tests.helpers.giving_up import GivesUp
from tests.helpers.migration import FAMILY
from tests.helpers.practice import OPERATOR, ListOf, a_patient, an_entry, damage_page_of, new_practice, number

pytestmark = pytest.mark.sqlite_only


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "practice.db"


@pytest.fixture
def made(path: Path) -> Path:
    """A practice database with some patients, closed."""
    rows = ListOf([a_patient(f"P{n}", number(n)) for n in range(200)], [an_entry(f"P{n}", "93C3.") for n in range(200)])
    new_practice(path.parent, rows).close()
    return path


def open_again(path: Path, **more: object) -> PracticeDatabase:
    return PracticeDatabase.open(path, clock=ManualClock(), **more)


def refusal(path: Path, **more: object) -> str:
    with pytest.raises(DatabaseUnusable) as caught:
        open_again(path, **more)
    words = str(caught.value)
    assert words.endswith(".")
    assert str(path) not in words
    return words


def pragma(path: Path, text: str) -> None:
    with closing(sqlite.connect(str(path), isolation_level=None)) as connection:
        connection.execute(f"PRAGMA {text}")


def test_a_good_one_opens_again_and_again(made):
    for _ in range(2):
        database = open_again(made)
        assert database.info().spine is SpineKind.UNSET
        database.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps rights in another way")
def test_folder_and_files_are_the_users_own(path):
    os.umask(0o022)
    database = PracticeDatabase.create(path, clock=ManualClock())
    SqlPracticeStore(database).import_list(ListOf([a_patient("A")]), update=False, actor="x", demonstration=False)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    files = [file for file in path.parent.iterdir() if file.is_file()]
    assert {file.name for file in files} == {"practice.db", "practice.db-wal", "practice.db-shm"}
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    database.close()
    assert [file.name for file in path.parent.iterdir()] == ["practice.db"]


def test_an_existing_one_is_not_made_again(made):
    before = made.read_bytes()
    with pytest.raises(Refused):
        PracticeDatabase.create(made, clock=ManualClock())
    assert made.read_bytes() == before


def test_what_a_deleted_one_left_behind_is_not_taken_for_the_new_ones(made):
    database = open_again(made)
    SqlMigrationStore(database).begin_run(NewRun(FAMILY, None), OPERATOR, database.clock.now())
    log = made.with_name("practice.db-wal").read_bytes()
    database.close()
    made.unlink()
    made.with_name("practice.db-wal").write_bytes(log)
    database = PracticeDatabase.create(made, clock=ManualClock())
    database.refuse_damaged()
    assert SqlPracticeStore(database).patient_count() == 0
    database.close()


def test_a_half_made_one_is_made_anew(path):
    path.parent.mkdir()
    path.with_name("practice.db.unfinished").write_bytes(b"half")
    PracticeDatabase.create(path, clock=ManualClock()).close()
    assert [file.name for file in path.parent.iterdir()] == ["practice.db"]


def test_nothing_there(path):
    assert "Check that its disk is connected" in refusal(path)
    path.parent.mkdir()
    assert "no practice database" in refusal(path)


def test_a_folder_in_place_of_a_file(path):
    path.mkdir(parents=True)
    assert "folder" in refusal(path)


@pytest.mark.fault_row(27)
@pytest.mark.parametrize(
    "content",
    [b"", b"surname,forename\nA,B\n" * 400, b"SQLite format 3\0" + b"\xff" * 5000, random.Random(1).randbytes(50_000)],
    ids=["empty", "text", "header alone", "noise"],
)
def test_a_file_that_is_no_database(path, content):
    path.parent.mkdir()
    path.write_bytes(content)
    refusal(path)
    assert path.read_bytes() == content


@pytest.mark.fault_row(28)
def test_another_programs_database(path):
    path.parent.mkdir()
    with closing(sqlite.connect(str(path))) as connection:
        connection.execute("CREATE TABLE moz_places (id INTEGER)")
        connection.commit()
    before = path.read_bytes()
    assert "another program" in refusal(path)
    pragma(path, "application_id = 42")
    assert "another program" in refusal(path)
    pragma(path, "application_id = 0")
    assert path.read_bytes()[200:] == before[200:]
    assert [file.name for file in path.parent.iterdir()] == ["practice.db"]


@pytest.mark.fault_row(28)
def test_a_newer_one_is_named_with_both_numbers_and_left_alone(made):
    pragma(made, f"user_version = {CURRENT.number + 6}")
    before = made.read_bytes()
    words = refusal(made)
    assert f"schema {CURRENT.number + 6}" in words
    assert f"schema {CURRENT.number}." in words or f"schema {CURRENT.number})" in words
    assert made.read_bytes() == before


def test_a_truncated_one(made):
    whole = made.read_bytes()
    for keep in (50, 100, 5_000, len(whole) // 2, len(whole) - 4096):
        made.write_bytes(whole[:keep])
        refusal(made)


@pytest.mark.fault_row(27)
def test_a_page_of_noise(made):
    damage_page_of(made, "patient")
    assert "damaged" in refusal(made)


@pytest.mark.fault_row(27)
def test_an_index_that_has_lost_a_patient(made):
    """Whoever is looked for by it is passed over in silence: the pages are whole, and the answers wrong."""
    with closing(sqlite.connect(str(made), isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        index = connection.execute("SELECT * FROM sqlite_master WHERE name = 'ix_patient_registration'").fetchone()
        connection.execute("DELETE FROM sqlite_master WHERE name = 'ix_patient_registration'")
    with closing(sqlite.connect(str(made), isolation_level=None)) as connection:
        connection.execute("UPDATE patient SET registration = 'deceased' WHERE id = 7")
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", index)
    with closing(sqlite.connect(str(made))) as connection:
        assert connection.execute("PRAGMA quick_check").fetchone()[0] == "ok"
    assert "damaged" in refusal(made)


def test_a_window_may_open_first_and_look_afterwards(made):
    damage_page_of(made, "patient")
    database = open_again(made, check=False)
    with pytest.raises(DatabaseUnusable, match="damaged"):
        database.refuse_damaged()
    database.close()


@pytest.mark.fault_row(27)
def test_only_where_a_backup_helps_is_it_called_damaged(made):
    """The window offers the newest backup then, and only then."""
    whole = made.read_bytes()
    for content in (b"", b"surname,forename", whole[:5_000], whole[:100] + b"\xa5" * (len(whole) - 100)):
        made.write_bytes(content)
        with pytest.raises(DatabaseDamaged):
            open_again(made)
    made.write_bytes(whole)
    pragma(made, "application_id = 42")
    with pytest.raises(DatabaseDamaged):
        open_again(made)
    made.write_bytes(whole)
    pragma(made, f"user_version = {CURRENT.number + 1}")
    for refused in (lambda: open_again(made), lambda: open_again(made, surroundings=Surroundings(on_network=bool))):
        with pytest.raises(DatabaseUnusable) as caught:
            refused()
        assert not isinstance(caught.value, DatabaseDamaged)


@pytest.mark.fault_row(27)
def test_nothing_is_written_before_a_window_has_looked(made):
    """An INSERT into a damaged table succeeds; only reading it fails."""
    database = PracticeDatabase.open(made, clock=ManualClock(), check=False, hold_writes=True)
    with pytest.raises(StorageFault, match="being checked"), database.writing():
        raise AssertionError("nobody may write")
    assert database.info().demonstration is False
    with pytest.raises(Cancelled):
        database.refuse_damaged(GivesUp(1))
    with pytest.raises(StorageFault, match="being checked"), database.writing():
        raise AssertionError("nobody may write")
    database.refuse_damaged()
    with database.writing():
        pass
    database.close()
    damage_page_of(made, "patient")
    damaged = PracticeDatabase.open(made, clock=ManualClock(), check=False, hold_writes=True)
    with pytest.raises(DatabaseDamaged):
        damaged.refuse_damaged()
    with pytest.raises(StorageFault, match="being checked"), damaged.writing():
        raise AssertionError("nobody may write")
    damaged.close()


@pytest.mark.fault_row(27)
def test_random_damage_is_refused_or_never_met_with_a_traceback(made):
    """50 damaged files: refused in words, or they can be worked with (faults, section 4: Disk)."""
    whole = made.read_bytes()
    refused = 0
    for seed in range(50):
        chance = random.Random(seed)
        damaged = bytearray(whole)
        for _ in range(chance.choice((1, 20, 400))):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        for leftover in ("practice.db-wal", "practice.db-shm"):
            made.with_name(leftover).unlink(missing_ok=True)
        made.write_bytes(damaged)
        try:
            database = open_again(made)
        except DatabaseUnusable:
            refused += 1
            continue
        try:
            SqlPracticeStore(database).patient_count()
            SqlMigrationStore(database).begin_run(NewRun(FAMILY, None), OPERATOR, database.clock.now())
        except KnownError:
            refused += 1
        finally:
            database.close()
    assert refused > 10


@pytest.mark.fault_row(26)
def test_a_read_only_file_or_folder(made):
    for unwritable in (made, made.parent):
        here = Surroundings(may_write=lambda place, unwritable=unwritable: place != unwritable)
        assert "read-only" in refusal(made, surroundings=here)


def test_the_systems_own_word_on_writing(tmp_path):
    assert location.may_be_written(tmp_path)
    assert not location.may_be_written(tmp_path / "missing")


def test_a_network_drive(made, tmp_path):
    asked: list[Path] = []

    def on_network(folder: Path) -> bool:
        asked.append(folder)
        return True

    assert "network" in refusal(made, surroundings=Surroundings(on_network=on_network))
    assert asked == [made.parent]
    with pytest.raises(DatabaseUnusable, match="network"):
        PracticeDatabase.create(
            tmp_path / "new" / "practice.db", clock=ManualClock(), surroundings=Surroundings(on_network=on_network)
        )
    assert not (tmp_path / "new" / "practice.db").exists()


def test_this_machines_own_disk_is_none(tmp_path):
    assert location.is_on_network_drive(tmp_path) is False


def test_a_database_that_another_program_has_for_itself(made):
    with closing(sqlite.connect(str(made), isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        assert "busy" in refusal(made)
        other.execute("ROLLBACK")


def test_a_database_without_its_own_row(made):
    with closing(sqlite.connect(str(made), isolation_level=None)) as connection:
        connection.execute("DELETE FROM meta")
    assert "damaged" in refusal(made)


@pytest.mark.parametrize("text", ["2026-11-02 18:30", "yesterday", b"\xff\xfe"])
def test_a_time_that_is_none(made, text):
    with closing(sqlite.connect(str(made), isolation_level=None)) as connection:
        connection.execute("UPDATE meta SET created_at = ?", (text,))
    database = open_again(made)
    with pytest.raises(StorageFault, match="damaged"), database.reading() as connection:
        connection.execute(select(meta.c.created_at)).one()
    database.close()


def test_room_on_the_disk(made):
    database = open_again(made)
    database.refuse_nearly_full()
    database.close()


@pytest.mark.fault_row(7)
def test_settings_that_do_not_hold_are_refused():
    with closing(sqlite.connect(":memory:", isolation_level=None)) as connection, pytest.raises(DatabaseUnusable):
        # A database in memory knows no write-ahead log.
        recipe.set_up_writer(connection, None)


def test_a_practice_keeps_to_its_kind_of_spine(made):
    database = open_again(made)
    database.check_spine(SpineKind.REAL)
    database.mark_spine(SpineKind.SIMULATED, "tester")
    database.mark_spine(SpineKind.SIMULATED, "tester")
    database.check_spine(SpineKind.SIMULATED)
    assert database.info().spine is SpineKind.SIMULATED
    with pytest.raises(Refused, match="simulated"):
        database.check_spine(SpineKind.REAL)
    with pytest.raises(Refused, match="simulated"):
        database.mark_spine(SpineKind.REAL, "tester")
    assert database.info().spine is SpineKind.SIMULATED
    database.close()


def test_a_real_practice_is_never_rehearsed_on(made):
    database = open_again(made)
    database.mark_spine(SpineKind.REAL, "tester")
    database.close()
    database = open_again(made)
    with pytest.raises(Refused, match="rehearsal"):
        database.check_spine(SpineKind.SIMULATED)
    database.close()


def test_name_and_code_are_kept(path):
    database = PracticeDatabase.create(path, clock=ManualClock(), name="The Surgery", ods_code="A12345")
    info = database.info()
    assert (info.name, info.ods_code, info.demonstration) == ("The Surgery", "A12345", False)
    database.close()


def test_an_odd_path_is_a_path(tmp_path):
    path = tmp_path / "practice ?mode=memory&x=%41#1 é" / "practice.db"
    PracticeDatabase.create(path, clock=ManualClock()).close()
    database = open_again(path)
    database.refuse_damaged()
    database.close()
    assert path.exists()
