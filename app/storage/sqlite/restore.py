"""Putting a backup in the place of a practice database, so that nothing it does not know is assumed.

Faults, row 47. A backup cannot know what was sent after it was made: every message it shows as unsettled, prepared ones
too, is to be read back before it is sent. What was there before is set aside and kept.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, func, select, update

from app.clock import Clock
from app.domain.errors import DatabaseUnusable, Refused
from app.domain.states import UNSETTLED_INTENTS, IntentState
from app.engine.practice import SpineKind
from app.engine.schedule_rows import ScheduleEnd
from app.engine.spine_port import AnswerKind
from app.storage import schedules
from app.storage.audit import AuditAction, AuditEvent, append
from app.storage.database import PracticeDatabase
from app.storage.sqlite import backup, identity, location
from app.storage.tables import attempt, audit_event, intent, meta

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

    Raises `DatabaseUnusable` for a file that is no whole practice database, and `Refused` when it belongs to the other
    kind of Spine; then nothing has changed.
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
        _refuse_other_kind(database.info().spine, target, clock)
        with database.writing() as connection:
            return _mark(connection, clock.now(), actor)
    finally:
        database.close()


def _mark(connection: Connection, now: datetime, actor: str) -> int:
    unsettled = intent.c.state.in_(sorted(UNSETTLED_INTENTS))
    count = connection.execute(select(func.count()).where(unsettled)).scalar_one()
    # The last that the backup knows of. What became unsettled only now, at the restore, may have been sent until now.
    latest = select(audit_event.c.at).order_by(audit_event.c.number.desc()).limit(1)
    made_at = connection.execute(latest).scalar_one()
    connection.execute(
        update(attempt)
        .where(attempt.c.ended_at.is_(None))
        .values(
            ended_at=made_at, answer_class=AnswerKind.UNKNOWN, spine_text="The backup was made before the answer came."
        )
    )
    # Outside the table of transitions, on purpose: a running program never comes from prepared to unknown, because it
    # knows what it sent; a backup does not.
    connection.execute(update(intent).where(unsettled).values(state=IntentState.UNKNOWN, changed_at=now))
    connection.execute(update(meta).values(epoch=meta.c.epoch + 1))
    # Nothing begins by itself on a list of another day: a person looks at it first.
    schedules.end_active(connection, ScheduleEnd.CANCELLED, actor, now)
    append(connection, [AuditEvent(now, actor, AuditAction.RESTORED, detail=f"{count} messages to read back")])
    return count


def _refuse_other_kind(kind: SpineKind, target: Path, clock: Clock) -> None:
    held = SpineKind.UNSET
    # A database that is damaged or gone is what restoring is for: then it has no say.
    with suppress(DatabaseUnusable):
        current = PracticeDatabase.open(target, clock=clock)
        try:
            held = current.info().spine
        finally:
            current.close()
    if SpineKind.UNSET not in {held, kind} and held is not kind:
        raise Refused(
            "This backup belongs to the other kind of Spine: a rehearsal's may not take the place of a real practice, "
            "nor the other way round. Choose another backup."
        )


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
