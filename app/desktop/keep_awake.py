"""Keeps the computer from going to sleep while a run is live (faults page, rows 29 and 30). The screen may go dark."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from app.engine.faults import told_safely

_log = logging.getLogger(__name__)


class KeepAwake:
    """Asks the system, by wakepy. A system that does not let itself be asked is no fault: the run goes on."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._agreed = 0

    @property
    def is_on(self) -> bool:
        """Whether the system has agreed to what is live just now; may be asked from any thread."""
        return self._agreed > 0

    @contextmanager
    def while_it_runs(self) -> Iterator[None]:
        """Awake as long as the context lasts, which is entered and left in one thread; several may last at once."""
        held = ExitStack()
        agrees = _ask(held)
        self._count(agrees)
        try:
            yield
        finally:
            self._count(-agrees)
            _let_go(held)

    def _count(self, change: int) -> None:
        with self._mutex:
            self._agreed += change


def _ask(held: ExitStack) -> bool:
    """Ask for it, to be given back when the stack is closed; whether the system has agreed."""
    try:
        # Loaded with the first run: the window does not wait for it.
        from wakepy import keep

        return bool(held.enter_context(keep.running(on_fail="pass")).active)
    except Exception as fault:  # noqa: BLE001 - whatever the desktop answers, a run must not fail for it
        _log.warning("The computer could not be asked to stay awake: %s.", told_safely(fault))
        return False


def _let_go(held: ExitStack) -> None:
    try:
        held.close()
    except Exception as fault:  # noqa: BLE001 - nor must its end
        _log.warning("The computer could not be told that it may sleep again: %s.", told_safely(fault))
