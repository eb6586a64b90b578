"""Where the simulated Spine remembers: one SQLite database, in a file or in memory, written in groups.

Every change made before a call of `committed` is on disk when its future is done, so an answer that waits for it
promises nothing that a power cut could take back. Changes that arrive while one group is being written share the
next one's disk write. SQLite comes through sqlcipher3, whose version is free of the WAL-reset bug of the one in
Python. Nothing here knows what the rows mean.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2

from app.simulator.errors import StateForeign, StateUnreadable

APPLICATION_ID = 0x53505349
"""Marks the file as a simulated Spine's state ("SPSI")."""

SCHEMA_VERSION = 1

_SCHEMA = """
CREATE TABLE patient (
    nhs_number TEXT NOT NULL UNIQUE, has_scr INTEGER NOT NULL, permission TEXT NOT NULL
);
CREATE TABLE history (
    n INTEGER PRIMARY KEY, at TEXT NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL, nhs_number TEXT,
    permission TEXT, request_id TEXT, correlation_id TEXT, status INTEGER, applied INTEGER NOT NULL
);
CREATE TABLE session (
    sid TEXT PRIMARY KEY, uid TEXT NOT NULL, ends_at TEXT NOT NULL, refresh_count INTEGER NOT NULL,
    revoked INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE token (
    digest TEXT PRIMARY KEY, kind TEXT NOT NULL, sid TEXT, expires_at TEXT NOT NULL, spent INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""

Row = tuple[Any, ...]


@dataclass(slots=True)
class _Group:
    """Statements that are written together, and the promise that they are."""

    done: asyncio.Future[None]
    statements: list[tuple[str, Iterable[Row]]] = field(default_factory=list)


class Journal:
    """The database of one running simulated Spine; lives on its event loop, writes on a thread of its own.

    `on_failure` is told, once, when a group cannot be written; from then on nothing can be promised.
    """

    def __init__(self, path: Path | None, on_failure: Callable[[StateUnreadable], None]) -> None:
        self._path = path
        self._connection = _open(path)
        self._on_failure = on_failure
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="spine-journal")
        self._gathering: _Group | None = None
        self._writing: _Group | None = None

    def rows(self, query: str, parameters: Row = ()) -> list[Row]:
        """What the database holds; directly only at start-up, before anything is written."""
        try:
            found: list[Row] = self._connection.execute(query, parameters).fetchall()
        except dbapi2.Error as error:
            raise _unreadable(self._path, error) from error
        return found

    async def read(self, query: str, parameters: Row = ()) -> list[Row]:
        """What the database holds once everything written so far is in it."""
        await self.committed()
        return await asyncio.get_running_loop().run_in_executor(self._thread, self.rows, query, parameters)

    def write(self, statement: str, rows: Iterable[Row]) -> None:
        """Have this statement carried out for each of the rows, in the order of the calls.

        An iterator is drawn from when the group is put together, so it sees the latest.
        """
        if self._gathering is None:
            loop = asyncio.get_running_loop()
            self._gathering = _Group(loop.create_future())
            if self._writing is None:
                loop.call_soon(self._write_group, self._gathering)
        self._gathering.statements.append((statement, rows))

    async def committed(self) -> None:
        """Come back when everything written so far is durable; raises StateUnreadable when it cannot be."""
        last = self._gathering or self._writing
        if last is not None:
            await asyncio.shield(last.done)

    async def close(self) -> None:
        """Write what is waiting and close the database."""
        try:
            await self.committed()
        finally:
            self._thread.shutdown()
            self._connection.close()

    def _write_group(self, group: _Group) -> None:
        self._writing, self._gathering = group, None
        work = [(statement, list(rows)) for statement, rows in group.statements]
        writing = asyncio.get_running_loop().run_in_executor(self._thread, self._commit, work)
        writing.add_done_callback(partial(self._written, group))

    def _written(self, group: _Group, writing: asyncio.Future[None]) -> None:
        self._writing = None
        error = writing.exception()
        if error is None:
            group.done.set_result(None)
            if self._gathering is not None:
                self._write_group(self._gathering)
            return
        failure = _unreadable(self._path, error)
        for failed in (group, self._gathering):
            if failed is not None:
                failed.done.set_exception(failure)
                failed.done.exception()  # nobody may be waiting for it
        self._on_failure(failure)

    def _commit(self, group: list[tuple[str, list[Row]]]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            for statement, rows in group:
                self._connection.executemany(statement, rows)
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise


def _open(path: Path | None) -> Any:
    """A connection to the state, its tables made when it is new; the file stays this process's alone."""
    try:
        connection = dbapi2.connect(
            str(path) if path else ":memory:", isolation_level=None, check_same_thread=False, timeout=0.5
        )
    except dbapi2.Error as error:
        raise _unreadable(path, error) from error
    try:
        _prepare(connection, path)
    except dbapi2.Error as error:
        connection.close()
        raise _unreadable(path, error) from error
    except StateForeign:
        connection.close()
        raise
    return connection


def _prepare(connection: Any, path: Path | None) -> None:
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    _identify(connection, path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    # Taking the write lock once is what keeps a second simulated Spine off the file.
    connection.execute("BEGIN EXCLUSIVE")
    if not connection.execute("PRAGMA user_version").fetchone()[0]:
        _create(connection)
    connection.execute("COMMIT")


def _create(connection: Any) -> None:
    for statement in _SCHEMA.split(";"):
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _identify(connection: Any, path: Path | None) -> None:
    """Raise StateForeign unless the database is empty or a state this program can go on with."""
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if not (application or version or tables):
        return
    if application != APPLICATION_ID:
        raise StateForeign(f"The file {path} belongs to another program. Choose another state file.")
    if version > SCHEMA_VERSION:
        raise StateForeign(f"The state file {path} was written by a newer version of this program.")


def _unreadable(path: Path | None, error: BaseException) -> StateUnreadable:
    if "locked" in str(error):
        return StateUnreadable(f"The state file {path} is in use by another simulated Spine. End that one first.")
    if "not a database" in str(error) or "malformed" in str(error):
        return StateUnreadable(f"The state file {path} is damaged, or is not a state file. Choose another one.")
    return StateUnreadable(f"The state file {path} cannot be used ({error}). Check the folder and the disk space.")
