"""Files that staff take away, put in their places only once they are whole and on the disk.

They hold names and NHS numbers: each is readable by its owner alone from its first byte on.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import TextIO


class FileSet:
    """Files of one folder that take their places together, when the context ends without an error.

    Raises OSError where the folder cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._written: list[tuple[Path, Path]] = []

    def __enter__(self) -> FileSet:
        return self

    @contextmanager
    def opened(self, name: str) -> Iterator[TextIO]:
        """A stream into the file that will have this name: UTF-8 with a byte order mark, line ends as they are."""
        with open(self._made(name)[0], "w", encoding="utf-8-sig", newline="") as stream:  # noqa: PTH123 (a descriptor)
            yield stream
            stream.flush()
            os.fsync(stream.fileno())

    @contextmanager
    def reserved(self, name: str) -> Iterator[Path]:
        """An empty file, to be filled by a program of its own, that will have this name."""
        handle, temporary = self._made(name)
        os.close(handle)
        yield temporary
        with temporary.open("rb+") as written:
            os.fsync(written.fileno())

    def _made(self, name: str) -> tuple[int, Path]:
        handle, temporary = tempfile.mkstemp(dir=self._folder, prefix=f".{name}.", suffix=".part")
        self._written.append((Path(temporary), self._folder / name))
        return handle, Path(temporary)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                for temporary, final in self._written:
                    temporary.replace(final)
                _sync_folder(self._folder)
        finally:
            for temporary, _ in self._written:
                with suppress(OSError):
                    temporary.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    # Windows has no such thing: a folder cannot be opened there.
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
