"""The seam under the practice database: what SQLite and PostgreSQL each bring in their own way.

Tables, migrations and statements are the same on both and know of no backend. What is here holds for both alike: one
writer at a time, the next sees everything the last one wrote; a reader sees one moment; a commit that was answered is
on the disk.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol, Self

from sqlalchemy import Connection, Engine

from app.engine.long_work import Progress
from app.storage.postgres.address import ServerAddress
from app.storage.sqlite import location

BUSY_TIMEOUT_SECONDS = 5.0
BUSY_TRIES = 6
"""One try to begin and five more, each waiting for the busy time-out."""

Place = Path | ServerAddress
"""A file of this computer, or a database on a server."""

Fill = Callable[[Connection], None]
"""Makes the tables of a new practice and writes its first rows, within the transaction that is open."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the database asks of the computer; tests hand in their own."""

    on_network: location.DriveCheck = location.is_on_network_drive
    may_write: location.WriteCheck = location.may_be_written
    busy_timeout: float = BUSY_TIMEOUT_SECONDS
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True)
class Engines:
    """The two ways to the database: one writer for the whole program, and readers that cannot write."""

    writer: Engine
    reader: Engine

    def dispose(self) -> None:
        """Close every connection."""
        self.reader.dispose()
        self.writer.dispose()


class Backend(Protocol):
    """One place in which a practice database is kept, or may be made.

    Methods raise the driver's errors where nothing else is said; `faults` has words for them.
    """

    @property
    def place(self) -> Place:
        """Where it is kept."""

    @property
    def backups(self) -> Path:
        """The folder that backups are kept in unless another one is named."""

    @property
    def label(self) -> str:
        """Which database this is, as staff read it; never with a password."""

    @property
    def engines(self) -> Engines:
        """The ways to the database; nothing is opened before it is needed."""

    def make(self, fill: Fill) -> None:
        """Make a practice database here, whole or not at all.

        Raises `Refused` where there is one already and `DatabaseUnusable` when the place will not do.
        """

    def schema_number(self) -> int:
        """The schema that the practice database was made with. Writes nothing.

        Raises `DatabaseUnusable` where there is none or it cannot be worked with here.
        """

    def mark(self, connection: Connection, schema: int) -> None:
        """Write into the database which schema it has now, within the open transaction."""

    def refuse_damaged(self, progress: Progress) -> None:
        """Have looked at whether the database is whole. Raises `DatabaseUnusable` and `Cancelled`."""

    def refuse_replaced(self) -> None:
        """Raise `StorageFault` when it is not the database any more that was opened."""

    def refuse_nearly_full(self, *, for_copy: bool) -> None:
        """Raise `Refused` when there is less room than a run may need, and with `for_copy` a copy as well."""

    def tidy(self) -> None:
        """Remove what a killed program left half-made."""

    def commit(self, connection: Connection) -> None:
        """Commit, and return only when it is certain that it happened; see `faults` for how it can fail."""

    def back_up(self, folder: Path, now: datetime, *, automatic: bool, progress: Progress) -> Path:
        """Make a checked copy in this folder and return its path. Raises `StorageFault` and `Cancelled`."""

    def cut(self) -> None:
        """At the end of the program: have whoever still waits for an answer wait no more; their calls fail."""

    def copied(self, progress: Progress) -> AbstractContextManager[Self | Backend]:
        """The database as it stands at this moment, as a copy that may be written to and goes when it is done with."""

    def close(self) -> None:
        """Give every connection back."""
