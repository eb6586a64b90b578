"""Calls in threads of their own: results, errors, and threads that are always waited for."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest
from PySide6.QtCore import QObject, QThread
from pytestqt.qtbot import QtBot

from app.ui.background import BackgroundCall, Ended

MANY_SIGNALS = """
from PySide6.QtCore import QCoreApplication, QObject, Signal, Slot

class Sender(QObject):
    told = Signal(object, bool)

class Receiver(QObject):
    heard = 0

    @Slot(object, bool)
    def on_told(self, value, flag):
        self.heard += 1

application = QCoreApplication([])
sender, receiver = Sender(), Receiver()
sender.told.connect(receiver.on_told)
for number in range(5000):
    sender.told.emit(number, True)
print(receiver.heard)
"""


@pytest.fixture
def owner() -> QObject:
    return QObject()


def ended(qtbot: QtBot, owner: QObject, call: object) -> Ended:
    with qtbot.waitSignal(BackgroundCall("test", call, owner).ended, timeout=30_000) as waited:
        pass
    return waited.args[0]


def test_a_value_comes_back_from_another_thread(qtbot: QtBot, owner: QObject):
    here = QThread.currentThread()
    told = ended(qtbot, owner, QThread.currentThread)
    assert told.value is not here
    assert told.error is None
    assert not told.vanished


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit(1), KeyboardInterrupt()])
def test_an_error_comes_back_whatever_it_is(qtbot: QtBot, owner: QObject, error: BaseException):
    def fail() -> None:
        raise error

    assert ended(qtbot, owner, fail).error is error


def test_a_call_under_way_is_waited_for(qtbot: QtBot, owner: QObject):
    going, done = threading.Event(), []

    def work() -> None:
        assert going.wait(30)
        done.append(True)

    call = BackgroundCall("test", work, owner)
    assert not call.wait(0.05)
    going.set()
    assert call.wait(30)
    assert done == [True]


def test_thousands_of_signals_do_not_kill_the_interpreter():
    """PySide6 6.12 gives up one reference too many on True with each signal, and aborts Python 3.11 after hundreds."""
    told = subprocess.run(
        [sys.executable, "-c", MANY_SIGNALS], capture_output=True, text=True, timeout=120, check=False
    )
    assert (told.returncode, told.stdout.strip()) == (0, "5000"), told.stderr
