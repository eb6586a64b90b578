"""What the system tells of that the schedule is looked at for: waking, unlocking, and the network's return.

The watch looks every 15 seconds whatever happens; this only spares the wait. A look too many does no harm, so nobody
asks whose session it is or which network. Where a system tells of nothing, nothing is missed but that.
"""

from __future__ import annotations

import logging
import sys

from PySide6.QtCore import SLOT, QCoreApplication, QObject, QThread, Signal, Slot
from PySide6.QtDBus import QDBusConnection, QDBusMessage
from PySide6.QtNetwork import QNetworkInformation

from app.desktop.windows_messages import WindowsMessages, told_of_sessions

_log = logging.getLogger(__name__)

_LOGIND = "org.freedesktop.login1"
_SESSION = f"{_LOGIND}.Session"
_HEARD = (
    ("/org/freedesktop/login1", f"{_LOGIND}.Manager", "PrepareForSleep"),
    ("", _SESSION, "Unlock"),
    ("", "org.freedesktop.DBus.Properties", "PropertiesChanged"),
)
"""Path, interface and name of what is listened to. Desktops tell of an unlock by the session's LockedHint."""

_SLOT = SLOT("on_message(QDBusMessage)")

_AWAY = {QNetworkInformation.Reachability.Disconnected, QNetworkInformation.Reachability.Unknown}


class SystemEvents(QObject):
    """Lives in the window's thread; one for the whole program. Signals: `noticed()` when the schedule is worth a look.

    Asking the system may block, so it is done, and listened to, in a thread that does nothing else.
    """

    noticed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._thread = QThread(self)
        self._thread.setObjectName("system events")
        self._listener = _Listener()
        self._listener.moveToThread(self._thread)
        self._listener.noticed.connect(self.noticed)
        self._thread.started.connect(self._listener.listen)
        self._messages: WindowsMessages | None = None

    def begin(self) -> None:
        """Listen from now on."""
        self._thread.start(QThread.Priority.LowPriority)
        application = QCoreApplication.instance()
        if sys.platform == "win32" and application is not None:
            self._messages = told_of_sessions(self.noticed.emit)
            application.installNativeEventFilter(self._messages)

    def end(self, seconds: float) -> bool:
        """Listen no more; whether the thread was over within so many seconds."""
        application = QCoreApplication.instance()
        if self._messages is not None and application is not None:
            application.removeNativeEventFilter(self._messages)
            self._messages = None
        self._thread.quit()
        return self._thread.wait(int(seconds * 1000))


class _Listener(QObject):
    """Lives in the thread of the system's events. Signals: `noticed()`."""

    noticed = Signal()

    @Slot()
    def listen(self) -> None:
        """Ask to be told."""
        if QNetworkInformation.loadBackendByFeatures(QNetworkInformation.Feature.Reachability):
            QNetworkInformation.instance().reachabilityChanged.connect(self.on_reachability)
        bus = QDBusConnection.systemBus() if sys.platform.startswith("linux") else None
        if bus is None or not bus.isConnected():
            return
        for path, interface, name in _HEARD:
            # The stubs of PySide say bytes, and it takes text alone.
            if not bus.connect(_LOGIND, path, interface, name, self, _SLOT):  # type: ignore[call-overload]
                _log.info("The system does not tell of %s.", name)

    @Slot("QNetworkInformation::Reachability")
    def on_reachability(self, reachability: QNetworkInformation.Reachability) -> None:
        """The network is another: worth a look unless it has gone."""
        if reachability not in _AWAY:
            self.noticed.emit()

    @Slot(QDBusMessage)
    def on_message(self, message: QDBusMessage) -> None:
        """Something has happened to a session, or to the computer."""
        told = message.arguments()
        if message.member() == "PrepareForSleep" and told != [False]:
            # It is about to sleep; what matters comes when it wakes.
            return
        if message.member() == "PropertiesChanged" and told[:1] != [_SESSION]:
            return
        self.noticed.emit()
