"""Where a practice database is kept, a file of this computer or a server, and what belongs to either."""

from __future__ import annotations

from pathlib import Path

from app.clock import Clock
from app.engine.ports import PracticeLock
from app.storage.backend import Backend, Place, Surroundings
from app.storage.sqlite.file import SqliteFile
from app.storage.sqlite.lock import PracticeFileLock


def backend_of(place: Place, surroundings: Surroundings) -> Backend:
    """The backend for a place; nothing is opened yet."""
    if isinstance(place, Path):
        return SqliteFile(place, surroundings)
    # Loaded here: a practice in a file never waits for the driver of a server.
    from app.storage.postgres.server import PostgresServer

    return PostgresServer(place, surroundings)


def practice_lock(place: Place, clock: Clock) -> PracticeLock:
    """The lock of whoever works on the practice."""
    if isinstance(place, Path):
        return PracticeFileLock(place, clock)
    from app.storage.postgres.lock import Guards, PracticeServerLock

    return PracticeServerLock(place, clock, Guards.PRACTICE)


def watch_lock(place: Place, clock: Clock) -> PracticeLock:
    """The lock of whoever keeps watch over the practice's times."""
    if isinstance(place, Path):
        return PracticeFileLock(place.with_name(f"{place.name}.watch"), clock)
    from app.storage.postgres.lock import Guards, PracticeServerLock

    return PracticeServerLock(place, clock, Guards.WATCH)
