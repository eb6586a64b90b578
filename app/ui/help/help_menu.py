"""The menu Help."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from app.ui.help.topics import CHECKLIST, CONTENTS

THIS_PAGE = ""
"""Stands for the page about what the window shows at this moment."""


class HelpMenu(QMenu):
    """Signals: `topic_wanted(str)` with a page's key or `THIS_PAGE`; `about_wanted()`."""

    topic_wanted = Signal(str)
    about_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__("&Help", parent)
        entries = (("&What you see here", THIS_PAGE), ("&Go-live checklist", CHECKLIST), ("&Contents", CONTENTS))
        for words, key in entries:
            self.addAction(words).setData(key)
        self.actions()[0].setShortcut(QKeySequence(QKeySequence.StandardKey.HelpContents))
        self.addSeparator()
        self.addAction("&About").triggered.connect(self.about_wanted)
        self.triggered.connect(self.on_triggered)

    @Slot(QAction)
    def on_triggered(self, entry: QAction) -> None:
        """An entry was chosen; those of pages carry a key."""
        key = entry.data()
        if key is not None:
            self.topic_wanted.emit(key)
