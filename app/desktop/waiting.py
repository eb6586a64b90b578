"""A practice being opened in a worker's thread: out of sight at first, in sight when it takes a while."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.engine.long_work import Cancelled, Progress, WorkState
from app.ui.background import Ended
from app.ui.front.long_task import LongTask

if TYPE_CHECKING:
    from app.desktop.opening import OpenedPractice

Opener = Callable[[Progress], "OpenedPractice"]
"""Opens a practice; called in a worker's thread."""

_SLOW_MS = 600


class Opening(QObject):
    """Lives in the window's thread.

    Signals: `takes_long(object)` with the `WorkState`, again and again once it has taken a while; then one of
    `opened(object)` with the practice, `failed(object)` with the error, `given_up()`.
    """

    takes_long = Signal(object)
    opened = Signal(object)
    failed = Signal(object)
    given_up = Signal()

    def __init__(self, opener: Opener, parent: QObject) -> None:
        super().__init__(parent)
        self._task = LongTask("opening", opener, self)
        self._task.progressed.connect(self.on_progressed)
        self._task.ended.connect(self.on_ended)
        self._slow = QTimer(self, interval=_SLOW_MS, singleShot=True)
        self._slow.start()

    def cancel(self) -> None:
        """Give it up; a practice that is opened all the same is told of as opened."""
        self._task.cancel()

    def wait(self, seconds: float) -> bool:
        """Block until its thread is over, for the end of the program; whether it is."""
        return self._task.wait(seconds)

    @Slot(object)
    def on_progressed(self, state: WorkState) -> None:
        """It is a little further."""
        if not self._slow.isActive() and not self._task.is_cancelled:
            self.takes_long.emit(state)

    @Slot(object)
    def on_ended(self, ended: Ended) -> None:
        """The thread is over."""
        self._slow.stop()
        if ended.value is not None:
            self.opened.emit(ended.value)
        elif isinstance(ended.error, Cancelled):
            self.given_up.emit()
        else:
            self.failed.emit(ended.error or RuntimeError("The opening ended without telling how."))
        self.deleteLater()


def opener_of(folder: Path) -> Opener:
    """Opens the practice of a folder. What that needs is loaded in the worker's thread, while the window is drawn."""

    def opened(progress: Progress) -> OpenedPractice:
        progress("Getting ready")
        from app.desktop.opening import open_folder

        return open_folder(folder, progress)

    return opened


def demonstration_opener(folder: Path, patients: int | None) -> Opener:
    """Opens the demonstration of a folder, made where missing."""

    def opened(progress: Progress) -> OpenedPractice:
        progress("Getting ready")
        from app.desktop.opening import open_demonstration

        return open_demonstration(folder, patients, progress)

    return opened
