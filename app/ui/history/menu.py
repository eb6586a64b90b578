"""The menu History and audit."""

from __future__ import annotations

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QWidget


class HistoryMenu(QMenu):
    """`runs_entry`, `compare_entry` and `trail_entry` are actions of their own."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("History and a&udit", parent)
        self.runs_entry = self.addAction("&Runs…")
        self.runs_entry.setShortcut(QKeySequence("Ctrl+Shift+H"))
        self.compare_entry = self.addAction("&Compare two runs…")
        self.trail_entry = self.addAction("&Audit trail…")
        self.trail_entry.setShortcut(QKeySequence("Ctrl+Shift+A"))
