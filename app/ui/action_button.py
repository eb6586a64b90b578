"""The button of one of the four actions, the same wherever it stands: its word, its letter, and why it is barred."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QPushButton

from app.domain.actions import Action
from app.ui.choose_model import ActionModel
from app.ui.widgets import bar, mnemonic, set_primary

MNEMONICS = {Action.RUN: "r", Action.RESUME: "s", Action.RERUN: "e", Action.FAILED: "f"}
"""One letter for each action, the same on the buttons and in the menu."""


class ActionButton(QPushButton):
    """Signals: `chosen(Action)` when it was pressed."""

    chosen = Signal(Action)

    def __init__(self, action: Action, *, large: bool) -> None:
        super().__init__()
        self.action = action
        self.setAutoDefault(True)
        self.setAccessibleName(action.value.title())
        self.setProperty("large", "true" if large else "false")
        self.clicked.connect(self.on_clicked)

    @Slot()
    def on_clicked(self) -> None:
        """Tell which action it was."""
        self.chosen.emit(self.action)

    def show_model(self, model: ActionModel) -> None:
        """Show the action as it stands."""
        self.setText(mnemonic(model.label, MNEMONICS[model.action]))
        self.setAccessibleName(model.label)
        bar(self, model.why_not, model.meaning)
        set_primary(self, model.is_default)
