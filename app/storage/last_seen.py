"""What a workstation saw last of a shared practice, so that it notices when the server was put back to an older state.

What restores a server's backup is none of this program's commands, so nothing tells of it. Kept as a small file in the
workstation's own folder: the newest event of the audit trail, by number and hash, names nobody.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import exists, select

from app.domain.errors import Refused
from app.storage.audit import AuditAction
from app.storage.columns import utc_text
from app.storage.database import PracticeDatabase
from app.storage.tables import audit_event

FILE = "last-seen.json"
OLDER = (
    "The shared practice stands as it once stood: this computer has seen what is not in it any more. Where the "
    "server's backup was put back, have the command database restored carried out first. Until then nothing is sent."
)


@dataclass(frozen=True, slots=True)
class Seen:
    """The newest event of an audit trail when it was looked at, and in which database."""

    database: str
    number: int
    hash: str
    at: str


class LastSeen:
    """What this workstation saw last of a practice; safe from any thread."""

    def __init__(self, database: PracticeDatabase, folder: Path) -> None:
        self._database = database
        self._file = folder / FILE

    def look(self) -> None:
        """Remember the newest event, unless the practice is older than what is remembered. Raises `StorageFault`."""
        if not self._is_older():
            self.remember()

    def remember(self) -> None:
        """Remember the newest event, whatever was remembered before. Raises `StorageFault`."""
        newest = select(audit_event.c.number, audit_event.c.hash, audit_event.c.at)
        with self._database.reading() as connection:
            row = connection.execute(newest.order_by(audit_event.c.number.desc()).limit(1)).one()
        seen = Seen(self._database.label, row.number, row.hash, utc_text(row.at))
        unfinished = self._file.with_name(f"{FILE}.{os.getpid()}")
        # A folder that cannot be written keeps nobody from working; it only notices less.
        with suppress(OSError):
            unfinished.write_text(json.dumps(asdict(seen)), encoding="utf-8")
            unfinished.replace(self._file)

    def refuse_older(self) -> None:
        """Raise `Refused` when the practice is older than what is remembered, and `StorageFault`."""
        if self._is_older():
            raise Refused(OLDER)

    def _is_older(self) -> bool:
        seen = self._remembered()
        if seen is None:
            return False
        same = (audit_event.c.number == seen.number) & (audit_event.c.hash == seen.hash)
        # Another workstation has had the restore seen to since.
        seen_to = (audit_event.c.action == AuditAction.RESTORED) & (audit_event.c.at >= datetime.fromisoformat(seen.at))
        with self._database.reading() as connection:
            return not connection.execute(select(exists().where(same | seen_to))).scalar_one()

    def _remembered(self) -> Seen | None:
        with suppress(OSError, ValueError, TypeError):
            seen = Seen(**json.loads(self._file.read_text(encoding="utf-8")))
            return seen if seen.database == self._database.label else None
        return None
