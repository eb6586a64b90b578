"""The practice database as a whole: made, opened, refused; its transactions; and what it says about itself."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from sqlalchemy import Connection, Engine, insert, select, update
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from app.clock import Clock
from app.domain.errors import DatabaseDamaged, DatabaseUnusable, Refused, StorageFault
from app.engine.long_work import Progress, nobody_waits
from app.engine.practice import PracticeInfo, SpineKind
from app.storage import audit, backup, identity, leftovers, location, schema
from app.storage.faults import DAMAGED_WORDS, InconsistentChange, breaks_a_rule, is_busy, told_in_words
from app.storage.recipe import BUSY_TIMEOUT_SECONDS, BUSY_TRIES, sqlite_engines
from app.storage.tables import meta

NOT_CHECKED = "The practice database is being checked. Wait a moment, then try again."


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the database asks of the computer; tests hand in their own."""

    on_network: location.DriveCheck = location.is_on_network_drive
    may_write: location.WriteCheck = location.may_be_written
    busy_timeout: float = BUSY_TIMEOUT_SECONDS
    sleep: Callable[[float], None] = time.sleep


class PracticeDatabase:
    """One open practice database; every store works through it. Safe to use from any thread."""

    def __init__(self, path: Path, clock: Clock, surroundings: Surroundings) -> None:
        self.path = path
        self.backups = path.with_name(backup.FOLDER)
        self.clock = clock
        self._engines = sqlite_engines(path, surroundings.busy_timeout)
        self._surroundings = surroundings
        self._file = _file_id(path)
        self._unchecked = False

    @classmethod
    def create(
        cls,
        path: Path,
        *,
        clock: Clock,
        name: str = "",
        ods_code: str = "",
        surroundings: Surroundings | None = None,
    ) -> Self:
        """Make an empty practice database where there is none yet, and open it.

        Raises `Refused` when the file exists and `DatabaseUnusable` when the place will not do.
        """
        surroundings = surroundings or Surroundings()
        location.make_private_folder(path.parent)
        location.refuse_unfit(path, surroundings.on_network, surroundings.may_write)
        if path.exists():
            raise Refused("There is a practice database in this place already. Open it, or choose another folder.")
        unfinished = path.with_name(f"{path.name}.unfinished")
        unfinished.unlink(missing_ok=True)
        for gone in (unfinished, path):
            location.remove_logs(gone)
        with told_in_words():
            _fill_new(unfinished, clock, name, ods_code)
        location.flush_to_disk(unfinished)
        unfinished.rename(path)
        location.flush_folder(path.parent)
        return cls(path, clock, surroundings)

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        clock: Clock,
        check: bool = True,
        hold_writes: bool = False,
        wanted: schema.Schema = schema.CURRENT,
        surroundings: Surroundings | None = None,
    ) -> Self:
        """Open a practice database; an older one is backed up and brought up to date first.

        `check` has every page looked at (about two seconds for 100 MB); a window may leave that out and call
        `refuse_damaged` once it shows: with `hold_writes` nothing is written until that has passed. Raises
        `DatabaseUnusable`, and `DatabaseDamaged` where only a backup helps.
        """
        surroundings = surroundings or Surroundings()
        location.refuse_unfit(path, surroundings.on_network, surroundings.may_write)
        if not path.exists():
            raise DatabaseUnusable("There is no practice database in this place. Choose the right folder.")
        number = identity.schema_number(path)
        if number > wanted.number:
            raise DatabaseUnusable(
                f"This practice database was made by a newer version of the program (schema {number}; this program "
                f"knows schema {wanted.number}). Install the newer version, then open it again."
            )
        if check or number < wanted.number:
            identity.refuse_damaged(path)
        database = cls(path, clock, surroundings)
        leftovers.remove_abandoned(path, database.backups)
        try:
            if number < wanted.number:
                database._bring_up(wanted)
            database._prove()
            database._unchecked = hold_writes and not check
        except BaseException:
            database.close()
            raise
        return database

    def close(self) -> None:
        """Give every connection back; the log file beside the database is folded into it."""
        self._engines.dispose()

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
            connection.commit()

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
        return PracticeInfo(*row)

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
        """Make a checked copy in this folder and return its path; see `backup.back_up`."""
        return backup.back_up(self.path, folder, self.clock.now(), automatic=automatic, progress=progress)

    @contextmanager
    def copied(self, progress: Progress = nobody_waits) -> Iterator[Self]:
        """The database as it stands at this moment, as a copy beside it that goes when it is done with."""
        folder = self.path.with_name(f"{leftovers.SNAPSHOT_PREFIX}{uuid.uuid4().hex}")
        with leftovers.in_the_making(folder):
            location.make_private_folder(folder)
            copy = folder / self.path.name
            backup.copy_to(self.path, copy, progress)
            database = type(self)(copy, self.clock, self._surroundings)
            try:
                yield database
            finally:
                database.close()

    def refuse_damaged(self, progress: Progress = nobody_waits) -> None:
        """Have every page looked at; held writes may go on then. Raises `DatabaseUnusable` and `Cancelled`."""
        identity.refuse_damaged(self.path, progress)
        self._unchecked = False

    def refuse_nearly_full(self, *, for_copy: bool = False) -> None:
        """Raise `Refused` when the disk has less room than a run may need, and with `for_copy` a copy beside it."""
        location.refuse_nearly_full(self.path.parent, self.path.stat().st_size if for_copy else 0)

    @contextmanager
    def _begun(self, engine: Engine) -> Iterator[Connection]:
        if _file_id(self.path) != self._file:
            raise StorageFault(
                "The practice database's file was moved, replaced or deleted while the program was using it. "
                "Put it back, then start the program again."
            )
        connection = self._begin(engine)
        try:
            yield connection
        except DBAPIError as error:
            # SQLite may have ended the transaction by itself (disk full): such a connection is not used again.
            if not breaks_a_rule(error):
                connection.invalidate()
            raise
        finally:
            connection.close()

    def _begin(self, engine: Engine) -> Connection:
        for tries_left in range(BUSY_TRIES - 1, -1, -1):
            connection = engine.connect()
            try:
                connection.begin()
            except DBAPIError as error:
                connection.invalidate()
                connection.close()
                if tries_left == 0 or not is_busy(error):
                    raise
                self._surroundings.sleep(random.uniform(0.05, 0.25))
            else:
                return connection
        raise AssertionError("unreachable")

    def _bring_up(self, wanted: schema.Schema) -> None:
        try:
            copy = self.back_up(self.backups, automatic=True)
        except StorageFault as fault:
            raise DatabaseUnusable(f"The practice database must be brought up to date first. {fault}") from None
        try:
            with self.writing() as connection:
                wanted.bring_up(connection)
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
            raise DatabaseDamaged(identity.DAMAGED) from None

    @staticmethod
    def _refuse_other_spine(held: SpineKind, wanted: SpineKind) -> None:
        if held in {SpineKind.UNSET, wanted}:
            return
        if held is SpineKind.SIMULATED:
            raise Refused(
                "This practice database was worked against a simulated Spine and may never go to the real one. "
                "Import the practice's list into a new folder."
            )
        raise Refused(
            "This practice database belongs to the real Spine and may not be used for a rehearsal with the simulated "
            "one. Use the demonstration practice for that."
        )


def _fill_new(path: Path, clock: Clock, name: str, ods_code: str) -> None:
    location.make_private_file(path)
    engines = sqlite_engines(path)
    try:
        with engines.writer.begin() as connection:
            schema.CURRENT.bring_up(connection)
            now = clock.now()
            connection.execute(insert(meta).values(id=1, practice_name=name, ods_code=ods_code, created_at=now))
            audit.append(connection, [audit.AuditEvent(now, audit.PROGRAM, audit.AuditAction.DATABASE_MADE)])
    finally:
        engines.dispose()


def _file_id(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
