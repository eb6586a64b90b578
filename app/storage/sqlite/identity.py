"""What a database file says it is, read before anything else is done with it, and whether it is whole.

The marks are SQLite's own: the application id and the user version in the file's header.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlite
from sqlalchemy import Connection

from app.domain.errors import DatabaseDamaged, DatabaseUnusable
from app.engine.long_work import Progress, nobody_waits
from app.storage.sqlite import moved
from app.storage.sqlite.recipe import interruptible, plain_connection

APPLICATION_ID = 0x53435243

_NOT_ONE = (
    "This file is not a practice database, or it is damaged. Choose the right file, or restore the latest backup."
)
DAMAGED = "The practice database is damaged. Do not work with it: restore the latest backup."


def schema_number(path: Path) -> int:
    """The schema a practice database was made with. Writes nothing.

    Raises `DatabaseDamaged` for any other file, and `DatabaseUnusable` for one that cannot be read just now.
    """
    with _looking_at(path) as connection:
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        number = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if application == moved.MOVED_ID:
        raise DatabaseUnusable(moved.WORDS)
    if application != APPLICATION_ID:
        raise DatabaseDamaged(
            "This file belongs to another program; it is not a practice database. Choose the right file."
        )
    return number


def refuse_damaged(path: Path, progress: Progress = nobody_waits) -> None:
    """Have SQLite check every page, and every index against its table: one that lost a row would pass a patient over.

    Takes about two seconds for 100 MB. Raises `DatabaseUnusable` and `Cancelled`.
    """
    with _looking_at(path) as connection, interruptible(connection, progress, "Checking every page of the database"):
        verdict = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if verdict != "ok":
        raise DatabaseDamaged(DAMAGED)


def mark_file(connection: Connection, schema: int) -> None:
    """Write into the file what it is and which schema it has, as part of the open transaction."""
    connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.exec_driver_sql(f"PRAGMA user_version = {schema:d}")


@contextmanager
def _looking_at(path: Path) -> Iterator[Any]:
    try:
        with closing(plain_connection(path, read_only=True)) as connection:
            yield connection
    except UnicodeDecodeError:
        raise DatabaseDamaged(DAMAGED) from None
    except sqlite.OperationalError as error:
        if _name(error).startswith("SQLITE_BUSY"):
            raise DatabaseUnusable(
                "The practice database is busy: another program is using it. Close that program, then try again."
            ) from None
        raise DatabaseUnusable(
            "The practice database could not be read. Check that the disk is connected and that you may read the file."
        ) from None
    except sqlite.DatabaseError as error:
        damaged = _name(error).startswith("SQLITE_CORRUPT")
        raise DatabaseDamaged(DAMAGED if damaged else _NOT_ONE) from None


def _name(error: Exception) -> str:
    return getattr(error, "sqlite_errorname", "")
