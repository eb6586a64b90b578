"""A practice's database opened for its list, its runs and its past, and under whose name that is written down.

No Spine is in reach from here: what works against one is put together in `product`.
"""

from __future__ import annotations

import getpass
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from app.bootstrap.place import no_practice_here, place_of, refuse_two_practices
from app.clock import Clock, SystemClock
from app.config import Settings
from app.domain.errors import StorageFault
from app.engine.audit_trail import AuditTrail
from app.engine.history import History
from app.engine.lists import PatientLists
from app.engine.ports import PracticeLock, RunQueries
from app.engine.practice import PracticeStore
from app.engine.schedule_rows import ScheduleStore
from app.logs import set_up_logging
from app.storage.database import PracticeDatabase
from app.storage.last_seen import LastSeen
from app.storage.patient_lists import SqlPatientLists
from app.storage.place import practice_lock
from app.storage.postgres.address import ServerAddress
from app.storage.practice_store import SqlPracticeStore
from app.storage.run_history import SqlHistory
from app.storage.run_queries import SqlRunQueries
from app.storage.schedule_store import SqlScheduleStore
from app.storage.trail_queries import SqlAuditTrail


@dataclass(frozen=True, slots=True)
class PracticeFiles:
    """A practice's database opened for its list and its runs, with no Spine in reach."""

    database: PracticeDatabase
    store: PracticeStore
    queries: RunQueries
    lock: PracticeLock
    schedules: ScheduleStore
    history: History
    trail: AuditTrail
    lists: PatientLists
    seen: LastSeen | None = None
    """What this workstation saw last of a practice that is shared."""


@contextmanager
def practice_database(settings: Settings, clock: Clock | None = None, *, check: bool = True) -> Iterator[PracticeFiles]:
    """The practice of a data folder, closed at the end. Raises `DatabaseUnusable` and `Refused`.

    Without `check` nothing is written until `database.refuse_damaged` has passed.
    """
    clock = clock or SystemClock()
    set_up_logging(settings.data_dir)
    place = place_of(settings)
    refuse_two_practices(settings, place)
    if place == settings.database_file and not settings.database_file.exists():
        raise no_practice_here(settings)
    lock = practice_lock(place, clock)

    @contextmanager
    def alone() -> Iterator[None]:
        lock.acquire(operating_system_account())
        try:
            yield
        finally:
            lock.release()

    database = PracticeDatabase.open(place, clock=clock, check=check, hold_writes=not check, alone=alone)
    try:
        seen = LastSeen(database, settings.data_dir) if isinstance(place, ServerAddress) else None
        with _kept_in_mind(seen):
            yield PracticeFiles(
                database,
                SqlPracticeStore(database),
                SqlRunQueries(database),
                lock,
                SqlScheduleStore(database),
                SqlHistory(database),
                SqlAuditTrail(database),
                SqlPatientLists(database),
                seen,
            )
    finally:
        if not lock.held_here:
            # One that is held goes with the process: whoever works by it may still be ending.
            lock.release()
        database.close()


@contextmanager
def _kept_in_mind(seen: LastSeen | None) -> Iterator[None]:
    """Look at a shared practice as it is opened, and again before it is closed, if it can be looked at."""
    if seen is None:
        yield
        return
    seen.look()
    try:
        yield
    finally:
        with suppress(StorageFault):
            seen.look()


def operating_system_account() -> str:
    """Who sits at this computer, for what needs no card and is audited all the same."""
    with suppress(KeyError, OSError):
        return getpass.getuser()
    return "unknown account"


def workstation() -> str:
    """This computer's name, as refusals and the audit trail show it."""
    return socket.gethostname() or "this computer"
