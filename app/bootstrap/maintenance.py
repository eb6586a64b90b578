"""Looking after a practice database: copies of it, back to one of them, and its audit trail."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.bootstrap.place import no_practice_here, place_of
from app.bootstrap.practice_files import PracticeFiles, operating_system_account, practice_database
from app.clock import Clock, SystemClock
from app.config import Settings
from app.domain.errors import DatabaseUnusable, Refused
from app.engine.long_work import Progress, nobody_waits
from app.logs import set_up_logging
from app.storage.distrust import distrust
from app.storage.sqlite import backup, moved
from app.storage.sqlite.lock import PracticeFileLock
from app.storage.sqlite.restore import Restored, restore_backup


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was looked at and is whole, and when it was made."""

    path: Path
    made_at: datetime


def back_up_practice(files: PracticeFiles, folder: Path | None, progress: Progress = nobody_waits) -> Path:
    """Make a checked copy into this folder, the practice's own for backups by default.

    Raises `StorageFault` and `Cancelled`.
    """
    return files.database.back_up(folder or files.database.backups, progress=progress)


def newest_backup(settings: Settings, progress: Progress = nobody_waits) -> Backup | None:
    """The newest of a folder's backups that is whole and that this program can read; None when there is none.

    Raises `Cancelled`.
    """
    for copy, made_at in backup.copies_of(settings.database_file):
        with suppress(DatabaseUnusable):
            backup.refuse_unusable(copy, progress)
            return Backup(copy, made_at)
    return None


def restore_practice(settings: Settings, copy: Path, clock: Clock | None = None) -> Restored:
    """Put a backup in the place of a folder's practice database. Raises `Refused` while somebody works on it, and for
    one that is shared or was moved away.
    """
    clock = clock or SystemClock()
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    set_up_logging(settings.data_dir)
    _refuse_elsewhere(settings)
    lock = PracticeFileLock(settings.database_file, clock)
    lock.acquire(operating_system_account())
    try:
        return restore_backup(copy, settings.database_file, clock=clock, actor=operating_system_account())
    finally:
        lock.release()


def see_to_restored(settings: Settings, clock: Clock | None = None) -> int:
    """After the server's own backup of a shared practice was put back: have read back what it cannot know of.

    Returns how many messages that are. Raises `Refused` while somebody works on the practice, and where it is kept in a
    file, which `restore_practice` sees to.
    """
    clock = clock or SystemClock()
    with practice_database(settings, clock) as files:
        if files.seen is None:
            raise Refused(
                "This practice is kept in a file of this computer. The command restore puts a backup in its place, and "
                "has everything read back by itself."
            )
        account = operating_system_account()
        files.lock.acquire(account)
        try:
            with files.database.writing() as connection:
                to_read_back = distrust(connection, clock.now(), account)
            files.seen.remember()
        finally:
            files.lock.release()
        return to_read_back


def _refuse_elsewhere(settings: Settings) -> None:
    """A backup may not become a second practice beside the shared one: both would send."""
    if place_of(settings) != settings.database_file:
        raise Refused(
            "This practice is shared, so its server's own backup is put back, there; then the command database "
            "restored has read back what that backup cannot know of. Where only a backup of this program is left: have "
            "the shared database removed, restore the backup into an empty folder without "
            "DATABASE_URL, and move it to a new database with database copy --to."
        )
    if moved.was_moved_from(settings.database_file):
        raise no_practice_here(settings)
