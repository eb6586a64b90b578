"""The operating system's wish that the program ends, brought into Qt's event loop."""

from __future__ import annotations

import os
import signal
import socket
from contextlib import suppress
from types import FrameType

from PySide6.QtCore import QObject, QSocketNotifier, Signal, Slot

_PAUSED = 3


class Signals(QObject):
    """Wakes the event loop for SIGINT and SIGTERM; by itself it would not look up from its sleep.

    Signals: `asked()` when one has come. A second one ends the program at once.
    """

    asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._received, self._sent = socket.socketpair()
        for end in (self._received, self._sent):
            end.setblocking(False)
        self._heard = 0
        self._handlers_before = {
            number: signal.signal(number, self._on_signal) for number in (signal.SIGINT, signal.SIGTERM)
        }
        self._wakeup_before = signal.set_wakeup_fd(self._sent.fileno(), warn_on_full_buffer=False)
        self._notifier = QSocketNotifier(self._received.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self.on_woken)

    @Slot()
    def on_woken(self) -> None:
        """A signal has come. Told here and not in its handler, which may interrupt whoever holds a lock."""
        with suppress(BlockingIOError):
            self._received.recv(64)
        if self._heard:
            self.asked.emit()

    def restore(self) -> None:
        """Put back what was there before."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._wakeup_before)
        for number, handler in self._handlers_before.items():
            signal.signal(number, handler)
        self._received.close()
        self._sent.close()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - the module's signature
        self._heard += 1
        if self._heard > 1:
            # Every commit is whole, and what is under way is settled at the next start.
            os._exit(_PAUSED)
