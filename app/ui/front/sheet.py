"""What the dialogs around a practice share: a body that scrolls, buttons below it, Enter and Escape as on a page."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QPushButton, QVBoxLayout, QWidget

from app.ui.page import Page
from app.ui.widgets import STEP, tidy

_FRAME = QSize(4 * STEP, 12 * STEP)
"""Room for the frame that the system draws around a dialog, with its title."""


class Sheet(QDialog):
    """A dialog; `content` is the body's layout, `footer` that of the buttons.

    `default` is what Enter presses, `back` what Escape and the frame's own close button press: without one they close
    it.
    """

    def __init__(self, title: str, parent: QWidget | None, *, width: int = 150, height: int = 0) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.default: QPushButton | None = None
        self.back: QPushButton | None = None
        page = _SheetPage(self)
        self.content, self.footer = page.content, page.footer
        layout = QVBoxLayout(self)
        tidy(layout, margin=4)
        layout.addWidget(page)
        self.setMinimumWidth(100 * STEP)
        # On a small screen the body is scrolled, and the buttons below it stay in reach.
        most = self.screen().availableSize() - _FRAME
        self.resize(QSize(width * STEP, height * STEP or self.sizeHint().height()).boundedTo(most))

    def add_buttons(self, *buttons: QPushButton) -> None:
        """Buttons for the footer, from left to right."""
        for one in buttons:
            # Which one Enter presses is said by `default`, and never guessed by the dialog.
            one.setAutoDefault(False)
            self.footer.addWidget(one)

    def reject(self) -> None:
        """Escape, or the frame's close button."""
        if self.back is not None and self.back.isEnabled() and self.back.isVisible():
            self.back.click()
        elif self.back is None:
            super().reject()

    def wait(self, seconds: float) -> bool:  # noqa: ARG002 - for those that have something under way
        """At the end of the program: give up what is under way and wait for it; whether it is over."""
        return True

    def dismiss(self) -> None:
        """Close it, whatever Escape would press."""
        super().reject()


class _SheetPage(Page):
    def __init__(self, sheet: Sheet) -> None:
        super().__init__()
        self._sheet = sheet
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def default_button(self) -> QPushButton | None:
        """What the sheet says."""
        default = self._sheet.default
        return default if default is not None and default.isEnabled() else None
