"""The practice's lock: held by the operating system for a living process, free the moment it is gone.

A note beside the lock file says who holds it. It is only ever read for words; whether somebody does, the lock says.
"""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

from filelock import FileLock, Timeout

from app.clock import Clock, london_text
from app.domain.errors import Refused

_TRIES, _PAUSE_SECONDS = 25, 0.02
"""Somebody who only looks whether the lock is free holds it for an instant: half a second is patience enough."""


@dataclass(frozen=True, slots=True)
class _Note:
    who: str
    workstation: str
    process: int
    since: str

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """The note that lies there, None when there is none that makes sense."""
        with suppress(OSError, ValueError, TypeError):
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        return None

    def write(self, path: Path) -> None:
        draft = path.with_name(f"{path.name}.new")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(asdict(self)), encoding="utf-8")
        draft.replace(path)

    def in_words(self) -> str:
        """Who, where and since when, as staff read it."""
        with suppress(ValueError):
            return f"{self.who} on {self.workstation}, since {london_text(datetime.fromisoformat(self.since))}"
        return f"{self.who} on {self.workstation}"


class PracticeFileLock:
    """`PracticeLock` for a database file: two copies of the program on one computer never work on it together.

    May be asked from any thread; only `acquire` waits.
    """

    def __init__(
        self,
        database: Path,
        clock: Clock,
        workstation: str | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._workstation = workstation or socket.gethostname() or "this computer"
        self._note = database.with_name(f"{database.name}.holder.json")
        # Never the kind of lock that only looks whether a file exists: that one outlives its holder.
        self._lock = FileLock(
            database.with_name(f"{database.name}.lock"), thread_local=False, mode=0o600, fallback_to_soft=False
        )
        self._mutex = threading.Lock()
        self._held = False

    def acquire(self, who: str) -> None:
        """Take the lock, or raise `Refused` naming who holds it, where and since when."""
        for _ in range(_TRIES):
            if self._take(who):
                return
            # Without the mutex: whoever only looks meanwhile does not wait.
            self._sleep(_PAUSE_SECONDS)
        raise Refused(self._refusal())

    def release(self) -> None:
        """Give it back; nothing happens when it is not held here."""
        with self._mutex:
            if self._held:
                # A note of another's says that this lock was lost meanwhile; theirs stays.
                if (note := _Note.read(self._note)) is not None and note.process == os.getpid():
                    with suppress(OSError):
                        self._note.unlink(missing_ok=True)
                self._lock.release()
                self._held = False

    @property
    def held_here(self) -> bool:
        """Whether this copy of the program holds it."""
        return self._held

    def holder(self) -> str | None:
        """Who holds it elsewhere, where and since when, in a sentence; None when it is free or ours."""
        with self._mutex:
            if self._held:
                return None
            if self._try():
                self._lock.release()
                return None
            return self._refusal()

    def _take(self, who: str) -> bool:
        with self._mutex:
            if self._held:
                raise Refused("This copy of the program is already working on this practice. Wait until it has ended.")
            if not self._try():
                return False
            self._held = True
            note = _Note(who, self._workstation, os.getpid(), self._clock.now().isoformat())
            # Without its note the lock holds all the same.
            with suppress(OSError):
                note.write(self._note)
            return True

    def _try(self) -> bool:
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            return False
        except OSError:
            raise Refused(
                "The practice's lock file cannot be used. Have the rights on the practice's folder checked."
            ) from None
        return True

    def _refusal(self) -> str:
        note = _Note.read(self._note)
        who = note.in_words() if note else "another copy of this program"
        return f"This practice is being worked on by {who}. Wait until that has ended."
