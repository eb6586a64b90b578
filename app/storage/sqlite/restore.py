"""Putting a backup in the place of a practice database, so that nothing it does not know is assumed.

Faults, row 47. A backup cannot know what was sent after it was made: every message it shows as unsettled, prepared ones
too, is to be read back before it is sent. What was there before is set aside and kept.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.clock import Clock
from app.domain.errors import DatabaseUnusable, Refused
from app.engine.practice import PracticeInfo, SpineKind
from app.storage.database import PracticeDatabase
from app.storage.distrust import distrust
from app.storage.sqlite import backup, identity, location

_STAMP = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did: where the database before it was set aside (None when there was none), and how many messages
    are to be read back before anything is sent for their patients.
    """

    set_aside: Path | None
    to_read_back: int


def restore_backup(copy: Path, target: Path, *, clock: Clock, actor: str) -> Restored:
    """Make this backup the practice database at `target`; the caller holds the practice's lock.

    Raises `DatabaseUnusable` for a file that is no whole practice database, and `Refused` when it is another practice's
    or belongs to the other kind of Spine; then nothing has changed.
    """
    if not copy.is_file():
        raise DatabaseUnusable("There is no backup in this place. Choose the right file.")
    identity.schema_number(copy)
    identity.refuse_damaged(copy)
    location.make_private_folder(target.parent)
    fresh = target.with_name(f"{target.name}.restoring")
    fresh.unlink(missing_ok=True)
    location.remove_logs(fresh)
    backup.copy_to(copy, fresh)
    try:
        to_read_back = _distrust(fresh, target, clock, actor)
        location.flush_to_disk(fresh)
    except BaseException:
        fresh.unlink(missing_ok=True)
        location.remove_logs(fresh)
        raise
    set_aside = _set_aside(target, clock.now())
    fresh.rename(target)
    location.flush_folder(target.parent)
    return Restored(set_aside, to_read_back)


def _distrust(fresh: Path, target: Path, clock: Clock, actor: str) -> int:
    """Bring the copy up to date and mark in it what must be read back; returns how many messages."""
    database = PracticeDatabase.open(fresh, clock=clock)
    try:
        _refuse_anothers(database.info(), target, clock)
        with database.writing() as connection:
            return distrust(connection, clock.now(), actor)
    finally:
        database.close()


def _refuse_anothers(backup: PracticeInfo, target: Path, clock: Clock) -> None:
    """Raise `Refused` for a backup that would put another practice, or a rehearsal, in the place of this one."""
    # A database that is damaged or gone is what restoring is for: then it has no say.
    with suppress(DatabaseUnusable):
        current = PracticeDatabase.open(target, clock=clock)
        try:
            held = current.info()
        finally:
            current.close()
        if SpineKind.UNSET not in {held.spine, backup.spine} and held.spine is not backup.spine:
            raise Refused(
                "This backup belongs to the other kind of Spine: a rehearsal's may not take the place of a real "
                "practice, nor the other way round. Choose another backup."
            )
        if _are_two_practices(held, backup):
            raise Refused(
                "This backup is another practice's, so it may not take the place of this one. Choose another backup, "
                "or restore it into an empty folder."
            )


def _are_two_practices(one: PracticeInfo, other: PracticeInfo) -> bool:
    """Whether these say of themselves that they are two practices; one without a name and a code says nothing."""
    if one.demonstration is not other.demonstration:
        return True
    if one.ods_code and other.ods_code:
        return one.ods_code.casefold() != other.ods_code.casefold()
    return bool(one.name and other.name) and one.name.casefold() != other.name.casefold()


def _set_aside(target: Path, now: datetime) -> Path | None:
    """Move the database, with what SQLite keeps beside it, out of the way; nothing of it is deleted."""
    if not target.exists():
        location.remove_logs(target)
        return None
    kept = target.with_name(f"{target.stem}-replaced-{now.strftime(_STAMP)}.db")
    for suffix in ("-wal", "-shm", "-journal", ""):
        with suppress(FileNotFoundError):
            target.with_name(target.name + suffix).rename(kept.with_name(kept.name + suffix))
    return kept
