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
    # A server's.
    "GONE": (
        "The server with the practice database cannot be reached, or it closed the connection. "
        "Check the network and the server, then try again."
    ),
    "REFUSED": (
        "The server with the practice database did not let this program in. "
        "Have the database address, the user and its password checked."
    ),
    "UNTRUSTED": (
        "The connection to the server with the practice database could not be made safe: its certificate is of an "
        "authority that is not known here, or names another server. Have CA_BUNDLE, or sslrootcert in the database "
        "address, checked."
    ),
    "FORBIDDEN": (
        "The user that this program has on the database server may not do this. Have the user's rights checked there."
    ),
    "NO_DATABASE": "The server does not have the database that DATABASE_URL names. Have the address checked.",
    "CROWDED": "The server with the practice database has no connection left. Close other programs, then try again.",
}
_OTHER = "The practice database could not be used just now. Try again; if it happens again, have the disk checked."

_KINDS_OF_STATES: dict[str, str] = {
    **dict.fromkeys(("08", "57P01", "57P02", "57P03", "57P05", "25P03"), "GONE"),
    # Two transactions in each other's way, a lock or a statement that took too long: passes, and is tried again.
    **dict.fromkeys(("40001", "40P01", "55P03", "57014"), "BUSY"),
    **dict.fromkeys(("22", "23"), "CONSTRAINT"),
    "53100": "FULL",
    "53300": "CROWDED",
    "25006": "READONLY",
    "28": "REFUSED",
    "3D000": "NO_DATABASE",
    "42501": "FORBIDDEN",
    "58030": "IOERR",
    "XX001": "CORRUPT",
    "XX002": "CORRUPT",
}
"""What PostgreSQL's five-letter states, or the first two letters of them, come to."""

_NOT_MADE = "connection failed"
"""So the driver begins where a connection was never made; one that breaks later is always the server gone."""
_REPLIED = ":  "
"""Between the severity and the text of what a server answers, in every language; the driver writes it nowhere else."""
_KINDS_OF_REPLIES: dict[str, tuple[str, ...]] = {
    "GONE": ("starting up", "shutting down", "recovery"),
    "CROWDED": ("too many", "connection slots"),
    "NO_DATABASE": ('database "',),
}
_KINDS_OF_CONNECTIONS: dict[str, tuple[str, ...]] = {
    "UNTRUSTED": ("certificate", "does not support SSL"),
    "REFUSED": ("no password supplied",),
}
"""How connections that were never made are told apart: of those the driver gives no state, only words."""


class InconsistentChange(Exception):
    """The program asked the database for something its own rules forbid: a fault of ours, never of the staff's."""


def is_busy(error: DBAPIError) -> bool:
    """Whether somebody else holds the database for the moment."""
    return _kind(error.orig) in {"BUSY", "LOCKED", "CROWDED"}


def may_pass(error: BaseException) -> bool:
    """Whether this error of a server's driver may pass by itself: nobody answered, or too many are connected."""
    return _kind(error) in {"GONE", "CROWDED"}


def is_gone(error: DBAPIError) -> bool:
    """Whether the connection to the server broke, or none could be made."""
    return _kind(error.orig) == "GONE"


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
            raise InconsistentChange(f"the database refused a change: {_broken_rule(error.orig)}") from None
        kind = StorageBusy if is_busy(error) or is_gone(error) else StorageFault
        raise kind(in_words(error.orig)) from None


def _kind(error: BaseException | None) -> str:
    """The error's name among `_WORDS`: SQLite's own without prefix and extension (SQLITE_BUSY_SNAPSHOT is BUSY), or
    what PostgreSQL's state comes to; its driver gives none where no server answered.
    """
    name: str | None = getattr(error, "sqlite_errorname", None)
    if name is not None:
        return name.removeprefix("SQLITE_").split("_")[0]
    if not hasattr(error, "sqlstate"):
        return ""
    state: str | None = getattr(error, "sqlstate", None)
    if state is None:
        # The driver's own: no connection was made or it broke, or a text held what PostgreSQL keeps in none (a NUL).
        kinds = {"OperationalError": _kind_of_connection(str(error)), "ConnectionTimeout": "GONE"}
        return kinds.get(type(error).__name__, "CONSTRAINT" if type(error).__name__ == "DataError" else "")
    return _KINDS_OF_STATES.get(state) or _KINDS_OF_STATES.get(state[:2], "")


def _kind_of_connection(words: str) -> str:
    """Why there is no connection, from the driver's words, which are never passed on."""
    if not words.startswith(_NOT_MADE):
        return "GONE"
    replied = _REPLIED in words
    told = _KINDS_OF_REPLIES if replied else _KINDS_OF_CONNECTIONS
    for kind, marks in told.items():
        if any(mark in words for mark in marks):
            return kind
    return "REFUSED" if replied else "GONE"


def _broken_rule(error: BaseException | None) -> str:
    """Which rule it was. SQLite's text names the constraint or the columns, never a value; PostgreSQL's may."""
    diagnosis = getattr(error, "diag", None)
    if diagnosis is None:
        return str(error)
    return str(diagnosis.constraint_name or getattr(error, "sqlstate", None) or "a text that cannot be stored")
