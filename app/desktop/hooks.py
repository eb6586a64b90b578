"""Catches what nobody caught, in any thread, and writes Qt's own messages into the log."""

from __future__ import annotations

import logging
import sys
import threading
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler

_log = logging.getLogger(__name__)
_qt_log = logging.getLogger("qt")


class Hooks(QObject):
    """Catches what nobody caught, in any thread, and Qt's own messages.

    Signals: `unexpected(object)` with the exception, delivered in the window's thread.
    """

    unexpected = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._before = sys.excepthook, threading.excepthook
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception
        self._qt_before = qInstallMessageHandler(_on_qt_message)

    def restore(self) -> None:
        """Put back what was there before."""
        sys.excepthook, threading.excepthook = self._before
        qInstallMessageHandler(self._qt_before)

    def _on_exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        _log.error("An error nobody expected.", exc_info=(kind, error, trace))
        self.unexpected.emit(error)

    def _on_thread_exception(self, told: threading.ExceptHookArgs) -> None:
        error = told.exc_value or told.exc_type()
        _log.error("An error nobody expected, in a thread.", exc_info=(told.exc_type, error, told.exc_traceback))
        self.unexpected.emit(error)


_QT_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def _on_qt_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:  # noqa: ARG001 - Qt's signature
    _qt_log.log(_QT_LEVELS.get(kind, logging.WARNING), "%s", message)
