"""What every page of the middle shares: a body that scrolls where it must, buttons below it that never scroll away.

Enter presses the button with the focus, else the page's default; Escape its way back.
"""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.ui.help.topics import CONTENTS
from app.ui.widgets import STEP, tidy

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Page(QWidget):
    """A page; `content` is the body's layout, `footer` that of the buttons, which stand on the right.

    `topic` is the key of the help's page about it.
    """

    topic = CONTENTS

    def __init__(self) -> None:
        super().__init__()
        body = _Body()
        self.content = QVBoxLayout(body)
        # Room for the focus ring, which stands a little outside its widget.
        tidy(self.content, margin=1, spacing=4)
        area = QScrollArea()
        area.setWidget(body)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        # In a low window what can be scrolled gives way, and the buttons below it do not.
        area.setMinimumHeight(STEP)
        self.footer = QHBoxLayout()
        tidy(self.footer, spacing=2)
        self.footer.setContentsMargins(STEP, STEP, STEP, STEP)
        self.footer.addStretch(1)
        layout = QVBoxLayout(self)
        tidy(layout, spacing=2)
        layout.addWidget(area, 1)
        layout.addLayout(self.footer)

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
        pressed: QPushButton | None = None
        if event.key() in _ENTER:
            focused = QApplication.focusWidget()
            pressed = focused if isinstance(focused, QPushButton) else self.default_button()
        elif event.key() == Qt.Key.Key_Escape:
            pressed = self.back_button()
        if pressed is not None and pressed.isVisible():
            pressed.click()
        else:
            super().keyPressEvent(event)


class _Body(QWidget):
    """What is scrolled: no higher than its texts need at the width they have."""

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """The width its layout needs; the height follows from it, and a guess would bring scroll bars too soon."""
        return QSize(super().minimumSizeHint().width(), 0)
