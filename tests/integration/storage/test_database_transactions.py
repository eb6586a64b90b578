"""Transactions: waiting, full and read-only disks, what is told of a fault (faults, rows 23 to 26)."""

from __future__ import annotations

import shutil
import sys
import threading
import time
import traceback
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as sqlite
from sqlalchemy import Connection, select, text, update
from sqlalchemy.exc import StatementError

from app.domain.errors import StorageFault
from app.storage.database import PracticeDatabase, Surroundings
from app.storage.faults import InconsistentChange
from app.storage.tables import meta, patient
from tests.helpers.clocks import ManualClock
from tests.helpers.migration import Migration
from tests.helpers.practice import ListOf, a_patient, bring_in, damage_page_of, new_practice, number

pytestmark = pytest.mark.sqlite_only

SECRET_NUMBER, SECRET_NAME = number(77), "Featherstonehaugh"


@pytest.fixture
def naps() -> list[float]:
    return []


@pytest.fixture
def hurried(database: PracticeDatabase, naps: list[float]) -> PracticeDatabase:
    """The same practice, opened by a program that waits 10 ms for a busy file and notes its own naps."""
    quick = PracticeDatabase.open(
        database.path,
        clock=ManualClock(),
        surroundings=Surroundings(busy_timeout=0.01, sleep=naps.append),
    )
    yield quick
    quick.close()


def name_of(database: PracticeDatabase) -> str:
    return database.info().name


def rename(database: PracticeDatabase, name: str) -> None:
    with database.writing() as connection:
        connection.execute(update(meta).values(practice_name=name))


def test_a_transaction_is_undone_by_any_exception(database):
    def give_up_half_way() -> None:
        with database.writing() as connection:
            connection.execute(update(meta).values(practice_name="half"))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        give_up_half_way()
    assert name_of(database) == ""
    rename(database, "whole")
    assert name_of(database) == "whole"


def test_durable_settings_hold_on_every_connection(database):
    with database.writing() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "mmap_size")
        }
    assert settings == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 5000,
        "mmap_size": 0,
    }


def test_a_writer_has_the_file_from_its_beginning(database):
    other = sqlite.connect(str(database.path), timeout=0, isolation_level=None)
    with closing(other), database.writing(), pytest.raises(sqlite.OperationalError, match="locked"):
        other.execute("BEGIN IMMEDIATE")


def test_readers_see_the_last_commit_and_cannot_write(database):
    with database.writing() as connection:
        connection.execute(update(meta).values(practice_name="not yet"))
        assert name_of(database) == ""
    assert name_of(database) == "not yet"
    with pytest.raises(StorageFault), database.reading() as connection:
        connection.execute(update(meta).values(practice_name="never"))
    assert name_of(database) == "not yet"


def test_a_reader_sees_one_moment(database):
    with database.reading() as connection:
        assert connection.execute(select(meta.c.practice_name)).scalar() == ""
        rename(database, "changed")
        assert connection.execute(select(meta.c.practice_name)).scalar() == ""
    assert name_of(database) == "changed"


def test_foreign_keys_hold(database):
    with pytest.raises(InconsistentChange), database.writing() as connection:
        connection.execute(text("DELETE FROM patient"))


def test_threads_take_turns(database):
    errors: list[BaseException] = []

    def count_up() -> None:
        try:
            for _ in range(10):
                with database.writing() as connection:
                    epoch = connection.execute(select(meta.c.epoch)).scalar_one()
                    connection.execute(update(meta).values(epoch=epoch + 1))
        except Exception as error:  # noqa: BLE001 - whatever it is, the test must see it
            errors.append(error)

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    with database.reading() as connection:
        assert connection.execute(select(meta.c.epoch)).scalar() == 40


# --- busy ---------------------------------------------------------------------------------------------------------


@pytest.mark.fault_row(24)
def test_a_busy_file_is_tried_again_five_times_and_then_told(database, hurried, naps):
    with database.writing(), pytest.raises(StorageFault, match="busy"):
        rename(hurried, "never")
    assert len(naps) == 5
    assert all(0 < nap < 1 for nap in naps)
    rename(hurried, "now")
    assert name_of(hurried) == "now"


def test_a_thread_does_not_wait_for_ever_for_another(hurried):
    with hurried.writing(), pytest.raises(StorageFault, match="busy"):
        rename(hurried, "never")
    rename(hurried, "now")
    assert name_of(hurried) == "now"


@pytest.mark.fault_row(23)
def test_a_file_that_comes_free_meanwhile_is_written(database, naps):
    with closing(sqlite.connect(str(database.path), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        def nap(seconds: float) -> None:
            naps.append(seconds)
            if len(naps) == 3:
                other.execute("ROLLBACK")

        patient_one = PracticeDatabase.open(
            database.path, clock=ManualClock(), surroundings=Surroundings(busy_timeout=0.01, sleep=nap)
        )
        rename(patient_one, "at last")
        patient_one.close()
    assert len(naps) == 3
    assert name_of(database) == "at last"


def is_waiting_in_the_driver(thread: threading.Thread) -> bool:
    frame = sys._current_frames().get(thread.ident or 0)
    return frame is not None and frame.f_code.co_name == "do_execute"


@pytest.mark.fault_row(23)
def test_another_program_that_writes_for_a_moment_is_waited_for(database):
    """With the settings of every day: no try is lost, the driver itself waits."""
    errors: list[BaseException] = []

    def write() -> None:
        try:
            rename(database, "after")
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test must see it
            errors.append(error)

    with closing(sqlite.connect(str(database.path), isolation_level=None, timeout=0)) as other:
        other.execute("BEGIN IMMEDIATE")
        writer = threading.Thread(target=write)
        writer.start()
        give_up_at = time.monotonic() + 4
        while not is_waiting_in_the_driver(writer):
            assert time.monotonic() < give_up_at
        assert name_of(database) == ""
        other.execute("COMMIT")
        writer.join(20)
    assert not errors
    assert name_of(database) == "after"


# --- the disk -----------------------------------------------------------------------------------------------------


@pytest.mark.fault_row(25)
def test_a_full_disk_loses_the_transaction_and_nothing_else(tmp_path):
    database = new_practice(tmp_path / "data", ListOf([a_patient("A")]))
    rename(database, "before")

    def fill(*, limited: bool) -> None:
        with database.writing() as connection:
            if limited:
                allow_no_more_pages(connection)
            connection.execute(update(meta).values(practice_name="after"))
            connection.execute(update(patient).values(surname="x" * 1_000_000))

    with pytest.raises(StorageFault, match="full"):
        fill(limited=True)
    assert name_of(database) == "before"
    # That connection, which SQLite has taken out of its transaction, is not used again: the next has no limit.
    fill(limited=False)
    assert name_of(database) == "after"
    database.close()


def allow_no_more_pages(connection: Connection) -> None:
    pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")


@pytest.mark.fault_row(25)
def test_a_disk_full_in_the_middle_of_a_run_leaves_the_run_as_it_was(migration):
    change = migration.not_required("C", local=migration.conversion("C"))
    with migration.database.writing() as connection:
        allow_no_more_pages(connection)
    more = [migration.outcome("B", "unprocessed", text="x" * 100_000)]
    with pytest.raises(StorageFault, match="full"):
        migration.commit(change, *more)
    assert migration.item_row("C").state == "unprocessed"
    assert migration.commit(change) == [True]


@pytest.mark.fault_row(26)
def test_a_database_that_turned_read_only(database):
    with database.writing() as connection:
        connection.exec_driver_sql("PRAGMA query_only=ON")
    with pytest.raises(StorageFault, match="read-only"):
        rename(database, "never")
    rename(database, "again")
    assert name_of(database) == "again"


@pytest.mark.fault_row(26)
def test_a_database_that_has_gone(database):
    shutil.rmtree(database.path.parent)
    for use in (name_of, lambda gone: rename(gone, "never")):
        with pytest.raises(StorageFault, match="moved, replaced or deleted"):
            use(database)


def test_a_database_that_was_replaced_under_the_program(database, tmp_path):
    other = new_practice(tmp_path / "other", ListOf([]))
    other.close()
    database.path.rename(tmp_path / "moved.db")
    shutil.copy(other.path, database.path)
    with pytest.raises(StorageFault, match="replaced"):
        rename(database, "never")


@pytest.mark.fault_row(27)
def test_a_page_that_is_damaged_while_in_use(database):
    database.close()
    damage_page_of(database.path, "patient")
    damaged = PracticeDatabase.open(database.path, clock=ManualClock(), check=False)
    with pytest.raises(StorageFault, match="damaged"):
        bring_in(damaged, ListOf([a_patient("A")]), update=True)
    damaged.close()


# --- what is told -------------------------------------------------------------------------------------------------


def secrets_in(error: BaseException) -> list[str]:
    """What an error gives away, and those behind it, which a log may still write out."""
    told = "".join(traceback.format_exception(error))
    behind: BaseException | None = error
    while behind is not None:
        told += f"{behind!r} {behind}"
        behind = behind.__cause__ or behind.__context__
    return [secret for secret in (SECRET_NUMBER, SECRET_NAME) if secret in told]


def test_no_error_tells_a_number_or_a_name(database):
    secret = {"nhs_number": SECRET_NUMBER, "surname": SECRET_NAME}
    doings = [
        # a broken constraint
        lambda connection: connection.execute(update(patient).values(patient_ref="same", **secret)),
        # a broken check
        lambda connection: connection.execute(
            text("UPDATE patient SET registration = 'x', nhs_number = :nhs_number, surname = :surname"), secret
        ),
        # an error of the database
        lambda connection: connection.execute(
            text("UPDATE no_such_table SET nhs_number = :nhs_number, surname = :surname"), secret
        ),
        # a value that is none
        lambda connection: connection.execute(update(patient).values(date_of_birth=3, **secret)),
    ]
    for doing in doings:
        with (
            pytest.raises((InconsistentChange, StorageFault, StatementError)) as caught,
            database.writing() as connection,
        ):
            doing(connection)
        assert not secrets_in(caught.value)


def test_a_time_without_a_zone_is_never_stored(database):
    with pytest.raises(StatementError, match="zone"), database.writing() as connection:
        connection.execute(update(meta).values(created_at=datetime(2026, 10, 25, 1, 30)))  # noqa: DTZ001


def test_a_damaged_date_of_birth_is_not_told(tmp_path: Path):
    database = new_practice(tmp_path, ListOf([a_patient("A", number(0))]))
    migration = Migration(database).begin()
    with database.writing() as connection:
        connection.execute(text("UPDATE consent_entry SET event_date = '1931-1X-01'"))
        connection.execute(text("UPDATE patient SET date_of_birth = '1931-1X-01'"))
    with pytest.raises(StorageFault, match="damaged") as caught, database.reading() as connection:
        connection.execute(select(patient)).all()
    assert "1931" not in "".join(traceback.format_exception(caught.value))
    assert migration.fresh() == ["A"]
    database.close()
