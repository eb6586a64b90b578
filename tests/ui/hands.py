"""What a person does at the window: clicks, types, and waits until something is to be seen."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton, QWidget
from pytestqt.exceptions import TimeoutError
from pytestqt.qtbot import QtBot

from app.domain.actions import Action
from app.ui.screen import Screen
from tests.ui.fakes import CARD, PASSCODE

PATIENCE_MS = 60_000


class Hands:
    """At one window, with mouse and keyboard."""

    def __init__(self, screen: Screen, qtbot: QtBot) -> None:
        self.screen = screen
        self.window = screen.window
        self.middle = screen.window.middle
        self.qtbot = qtbot

    def click(self, button: QPushButton) -> None:
        assert button.isVisible(), f"{button.text()} is not to be seen"
        assert button.isEnabled(), f"{button.text()} cannot be pressed: {button.toolTip()}"
        self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    def press(self, action: Action) -> None:
        self.click(self.middle.choose.buttons[action])

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """A key, to whatever has the keyboard."""
        self.qtbot.keyClick(QApplication.focusWidget() or QApplication.activeWindow(), key, modifier)

    def type(self, text: str) -> None:
        self.qtbot.keyClicks(QApplication.focusWidget(), text)

    def sign_in(self, uid: str = CARD, passcode: str = PASSCODE) -> None:
        """Fill in the dialog that is open and press its button."""
        dialog = self.screen.sign_in.dialog
        assert dialog is not None
        dialog.card.setCurrentIndex(dialog.card.findData(uid))
        dialog.passcode.setText(passcode)
        self.click(dialog.ok_button)

    def signed_in(self) -> None:
        """Sign in from the panel, and wait until that is done."""
        self.click(self.window.side.card.sign_in_button)
        self.sign_in()
        self.until(lambda: self.screen.card.session is not None and self.screen.sign_in.dialog is None)

    def until_focus(self, widget: QWidget) -> None:
        """Wait until a widget of the main window has the keyboard.

        Where there is no screen nobody gives a window its keyboard back when its dialog has gone.
        """

        def has_it() -> bool:
            if QApplication.activeModalWidget() is None:
                self.window.activateWindow()
            return widget.isVisible() and widget.hasFocus()

        try:
            self.until(has_it)
        except TimeoutError as late:
            raise AssertionError(f"{widget} has no keyboard: {self.what_is_seen(widget)}") from late

    def what_is_seen(self, widget: QWidget) -> str:
        """What may have come in between, for whoever reads of a failure."""
        message, dialog = self.screen.messages.box, self.screen.sign_in.dialog
        return ", ".join(
            f"{name} {value!r}"
            for name, value in {
                "visible": widget.isVisible(),
                "enabled": widget.isEnabled(),
                "why not": widget.toolTip(),
                "focus": QApplication.focusWidget(),
                "active": QApplication.activeWindow(),
                "modal": QApplication.activeModalWidget(),
                "message": message.text() if message is not None and is_visible(message) else "",
                "sign-in": dialog.message.words if dialog is not None else "",
                "status": self.window.status_texts(),
            }.items()
        )

    def until(self, condition: object) -> None:
        self.qtbot.waitUntil(condition, timeout=PATIENCE_MS)

    def until_page(self, page: QWidget) -> None:
        self.until(page.isVisible)

    def message(self) -> QMessageBox:
        """The message box that is open, waited for."""
        self.until(lambda: self.screen.messages.box is not None and is_visible(self.screen.messages.box))
        assert self.screen.messages.box is not None
        return self.screen.messages.box

    def answer(self, button: QMessageBox.StandardButton) -> None:
        """Press a button of the message box that is open."""
        box = self.message()
        self.click(box.button(button))
        self.until(lambda: not is_visible(box))


def is_visible(box: QMessageBox) -> bool:
    try:
        return box.isVisible()
    except RuntimeError:
        # Taken apart by Qt once it was answered.
        return False
