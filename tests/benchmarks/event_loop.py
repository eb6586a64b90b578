"""What measurements of the window share: how late its event loop is, when something was drawn, and waiting for it."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QEventLoop, QObject, Qt, QTimer, Slot
from PySide6.QtWidgets import QWidget

BEAT_MS = 4
"""How often the event loop is asked whether it is on time."""

LOOK_MS = 5
PATIENCE_SECONDS = 300


class Beat(QObject):
    """Asks for an event every few milliseconds, and takes down how late each of them comes.

    `work` is what the window's own thread computed in between: the part of a delay that no busy machine explains.
    """

    def __init__(self) -> None:
        super().__init__()
        self.delays: list[float] = []
        self.work: list[float] = []
        self._timer = QTimer(self, interval=BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.on_beat)
        self._due = 0.0
        self._worked = 0.0

    def start(self) -> None:
        """Begin."""
        self._due = time.perf_counter() + BEAT_MS / 1000
        self._worked = time.thread_time()
        self._timer.start()

    def stop(self) -> None:
        """End."""
        self._timer.stop()

    @Slot()
    def on_beat(self) -> None:
        """One event has come."""
        now, worked = time.perf_counter(), time.thread_time()
        self.delays.append(max(0.0, (now - self._due) * 1000))
        self.work.append((worked - self._worked) * 1000)
        self._worked = worked
        self._due = now + BEAT_MS / 1000


class Painted(QObject):
    """Takes down when a widget was drawn last."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.at = 0.0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Look at what comes, and let it pass."""
        if event.type() is QEvent.Type.Paint:
            self.at = time.perf_counter()
        return False


class _Wait(QObject):
    """Lets the event loop turn as it does in the program, until a condition holds."""

    def __init__(self, condition: Callable[[], bool]) -> None:
        super().__init__()
        self._condition = condition
        self._loop = QEventLoop(self)
        self._look = QTimer(self, interval=LOOK_MS)
        self._look.timeout.connect(self.on_look)
        self._give_up_at = time.perf_counter() + PATIENCE_SECONDS

    def until_it_holds(self) -> None:
        """Returns once it does; raises TimeoutError when that takes too long."""
        self._look.start()
        self._loop.exec()
        self._look.stop()
        if not self._condition():
            raise TimeoutError("The window did not come so far in time.")

    @Slot()
    def on_look(self) -> None:
        """Look whether it holds by now."""
        if self._condition() or time.perf_counter() > self._give_up_at:
            self._loop.quit()


def until(condition: Callable[[], bool]) -> None:
    """Let the event loop turn until this holds. Raises TimeoutError when that takes too long."""
    if not condition():
        _Wait(condition).until_it_holds()


def share_of(values: list[float], share: float) -> float:
    """The value that this share of them do not exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
