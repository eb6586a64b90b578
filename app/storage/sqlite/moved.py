"""A practice's file once the practice has moved to a server: marked within, and given another name.

Two copies that both send would be the worst that can happen, so the mark stands in the file's own header: wherever the
file is copied to, it is never opened as a practice again. Its rows stay as they were.
"""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from app.storage.sqlite import location
from app.storage.sqlite.recipe import plain_connection

MOVED_ID = 0x5343524D
"""The application id of a file whose practice has moved."""

WORDS = (
    "The practice in this file was moved to a shared database and is kept there now. "
    "Set DATABASE_URL to its address to work with it."
)

_MARK = "-moved-"
_STAMP = "%Y%m%dT%H%M%SZ"


def mark_moved(connection: Connection) -> None:
    """Mark the file as moved, within the open transaction."""
    connection.exec_driver_sql(f"PRAGMA application_id = {MOVED_ID}")


def is_marked(path: Path) -> bool:
    """Whether the practice of this file has moved. Raises the driver's errors."""
    with closing(plain_connection(path, read_only=True)) as connection:
        return bool(connection.execute("PRAGMA application_id").fetchone()[0] == MOVED_ID)


def end_of_trail(path: Path) -> tuple[int, str]:
    """The number and the hash of the last event in a moved file's audit trail. Raises the driver's errors."""
    with closing(plain_connection(path, read_only=True)) as connection:
        number, seal = connection.execute("SELECT audit_number, audit_hash FROM meta").fetchone()
    return int(number), str(seal)


def lay_aside(path: Path, now: datetime) -> Path:
    """Give the file a name that says what became of it: whoever still has it open writes into it no more."""
    kept = path.with_name(f"{path.stem}{_MARK}{now.strftime(_STAMP)}{path.suffix}")
    path.rename(kept)
    location.remove_logs(path)
    location.flush_folder(path.parent)
    return kept


def was_moved_from(path: Path) -> bool:
    """Whether a practice that had this file was moved away."""
    return any(path.parent.glob(f"{path.stem}{_MARK}*{path.suffix}"))
