"""The menu Reports."""

from __future__ import annotations

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QWidget


class ReportsMenu(QMenu):
    """`lists_entry`, `certificate_entry` and `confirm_entry` are actions of their own."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("Rep&orts", parent)
        self.lists_entry = self.addAction("&Lists of the run…")
        self.lists_entry.setShortcut(QKeySequence("Ctrl+Shift+R"))
        self.addSeparator()
        self.confirm_entry = self.addAction("&Confirm dissents…")
        self.certificate_entry = self.addAction("&Go-live certificate…")
