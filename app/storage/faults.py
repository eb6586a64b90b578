"""The database's own errors, turned into words for staff; the one place that knows them.

Nothing of the statement or its values is passed on: both may hold names and NHS numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.domain.errors import StorageBusy, StorageFault
from app.storage.columns import DamagedValue

_BUSY_WORDS = (
    "The practice database is busy: another program is writing to it. Close other copies of this program, "
    "then try again."
)
DAMAGED_WORDS = "The practice database is damaged. Stop using it and restore the latest backup."
_WORDS: dict[str, str] = {
    "BUSY": _BUSY_WORDS,
    "LOCKED": _BUSY_WORDS,
    "FULL": "The disk with the practice database is full. Free some space on it, then try again.",
    "READONLY": (
        "The practice database may not be written: its file or folder is read-only. "
        "Have the rights on the folder checked, then try again."
    ),
    "CANTOPEN": (
        "The practice database cannot be opened: its file or disk has gone. "
        "Check that the disk is connected, then try again."
    ),
    "IOERR": "The disk with the practice database gave an error. Have the disk checked before going on.",
    "CORRUPT": DAMAGED_WORDS,
    "NOTADB": DAMAGED_WORDS,
}
_OTHER = "The practice database could not be used just now. Try again; if it happens again, have the disk checked."


class InconsistentChange(Exception):
    """The program asked the database for something its own rules forbid: a fault of ours, never of the staff's."""


def is_busy(error: DBAPIError) -> bool:
    """Whether somebody else holds the database for the moment."""
    return _kind(error.orig) in {"BUSY", "LOCKED"}


def breaks_a_rule(error: DBAPIError) -> bool:
    """Whether the database refused a value or a combination that its constraints forbid."""
    return _kind(error.orig) == "CONSTRAINT"


def in_words(error: BaseException | None) -> str:
    """What staff are told about an error of the driver."""
    return _WORDS.get(_kind(error), _OTHER)


@contextmanager
def told_in_words() -> Iterator[None]:
    """Raise the database's errors as `StorageFault`, `StorageBusy` where waiting may help, or as `InconsistentChange`
    where one of its rules was broken.
    """
    try:
        yield
    except (DamagedValue, UnicodeDecodeError):
        raise StorageFault(DAMAGED_WORDS) from None
    except PoolTimeout:
        raise StorageBusy(_BUSY_WORDS) from None
    except DBAPIError as error:
        if breaks_a_rule(error):
            # SQLite names the constraint or the columns, never a value.
            raise InconsistentChange(f"the database refused a change: {error.orig}") from None
        kind = StorageBusy if is_busy(error) else StorageFault
        raise kind(in_words(error.orig)) from None


def _kind(error: BaseException | None) -> str:
    """SQLite's name of the error without prefix and extension: SQLITE_BUSY_SNAPSHOT is BUSY."""
    name: str = getattr(error, "sqlite_errorname", None) or ""
    return name.removeprefix("SQLITE_").split("_")[0]
