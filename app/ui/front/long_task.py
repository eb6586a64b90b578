"""One piece of long work in a thread of its own, looked at a few times a second, and given up when it is cancelled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.engine.long_work import Progress, WorkMeter
from app.ui.background import BackgroundCall, Ended

_LOOK_MS = 125

Work = Callable[[Progress], Any]
"""Long work: it is handed what it tells its progress to, and returns its result or raises."""


class LongTask(QObject):
    """Work under way. Lives in the window's thread; keep it until `ended`.

    Signals: `progressed(WorkState)` about eight times a second; `ended(Ended)` once, when the thread is over. The error
    of one that was given up is `Cancelled`.
    """

    progressed = Signal(object)
    ended = Signal(object)

    def __init__(self, name: str, work: Work, parent: QObject) -> None:
        super().__init__(parent)
        self._meter = WorkMeter()
        self._call = BackgroundCall(name, lambda: work(self._meter), self)
        self._call.ended.connect(self.on_ended)
        self._look = QTimer(self, interval=_LOOK_MS)
        self._look.timeout.connect(self.on_look)
        self._look.start()

    @property
    def is_cancelled(self) -> bool:
        """Whether it was given up; it may still have to notice."""
        return self._meter.is_cancelled

    def cancel(self) -> None:
        """Give it up; `ended` follows. Work that is just about to be done may be done all the same."""
        self._meter.cancel()

    def wait(self, seconds: float) -> bool:
        """Block until its thread is over, for the end of the program; whether it is."""
        return self._call.wait(seconds)

    @Slot()
    def on_look(self) -> None:
        """Tell how far it is."""
        self.progressed.emit(self._meter.state)

    @Slot(object)
    def on_ended(self, ended: Ended) -> None:
        """The thread is over."""
        self._look.stop()
        self.ended.emit(ended)
        self.deleteLater()
