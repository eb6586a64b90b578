"""A practice being closed: what it has under way is stopped and waited for, then the rest is done out of sight."""

from __future__ import annotations

import logging
import os

from PySide6.QtCore import QObject, Signal, Slot

from app.desktop.practice_window import PracticeWindow
from app.ui.background import BackgroundCall, Ended

_log = logging.getLogger(__name__)

UNEXPECTED = 1
"""The exit code of a program that could not end as it should."""


class Closing(QObject):
    """Lives in the window's thread, and takes the window of the practice apart. Signals: `closed()`."""

    closed = Signal()

    def __init__(self, practice: PracticeWindow, parent: QObject) -> None:
        super().__init__(parent)
        take_apart(practice)
        self._call = BackgroundCall("closing", practice.opened.close, self)
        self._call.ended.connect(self.on_ended)

    def wait(self, seconds: float) -> bool:
        """Block until it is over, for the end of the program; whether it is."""
        return self._call.wait(seconds)

    @Slot(object)
    def on_ended(self, ended: Ended) -> None:
        """The practice is closed."""
        if ended.error is not None:
            _log.error("The practice did not close cleanly.", exc_info=ended.error)
        self.closed.emit()
        self.deleteLater()


def take_apart(practice: PracticeWindow) -> None:
    """Stop and wait for what is under way in a practice, and let go of its window; what was opened is still open.

    A thread that does not end would take the process down with an abort: then the process is ended here and now. Every
    commit is whole as it stands.
    """
    if practice.shut_down():
        practice.dispose()
        practice.deleteLater()
        return
    _log.critical("A thread did not end in time: the program ends without it. The next start settles what was open.")
    logging.shutdown()
    os._exit(UNEXPECTED)
