"""How connections to a practice database on a server are made: the one place that knows the driver and its settings.

What SQLite gives by nature is asked for here: one writer at a time over all workstations (an advisory lock, taken as
each writing transaction begins), readers that see one moment (REPEATABLE READ, read-only), commits that are on the disk
before they are answered.
"""

from __future__ import annotations

import os
import socket
import threading
import weakref
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool

from app.domain.errors import DatabaseUnusable
from app.storage.backend import BUSY_TIMEOUT_SECONDS, BUSY_TRIES, Engines
from app.storage.postgres.address import ServerAddress

LOCK_CLASS = 0x53435243
"""The first half of every advisory lock of this program; the second says what it guards."""
WRITER_LOCK = 1

READERS = 4
"""Read connections of one workstation at most: a server has a hundred for everybody."""

OLDEST_SERVER = 140000

_CONNECT_SECONDS = 5
_STATEMENT_SECONDS = 120
_IDLE_SECONDS = 60
"""A workstation that froze in the middle of a transaction holds up the others no longer than this."""
_SILENT_SECONDS = 1800
"""The same where one only reads, and writes a copy of it into a file meanwhile."""

# A workstation that lost power is found out after 20 + 3 x 5 seconds instead of the usual two hours (faults, row 38);
# told to the server for its side, and to the driver for ours, which finds a dead server.
_KEEPALIVES = {"idle": 20, "interval": 5, "count": 3}
_UNANSWERED_MILLISECONDS = 35_000


_connections: dict[tuple[tuple[str, str], ...], weakref.WeakSet[Any]] = {}
_mutex = threading.Lock()


@dataclass(frozen=True, slots=True)
class Began:
    """What is known of a writing transaction from its beginning: its number and the schema it writes to."""

    transaction: str
    schema: int | None


def connect(address: ServerAddress, *, lock_seconds: float = BUSY_TIMEOUT_SECONDS, read_only: bool = False) -> Any:
    """A bare connection in autocommit mode. Raises the driver's errors."""
    session = {
        "search_path": address.schema,
        "timezone": "UTC",
        "datestyle": "ISO",
        "synchronous_commit": "on",
        "default_transaction_read_only": "on" if read_only else "off",
        "lock_timeout": f"{lock_seconds * 1000:.0f}",
        "statement_timeout": f"{_STATEMENT_SECONDS * 1000}",
        "idle_in_transaction_session_timeout": f"{_IDLE_SECONDS * 1000}",
        **{f"tcp_keepalives_{name}": str(value) for name, value in _KEEPALIVES.items()},
    }
    own: dict[str, Any] = {
        "application_name": "scr-bulk",
        "client_encoding": "UTF8",
        "connect_timeout": _CONNECT_SECONDS,
        "keepalives": 1,
        **{f"keepalives_{name}": value for name, value in _KEEPALIVES.items()},
        "tcp_user_timeout": _UNANSWERED_MILLISECONDS,
        "options": " ".join(f"-c {name}={value}" for name, value in session.items()),
        **dict(address.parameters),
    }
    connection = psycopg.connect(autocommit=True, **own)
    with _mutex:
        _connections.setdefault(address.parameters, weakref.WeakSet()).add(connection)
    return connection


def cut(address: ServerAddress) -> None:
    """Break every connection to this database, so that whoever waits for an answer there waits no more.

    For the end of the program before a server that stands still: it answers nobody, and cuts nobody off either.
    """
    with _mutex:
        connections = list(_connections.get(address.parameters, ()))
    for connection in connections:
        with suppress(psycopg.Error, OSError), socket.socket(fileno=os.dup(connection.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)


def postgres_engines(address: ServerAddress, busy_timeout: float) -> Engines:
    """Engines for a server's database; nothing is opened yet."""
    # One writer at a time, so that READ COMMITTED shows it everything the last one wrote. REPEATABLE READ would not:
    # its moment is the one before it waited for the lock.
    writer = _engine(address, busy_timeout, 1, "READ COMMITTED", read_only=False)
    event.listen(writer, "connect", refuse_unsafe)
    event.listen(writer, "begin", _begin_alone)
    return Engines(writer, _engine(address, busy_timeout, READERS, "REPEATABLE READ", read_only=True))


def began(connection: Connection) -> Began:
    """What was learnt when the open writing transaction began."""
    known: Began = connection.info["began"]
    return known


def has_failed(connection: Connection) -> bool:
    """Whether a statement of the open transaction failed: the server does nothing more in it, and undoes it."""
    driver: Any = connection.connection.driver_connection
    return bool(driver.info.transaction_status is TransactionStatus.INERROR)


def read_at_length(connection: Connection) -> None:
    """Let the open reading transaction be silent for long: a copy is gone through meanwhile, and nobody waits."""
    connection.exec_driver_sql(f"SET LOCAL idle_in_transaction_session_timeout = '{_SILENT_SECONDS}s'")


def refuse_unsafe(connection: Any, _record: object = None) -> None:
    """Raise `DatabaseUnusable` where a commit could be lost, or the server is none that this program knows."""
    if connection.info.server_version < OLDEST_SERVER:
        raise DatabaseUnusable("The database server is too old: this program needs PostgreSQL 14 or newer.")
    with closing(connection.cursor()) as cursor:
        cursor.execute(
            "SELECT current_setting('fsync'), current_setting('full_page_writes'), "
            "current_setting('synchronous_commit'), current_setting('server_encoding'), pg_is_in_recovery()"
        )
        found = cursor.fetchone()
    # Nothing was changed: the pool wants the connection back without a transaction.
    connection.rollback()
    if found is None or found[:3] != ("on", "on", "on"):
        raise DatabaseUnusable(
            "The database server could lose what was stored when its power fails. Have fsync, full_page_writes and "
            "synchronous_commit switched on there."
        )
    if found[3] != "UTF8":
        raise DatabaseUnusable("The database cannot hold every name: have it made anew with the encoding UTF8.")
    if found[4]:
        raise DatabaseUnusable("The database server is a copy that can only be read. Set the address of the other one.")


def _engine(address: ServerAddress, busy_timeout: float, size: int, isolation: str, *, read_only: bool) -> Engine:
    return create_engine(
        "postgresql+psycopg://",
        creator=lambda: _for_pool(connect(address, lock_seconds=busy_timeout, read_only=read_only)),
        use_native_hstore=False,
        isolation_level=isolation,
        poolclass=QueuePool,
        pool_size=size,
        max_overflow=0,
        # The writer finds out as it begins; a reader would only at its first question.
        pool_pre_ping=read_only,
        # A thread waits for another of this program as long as for another program.
        pool_timeout=busy_timeout * BUSY_TRIES,
        hide_parameters=True,
    )


def _for_pool(connection: Any) -> Any:
    connection.autocommit = False
    return connection


def _begin_alone(connection: Connection) -> None:
    row = connection.exec_driver_sql(
        f"SELECT pg_advisory_xact_lock({LOCK_CLASS}, {WRITER_LOCK}), pg_current_xact_id()::text, "
        "to_regnamespace(current_setting('search_path'))::oid::bigint"
    ).one()
    connection.info["began"] = Began(transaction=row[1], schema=row[2])
