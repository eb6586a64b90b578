"""A practice database on a server as a backend: found or made, refused where it is not fit, copied into a file.

A practice has a schema of its own within the database. Until it is whole it lies in another one, which is given the
right name in one step, so that a half-made practice is never found.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from app.domain.errors import DatabaseAway, DatabaseUnusable, NoPractice, Refused, StorageBusy, StorageFault
from app.engine.long_work import Progress
from app.storage import faults, transfer
from app.storage.backend import Backend, Engines, Fill, Place, Surroundings
from app.storage.postgres.address import ServerAddress
from app.storage.postgres.lock import HOLDERS
from app.storage.postgres.recipe import (
    began,
    connect,
    cut,
    has_failed,
    postgres_engines,
    read_at_length,
    refuse_unsafe,
)
from app.storage.sqlite import backup, leftovers, location
from app.storage.sqlite.file import SqliteFile
from app.storage.tables import metadata

_log = logging.getLogger(__name__)

COPY_NAME = "practice.db"
"""The name of a copy in a file; backups are named after it."""

SETTLE_SECONDS = 45.0
"""How long a server that was lost at a commit is asked what became of it: longer than a restart takes."""
_ASK_AGAIN_SECONDS = 0.25

_NONE_HERE = (
    "There is no practice in {label} yet. Bring one in with practice import, or move the one of this computer "
    "there with database copy."
)
_UNKNOWN = (
    "The connection to the database server broke while something was being stored, and the server cannot be asked "
    "whether it was. Nothing more is done until it can be looked up: check the server, then look at how things stand."
)


class PostgresServer:
    """`Backend` over a database on a server."""

    def __init__(self, address: ServerAddress, surroundings: Surroundings) -> None:
        self.place: Place = address
        self._address = address
        self._surroundings = surroundings
        self.backups = address.folder / backup.FOLDER
        self.label = address.label
        self.engines: Engines = postgres_engines(address, surroundings.busy_timeout)
        self._schema: int | None = None

    def make(self, fill: Fill) -> None:
        """Make the practice's schema with everything in it, in one transaction; see the port."""
        with self.engines.writer.connect() as connection:
            connection.begin()
            if began(connection).schema is not None:
                raise Refused("The shared database holds a practice already. Choose another database.")
            connection.exec_driver_sql(f"CREATE SCHEMA {self._address.schema}")
            fill(connection)
            self.commit(connection)

    def exists(self) -> bool:
        """Whether a practice is there. Raises `DatabaseUnusable` where that cannot be told."""
        with self._looking() as connection:
            return self._number(connection) is not None

    def holds(self, number: int, seal: str) -> bool:
        """Whether there is a practice that has this event in its audit trail. Raises `DatabaseUnusable`."""
        with self._looking() as connection:
            if self._number(connection) is None:
                return False
            found = connection.execute("SELECT 1 FROM audit_event WHERE number = %s AND hash = %s", [number, seal])
            return found.fetchone() is not None

    def schema_number(self) -> int:
        """What alembic's own table says; see the port."""
        with self._looking() as connection:
            refuse_unsafe(connection)
            number = self._number(connection)
        if number is None:
            raise NoPractice(_NONE_HERE.format(label=self.label))
        return number

    def mark(self, connection: Connection, schema: int) -> None:  # noqa: ARG002 - alembic has written the number
        """Have text compare as SQLite compares it, whatever language the database was made for; see the port."""
        HOLDERS.create(connection, checkfirst=True)
        for table, column, kind in connection.exec_driver_sql(_TEXT_OF_ANOTHER_ORDER).all():
            connection.exec_driver_sql(f'ALTER TABLE "{table}" ALTER COLUMN "{column}" TYPE {kind} COLLATE "C"')

    def refuse_damaged(self, progress: Progress) -> None:
        """See that every table and index is there and in use; pages are the server's own affair (checksums)."""
        progress("Checking the tables of the database")
        with self._looking() as connection:
            broken = connection.execute(_BROKEN_INDEXES).fetchall()
            there = {row[0] for row in connection.execute(_TABLES)}
        if broken or not {table.name for table in metadata.sorted_tables} <= there:
            raise DatabaseUnusable(
                "The shared practice database is not whole. Do not work with it: have the server's backup restored."
            )

    def refuse_replaced(self) -> None:
        """Nothing: `commit` sees that the schema is the one that was opened."""

    def refuse_nearly_full(self, *, for_copy: bool) -> None:
        """Ask this computer's disk, on which the backup will lie; the server's own it does not tell. See the port."""
        if not for_copy:
            return
        with self._looking() as connection:
            size = connection.execute(_SIZE).fetchone()[0]
        location.make_private_folder(self._address.folder)
        location.refuse_nearly_full(self._address.folder, int(size))

    def tidy(self) -> None:
        """Remove copies that a killed program left half-made on this computer."""
        if self._address.folder.is_dir():
            leftovers.remove_abandoned(self._address.folder / COPY_NAME, self.backups)

    def commit(self, connection: Connection) -> None:
        """Commit; where the connection breaks meanwhile, ask the server what became of it before anything goes on.

        Raises `StorageBusy` when it certainly did not happen, `StorageFault` when nobody can tell, and
        `InconsistentChange` when a statement had failed and the caller went on all the same.
        """
        known = began(connection)
        if self._schema is None:
            self._schema = known.schema
        elif self._schema != known.schema:
            raise StorageFault(
                "The practice in the shared database was replaced or deleted while the program was using it. "
                "Start the program again."
            )
        if has_failed(connection):
            # The server would undo everything, and answer without an error.
            raise faults.InconsistentChange("a statement of this transaction failed and was passed over")
        try:
            connection.commit()
        except DBAPIError as error:
            if not faults.is_gone(error):
                raise
            connection.invalidate()
            _log.warning("The connection to the database server broke at a commit; asking what became of it.")
            if not self._was_committed(known.transaction):
                raise StorageBusy(faults.in_words(error.orig)) from None

    def back_up(self, folder: Path, now: datetime, *, automatic: bool, progress: Progress) -> Path:
        """Make a copy in a file of this computer, checked like every backup; see `backup.back_up`."""

        def write(target: Path) -> None:
            self._copy_to(target, progress)

        return backup.keep_copy(COPY_NAME, write, folder, now, automatic=automatic, progress=progress)

    @contextmanager
    def copied(self, progress: Progress) -> Iterator[Backend]:
        """A copy in a file of this computer; see the port."""
        location.make_private_folder(self._address.folder)
        folder = self._address.folder / f"{leftovers.SNAPSHOT_PREFIX}{uuid.uuid4().hex}"
        with leftovers.in_the_making(folder):
            location.make_private_folder(folder)
            self._copy_to(folder / COPY_NAME, progress)
            copy = SqliteFile(folder / COPY_NAME, self._surroundings)
            try:
                yield copy
            finally:
                copy.close()

    def cut(self) -> None:
        """Break every connection of this program; see the port."""
        cut(self._address)

    def take_its_place(self, final: ServerAddress) -> None:
        """Give the practice that was made here its final name. Raises `Refused` where another has taken it."""
        with self.engines.writer.connect() as connection:
            connection.begin()
            taken = connection.exec_driver_sql(f"SELECT to_regnamespace('{final.schema}')::oid::bigint").scalar_one()
            if taken is not None:
                raise Refused("The shared database holds a practice already. Choose another database.")
            connection.exec_driver_sql(f"ALTER SCHEMA {self._address.schema} RENAME TO {final.schema}")
            self.commit(connection)

    def remove(self) -> None:
        """Remove a practice that never became whole."""
        with self.engines.writer.connect() as connection:
            connection.begin()
            connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {self._address.schema} CASCADE")
            connection.commit()

    def close(self) -> None:
        """Give every connection back."""
        self.engines.dispose()

    def _copy_to(self, target: Path, progress: Progress) -> None:
        copy = SqliteFile(target, self._surroundings)
        try:
            with faults.told_in_words(), self.engines.reader.connect() as source, source.begin():
                read_at_length(source)
                copy.make(lambda connection: transfer.fill_from(source, connection, copy, progress))
        finally:
            copy.close()
        backup.into_one_file(target)

    def _was_committed(self, transaction: str) -> bool:
        """What the server says became of a transaction. Raises `StorageFault` when it cannot be asked for too long."""
        until = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < until:
            try:
                with closing(connect(self._address)) as connection:
                    status = connection.execute("SELECT pg_xact_status(%s::xid8)", [transaction]).fetchone()[0]
                    if status in {"committed", "aborted"}:
                        return bool(status == "committed")
                    # Its own connection hangs where we lost it: ended, it is one or the other.
                    connection.execute(_END_TRANSACTION, [transaction])
            except psycopg.Error:
                pass
            self._surroundings.sleep(_ASK_AGAIN_SECONDS)
        raise StorageFault(_UNKNOWN)

    @staticmethod
    def _number(connection: Any) -> int | None:
        if connection.execute("SELECT to_regclass('alembic_version')").fetchone()[0] is None:
            return None
        return int(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])

    @contextmanager
    def _looking(self) -> Iterator[Any]:
        try:
            with closing(connect(self._address, read_only=True)) as connection:
                yield connection
        except psycopg.Error as error:
            kind = DatabaseAway if faults.may_pass(error) else DatabaseUnusable
            raise kind(faults.in_words(error)) from None


_TEXT_OF_ANOTHER_ORDER = """
SELECT table_name, column_name,
       data_type || coalesce('(' || character_maximum_length || ')', '')
FROM information_schema.columns
WHERE table_schema = current_schema() AND data_type IN ('text', 'character varying')
  AND collation_name IS DISTINCT FROM 'C'
ORDER BY table_name, ordinal_position
"""
_TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
_BROKEN_INDEXES = """
SELECT 1 FROM pg_index JOIN pg_class ON pg_class.oid = pg_index.indexrelid
WHERE pg_class.relnamespace = to_regnamespace(current_schema()) AND NOT (indisvalid AND indisready)
"""
_SIZE = """
SELECT coalesce(sum(pg_total_relation_size(oid)), 0) FROM pg_class
WHERE relnamespace = to_regnamespace(current_schema()) AND relkind = 'r'
"""
_END_TRANSACTION = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_xid = (%s::xid8)::xid"
