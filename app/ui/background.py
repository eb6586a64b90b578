"""One call in a thread of its own, with its result or its error brought back to the window's thread.

The only place of the window that makes threads. A thread is always ended and waited for before it is let go.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, QThread, Signal, Slot


@dataclass(frozen=True, slots=True)
class Ended:
    """How a call ended: with a value, with an error, or, when `vanished`, without telling either."""

    value: Any = None
    error: BaseException | None = None
    vanished: bool = False


class _Worker(QObject):
    """Lives in the call's thread. Signals: `ended(Ended)`, once, when the call has returned or raised."""

    ended = Signal(object)

    def __init__(self, call: Callable[[], Any]) -> None:
        super().__init__()
        self._call = call

    @Slot()
    def work(self) -> None:
        """Make the call; whatever it raises goes to the window's thread, and nothing else does."""
        try:
            ended = Ended(value=self._call())
        except BaseException as error:  # noqa: BLE001 - an error that stayed here would leave the window waiting for ever
            ended = Ended(error=error)
        self.ended.emit(ended)


class BackgroundCall(QObject):
    """A call under way. Lives in the window's thread; keep it until `ended`.

    Signals: `ended(Ended)`, once, when the thread is over.
    """

    ended = Signal(object)

    def __init__(self, name: str, call: Callable[[], Any], parent: QObject) -> None:
        super().__init__(parent)
        self._told: Ended | None = None
        self._thread = QThread(self)
        self._thread.setObjectName(name)
        self._worker: _Worker | None = _Worker(call)
        self._worker.moveToThread(self._thread)
        self._thread.started.connect(self._worker.work)
        self._worker.ended.connect(self.on_told)
        self._thread.finished.connect(self.on_finished)
        self._thread.start()

    @Slot(object)
    def on_told(self, ended: Ended) -> None:
        """The call is over: end its thread."""
        self._told = ended
        self._thread.quit()

    @Slot()
    def on_finished(self) -> None:
        """The thread is over, whether the call has told how or not."""
        self._thread.wait()
        self._worker = None
        self.ended.emit(self._told or Ended(vanished=True))
        self.deleteLater()

    def wait(self, seconds: float) -> bool:
        """Block until the thread is over, for the end of the program; whether it is."""
        self._thread.quit()
        return self._thread.wait(int(seconds * 1000))
