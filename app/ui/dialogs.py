"""The window's message boxes. None of them blocks: each is opened, and answers by a signal."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialogButtonBox, QMessageBox, QWidget

from app.ui.widgets import STEP, set_primary


def _box(parent: QWidget | None, title: str, words: str, detail: str, icon: QMessageBox.Icon) -> QMessageBox:
    box = QMessageBox(parent)
    box.setWindowTitle(title)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setIcon(icon)
    box.setText(words)
    box.setInformativeText(detail)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return box


def tell(parent: QWidget | None, title: str, words: str, *, detail: str = "", warns: bool = False) -> QMessageBox:
    """A sentence to be read, with OK; it is shown at once."""
    icon = QMessageBox.Icon.Warning if warns else QMessageBox.Icon.Information
    box = _box(parent, title, words, detail, icon)
    set_primary(box.addButton(QMessageBox.StandardButton.Ok), True)
    return _opened(box)


def ask(parent: QWidget, title: str, words: str, *, detail: str = "", instead: str = "") -> QMessageBox:
    """A question with Yes and No, where No is the careful answer: Enter and Escape mean it. It is shown at once.

    `instead` is a third answer, told from the others by `QMessageBox.buttonRole` of what was clicked: `ActionRole`.
    """
    box = _box(parent, title, words, detail, QMessageBox.Icon.Question)
    box.setStandardButtons(QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.No)
    if instead:
        box.addButton(instead, QMessageBox.ButtonRole.ActionRole)
    box.setDefaultButton(QMessageBox.StandardButton.No)
    box.setEscapeButton(QMessageBox.StandardButton.No)
    return _opened(box)


def _opened(box: QMessageBox) -> QMessageBox:
    for buttons in box.findChildren(QDialogButtonBox):
        # Room for the focus ring.
        buttons.setContentsMargins(STEP, STEP, STEP, STEP)
    box.open()
    return box
