"""What every page of the middle shares: Enter presses its default button, Escape its way back."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QPushButton, QVBoxLayout, QWidget

from app.ui.widgets import STEP, tidy

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Page(QWidget):
    """A page; `content` is its layout. Enter presses the button with the focus, else `default_button()`."""

    def __init__(self) -> None:
        super().__init__()
        self.content = QVBoxLayout(self)
        tidy(self.content, spacing=4)
        # Room for the focus ring, which stands a little outside its widget.
        self.content.setContentsMargins(STEP, STEP, STEP, STEP)

    def default_button(self) -> QPushButton | None:
        """What Enter presses."""
        return None

    def back_button(self) -> QPushButton | None:
        """What Escape presses."""
        return None

    def first_focus(self) -> QWidget | None:
        """What has the keyboard when the page appears."""
        return self.default_button()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Enter and Escape, where the widget with the focus has no use for them."""
        pressed: QAbstractButton | None = None
        if event.key() in _ENTER:
            focused = QApplication.focusWidget()
            pressed = focused if isinstance(focused, QPushButton) else self.default_button()
        elif event.key() == Qt.Key.Key_Escape:
            pressed = self.back_button()
        if pressed is not None and pressed.isVisible():
            pressed.click()
        else:
            super().keyPressEvent(event)
