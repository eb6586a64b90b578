"""Which database the tests work on: a file, or a database of the tests' own PostgreSQL server.

`SCR_BULK_TEST_DATABASE=postgresql` has every test that makes a practice make it there. Without it that is a file, and
tests marked `both_databases` run twice.
"""

from __future__ import annotations

import atexit
import os
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import sqlcipher3.dbapi2 as sqlite

from app.bootstrap import move_practice, practice_database
from app.clock import Clock, SystemClock
from app.config import change_config_file, load_settings
from app.config.config_file import CONFIG_FILE
from app.storage.backend import Place
from app.storage.database import PracticeDatabase
from app.storage.postgres.address import ServerAddress
from app.storage.postgres.lock import Guards, PracticeServerLock
from app.storage.postgres.recipe import LOCK_CLASS, WRITER_LOCK
from app.storage.sqlite.lock import PracticeFileLock
from tests.helpers.clocks import ManualClock

SWITCH = "SCR_BULK_TEST_DATABASE"


class Kind(StrEnum):
    """What keeps the practice."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


_HOLDERS = """
SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND objid = %s AND granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""

WANTED = os.environ.get(SWITCH)
"""The kind that was asked for; None for the usual mixture."""

under_test = Kind(WANTED or Kind.SQLITE)
_made: list[str] = []
_locks: list[Any] = []
"""The locks of a server that a test made, given back with its databases."""


def use(kind: Kind) -> None:
    """Have practices made on this kind of database from now on."""
    global under_test
    if kind is Kind.POSTGRESQL:
        server()
    under_test = kind


def new_place(folder: Path) -> Place:
    """A place with an empty practice in it, of the kind under test; `folder` is there and empty."""
    if under_test is Kind.POSTGRESQL:
        return copy_of(_template(), folder)
    path = folder / "practice.db"
    path.write_bytes(_empty_practice())
    return path


def copy_of(template: str, folder: Path) -> ServerAddress:
    """A database of the tests' server as a copy of another one, which nobody is connected to."""
    name = server().new_database(template)
    _made.append(name)
    return address_of(name, folder)


def keep(place: Place) -> None:
    """Have a database stay beyond the end of the test that made it; whoever asks for that removes it."""
    if isinstance(place, ServerAddress):
        _made.remove(dict(place.parameters)["dbname"])


def remove(place: Place) -> None:
    """Remove a database that was kept."""
    if isinstance(place, ServerAddress):
        server().drop(dict(place.parameters)["dbname"])


def empty_database(folder: Path) -> ServerAddress:
    """A database of the tests' server with no practice in it."""
    name = server().new_database()
    _made.append(name)
    return address_of(name, folder)


def address_of(name: str, folder: Path) -> ServerAddress:
    """The address of a database of the tests' server."""
    return ServerAddress.parse(server().url(name), folder)


def share(folder: Path) -> None:
    """Move the practice of a folder to a database of the tests' server, and have the folder say so."""
    address = empty_database(folder)
    url = server().url(dict(address.parameters)["dbname"])
    move_practice(load_settings(folder), url, SystemClock())
    change_config_file(folder, {"DATABASE_URL": url})


def settle(folder: Path) -> None:
    """Have the demonstration that was made in this folder kept where the practices of this test are."""
    if under_test is Kind.POSTGRESQL:
        share(folder)


def prepare(folder: Path) -> None:
    """Have the practice that will be made in this folder kept where those of this test are: its settings say so."""
    if under_test is Kind.POSTGRESQL and not (folder / CONFIG_FILE).exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = dict(empty_database(folder).parameters)["dbname"]
        change_config_file(folder, {"DATABASE_URL": server().url(name)})


def name_place(folder: Path, place: Place) -> None:
    """Have the settings of a folder name the place that its practice was made at."""
    if isinstance(place, ServerAddress):
        change_config_file(folder, {"DATABASE_URL": server().url(dict(place.parameters)["dbname"])})


def rows_of(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    """What the practice of a folder answers to a question in SQL that both databases understand."""
    settings = load_settings(folder, environment={})
    with practice_database(settings, check=False) as files, files.database.reading() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(sql)]


def made() -> int:
    """How many databases of the server are there."""
    return len(_made)


def drop_those_after(count: int) -> None:
    """Remove the databases made since there were so many: what a whole module uses was made before its tests began."""
    while _locks:
        _locks.pop().release()
    while len(_made) > count:
        server().drop(_made.pop())


def lock_of(database: PracticeDatabase, clock: Clock, workstation: str = "FRONT-DESK") -> Any:
    """The lock of whoever works on this practice, as a workstation has it."""
    return lock_at(database.place, clock, workstation)


def lock_at(place: Place, clock: Clock, workstation: str) -> Any:
    """The lock of whoever works on the practice that is at this place, or is on its way there."""
    if isinstance(place, ServerAddress):
        _locks.append(PracticeServerLock(place, clock, workstation=workstation))
        return _locks[-1]
    return PracticeFileLock(place, clock, workstation)


def watch_of(database: PracticeDatabase, clock: Clock, workstation: str = "FRONT-DESK") -> Any:
    """The lock of whoever keeps watch over its times."""
    if isinstance(database.place, ServerAddress):
        _locks.append(PracticeServerLock(database.place, clock, Guards.WATCH, workstation))
        return _locks[-1]
    return PracticeFileLock(database.path.with_name(f"{database.path.name}.watch"), clock, workstation)


def lock_that_was_lost(database: PracticeDatabase, clock: Clock, workstation: str) -> Any:
    """The practice's lock as another workstation gets it, although the holder believes that it still has it."""
    if isinstance(database.place, ServerAddress):
        lose_lock(database.place)
        return lock_of(database, clock, workstation)
    return PracticeFileLock(database.path.with_name("lost"), clock, workstation)


def lose_lock(place: Place) -> None:
    """Have the lock of whoever works on this practice be free, and they know nothing of it."""
    if isinstance(place, ServerAddress):
        for process in _holders_of(place, Guards.PRACTICE.value):
            with closing(server().admin()) as admin:
                admin.execute("SELECT pg_terminate_backend(%s, 5000)", [process])
    else:
        # Its file is another one from now on: whoever asks next gets it.
        place.with_name(f"{place.name}.lock").unlink()


@contextmanager
def out_of_reach(database: PracticeDatabase) -> Iterator[None]:
    """Have the practice not be there for a while: its file moved, or its server letting nobody in."""
    if isinstance(database.place, ServerAddress):
        name = dict(database.place.parameters)["dbname"]
        with closing(server().admin()) as admin:
            admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
            admin.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [name])
            yield
            admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        return
    moved = database.path.rename(database.path.with_name("elsewhere.db"))
    yield
    moved.rename(database.path)


def is_being_written(place: Place) -> bool:
    """Whether somebody has a writing transaction open at this moment."""
    if isinstance(place, ServerAddress):
        return bool(_holders_of(place, WRITER_LOCK))
    with closing(sqlite.connect(str(place), isolation_level=None, timeout=0)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite.OperationalError:
            return True
        connection.execute("ROLLBACK")
        return False


class WriterElsewhere:
    """Another program, or another workstation, that writes to the practice for as long as it likes."""

    def __init__(self, place: Place) -> None:
        if isinstance(place, ServerAddress):
            self._connection = server().admin(dict(place.parameters)["dbname"])
            self._take = f"SELECT pg_advisory_lock({LOCK_CLASS}, {WRITER_LOCK})"
            self._end = "SELECT pg_advisory_unlock_all()"
        else:
            self._connection = sqlite.connect(str(place), isolation_level=None, check_same_thread=False)
            self._take, self._end = "BEGIN IMMEDIATE", "ROLLBACK"
        self._holds = False

    def take(self) -> None:
        """Begin to write."""
        self._connection.execute(self._take)
        self._holds = True

    def give_back(self) -> None:
        """Be done with it."""
        if self._holds:
            self._connection.execute(self._end)
            self._holds = False

    def close(self) -> None:
        """Be gone."""
        self.give_back()
        self._connection.close()


def _holders_of(address: ServerAddress, lock: int) -> list[int]:
    """The server's processes that hold one of the program's locks on this practice."""
    with closing(server().admin(dict(address.parameters)["dbname"])) as admin:
        return [row[0] for row in admin.execute(_HOLDERS, [LOCK_CLASS, lock])]


@cache
def server():
    """The tests' own server, started when it is first asked for.

    Where there is none the test is skipped and says so; under CI it fails.
    """
    from tests.helpers.postgres import NoServer, Server

    try:
        started = Server()
    except NoServer as lacking:
        if os.environ.get("CI", "").lower() in {"true", "1"}:
            pytest.fail(f"CI must have a PostgreSQL: {lacking}")
        pytest.skip(f"not run on PostgreSQL: {lacking}")
    atexit.register(started.close)
    return started


@cache
def _empty_practice() -> bytes:
    """The file of an empty practice, made once: making the tables takes longer than most tests."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "practice.db"
        PracticeDatabase.create(path, clock=ManualClock()).close()
        return path.read_bytes()


@cache
def _template() -> str:
    """The database with an empty practice that others are made of."""
    name: str = server().new_database()
    with tempfile.TemporaryDirectory() as folder:
        PracticeDatabase.create(address_of(name, Path(folder)), clock=ManualClock()).close()
    return name
