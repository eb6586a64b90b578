"""One window for each data folder: a second start raises the first one's window and ends.

Who is first is settled by a lock of the operating system, which no crash leaves behind; the socket beside it only
carries the wish. A socket that a dead program left is removed by the next one.
"""

from __future__ import annotations

import getpass
import hashlib
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout
from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from app.domain.errors import Refused

_log = logging.getLogger(__name__)

LOCK_FILE = "window.lock"

_RAISE = b"raise\n"
_DONE = b"raised\n"
_ANSWER_MS = 3_000
_STEP_MS = 20
_PATIENCE_SECONDS = 10.0
"""The first one may be starting itself: it has the lock before it listens."""


class Instance(QObject):
    """This program's claim to be the window of one folder. Lives in the window's thread.

    Signals: `raise_wanted()` when another start wants the window to come to the front.
    """

    raise_wanted = Signal()

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.folder = folder
        self._name = _name_of(folder)
        # Never the kind of lock that only looks whether a file exists: that one outlives its holder.
        self._lock = FileLock(folder / LOCK_FILE, thread_local=False, mode=0o600, fallback_to_soft=False)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self.on_connected)

    def claim(self) -> bool:
        """Be the window of the folder; False when another one is: see `raise_first`. Never waits.

        A folder that cannot be written is claimed without a lock: it will be refused for that, in its own words.
        """
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock.acquire(timeout=0)
        except Timeout:
            return False
        except OSError:
            return True
        QLocalServer.removeServer(self._name)
        if not self._server.listen(self._name):
            # Without it a second start cannot raise this window, and says so.
            _log.warning("No second start can raise this window: %s", self._server.errorString())
        return True

    def release(self) -> None:
        """Give the folder up."""
        self._server.close()
        if self._lock.is_locked:
            self._lock.release()

    @Slot()
    def on_connected(self) -> None:
        """Another start has something to say."""
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.setParent(self)
            socket.readyRead.connect(self.on_said)
            socket.disconnected.connect(socket.deleteLater)
            if socket.bytesAvailable():
                self._hear(socket)

    @Slot()
    def on_said(self) -> None:
        """What it says."""
        socket = self.sender()
        if isinstance(socket, QLocalSocket):
            self._hear(socket)

    def _hear(self, socket: QLocalSocket) -> None:
        if socket.canReadLine() and bytes(socket.readLine().data()) == _RAISE:
            socket.write(_DONE)
            socket.flush()
            self.raise_wanted.emit()


def raise_first(folder: Path) -> None:
    """Have the window of this folder, which is another program's, come to the front. Waits; for any thread.

    Raises `Refused` when it does not answer.
    """
    give_up_at = time.monotonic() + _PATIENCE_SECONDS
    while not _asked(_name_of(folder)):
        if time.monotonic() >= give_up_at:
            raise Refused(
                "This program is open on the same folder already, and does not answer. Look for its window; if there "
                "is none, end the program by the system's own means, then start it again."
            )
        time.sleep(0.1)


def _asked(name: str) -> bool:
    socket = QLocalSocket()
    try:
        socket.connectToServer(name)
        if not _waited_for(socket.waitForConnected):
            return False
        socket.write(_RAISE)
        socket.flush()
        return _waited_for(socket.waitForReadyRead) and bytes(socket.readAll().data()) == _DONE
    finally:
        socket.abort()


def _waited_for(wait: Callable[[int], bool]) -> bool:
    """Wait in small steps: Qt keeps every other thread of Python from running as long as one of them lasts."""
    return any(wait(_STEP_MS) for _ in range(_ANSWER_MS // _STEP_MS))


def _name_of(folder: Path) -> str:
    """The socket's name: one for each user and folder, and short enough for every system."""
    user = ""
    with suppress(KeyError, OSError):
        user = getpass.getuser()
    return "scr-bulk-" + hashlib.sha256(f"{user}\n{folder.resolve()}".encode()).hexdigest()[:24]
