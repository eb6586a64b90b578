"""The help in a window of its own: the pages on the left, the one that is read on the right, Escape to close it.

It has no parent: a window that belonged to the main one could not be read while a dialog stands before that.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from app.ui.help.help_view import HelpView
from app.ui.help.topics import CONTENTS, TOPICS, help_folder
from app.ui.widgets import STEP, button, tidy

_LIST_WIDTH = 50 * STEP
_SIZE = (230 * STEP, 165 * STEP)


class HelpWindow(QWidget):
    """Shows the pages of the help."""

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle("Help - GP Summary Bulk Transmission")
        # The program ends with its main window, whatever is read beside it.
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
        self.view = HelpView(help_folder())
        self.topics = QListWidget()
        self.topics.setProperty("role", "processes")
        self.topics.setAccessibleName("Pages of the help")
        self.topics.setFixedWidth(_LIST_WIDTH)
        self.topics.setWordWrap(True)
        for topic in TOPICS:
            item = QListWidgetItem(topic.title)
            item.setData(Qt.ItemDataRole.UserRole, topic.key)
            self.topics.addItem(item)
        self.back_button = button("&Back")
        self.contents_button = button("C&ontents")
        self.close_button = button("C&lose")
        self._lay_out()
        self.topics.currentItemChanged.connect(self.on_topic_chosen)
        self.view.turned.connect(self.on_turned)
        self.view.back_available.connect(self.back_button.setEnabled)
        self.back_button.setEnabled(False)
        self.back_button.clicked.connect(self.view.turn_back)
        self.contents_button.clicked.connect(self.on_contents_wanted)
        self.close_button.clicked.connect(self.close)
        back = QShortcut(self)
        back.setKeys([QKeySequence("Alt+Left"), QKeySequence(Qt.Key.Key_Backspace)])
        back.activated.connect(self.view.turn_back)

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        tidy(left, spacing=2)
        left.addWidget(self.topics, 1)
        for one in (self.back_button, self.contents_button, self.close_button):
            left.addWidget(one)
        layout = QHBoxLayout(self)
        tidy(layout, margin=3, spacing=3)
        layout.addLayout(left)
        layout.addWidget(self.view, 1)
        self.resize(*_SIZE)

    def show_topic(self, key: str = CONTENTS) -> None:
        """Show this page, and the window in front of others."""
        self.view.turn_to(key)
        self.show()
        self.raise_()
        self.activateWindow()
        self.view.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(QListWidgetItem, QListWidgetItem)
    def on_topic_chosen(self, chosen: QListWidgetItem | None) -> None:
        """Another page was chosen on the left."""
        key = chosen.data(Qt.ItemDataRole.UserRole) if chosen else ""
        if key and key != self.view.key:
            self.view.turn_to(key)

    @Slot(str)
    def on_turned(self, key: str) -> None:
        """The view turned to a page, perhaps by a link in it."""
        for row, topic in enumerate(TOPICS):
            if topic.key == key:
                self.topics.setCurrentRow(row)

    @Slot()
    def on_contents_wanted(self) -> None:
        """To the first page."""
        self.view.turn_to(CONTENTS)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Escape closes the help."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)
