"""The end of the log file as entries, at most so many: what has been written since the last look, rotation included."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from app.clock import LONDON
from app.logs import redacted

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")

_FIRST_LOOK_BYTES = 512 * 1024


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One line of the log. `at` is English time, empty where the line does not say; `error` is where it came from."""

    at: str
    level: str
    where: str
    message: str
    error: tuple[str, ...] = ()

    @property
    def severity(self) -> int:
        """The level as a number that grows with it."""
        return LEVELS.index(self.level) if self.level in LEVELS else LEVELS.index("INFO")

    @property
    def text(self) -> str:
        """All of it on one line, as it is saved."""
        return "  ".join(filter(None, (self.at, f"{self.level:<8}", self.where, self.message, *self.error)))


class LogTail:
    """Reads one log file, which need not be there yet. Each `read` gives the entries that are new."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: tuple[int, int] | None = None
        self._position = 0
        self._rest = b""

    def read(self) -> list[LogEntry]:
        """The entries since the last time; at the first, those of the last half megabyte. Never raises for a file."""
        content = b""
        with suppress(OSError), self.path.open("rb") as stream:
            content = self._new_bytes(stream)
        *lines, self._rest = (self._rest + content).split(b"\n")
        return [_entry(line.decode("utf-8", "replace")) for line in lines if line.strip()]

    def _new_bytes(self, stream: Any) -> bytes:
        status = self.path.stat()
        file = (status.st_dev, status.st_ino)
        if self._file is None:
            self._position = max(0, status.st_size - _FIRST_LOOK_BYTES)
        elif file != self._file or status.st_size < self._position:
            # The file was rotated: what came before it has been read, or is in the one before.
            self._position, self._rest = 0, b""
        is_cut = self._file is None and self._position > 0
        self._file = file
        stream.seek(self._position)
        content: bytes = stream.read()
        self._position += len(content)
        return content.partition(b"\n")[2] if is_cut else content


def _entry(line: str) -> LogEntry:
    try:
        told = json.loads(line)
        at = datetime.fromisoformat(told["at"]).astimezone(LONDON)
        return LogEntry(
            f"{at:%d/%m/%Y %H:%M:%S}",
            str(told["level"]),
            str(told["logger"]),
            str(told["message"]),
            tuple(str(place) for place in told.get("error", ())),
        )
    except (ValueError, KeyError, TypeError):
        # Not one of ours: whatever it is, it is shown without numbers and secrets.
        return LogEntry("", "INFO", "", redacted(line))
