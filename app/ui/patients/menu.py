"""The menu Patients: to one patient, to the groups, the worklists, and the lists behind the five counters."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from app.domain.outcomes import STATE_LABELS, ItemState
from app.ui.counter_words import COUNTER_WORDS
from app.ui.widgets import mnemonic

_LETTERS = {
    ItemState.UNPROCESSED: "u",
    ItemState.SENT: "s",
    ItemState.SENDING: "i",
    ItemState.FAILED: "a",
    ItemState.NOT_REQUIRED: "n",
}


class PatientsMenu(QMenu):
    """Signals: `counter_chosen(ItemState)`; `find_entry`, `groups_entry` and `worklists_entry` are actions of their
    own.
    """

    counter_chosen = Signal(ItemState)

    def __init__(self, parent: QWidget) -> None:
        super().__init__("&Patients", parent)
        self.find_entry = self.addAction("&Find a patient…")
        self.find_entry.setShortcut(QKeySequence("Ctrl+Shift+F"))
        self.groups_entry = self.addAction("Patient &groups…")
        self.groups_entry.setShortcut(QKeySequence("Ctrl+Shift+G"))
        self.worklists_entry = self.addAction("&Worklists…")
        self.worklists_entry.setShortcut(QKeySequence("Ctrl+Shift+W"))
        self.addSeparator()
        self._lists: dict[QAction, ItemState] = {}
        for state in COUNTER_WORDS:
            self._lists[self.addAction(mnemonic(STATE_LABELS[state], _LETTERS[state]))] = state
        self.triggered.connect(self.on_triggered)

    @Slot(QAction)
    def on_triggered(self, entry: QAction) -> None:
        """An entry of the menu; only those of the lists are told of."""
        if entry in self._lists:
            self.counter_chosen.emit(self._lists[entry])

    @Slot(int)
    def show_worklists(self, number: int) -> None:
        """So many worklists have patients left."""
        self.worklists_entry.setText(f"&Worklists ({number})…" if number else "&Worklists…")

    def entry_of(self, state: ItemState) -> QAction:
        """The entry of one counter's list."""
        return next(entry for entry, one in self._lists.items() if one is state)
