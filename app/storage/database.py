"""The practice database as a whole: made, opened, refused; its transactions; and what it says about itself.

Whether a file of this computer or a server keeps it is its backend's affair (`backend`).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Self

from sqlalchemy import Connection, Engine, insert, select, update
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from app.clock import Clock
from app.domain.errors import DatabaseDamaged, DatabaseUnusable, Refused, StorageFault
from app.engine.long_work import Progress, nobody_waits
from app.engine.practice import PracticeInfo, SpineKind
from app.storage import audit, schema
from app.storage.backend import BUSY_TRIES, Backend, Place, Surroundings
from app.storage.faults import DAMAGED_WORDS, InconsistentChange, breaks_a_rule, is_busy, is_gone, told_in_words
from app.storage.place import backend_of
from app.storage.tables import meta

NOT_CHECKED = "The practice database is being checked. Wait a moment, then try again."
DAMAGED = "The practice database is damaged. Do not work with it: restore the latest backup."


class PracticeDatabase:
    """One open practice database; every store works through it. Safe to use from any thread."""

    def __init__(self, backend: Backend, clock: Clock, surroundings: Surroundings) -> None:
        self.clock = clock
        self._backend = backend
        self._engines = backend.engines
        self._surroundings = surroundings
        self._unchecked = False

    @classmethod
    def create(
        cls,
        place: Place,
        *,
        clock: Clock,
        name: str = "",
        ods_code: str = "",
        surroundings: Surroundings | None = None,
    ) -> Self:
        """Make an empty practice database where there is none yet, and open it.

        Raises `Refused` when there is one and `DatabaseUnusable` when the place will not do.
        """
        surroundings = surroundings or Surroundings()
        backend = backend_of(place, surroundings)

        def fill(connection: Connection) -> None:
            schema.CURRENT.bring_up(connection)
            backend.mark(connection, schema.CURRENT.number)
            now = clock.now()
            connection.execute(insert(meta).values(id=1, practice_name=name, ods_code=ods_code, created_at=now))
            audit.append(connection, [audit.AuditEvent(now, audit.PROGRAM, audit.AuditAction.DATABASE_MADE)])

        with told_in_words():
            backend.make(fill)
        return cls(backend, clock, surroundings)

    @classmethod
    def open(
        cls,
        place: Place,
        *,
        clock: Clock,
        check: bool = True,
        hold_writes: bool = False,
        wanted: schema.Schema = schema.CURRENT,
        surroundings: Surroundings | None = None,
        alone: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> Self:
        """Open a practice database; an older one is backed up and brought up to date first, within `alone`, which keeps
        everybody from working on it meanwhile, or raises `Refused` where somebody does.

        `check` has every page looked at (about two seconds for 100 MB); a window may leave that out and call
        `refuse_damaged` once it shows: with `hold_writes` nothing is written until that has passed. Raises
        `DatabaseUnusable`, and `DatabaseDamaged` where only a backup helps.
        """
        surroundings = surroundings or Surroundings()
        backend = backend_of(place, surroundings)
        number = backend.schema_number()
        if number > wanted.number:
            raise DatabaseUnusable(
                f"This practice database was made by a newer version of the program (schema {number}; this program "
                f"knows schema {wanted.number}). Install the newer version, then open it again."
            )
        if check or number < wanted.number:
            backend.refuse_damaged(nobody_waits)
        database = cls(backend, clock, surroundings)
        backend.tidy()
        try:
            if number < wanted.number:
                with alone():
                    # Another workstation may have done it by now.
                    if backend.schema_number() < wanted.number:
                        database._bring_up(wanted)
            database._prove()
            database._unchecked = hold_writes and not check
        except BaseException:
            database.close()
            raise
        return database

    @property
    def place(self) -> Place:
        """Where it is kept."""
        return self._backend.place

    @property
    def path(self) -> Path:
        """The database's file. Raises `LookupError` where a server keeps it."""
        if isinstance(self.place, Path):
            return self.place
        raise LookupError("a server keeps this database")

    @property
    def backups(self) -> Path:
        """The folder that backups are kept in unless another one is named."""
        return self._backend.backups

    @property
    def label(self) -> str:
        """Which database this is, as staff read it."""
        return self._backend.label

    def cut(self) -> None:
        """At the end of the program: have whoever still waits for an answer wait no more; their calls fail."""
        self._backend.cut()

    def close(self) -> None:
        """Give every connection back."""
        self._backend.close()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction of the one writer: begun at once, committed at the end, undone by any exception.

        Raises `StorageFault` in words, never with a value, when the database fails, or while it is not checked yet.
        """
        if self._unchecked:
            # A damaged table takes what is written into it, and gives nothing back.
            raise StorageFault(NOT_CHECKED)
        with told_in_words(), self._begun(self._engines.writer) as connection:
            yield connection
            self._backend.commit(connection)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One short look at the database as it stands. Raises `StorageFault`."""
        with told_in_words(), self._begun(self._engines.reader) as connection:
            yield connection

    def info(self) -> PracticeInfo:
        """What the database says about itself."""
        with self.reading() as connection:
            row = connection.execute(
                select(meta.c.practice_name, meta.c.ods_code, meta.c.demonstration, meta.c.spine)
            ).one()
        return PracticeInfo(*row, shared_in="" if isinstance(self.place, Path) else self.label)

    def check_spine(self, kind: SpineKind) -> None:
        """Raise `Refused` when this database belongs to the other kind of Spine: no rehearsal on a real list."""
        self._refuse_other_spine(self.info().spine, kind)

    def mark_spine(self, kind: SpineKind, actor: str) -> None:
        """Bind the database to this kind of Spine for good. Raises `Refused` when it is bound to the other."""
        with self.writing() as connection:
            held = connection.execute(select(meta.c.spine)).scalar_one()
            self._refuse_other_spine(held, kind)
            if held is kind:
                return
            connection.execute(update(meta).values(spine=kind))
            event = audit.AuditEvent(self.clock.now(), actor, audit.AuditAction.SPINE_MARKED, after=kind.value)
            audit.append(connection, [event])

    def back_up(self, folder: Path, *, automatic: bool = False, progress: Progress = nobody_waits) -> Path:
        """Make a checked copy in this folder and return its path; see the backend's."""
        return self._backend.back_up(folder, self.clock.now(), automatic=automatic, progress=progress)

    @contextmanager
    def copied(self, progress: Progress = nobody_waits) -> Iterator[Self]:
        """The database as it stands at this moment, as a copy that goes when it is done with."""
        with self._backend.copied(progress) as backend:
            yield type(self)(backend, self.clock, self._surroundings)

    def refuse_damaged(self, progress: Progress = nobody_waits) -> None:
        """Have every page looked at; held writes may go on then. Raises `DatabaseUnusable` and `Cancelled`."""
        self._backend.refuse_damaged(progress)
        self._unchecked = False

    def refuse_nearly_full(self, *, for_copy: bool = False) -> None:
        """Raise `Refused` when the disk has less room than a run may need, and with `for_copy` a copy as well."""
        self._backend.refuse_nearly_full(for_copy=for_copy)

    @contextmanager
    def _begun(self, engine: Engine) -> Iterator[Connection]:
        self._backend.refuse_replaced()
        connection = self._begin(engine)
        try:
            yield connection
        except DBAPIError as error:
            # The database may have ended the transaction by itself (disk full): such a connection is not used again.
            if not breaks_a_rule(error):
                connection.invalidate()
            raise
        finally:
            connection.close()

    def _begin(self, engine: Engine) -> Connection:
        tries_left = BUSY_TRIES
        while True:
            tries_left -= 1
            connection: Connection | None = None
            try:
                connection = engine.connect()
                connection.begin()
            except DBAPIError as error:
                if connection is not None:
                    connection.invalidate()
                    connection.close()
                if is_gone(error):
                    # A server that was started anew: the pool has dropped its old connections, so once more will do.
                    tries_left = min(tries_left, 1)
                elif not is_busy(error):
                    raise
                if tries_left == 0:
                    raise
                self._surroundings.sleep(random.uniform(0.05, 0.25))
            else:
                return connection

    def _bring_up(self, wanted: schema.Schema) -> None:
        try:
            # No automatic one, which make room for each other: the way back to the earlier version stays open.
            copy = self.back_up(self.backups)
        except StorageFault as fault:
            raise DatabaseUnusable(f"The practice database must be brought up to date first. {fault}") from None
        try:
            with self.writing() as connection:
                wanted.bring_up(connection)
                self._backend.mark(connection, wanted.number)
        except (StorageFault, InconsistentChange, SQLAlchemyError):
            raise DatabaseUnusable(
                "The practice database could not be brought up to this version of the program and was left as it was. "
                f"A backup is in the file {copy.name}. Go on with the earlier version and ask for help."
            ) from None

    def _prove(self) -> None:
        """Look and write once, to no effect, here, where what goes wrong stops the start."""
        try:
            self.info()
            with told_in_words(), self._begun(self._engines.writer) as connection:
                # To begin is not enough: of a database that can only be read SQLite begins to read.
                connection.execute(update(meta).values(epoch=meta.c.epoch))
                connection.rollback()
        except StorageFault as fault:
            kind = DatabaseDamaged if str(fault) == DAMAGED_WORDS else DatabaseUnusable
            raise kind(str(fault)) from None
        except (LookupError, ValueError, SQLAlchemyError):
            # There is something that this program never wrote.
            raise DatabaseDamaged(DAMAGED) from None

    @staticmethod
    def _refuse_other_spine(held: SpineKind, wanted: SpineKind) -> None:
        if held in {SpineKind.UNSET, wanted}:
            return
        if held is SpineKind.SIMULATED:
            raise Refused(
                "This practice database was worked against a simulated Spine or a test environment and may never go to "
                "the real Spine. "
                "Import the practice's list into a new folder."
            )
        raise Refused(
            "This practice database belongs to the real Spine and may not be used for a rehearsal with the simulated "
            "one. Use the demonstration practice for that."
        )
