"""A bus of the system's kind, for the program alone, with a login manager and a network manager under script."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from PySide6.QtCore import ClassInfo, Property, QObject
from PySide6.QtDBus import QDBusConnection, QDBusMessage

_LOGIND, _LOGIND_PATH = "org.freedesktop.login1", "/org/freedesktop/login1"
_NETWORK, _NETWORK_PATH = "org.freedesktop.NetworkManager", "/org/freedesktop/NetworkManager"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_ASLEEP, _ONLINE = 20, 70
"""NM_STATE_DISCONNECTED and NM_STATE_CONNECTED_GLOBAL."""


@ClassInfo({"D-Bus Interface": _NETWORK})
class _Network(QObject):
    """What is asked of the network manager when somebody begins to listen."""

    def _state(self) -> int:
        return _ASLEEP

    State = Property("uint", _state)


class SystemBus:
    """The bus at `address`, and what its two managers say on it."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._connection = QDBusConnection.connectToBus(address, address)
        assert self._connection.registerService(_LOGIND)
        assert self._connection.registerService(_NETWORK)
        self._network = _Network()
        exports = QDBusConnection.RegisterOption.ExportAllProperties
        assert self._connection.registerObject(_NETWORK_PATH, self._network, exports)

    def close(self) -> None:
        QDBusConnection.disconnectFromBus(self.address)

    def prepare_for_sleep(self, *, about_to: bool) -> None:
        """The computer is about to sleep, or has woken."""
        self._say(_LOGIND_PATH, f"{_LOGIND}.Manager", "PrepareForSleep", about_to)

    def unlock(self) -> None:
        """A session is asked to unlock itself."""
        self._say(f"{_LOGIND_PATH}/session/_32", f"{_LOGIND}.Session", "Unlock")

    def lock_hint(self, *, locked: bool) -> None:
        """A desktop tells that its session is locked, or is not any more."""
        hint = {"LockedHint": locked}
        self._say(f"{_LOGIND_PATH}/session/_32", _PROPERTIES, "PropertiesChanged", f"{_LOGIND}.Session", hint, ["-"])

    def user_changed(self) -> None:
        """Something about a user, that nobody listens for."""
        path = f"{_LOGIND_PATH}/user/_1000"
        self._say(path, _PROPERTIES, "PropertiesChanged", f"{_LOGIND}.User", {"State": "active"}, ["-"])

    def network(self, *, online: bool) -> None:
        """The network comes or goes."""
        state = {"State": _ONLINE if online else _ASLEEP}
        self._say(_NETWORK_PATH, _PROPERTIES, "PropertiesChanged", _NETWORK, state, ["-"])

    def _say(self, path: str, interface: str, name: str, *told: object) -> None:
        message = QDBusMessage.createSignal(path, interface, name)
        message.setArguments(list(told))
        assert self._connection.send(message)


@contextmanager
def running_system_bus() -> Iterator[SystemBus]:
    """A bus in a process of its own; without the command the test is skipped, or fails where CI promised to have it."""
    if shutil.which("dbus-daemon") is None:
        if os.environ.get("CI"):
            pytest.fail("The dbus-daemon command is missing: the system's events cannot be tried.")
        pytest.skip("The dbus-daemon command is missing: the system's events cannot be tried.")
    command = ["dbus-daemon", "--session", "--print-address", "--nofork", "--nopidfile"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as daemon:
        assert daemon.stdout is not None
        bus = SystemBus(daemon.stdout.readline().strip())
        try:
            yield bus
        finally:
            bus.close()
            daemon.terminate()
