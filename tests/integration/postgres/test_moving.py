"""A practice moves from this computer's file to a server: whole, once, and never so that two of them can send."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import replace

import pytest
import sqlcipher3.dbapi2 as sqlite
from sqlalchemy import delete, insert, select

from app.bootstrap import practice_database, restore_practice
from app.bootstrap.moving import move_practice
from app.config import load_settings
from app.domain.errors import BadInput, DatabaseUnusable, Refused, StorageBusy, StorageFault
from app.storage import audit, transfer
from app.storage.database import PracticeDatabase
from app.storage.place import practice_lock
from app.storage.postgres import making, recipe
from app.storage.sqlite import moved
from app.storage.tables import audit_event, metadata, patient_group
from tests.helpers import databases
from tests.helpers.seeded import seeded_practice
from tests.helpers.tampering import without_triggers


@pytest.fixture
def folder(tmp_path):
    """A folder with a practice in a file, in which everything has happened."""
    databases.use(databases.Kind.SQLITE)
    database, _ = seeded_practice(tmp_path / "practice", seed=3, patients=120)
    database.close()
    databases.use(databases.Kind.POSTGRESQL)
    return tmp_path / "practice"


@pytest.fixture
def target(folder):
    return databases.empty_database(folder)


@pytest.fixture
def url(server, target) -> str:
    return server.url(dict(target.parameters)["dbname"])


def rows(database) -> dict[str, list[tuple]]:
    with database.reading() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]
            for table in metadata.sorted_tables
        }


def opened(place, clock):
    return closing(PracticeDatabase.open(place, clock=clock))


def test_every_row_arrives_and_the_trail_goes_on(folder, target, url, clock):
    with opened(folder / "practice.db", clock) as source:
        before = rows(source)
    result = move_practice(load_settings(folder), url, clock)
    with opened(target, clock) as there:
        after = rows(there)
        assert audit.first_broken(there) is None
        assert after["audit_event"][:-1] == before["audit_event"]
        assert after["audit_event"][-1][3] == audit.AuditAction.DATABASE_MOVED
        for name in before.keys() - {"audit_event", "meta"}:
            assert after[name] == before[name], name
        with there.writing() as connection:
            new = connection.execute(insert(patient_group).values(name="After the move")).inserted_primary_key[0]
        assert new == max((row[0] for row in before["patient_group"]), default=0) + 1
    assert result.kept.name.startswith("practice-moved-")
    assert "scr" not in result.label


def test_the_file_is_kept_as_it_was_and_never_opened_again(folder, url, clock, tmp_path):
    with opened(folder / "practice.db", clock) as source:
        before = rows(source)
    kept = move_practice(load_settings(folder), url, clock).kept
    with closing(sqlite.connect(str(kept))) as connection:
        for name, held in before.items():
            assert connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] == len(held)
    kept.rename(folder / "practice.db")
    with pytest.raises(DatabaseUnusable, match="was moved to a shared database"):
        PracticeDatabase.open(folder / "practice.db", clock=clock)


def test_the_folder_says_where_its_practice_went(folder, url, clock):
    settings = load_settings(folder)
    move_practice(settings, url, clock)
    with pytest.raises(Refused, match="moved to a shared database"), practice_database(settings, clock):
        pass
    with practice_database(replace(settings, database_url=url), clock) as files:
        assert files.store.patient_count() == 125
        assert files.database.label.startswith("the database test_")


def test_a_server_that_is_lost_while_a_copy_is_made_is_told_in_words(server, target, clock, tmp_path):
    PracticeDatabase.create(target, clock=clock).close()

    def cut(doing: str, *_: object) -> None:
        if doing.endswith("audit event"):
            with closing(server.admin()) as admin:
                name = dict(target.parameters)["dbname"]
                admin.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [name])

    with opened(target, clock) as practice:
        with pytest.raises(StorageBusy, match="cannot be reached"):
            practice.back_up(tmp_path / "backups", progress=cut)
        with pytest.raises(StorageBusy, match="cannot be reached"), practice.copied(cut):
            raise AssertionError("there is no copy")
    assert not list((tmp_path / "backups").iterdir())


def test_a_copy_that_takes_long_is_not_cut_off(target, clock, tmp_path, monkeypatch):
    """While what arrived is gone through, nothing is asked of the server: longer than it lets others be idle."""
    monkeypatch.setattr(recipe, "_IDLE_SECONDS", 1)
    PracticeDatabase.create(target, clock=clock).close()
    waited: list[str] = []

    def slowly(doing: str, *_: object) -> None:
        if doing.endswith("audit event") and not waited:
            waited.append(doing)
            time.sleep(1.5)  # the length of the silence is what is tried here

    with opened(target, clock) as practice:
        assert practice.back_up(tmp_path / "backups", progress=slowly).exists()
    assert waited


def test_no_backup_becomes_a_second_practice(folder, url, clock, tmp_path):
    with opened(folder / "practice.db", clock) as source:
        copy = source.back_up(tmp_path / "backups")
    settings = load_settings(folder)
    move_practice(settings, url, clock)
    for now in (settings, replace(settings, database_url=url)):
        with pytest.raises(Refused):
            restore_practice(now, copy, clock)


def test_a_practice_whose_trail_was_touched_stays_where_it_is(folder, target, url, clock):
    with opened(folder / "practice.db", clock) as source:
        without_triggers(source, lambda connection: connection.execute(delete(audit_event)))
    with pytest.raises(StorageFault, match="audit trail of this practice is not whole, so it was not moved"):
        move_practice(load_settings(folder), url, clock)
    assert not making.is_taken(target)
    with opened(folder / "practice.db", clock) as source:
        assert audit.first_broken(source) == 1


def test_not_onto_a_practice_that_is_there(folder, target, url, clock):
    PracticeDatabase.create(target, clock=clock, name="Another").close()
    with pytest.raises(Refused, match="holds a practice already"):
        move_practice(load_settings(folder), url, clock)
    with opened(folder / "practice.db", clock), opened(target, clock) as there:
        assert there.info().name == "Another"


def test_not_while_somebody_works_on_it(folder, target, url, clock):
    for place in (folder / "practice.db", target):
        lock = practice_lock(place, clock)
        lock.acquire("Pat Manager")
        with pytest.raises(Refused):
            move_practice(load_settings(folder), url, clock)
        lock.release()
    PracticeDatabase.open(folder / "practice.db", clock=clock).close()


def test_a_window_that_is_still_open_writes_into_the_old_file_no_more(folder, url, clock):
    with opened(folder / "practice.db", clock) as still_open:
        move_practice(load_settings(folder), url, clock)
        with pytest.raises(StorageFault, match="moved"), still_open.writing():
            pass


@pytest.mark.parametrize("table", ["consent_entry", "audit_event"])
def test_what_does_not_arrive_as_it_was_sent_is_no_move(folder, target, url, clock, monkeypatch, table):
    real = transfer._copy

    def lose_one(source, connection, of, progress):
        sent = real(source, connection, of, progress)
        if of.name == table:
            name = f"session_replication_role = {'replica'}"
            connection.exec_driver_sql(f"SET LOCAL {name}")
            connection.exec_driver_sql(f"DELETE FROM {table} WHERE ctid = (SELECT max(ctid) FROM {table})")
        return sent

    monkeypatch.setattr(transfer, "_copy", lose_one)
    with pytest.raises(StorageFault, match=f"not the same as the original .table {table}"):
        move_practice(load_settings(folder), url, clock)
    assert not making.is_taken(target)
    assert not making.is_taken(target.in_the_making)
    PracticeDatabase.open(folder / "practice.db", clock=clock).close()


class Died(BaseException):
    """The program's end at this point."""


@pytest.mark.parametrize("at", ["before the mark", "after the mark", "before the file is laid aside"])
def test_whenever_it_breaks_off_one_practice_can_be_opened_at_most_and_the_command_goes_on(
    folder, target, url, clock, monkeypatch, at
):
    def die(*_):
        raise Died

    place, name = {
        "before the mark": (moved, "mark_moved"),
        "after the mark": (making, "finish"),
        "before the file is laid aside": (moved, "lay_aside"),
    }[at]
    settings = load_settings(folder)
    with monkeypatch.context() as patch:
        patch.setattr(place, name, die)
        with pytest.raises(Died):
            move_practice(settings, url, clock)
    usable = []
    for one in (folder / "practice.db", target):
        try:
            PracticeDatabase.open(one, clock=clock).close()
        except DatabaseUnusable:
            continue
        usable.append(one)
    assert len(usable) <= 1
    assert usable == {"before the mark": [folder / "practice.db"], "after the mark": []}.get(at, [target])
    move_practice(settings, url, clock)
    with opened(target, clock) as there:
        assert audit.first_broken(there) is None
    assert not (folder / "practice.db").exists()


def test_a_move_that_broke_off_does_not_end_on_another_database(folder, target, url, server, clock, monkeypatch):
    def die(*_):
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(making, "finish", die)
        with pytest.raises(Died):
            move_practice(load_settings(folder), url, clock)
    other = server.url(dict(databases.empty_database(folder).parameters)["dbname"])
    with pytest.raises(Refused, match="does not have it"):
        move_practice(load_settings(folder), other, clock)
    move_practice(load_settings(folder), url, clock)
    PracticeDatabase.open(target, clock=clock).close()


def test_a_folder_with_a_practice_of_its_own_beside_the_shared_one_is_refused(folder, url, clock):
    settings = replace(load_settings(folder), database_url=url)
    with pytest.raises(Refused, match="holds a practice of its own"), practice_database(settings, clock):
        pass


def test_demonstrations_stay(folder, url, clock):
    (folder / "simulated-spine.db").touch()
    with pytest.raises(Refused, match="stays on this computer"):
        move_practice(load_settings(folder), url, clock)


def test_an_address_of_no_use_is_said_without_repeating_it(folder, clock):
    with pytest.raises(BadInput) as told:
        move_practice(load_settings(folder), "mysql://scr:geheim@server/x", clock)
    assert "geheim" not in str(told.value)
