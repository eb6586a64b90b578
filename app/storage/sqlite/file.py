"""A practice database's file as a backend: found or made, refused where it cannot be worked with, copied whole."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Self

from sqlalchemy import Connection

from app.domain.errors import DatabaseUnusable, Refused, StorageFault
from app.engine.long_work import Progress
from app.storage.backend import Engines, Fill, Place, Surroundings
from app.storage.sqlite import backup, identity, leftovers, location
from app.storage.sqlite.recipe import sqlite_engines


class SqliteFile:
    """`Backend` over a file of this computer."""

    def __init__(self, path: Path, surroundings: Surroundings) -> None:
        self.place: Place = path
        self._path = path
        self.backups = path.with_name(backup.FOLDER)
        self.engines: Engines = sqlite_engines(path, surroundings.busy_timeout)
        self._surroundings = surroundings
        self._file = _file_id(path)

    @property
    def label(self) -> str:
        """Which database this is."""
        return "a file of this computer"

    def make(self, fill: Fill) -> None:
        """Make the file, under another name until it is whole; see the port."""
        location.make_private_folder(self._path.parent)
        self._refuse_unfit()
        if self._path.exists():
            raise Refused("There is a practice database in this place already. Open it, or choose another folder.")
        unfinished = self._path.with_name(f"{self._path.name}.unfinished")
        unfinished.unlink(missing_ok=True)
        for gone in (unfinished, self._path):
            location.remove_logs(gone)
        location.make_private_file(unfinished)
        engines = sqlite_engines(unfinished)
        try:
            with engines.writer.begin() as connection:
                fill(connection)
        except BaseException:
            engines.dispose()
            # A copy that was given up may hold patients' names already.
            unfinished.unlink(missing_ok=True)
            location.remove_logs(unfinished)
            raise
        engines.dispose()
        location.flush_to_disk(unfinished)
        unfinished.rename(self._path)
        location.flush_folder(self._path.parent)
        self._file = _file_id(self._path)

    def schema_number(self) -> int:
        """What the file says of itself; see the port."""
        self._refuse_unfit()
        if not self._path.exists():
            raise DatabaseUnusable("There is no practice database in this place. Choose the right folder.")
        return identity.schema_number(self._path)

    def mark(self, connection: Connection, schema: int) -> None:
        """Write into the file what it is; see the port."""
        identity.mark_file(connection, schema)

    def refuse_damaged(self, progress: Progress) -> None:
        """Have every page looked at; see the port."""
        identity.refuse_damaged(self._path, progress)

    def refuse_replaced(self) -> None:
        """Raise `StorageFault` when another file has taken the place of the one that was opened, or none."""
        if _file_id(self._path) != self._file:
            raise StorageFault(
                "The practice database's file was moved, replaced or deleted while the program was using it. "
                "Put it back, then start the program again."
            )

    def refuse_nearly_full(self, *, for_copy: bool) -> None:
        """Ask the disk that the file lies on; see the port."""
        location.refuse_nearly_full(self._path.parent, self._path.stat().st_size if for_copy else 0)

    def tidy(self) -> None:
        """Remove copies that a killed program left half-made."""
        leftovers.remove_abandoned(self._path, self.backups)

    def commit(self, connection: Connection) -> None:
        """Commit: SQLite answers once it is on the disk."""
        connection.commit()

    def back_up(self, folder: Path, now: datetime, *, automatic: bool, progress: Progress) -> Path:
        """See `backup.back_up`."""
        return backup.back_up(self._path, folder, now, automatic=automatic, progress=progress)

    @contextmanager
    def copied(self, progress: Progress) -> Iterator[Self]:
        """A copy in a folder beside the file; see the port."""
        folder = self._path.with_name(f"{leftovers.SNAPSHOT_PREFIX}{uuid.uuid4().hex}")
        with leftovers.in_the_making(folder):
            location.make_private_folder(folder)
            copy = folder / self._path.name
            backup.copy_to(self._path, copy, progress)
            backend = type(self)(copy, self._surroundings)
            try:
                yield backend
            finally:
                backend.close()

    def cut(self) -> None:
        """Nothing: a file answers."""

    def close(self) -> None:
        """Give every connection back; the log file beside the database is folded into it."""
        self.engines.dispose()

    def _refuse_unfit(self) -> None:
        location.refuse_unfit(self._path, self._surroundings.on_network, self._surroundings.may_write)


def _file_id(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
