"""The canary for Qt's bindings: some of their versions end the interpreter after a few hundred signals (decided with
the versions in pyproject.toml). A run emits more than that; so does this.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEventLoop, QObject, QThread, Signal, Slot

EMITS = 20_000


class _Sender(QObject):
    number = Signal(object)
    over = Signal()

    def __init__(self, count: int) -> None:
        super().__init__()
        self._count = count

    @Slot()
    def work(self) -> None:
        for number in range(self._count):
            self.number.emit(number)
        self.over.emit()


class _Hearer(QObject):
    def __init__(self, loop: QEventLoop) -> None:
        super().__init__()
        self.heard = 0
        self._loop = loop

    @Slot(object)
    def on_number(self, number: object) -> None:
        self.heard += number is not True

    @Slot()
    def on_over(self) -> None:
        self._loop.quit()


def heard(count: int) -> int:
    """Emit so many signals in another thread; how many of them arrived in this one."""
    application = QCoreApplication.instance() or QCoreApplication([])
    loop, thread = QEventLoop(application), QThread()
    sender, hearer = _Sender(count), _Hearer(loop)
    sender.moveToThread(thread)
    sender.number.connect(hearer.on_number)
    sender.over.connect(hearer.on_over)
    thread.started.connect(sender.work)
    thread.start()
    loop.exec()
    thread.quit()
    thread.wait()
    return hearer.heard
