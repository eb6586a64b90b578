"""Copies of a practice that are being made, and those a killed program left half-made: they name patients, so they go.

Whoever makes one holds a lock beside it, the operating system's; a copy whose lock is free is nobody's any more.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

SNAPSHOT_PREFIX = ".snapshot-"
UNFINISHED_SUFFIX = ".unfinished"

_MARK_SUFFIX = ".making"


@contextmanager
def in_the_making(copy: Path) -> Iterator[None]:
    """Make a copy (a file, or a folder of files) under this name; what is there under it in the end is removed.

    A copy that is to stay has been given another name by then.
    """
    mark = _mark_of(copy)
    try:
        with mark:
            try:
                yield
            finally:
                _remove(copy)
    finally:
        _remove(Path(mark.lock_file))


def remove_abandoned(database: Path, backups: Path) -> None:
    """Remove every half-made copy of this database that nobody is making any more; one that will not go stays."""
    found = [*database.parent.glob(f"{SNAPSHOT_PREFIX}*"), *backups.glob(f"{database.stem}-*{UNFINISHED_SUFFIX}")]
    for copy in found:
        if copy.suffix == _MARK_SUFFIX:
            continue
        mark = _mark_of(copy)
        with suppress(Timeout, OSError), mark.acquire(timeout=0):
            _remove(copy)
            _remove(Path(mark.lock_file))


def _mark_of(copy: Path) -> FileLock:
    name = copy.with_name(f"{copy.name}{_MARK_SUFFIX}")
    return FileLock(name, thread_local=False, mode=0o600, fallback_to_soft=False)


def _remove(path: Path) -> None:
    with suppress(OSError):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
