"""Python's garbage is collected in the window's thread: a worker never takes a window's remains apart."""

from __future__ import annotations

import gc
import threading
import weakref

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from app.desktop.collector import Collector


class Knot(QObject):
    """Holds itself, so that only the collector lets go of it."""

    def __init__(self) -> None:
        super().__init__()
        self.itself = self


def test_garbage_that_a_worker_makes_room_for_is_collected_here(qtbot: QtBot):
    gone_in: list[threading.Thread] = []
    weakref.finalize(Knot(), lambda: gone_in.append(threading.current_thread()))

    kept = []

    def work() -> None:
        kept.extend([number] for number in range(200_000))

    worker = threading.Thread(target=work)
    worker.start()
    worker.join()
    assert gone_in == [], "Python's own collector would have run in the worker"
    qtbot.waitUntil(lambda: gone_in == [threading.main_thread()], timeout=30_000)


def test_it_is_left_to_python_again_afterwards(collector: Collector):
    collector.restore()
    assert gc.isenabled()
    again = Collector()
    assert not gc.isenabled()
    again.restore()
    gc.disable()
    collector._timer.start()
