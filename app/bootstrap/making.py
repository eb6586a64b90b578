"""A practice database in the making: filled under another name, so that a half-made one never looks whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.bootstrap.product import operating_system_account, refuse_shared_database
from app.clock import Clock
from app.config import Settings
from app.domain.errors import Refused
from app.storage.database import PracticeDatabase
from app.storage.sqlite import location
from app.storage.sqlite.lock import PracticeFileLock


@contextmanager
def practice_in_the_making(
    settings: Settings, clock: Clock, *, name: str = "", ods_code: str = ""
) -> Iterator[PracticeDatabase]:
    """A new, empty practice database; at the end of the context it takes its place in the data folder.

    Raises `Refused` when the folder holds a practice already, or somebody else is making one. After any exception
    within there is no practice.
    """
    refuse_shared_database(settings)
    path = settings.database_file
    location.make_private_folder(settings.data_dir)
    lock = PracticeFileLock(path, clock)
    lock.acquire(operating_system_account())
    unfinished = path.with_name("practice-in-the-making.db")
    try:
        _refuse_existing(settings)
        _remove(unfinished)
        database = PracticeDatabase.create(unfinished, clock=clock, name=name, ods_code=ods_code)
        try:
            yield database
        finally:
            database.close()
        _refuse_existing(settings)
        unfinished.rename(path)
        location.flush_folder(settings.data_dir)
    finally:
        _remove(unfinished)
        lock.release()


def _refuse_existing(settings: Settings) -> None:
    if settings.database_file.exists():
        raise Refused(f"The folder {settings.data_dir} holds a practice already. Choose another folder.")


def _remove(database: Path) -> None:
    database.unlink(missing_ok=True)
    location.remove_logs(database)
