"""A practice database in the making: filled under another name, so that a half-made one never looks whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.bootstrap.place import place_of, refuse_two_practices
from app.bootstrap.practice_files import operating_system_account
from app.clock import Clock
from app.config import Settings
from app.domain.errors import Refused
from app.storage.database import PracticeDatabase
from app.storage.place import practice_lock
from app.storage.postgres.address import ServerAddress
from app.storage.sqlite import location


@contextmanager
def practice_in_the_making(
    settings: Settings, clock: Clock, *, name: str = "", ods_code: str = ""
) -> Iterator[PracticeDatabase]:
    """A new, empty practice database; at the end of the context it takes its place in the data folder.

    Raises `Refused` when the folder holds a practice already, or somebody else is making one. After any exception
    within there is no practice.
    """
    place = place_of(settings)
    refuse_two_practices(settings, place)
    location.make_private_folder(settings.data_dir)
    lock = practice_lock(place, clock)
    lock.acquire(operating_system_account())
    try:
        if isinstance(place, ServerAddress):
            making = _on_a_server(place, clock, name, ods_code)
        else:
            making = _in_a_file(place, clock, name, ods_code)
        with making as database:
            yield database
    finally:
        lock.release()


@contextmanager
def _in_a_file(path: Path, clock: Clock, name: str, ods_code: str) -> Iterator[PracticeDatabase]:
    unfinished = path.with_name("practice-in-the-making.db")
    try:
        _refuse_existing(path)
        _remove(unfinished)
        database = PracticeDatabase.create(unfinished, clock=clock, name=name, ods_code=ods_code)
        try:
            yield database
        finally:
            database.close()
        _refuse_existing(path)
        unfinished.rename(path)
        location.flush_folder(path.parent)
    finally:
        _remove(unfinished)


@contextmanager
def _on_a_server(address: ServerAddress, clock: Clock, name: str, ods_code: str) -> Iterator[PracticeDatabase]:
    # Only here: a practice in a file never waits for the driver of a server.
    from app.storage.postgres.making import on_the_way

    with on_the_way(address) as unfinished:
        database = PracticeDatabase.create(unfinished, clock=clock, name=name, ods_code=ods_code)
        try:
            yield database
        finally:
            database.close()


def _refuse_existing(path: Path) -> None:
    if path.exists():
        raise Refused(f"The folder {path.parent} holds a practice already. Choose another folder.")


def _remove(database: Path) -> None:
    database.unlink(missing_ok=True)
    location.remove_logs(database)
