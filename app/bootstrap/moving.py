"""A practice moved from the file of this computer to a server that several workstations share: once, and for good.

Two copies that both send would be the worst outcome, so the order is: the copy is complete and proved but not yet
found; the file is marked as moved; the copy is given its name. Whatever breaks off in between, at most one of the two
can be opened, and the same command goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from app.bootstrap.place import has_its_own_spine, no_practice_here
from app.bootstrap.practice_files import operating_system_account
from app.clock import Clock, SystemClock
from app.config import Settings
from app.domain.errors import Refused, StorageFault
from app.engine.long_work import Progress, nobody_waits
from app.logs import set_up_logging
from app.storage import transfer
from app.storage.audit import AuditAction, AuditEvent, append, verify_on
from app.storage.backend import Surroundings
from app.storage.database import PracticeDatabase
from app.storage.faults import told_in_words
from app.storage.place import backend_of, practice_lock, watch_lock
from app.storage.postgres.address import ServerAddress
from app.storage.sqlite import moved


@dataclass(frozen=True, slots=True)
class Moved:
    """Where a practice is now, and the file it had, which is kept and never opened as a practice again."""

    label: str
    kept: Path


def move_practice(settings: Settings, to: str, clock: Clock | None = None, progress: Progress = nobody_waits) -> Moved:
    """Move a folder's practice into the database at this address, every row of it.

    Raises `BadInput` for an address of no use, `Refused` where somebody works on the practice or the database holds one
    already, `DatabaseUnusable`, `StorageFault`, and `Cancelled`; then the practice is where it was.
    """
    clock = clock or SystemClock()
    set_up_logging(settings.data_dir)
    source, target = settings.database_file, ServerAddress.parse(to, settings.data_dir, settings.ca_bundle)
    if not source.exists():
        raise no_practice_here(settings)
    if has_its_own_spine(settings.data_dir):
        raise Refused("This is a demonstration or a rehearsal: it stays on this computer. Move a practice's own list.")
    with _held(source, target, clock):
        if moved.is_marked(source):
            _finish(source, target)
        else:
            _move(source, target, clock, progress)
        return Moved(target.label, moved.lay_aside(source, clock.now()))


@contextmanager
def _held(source: Path, target: ServerAddress, clock: Clock) -> Iterator[None]:
    """Every lock of either place, so that nobody works on it or keeps watch over its times meanwhile."""
    with ExitStack() as stack:
        for place in (source, target):
            for lock in (practice_lock(place, clock), watch_lock(place, clock)):
                lock.acquire(operating_system_account())
                stack.callback(lock.release)
        yield


def _move(source: Path, target: ServerAddress, clock: Clock, progress: Progress) -> None:
    # Only here: a practice in a file never waits for the driver of a server.
    from app.storage.postgres import making

    making.refuse_taken(target)
    making.remove_unfinished(target)
    database = PracticeDatabase.open(source, clock=clock)
    try:
        # Nobody else writes to the file as long as this transaction is open.
        with database.writing() as original:
            _copy(original, target.in_the_making, clock, progress)
            moved.mark_moved(original)
    except BaseException:
        # Once the file is marked the copy is the practice, whatever broke off after that.
        if not moved.is_marked(source):
            making.remove_unfinished(target)
        raise
    finally:
        database.close()
    making.finish(target)


def _copy(original: Connection, unfinished: ServerAddress, clock: Clock, progress: Progress) -> None:
    backend = backend_of(unfinished, Surroundings())

    def fill(connection: Connection) -> None:
        transfer.fill_from(original, connection, backend, progress)
        if verify_on(connection, progress).broken_at is not None:
            raise StorageFault("The audit trail of this practice is not whole, so it was not moved. Ask for help.")
        event = AuditEvent(clock.now(), operating_system_account(), AuditAction.DATABASE_MOVED, detail=unfinished.label)
        append(connection, [event])

    try:
        with told_in_words():
            backend.make(fill)
    finally:
        backend.close()


def _finish(source: Path, target: ServerAddress) -> None:
    """Go on with a move that broke off after the file was marked. Raises `Refused` where it went somewhere else."""
    # Only here: a practice in a file never waits for the driver of a server.
    from app.storage.postgres import making

    end = moved.end_of_trail(source)
    if making.holds(target, *end):
        return
    if not making.holds(target.in_the_making, *end):
        raise Refused(f"{moved.WORDS} The database that was named now does not have it.")
    making.finish(target)
