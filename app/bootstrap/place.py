"""Where the practice of a data folder is kept: the folder's own file, or the server that DATABASE_URL names."""

from __future__ import annotations

from pathlib import Path

from app.config import Settings
from app.domain.errors import Refused
from app.storage.backend import Place
from app.storage.postgres.address import ServerAddress
from app.storage.sqlite import moved

SIMULATED_STATE_FILE = "simulated-spine.db"
"""What a simulated Spine that belongs to the folder's practice remembers: a demonstration's, or a rehearsal's."""


def place_of(settings: Settings) -> Place:
    """The place of a folder's practice, whether there is one or not. Raises `BadInput` for an address of no use.

    Demonstrations and rehearsals are always files: they must never get near a practice that is shared.
    """
    if not settings.database_url or has_its_own_spine(settings.data_dir):
        return settings.database_file
    return ServerAddress.parse(settings.database_url, settings.data_dir, settings.ca_bundle)


def has_its_own_spine(folder: Path) -> bool:
    """Whether the practice of this folder has worked with a simulated Spine of its own, which remembers that."""
    return (folder / SIMULATED_STATE_FILE).exists()


def has_practice(settings: Settings) -> bool:
    """Whether the folder's place holds a practice. Raises `DatabaseUnusable` where a server cannot be asked."""
    place = place_of(settings)
    if isinstance(place, Path):
        return place.exists()
    # Only here: a practice in a file never waits for the driver of a server.
    from app.storage.postgres.making import is_taken

    return is_taken(place)


def refuse_taken(settings: Settings) -> None:
    """Raise `Refused` where the folder's place holds a practice, and `DatabaseUnusable` where that cannot be told."""
    if has_practice(settings):
        raise Refused(
            "There is a practice already where the list is to go. Open it, and have it brought up to date from the "
            "list with Practice, Update from a newer list."
        )


def refuse_two_practices(settings: Settings, place: Place) -> None:
    """Raise `Refused` where the folder holds a practice beside the shared one: people would take it for that."""
    if isinstance(place, ServerAddress) and settings.database_file.exists():
        raise Refused(
            f"DATABASE_URL names a shared practice, and the folder {settings.data_dir} holds a practice of its own. "
            "Move that one to the shared database with database copy --to, or choose another folder."
        )


def no_practice_here(settings: Settings) -> Refused:
    """What to say where the folder holds no practice."""
    if moved.was_moved_from(settings.database_file):
        return Refused(
            f"The practice of the folder {settings.data_dir} was moved to a shared database. "
            "Set DATABASE_URL to its address to work with it."
        )
    return Refused(
        f"There is no practice in the folder {settings.data_dir}. "
        "Bring one in with practice import, or make one with practice create-demo."
    )
