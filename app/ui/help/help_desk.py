"""Brings the help to whoever asks: the page about what they see, and its window made when it is first wanted."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog

from app.ui.frame_model import PageModel
from app.ui.help.help_menu import THIS_PAGE
from app.ui.help.help_window import HelpWindow
from app.ui.help.topics import CONTENTS, PRACTICE, SMARTCARD, topic_for


class HelpDesk(QObject):
    """Lives in the window's thread. `window` is None until somebody has asked."""

    def __init__(self, parent: QObject, topic: str = CONTENTS) -> None:
        super().__init__(parent)
        self.window: HelpWindow | None = None
        self._topic = topic

    def look_at(self, page: PageModel) -> None:
        """This is what somebody who asks now is looking at."""
        self._topic = topic_for(page)

    def serve_sign_in(self, dialog: QDialog) -> None:
        """F1 in the sign-in dialog opens the page about the Smartcard."""
        QShortcut(QKeySequence(QKeySequence.StandardKey.HelpContents), dialog).activated.connect(self.on_card_asked)

    def serve_practice(self, dialog: QDialog) -> None:
        """F1 in a dialog around a practice opens the page about those."""
        QShortcut(QKeySequence(QKeySequence.StandardKey.HelpContents), dialog).activated.connect(self.on_practice_asked)

    @Slot(str)
    def on_asked(self, key: str) -> None:
        """Show a page, or the one about what is looked at."""
        if self.window is None:
            self.window = HelpWindow()
        self.window.show_topic(self._topic if key == THIS_PAGE else key)

    @Slot()
    def on_card_asked(self) -> None:
        """Show the page about the Smartcard."""
        self.on_asked(SMARTCARD)

    @Slot()
    def on_practice_asked(self) -> None:
        """Show the page about practices, lists and settings."""
        self.on_asked(PRACTICE)

    def dispose(self) -> None:
        """Let go of the window."""
        if self.window is not None:
            self.window.close()
            self.window.deleteLater()
            QCoreApplication.sendPostedEvents(self.window, QEvent.Type.DeferredDelete.value)
            self.window = None
