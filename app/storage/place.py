"""Where a practice database is kept: a file of this computer or a server's address; and the backend for either."""

from __future__ import annotations

from pathlib import Path

from app.storage.backend import Backend, Surroundings
from app.storage.sqlite.file import SqliteFile

Place = Path
"""A file of this computer."""


def backend_of(place: Place, surroundings: Surroundings) -> Backend:
    """The backend for a place; nothing is opened yet."""
    return SqliteFile(place, surroundings)
