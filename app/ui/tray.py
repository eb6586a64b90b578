"""The program's sign in the system's tray, where there is one: tells what has happened while nobody looks.

What it tells names no patient. No tray is fine: the window tells the same.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from app.ui.frame_model import PRODUCT
from app.ui.icons import program_icon
from app.ui.news import News, Wanted


class Tray(QObject):
    """Lives in the window's thread, beside its window. Without an `icon` it tells nothing, and nothing hides in it.

    It tells the news that are `wanted`, and only while nobody is looking at the window.
    """

    def __init__(self, window: QWidget, icon: QSystemTrayIcon | None, wanted: Wanted, parent: QObject) -> None:
        super().__init__(parent)
        self._window = window
        self._wanted = wanted
        self._icon = icon
        if icon is not None:
            icon.setToolTip(PRODUCT)
            icon.activated.connect(self.on_clicked)
            icon.messageClicked.connect(self.on_clicked)
            icon.show()

    @Slot(object)
    def tell(self, news: News) -> None:
        """Tell this, where it is wanted."""
        is_seen = self._window.isActiveWindow() and self._window.isVisible()
        if self._icon is not None and not is_seen and self._wanted.wants(news):
            self._icon.showMessage(PRODUCT, news.words)

    @Slot(str)
    def warn(self, words: str) -> None:
        """Tell something that needs somebody."""
        self.tell(News(words, needs_somebody=True))

    def put_away(self) -> None:
        """Take the window from the screen and stay: into the tray, or where there is none to the task bar."""
        if self._icon is not None:
            self._window.hide()
        else:
            self._window.showMinimized()

    @Slot()
    def on_clicked(self) -> None:
        """Show the window again."""
        if self._window.isMinimized() or not self._window.isVisible():
            self._window.showNormal()
        self._window.raise_()
        self._window.activateWindow()
        QApplication.alert(self._window)

    def dispose(self) -> None:
        """Leave the tray."""
        if self._icon is not None:
            self._icon.hide()


def system_tray(parent: QObject) -> QSystemTrayIcon | None:
    """A place in the system's tray; None where the desktop has none."""
    return QSystemTrayIcon(program_icon(), parent) if QSystemTrayIcon.isSystemTrayAvailable() else None
