"""What Windows tells a program of waking and of unlocking: two messages of its own, picked from the stream of all."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from ctypes import wintypes

from PySide6.QtCore import QAbstractNativeEventFilter, QByteArray
from PySide6.QtGui import QWindow

_KIND = b"windows_generic_MSG"

_POWER, _AWAKE = 0x0218, {0x0007, 0x0012}
"""WM_POWERBROADCAST with PBT_APMRESUMESUSPEND or PBT_APMRESUMEAUTOMATIC."""

_SESSION, _UNLOCKED = 0x02B1, {0x0008}
"""WM_WTSSESSION_CHANGE with WTS_SESSION_UNLOCK."""

_THIS_SESSION = 0


class WindowsMessages(QAbstractNativeEventFilter):
    """Calls `tell` in the window's thread after the computer has woken, and after it was unlocked."""

    def __init__(self, tell: Callable[[], object], window: QWindow | None = None) -> None:
        super().__init__()
        self._tell = tell
        # The messages come to a window; nobody sees this one.
        self._window = window

    def nativeEventFilter(  # noqa: N802 - Qt's name
        self, kind: QByteArray | bytes | bytearray | memoryview, message: int
    ) -> tuple[bool, int]:
        """Look at a message and let it go on."""
        if kind == _KIND:
            seen = wintypes.MSG.from_address(int(message))
            if (seen.message == _POWER and seen.wParam in _AWAKE) or (
                seen.message == _SESSION and seen.wParam in _UNLOCKED
            ):
                self._tell()
        return False, 0


def told_of_sessions(tell: Callable[[], object]) -> WindowsMessages:
    """A filter whose own, hidden window is told of this session's locking and unlocking."""
    window = QWindow()
    window.create()
    if sys.platform == "win32":
        ctypes.windll.wtsapi32.WTSRegisterSessionNotification(wintypes.HWND(window.winId()), _THIS_SESSION)
    return WindowsMessages(tell, window)
