"""The thread in which the watchman looks, and the port to the ticker that wakes it.

The ticker only wakes. Should it fall silent, as one that reckons with the wall clock does when that is put back, the
thread looks by itself and has the ticker beat anew.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Protocol

from app.domain.errors import KnownError
from app.engine.faults import told_safely

_log = logging.getLogger(__name__)

LONGEST_SILENCE = 30.0
"""Seconds without a tick after which the thread looks by itself: two ticks."""


class Ticker(Protocol):
    """Calls back every so often in a thread of its own; the callback must only wake somebody."""

    def start(self, tick: Callable[[], None]) -> None:
        """Begin to tick; the first tick comes at once."""

    def beat_anew(self) -> None:
        """Reckon from now on: the clock it reckons with may have been set."""

    def stop(self) -> None:
        """Tick no more; returns once the last tick is over."""


class WatchLoop:
    """Looks at every tick and whenever somebody wakes it, until it is stopped."""

    def __init__(self, look: Callable[[], None], ticker: Ticker, longest_silence: float = LONGEST_SILENCE) -> None:
        self._look = look
        self._ticker = ticker
        self._longest_silence = longest_silence
        self._awake = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchman", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()
        self._ticker.start(self.wake)

    def wake(self) -> None:
        """Look now: at unlock, when the network is back, after a sign-in. From any thread, at once."""
        self._awake.set()

    def stop(self, seconds: float = 15.0) -> bool:
        """Watch no more; whether the thread has ended within so many seconds."""
        self._over.set()
        self._awake.set()
        self._ticker.stop()
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _watch(self) -> None:
        while not self._over.is_set():
            if not self._awake.wait(self._longest_silence):
                self._ticker.beat_anew()
            self._awake.clear()
            if not self._over.is_set():
                self._look_safely()

    def _look_safely(self) -> None:
        try:
            self._look()
        except KnownError as fault:
            _log.warning("The schedule could not be looked at just now: %s.", type(fault).__name__)
        except Exception as fault:  # noqa: BLE001 - whatever it is, the next look may do better; the watch goes on
            _log.error("Looking at the schedule met an unexpected %s.", told_safely(fault))
