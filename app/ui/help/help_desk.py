"""Brings the help to whoever asks: the page about what they see, and its window made when it is first wanted."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog

from app.ui.help.help_menu import THIS_PAGE
from app.ui.help.help_window import HelpWindow
from app.ui.help.topics import GROUPS


class HelpDesk(QObject):
    """Lives in the window's thread. `window` is None until somebody has asked.

    `topic_seen` tells the key of the page about what somebody who asks now is looking at.
    """

    def __init__(self, topic_seen: Callable[[], str], parent: QObject) -> None:
        super().__init__(parent)
        self.window: HelpWindow | None = None
        self._topic_seen = topic_seen

    def serve(self, dialog: QDialog, key: str) -> None:
        """F1 in this dialog opens this page."""
        _HelpKey(key, dialog).wanted.connect(self.on_asked)

    @Slot(object)
    def serve_groups(self, dialog: QDialog) -> None:
        """F1 in this dialog opens the page about patient groups."""
        self.serve(dialog, GROUPS)

    @Slot(str)
    def on_asked(self, key: str) -> None:
        """Show a page, or the one about what is looked at."""
        if self.window is None:
            self.window = HelpWindow()
        self.window.show_topic(self._topic_seen() if key == THIS_PAGE else key)

    def dispose(self) -> None:
        """Let go of the window."""
        if self.window is not None:
            self.window.close()
            self.window.deleteLater()
            QCoreApplication.sendPostedEvents(self.window, QEvent.Type.DeferredDelete.value)
            self.window = None


class _HelpKey(QShortcut):
    """F1 in one dialog. Signals: `wanted(str)` with the key of its page."""

    wanted = Signal(str)

    def __init__(self, key: str, dialog: QDialog) -> None:
        super().__init__(QKeySequence(QKeySequence.StandardKey.HelpContents), dialog)
        self._key = key
        self.activated.connect(self.on_activated)

    @Slot()
    def on_activated(self) -> None:
        """F1 was pressed."""
        self.wanted.emit(self._key)
