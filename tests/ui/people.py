"""Two people who do the same at the window: one has only a mouse, the other only a keyboard."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QMessageBox, QPushButton, QWidget

from app.domain.actions import Action
from tests.ui.fakes import CARD, PASSCODE
from tests.ui.hands import Hands

MOST_TABS = 60


class Mouse(Hands):
    """Clicks; types nothing but the passcode."""

    def choose(self, action: Action) -> None:
        """Press one of the four actions."""
        self.click(self.middle.choose.buttons[action])

    def use(self, button: QPushButton) -> None:
        """Press a button of the page that is shown."""
        self.until(lambda: button.isVisible() and button.isEnabled())
        self.click(button)

    def choose_group(self, name: str) -> None:
        """Choose a group in the list that drops down."""
        group = self.middle.options.group
        self.click(group)  # type: ignore[arg-type]
        self.until(group.view().isVisible)
        at = group.view().visualRect(group.model().index(group.findData(name), 0)).center()

        def chosen() -> bool:
            # Qt takes a click right after the list has dropped down for the one that opened it.
            if group.view().isVisible():
                QTest.mouseMove(group.view().viewport(), at)
                self.qtbot.mouseClick(group.view().viewport(), Qt.MouseButton.LeftButton, pos=at)
            return bool(group.currentData() == name)

        self.until(chosen)

    def show_card(self, uid: str = CARD, passcode: str = PASSCODE) -> None:
        """Fill in the sign-in dialog."""
        self.sign_in(uid, passcode)

    def reply(self, button: QMessageBox.StandardButton) -> None:
        """Answer the message box."""
        self.answer(button)

    def leave(self) -> None:
        """Close the window."""
        self.click(self.window.side.close_button)


class Keyboard(Hands):
    """Presses keys, which go to whatever has the focus, and never touches anything otherwise."""

    def go_to(self, widget: QWidget) -> None:
        """Tab until a control has the keyboard; it must be reached within one round."""
        self.until(lambda: widget.isVisible() and widget.isEnabled())
        for _ in range(MOST_TABS):
            # Each time: a dialog that has gone may take the keyboard with it a moment later.
            self.until(self._is_before_us)
            if QApplication.focusWidget() is widget:
                return
            self.key(Qt.Key.Key_Tab)
        raise AssertionError(f"{widget} is not reached by Tab: {self.what_is_seen(widget)}")

    def _is_before_us(self) -> bool:
        """Where there is no screen nobody gives a window its keyboard back when its dialog has gone."""
        if QApplication.activeModalWidget() is None:
            self.window.activateWindow()
        return QApplication.focusWidget() is not None

    def choose(self, action: Action) -> None:
        """Go to one of the four actions and press Enter."""
        self.use(self.middle.choose.buttons[action])

    def use(self, button: QPushButton) -> None:
        """Go to a button and press Enter on it."""
        self.go_to(button)
        self.key(Qt.Key.Key_Return)

    def choose_group(self, name: str) -> None:
        """Go down in the field until the group is there."""
        group = self.middle.options.group
        self.go_to(group)
        self._go_down(group, name)

    def show_card(self, uid: str = CARD, passcode: str = PASSCODE) -> None:
        """Fill in the sign-in dialog."""
        self.until(lambda: self.screen.sign_in.dialog is not None and self.screen.sign_in.dialog.passcode.hasFocus())
        dialog = self.screen.sign_in.dialog
        if uid != CARD:
            self.key(Qt.Key.Key_Tab, Qt.KeyboardModifier.ShiftModifier)
            assert dialog.card.hasFocus()
            self._go_down(dialog.card, uid)
            self.key(Qt.Key.Key_Tab)
        self.type(passcode)
        self.key(Qt.Key.Key_Return)

    def _go_down(self, field: QComboBox, value: str) -> None:
        for _ in range(field.count()):
            if field.currentData() == value:
                return
            self.key(Qt.Key.Key_Down)
        raise AssertionError(f"{value} is not in the list")

    def reply(self, button: QMessageBox.StandardButton) -> None:
        """Answer the message box with Enter, or with the arrow keys and Enter."""
        box = self.message()
        self.until(box.isActiveWindow)
        for _ in range(MOST_TABS):
            if QApplication.focusWidget() is box.button(button):
                break
            self.key(Qt.Key.Key_Tab)
        assert QApplication.focusWidget() is box.button(button)
        self.key(Qt.Key.Key_Return)

    def leave(self) -> None:
        """Close the window by its key."""
        self.until(self._is_before_us)
        self.key(Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
