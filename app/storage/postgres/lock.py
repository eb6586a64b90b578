"""A practice's lock on a server: an advisory lock on a connection of its own, free the moment that is gone.

A row beside it says who holds it. It is only ever read for words; whether somebody does, the lock says. Should the
holder lose it without noticing, and another take over, the epoch keeps its transactions from changing anything.
"""

from __future__ import annotations

import os
import socket
import threading
import time
import weakref
from contextlib import suppress
from datetime import datetime
from enum import Enum
from typing import Any

import psycopg
from sqlalchemy import Column, Integer, MetaData, Table, Text

from app.clock import Clock, london_text
from app.domain.errors import Refused, StorageBusy
from app.storage import faults
from app.storage.postgres.address import ServerAddress
from app.storage.postgres.recipe import LOCK_CLASS, connect

HOLDERS = Table(
    "lock_holder",
    MetaData(),
    Column("guards", Integer, primary_key=True, autoincrement=False),
    Column("backend", Integer, nullable=False),
    Column("who", Text, nullable=False),
    Column("workstation", Text, nullable=False),
    Column("since", Text, nullable=False),
)
"""Who holds which lock; it is the server's alone, and no part of the practice."""

_PATIENCE_SECONDS = 0.5
"""Somebody who only looks whether the lock is free holds it for an instant."""
_LOOK_AGAIN_SECONDS = 0.05

_NOBODY_NAMED = "This practice is being worked on at another computer. Wait until that has ended."

_TAKE = "SELECT pg_try_advisory_lock(%s, %s)"
_GIVE_BACK = "SELECT pg_advisory_unlock(%s, %s)"
_HOLDING = """
SELECT pid FROM pg_locks
WHERE locktype = 'advisory' AND classid = %s AND objid = %s AND objsubid = 2 AND granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
_NOTE = """
INSERT INTO lock_holder (guards, backend, who, workstation, since) VALUES (%s, pg_backend_pid(), %s, %s, %s)
ON CONFLICT (guards) DO UPDATE
SET backend = excluded.backend, who = excluded.who, workstation = excluded.workstation, since = excluded.since
"""
_NOTED = "SELECT who, workstation, since FROM lock_holder WHERE guards = %s AND backend = %s"


class Guards(Enum):
    """What an advisory lock of this program guards; 1 is the writer's (`recipe`)."""

    PRACTICE = 2
    WATCH = 3


class PracticeServerLock:
    """`PracticeLock` for a database on a server: two workstations never work on it together. Safe from any thread."""

    def __init__(
        self, address: ServerAddress, clock: Clock, guards: Guards = Guards.PRACTICE, workstation: str | None = None
    ) -> None:
        self._address = address
        self._clock = clock
        self._guards = guards.value
        self._workstation = workstation or socket.gethostname() or f"process {os.getpid()}"
        self._mutex = threading.Lock()
        self._connection: Any = None
        self._looker: Any = None

    def acquire(self, who: str) -> None:
        """Take the lock, or raise `Refused` naming who holds it, where and since when."""
        with self._mutex:
            if self._connection is not None:
                raise Refused("This copy of the program is already working on this practice. Wait until it has ended.")
            try:
                connection = connect(self._address)
            except psycopg.Error as error:
                raise Refused(faults.in_words(error)) from None
            try:
                self._take(connection, who)
            except BaseException:
                connection.close()
                raise
            self._connection = connection

    def release(self) -> None:
        """Give it back where it is held here, and every connection with it."""
        with self._mutex:
            if self._looker is not None:
                self._looker.close()
                self._looker = None
            if self._connection is not None:
                with suppress(psycopg.Error):
                    self._connection.execute(_GIVE_BACK, [LOCK_CLASS, self._guards])
                # With its connection the lock is gone, whether the server still answers or not.
                self._connection.close()
                self._connection = None

    @property
    def held_here(self) -> bool:
        """Whether this copy of the program holds it."""
        return self._connection is not None

    def holder(self) -> str | None:
        """Who holds it elsewhere, where and since when, in a sentence; None when it is free or ours.

        Raises `StorageBusy` when the server cannot be asked.
        """
        with self._mutex:
            if self._connection is not None:
                return None
            try:
                if self._looker is not None:
                    with suppress(psycopg.Error):
                        return self._refusal(self._looker)
                    self._looker.close()
                self._looker = connect(self._address, read_only=True)
                weakref.finalize(self, self._looker.close)
                return self._refusal(self._looker)
            except psycopg.Error as error:
                raise StorageBusy(faults.in_words(error)) from None

    def _take(self, connection: Any, who: str) -> None:
        try:
            taken = self._try(connection)
            refusal = None if taken else self._refusal(connection)
        except psycopg.Error as error:
            raise Refused(faults.in_words(error)) from None
        if not taken:
            raise Refused(refusal or _NOBODY_NAMED)
        # Without its note the lock holds all the same.
        with suppress(psycopg.Error):
            now = self._clock.now().isoformat()
            connection.execute(_NOTE, [self._guards, who, self._workstation, now])

    @staticmethod
    def _in_words(who: str, workstation: str, since: str) -> str:
        where = f"This practice is being worked on by {who} on {workstation}"
        with suppress(ValueError):
            return f"{where}, since {london_text(datetime.fromisoformat(since))}. Wait until that has ended."
        return f"{where}. Wait until that has ended."

    def _try(self, connection: Any) -> bool:
        until = time.monotonic() + _PATIENCE_SECONDS
        while not connection.execute(_TAKE, [LOCK_CLASS, self._guards]).fetchone()[0]:
            if time.monotonic() > until:
                return False
            time.sleep(_LOOK_AGAIN_SECONDS)
        return True

    def _refusal(self, connection: Any) -> str | None:
        holding = connection.execute(_HOLDING, [LOCK_CLASS, self._guards]).fetchone()
        if holding is None:
            return None
        with suppress(psycopg.Error):
            note = connection.execute(_NOTED, [self._guards, holding[0]]).fetchone()
            if note is not None:
                return self._in_words(*note)
        return _NOBODY_NAMED
