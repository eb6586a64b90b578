"""How connections to the practice database are made: the one place that knows the driver, its settings and its file.

SQLite comes from the sqlcipher3 wheels, because those of Python carry versions with a WAL corruption bug. A key for
encryption at rest would come in here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlite
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool

from app.domain.errors import DatabaseUnusable
from app.engine.long_work import Cancelled, Progress
from app.storage.backend import BUSY_TIMEOUT_SECONDS, BUSY_TRIES, Engines

READERS = 8
"""Read connections at most: the window, the worker, an export and a few to spare."""

_FULL = 2

_CACHE_KIB = 4_000
"""Of pages kept by each connection. The driver's own eight megabytes, times as many connections as are open, would
have the program's memory grow with the list."""

_STEPS_BETWEEN = 100_000
"""Of SQLite's own small steps, some ten milliseconds: how often a long statement looks whether it is given up."""


def sqlite_engines(path: Path, busy_timeout: float = BUSY_TIMEOUT_SECONDS) -> Engines:
    """Engines for a file that is known to be a practice database; nothing is opened yet."""
    writer = _engine(path, busy_timeout, pool_size=1)
    event.listen(writer, "connect", set_up_writer)
    event.listen(writer, "begin", _begin_immediate)
    reader = _engine(path, busy_timeout, pool_size=READERS)
    event.listen(reader, "connect", _set_up_reader)
    event.listen(reader, "begin", _begin)
    return Engines(writer, reader)


def plain_connection(path: Path, *, read_only: bool = False) -> Any:
    """A bare connection in autocommit mode, for looking at a file and for VACUUM, which no transaction may hold."""
    mode = "ro" if read_only else "rw"
    return sqlite.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        timeout=BUSY_TIMEOUT_SECONDS,
        check_same_thread=False,
    )


@contextmanager
def interruptible(connection: Any, progress: Progress, doing: str) -> Iterator[None]:
    """Let one long statement on a bare connection be given up: `Cancelled` takes the place of the driver's error."""
    given_up = False

    def look_up() -> bool:
        nonlocal given_up
        try:
            progress(doing)
        except Cancelled:
            given_up = True
        return given_up

    progress(doing)
    connection.set_progress_handler(look_up, _STEPS_BETWEEN)
    try:
        yield
    except sqlite.OperationalError:
        if given_up:
            raise Cancelled from None
        raise
    finally:
        connection.set_progress_handler(None, 0)


def _engine(path: Path, busy_timeout: float, *, pool_size: int) -> Engine:
    return create_engine(
        "sqlite+pysqlite://",
        module=sqlite,
        # The file is opened through a function, so that a path with odd characters is never parsed as an address.
        creator=lambda: sqlite.connect(str(path), isolation_level=None, timeout=busy_timeout, check_same_thread=False),
        poolclass=QueuePool,
        pool_size=pool_size,
        max_overflow=0,
        # A thread waits for another of this program as long as for another program.
        pool_timeout=busy_timeout * BUSY_TRIES,
        hide_parameters=True,
    )


def set_up_writer(connection: Any, _record: object) -> None:
    """Write-ahead log, every commit on the disk before it is answered, foreign keys; refused where they do not hold."""
    cursor = connection.cursor()
    try:
        journal = cursor.execute("PRAGMA journal_mode=WAL").fetchone()[0]
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
        synchronous = cursor.execute("PRAGMA synchronous").fetchone()[0]
        foreign_keys = cursor.execute("PRAGMA foreign_keys").fetchone()[0]
    finally:
        cursor.close()
    if (str(journal).lower(), synchronous, foreign_keys) != ("wal", _FULL, 1):
        raise DatabaseUnusable(
            "The practice database cannot be kept safe against power loss in this folder. "
            "Move it to a folder on this computer's own disk."
        )


def _set_up_reader(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    try:
        cursor.execute("PRAGMA query_only=ON")
        cursor.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
    finally:
        cursor.close()


def _begin_immediate(connection: Connection) -> None:
    # A deferred transaction that reads and then writes fails at once when another wrote in between.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
