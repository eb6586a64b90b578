"""What the system tells of, and that the schedule is looked at for it: waking, unlocking, the network's return."""

from __future__ import annotations

import ctypes
import os
import select
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ctypes import wintypes
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray
from pytestqt.qtbot import QtBot
from shiboken6 import VoidPtr

from app.desktop.system_events import SystemEvents
from app.desktop.windows_messages import WindowsMessages
from tests.helpers.simulator import ROOT
from tests.helpers.system_bus import SystemBus, running_system_bus

# The program's own listener in a process whose system bus is the test's: one line for each time it notices something.
LISTENER = """
import sys
from PySide6.QtCore import QCoreApplication, QSocketNotifier
from PySide6.QtDBus import QDBusConnection
from PySide6.QtNetwork import QNetworkInformation
from app.desktop.system_events import SystemEvents

def ready():
    # An answer of the bus: it has heard by now what is to be told.
    QDBusConnection.systemBus().interface().isServiceRegistered("anybody")
    print("ready", QNetworkInformation.instance().backendName(), flush=True)

application, events = QCoreApplication([]), SystemEvents()
events.noticed.connect(lambda: print("noticed", flush=True))
events._thread.started.connect(lambda: ready())
end = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read)
end.activated.connect(application.quit)
events.begin()
application.exec()
print("ended", events.end(30), flush=True)
"""


class Listening:
    """The listener's process, and the bus it listens to."""

    def __init__(self, process: subprocess.Popen[str], bus: SystemBus, qtbot: QtBot) -> None:
        self._process = process
        self._qtbot = qtbot
        self.bus = bus

    def has_said_something(self) -> bool:
        return bool(select.select([self._process.stdout], [], [], 0)[0])

    def line(self) -> str:
        """The next line; meanwhile this side of the bus answers what the listener asks it."""
        self._qtbot.waitUntil(self.has_said_something, timeout=20_000)
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def hears(self, happening: Callable[[], None]) -> None:
        happening()
        assert self.line() == "noticed"


@contextmanager
def listening_to(bus: SystemBus, qtbot: QtBot) -> Iterator[Listening]:
    environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": bus.address}
    command = [sys.executable, "-c", LISTENER]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, env=environment, text=True, **pipes) as process:
        listening = Listening(process, bus, qtbot)
        assert listening.line() == "ready networkmanager"
        yield listening
        words, errors = process.communicate("end\n", timeout=60)
    assert (words, errors, process.returncode) == ("ended True\n", "", 0)


@pytest.fixture
def listening(qtbot: QtBot) -> Iterator[Listening]:
    with running_system_bus() as bus, listening_to(bus, qtbot) as made:
        yield made


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has that bus")
def test_waking_unlocking_and_the_networks_return_are_noticed_and_nothing_else(listening: Listening):
    bus = listening.bus
    listening.hears(lambda: bus.prepare_for_sleep(about_to=False))
    listening.hears(bus.unlock)
    listening.hears(lambda: bus.lock_hint(locked=False))
    listening.hears(lambda: bus.network(online=True))
    # Of these nobody is told: the next line is that of the waking after them.
    bus.prepare_for_sleep(about_to=True)
    bus.user_changed()
    bus.network(online=False)
    listening.hears(lambda: bus.prepare_for_sleep(about_to=False))


def test_where_nothing_can_be_listened_to_nothing_is_amiss(qtbot: QtBot):
    events = SystemEvents()
    events.begin()
    qtbot.waitUntil(events._thread.isRunning)
    assert events.end(30)


def test_a_message_of_the_system_has_the_schedule_looked_at(start, demo: Path, monkeypatch):
    desk = start(demo)
    desk.program.on_system_event()
    screen = desk.until_open(demo)
    looks: list[str] = []
    monkeypatch.setattr(type(screen._services.times), "wake", lambda _: looks.append("look"))
    desk.program.on_system_event()
    assert looks == ["look"]


@pytest.mark.parametrize(
    ("message", "word", "noticed"),
    [
        (0x0218, 0x12, True),
        (0x0218, 0x07, True),
        (0x0218, 0x04, False),
        (0x02B1, 0x08, True),
        (0x02B1, 0x07, False),
        (0x0100, 0x08, False),
    ],
    ids=["woken", "woken by hand", "about to sleep", "unlocked", "locked", "a key"],
)
def test_of_the_messages_of_windows_waking_and_unlocking_are_picked(message: int, word: int, noticed: bool):
    heard: list[str] = []
    messages = WindowsMessages(lambda: heard.append("noticed"))
    seen = wintypes.MSG(message=message, wParam=word)
    address = VoidPtr(ctypes.addressof(seen), ctypes.sizeof(seen))
    assert messages.nativeEventFilter(QByteArray(b"windows_generic_MSG"), address) == (False, 0)
    assert messages.nativeEventFilter(QByteArray(b"xcb_generic_event_t"), address) == (False, 0)
    assert heard == (["noticed"] if noticed else [])
