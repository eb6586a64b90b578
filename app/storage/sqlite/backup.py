"""Backups: a verified copy of the whole database under its final name, or none at all."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import sqlcipher3.dbapi2 as sqlite

from app.domain.errors import DatabaseUnusable, StorageFault
from app.engine.long_work import Cancelled, Progress, nobody_waits
from app.storage import faults, schema
from app.storage.sqlite import identity, leftovers, location
from app.storage.sqlite.recipe import interruptible, plain_connection

KEEP_AUTOMATIC = 7
FOLDER = "backups"

_STAMP = "%Y%m%dT%H%M%SZ"
_STAMPED = re.compile(r"[0-9]{8}T[0-9]{6}Z")
_AUTOMATIC = "auto"
_NO_COPY = (
    "A copy of the practice database could not be made: its folder cannot be written. "
    "Have the disk and the rights on the folder checked."
)


def copy_to(source: Path, target: Path, progress: Progress = nobody_waits) -> None:
    """Write a consistent, compact copy of a database that may be in use. Raises `StorageFault` and `Cancelled`."""
    try:
        location.make_private_file(target)
        with (
            closing(plain_connection(source)) as connection,
            interruptible(connection, progress, "Making a copy of the practice database"),
        ):
            connection.execute("VACUUM INTO ?", (str(target),))
    except Cancelled:
        target.unlink(missing_ok=True)
        raise
    except sqlite.DatabaseError as error:
        target.unlink(missing_ok=True)
        raise StorageFault(faults.in_words(error)) from None
    except OSError:
        raise StorageFault(_NO_COPY) from None


def into_one_file(copy: Path) -> None:
    """Fold what SQLite keeps beside a database that nobody has open into it, as a copy to be handed on must be."""
    with closing(plain_connection(copy)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")


def back_up(source: Path, folder: Path, now: datetime, *, automatic: bool, progress: Progress = nobody_waits) -> Path:
    """Make a checked copy of a database's file in this folder; see `keep_copy`."""

    def write(target: Path) -> None:
        copy_to(source, target, progress)

    return keep_copy(source.name, write, folder, now, automatic=automatic, progress=progress)


def keep_copy(
    name: str,
    write: Callable[[Path], None],
    folder: Path,
    now: datetime,
    *,
    automatic: bool,
    progress: Progress = nobody_waits,
) -> Path:
    """Have a copy written into this folder, check it and give it its name, after the time (UTC); returns its path.

    Of the automatic ones the newest seven are kept. Raises `StorageFault` when it cannot be made or does not check, and
    `Cancelled`.
    """
    stem = Path(name).stem
    try:
        location.make_private_folder(folder)
        final = _free_name(folder, stem, f"{_AUTOMATIC}-" if automatic else "", now)
        unfinished = final.with_suffix(leftovers.UNFINISHED_SUFFIX)
        with leftovers.in_the_making(unfinished):
            unfinished.unlink(missing_ok=True)
            write(unfinished)
            identity.refuse_damaged(unfinished, progress)
            location.flush_to_disk(unfinished)
            unfinished.rename(final)
            location.flush_folder(folder)
        if automatic:
            _drop_old(folder, stem)
    except DatabaseUnusable as fault:
        raise StorageFault(str(fault)) from None
    except OSError:
        raise StorageFault(_NO_COPY) from None
    return final


def copies_of(database: Path) -> list[tuple[Path, datetime]]:
    """The backups in the usual folder by their names, with when they were made, the newest first.

    Nobody has looked whether they are whole.
    """
    found = []
    for copy in database.with_name(FOLDER).glob(f"{database.stem}-*.db"):
        stamp = _STAMPED.search(copy.stem)
        if stamp is not None:
            found.append((copy, datetime.strptime(stamp[0], _STAMP).replace(tzinfo=UTC)))
    return sorted(found, key=lambda one: (one[1], one[0].stem), reverse=True)


def refuse_unusable(copy: Path, progress: Progress = nobody_waits) -> None:
    """Raise `DatabaseUnusable` for a copy that is no whole practice database, or newer than this program."""
    number = identity.schema_number(copy)
    if number > schema.CURRENT.number:
        raise DatabaseUnusable("This backup was made by a newer version of the program.")
    identity.refuse_damaged(copy, progress)


def _free_name(folder: Path, stem: str, mark: str, now: datetime) -> Path:
    base = f"{stem}-{mark}{now.strftime(_STAMP)}"
    candidate = folder / f"{base}.db"
    number = 1
    while candidate.exists():
        number += 1
        candidate = folder / f"{base}-{number:02}.db"
    return candidate


def _drop_old(folder: Path, stem: str) -> None:
    copies = sorted(folder.glob(f"{stem}-{_AUTOMATIC}-*.db"), key=lambda copy: copy.stem)
    for copy in copies[:-KEEP_AUTOMATIC]:
        copy.unlink()
