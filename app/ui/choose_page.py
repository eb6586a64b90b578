"""The page on which staff choose one of the four actions. Shows a `ChooseModel`; knows nothing of runs."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.domain.actions import Action
from app.ui.choose_model import ActionModel, ChooseModel
from app.ui.glyph import Glyph, Shape
from app.ui.page import Page
from app.ui.tones import Tone
from app.ui.widgets import STEP, Notice, button, frame, label, mnemonic, rule, set_primary, tidy

MNEMONICS = {Action.RUN: "r", Action.RESUME: "s", Action.RERUN: "e", Action.FAILED: "f"}
"""One letter for each action, the same on the button and in the menu."""


class ActionButton(QPushButton):
    """The large button of one action, with its meaning beside it and, where it cannot be pressed, why."""

    chosen = Signal(Action)

    def __init__(self, action: Action) -> None:
        super().__init__()
        self.action = action
        self.setProperty("large", "true")
        self.meaning = label(role="lead", wraps=True)
        self.reason = label(role="help", wraps=True)
        self._barred = Glyph(Shape.BARRED, Tone.QUIET)
        self.reason_row = QWidget()
        row = QHBoxLayout(self.reason_row)
        tidy(row, spacing=1)
        row.addWidget(self._barred, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.reason, 1)
        self.clicked.connect(self.on_clicked)

    @Slot()
    def on_clicked(self) -> None:
        """Tell which action it was."""
        self.chosen.emit(self.action)

    def show_model(self, model: ActionModel, *, said_above: bool) -> None:
        """Show the action as it stands; a reason `said_above` for all of them is not written once more."""
        self.setText(mnemonic(model.label, MNEMONICS[model.action]))
        self.setEnabled(model.why_not is None)
        set_primary(self, model.is_default)
        self.meaning.setText(model.meaning)
        self.reason.setText(model.why_not or "")
        self.reason_row.setVisible(model.why_not is not None and not said_above)
        self.setToolTip(model.why_not or model.meaning)
        self.setAccessibleName(model.label)
        self.setAccessibleDescription(" ".join(filter(None, (model.meaning, model.why_not))))


class ChoosePage(Page):
    """Signals: `action_chosen(Action)`, `results_wanted()`."""

    action_chosen = Signal(Action)
    results_wanted = Signal()

    def __init__(self, actions: Iterable[Action]) -> None:
        super().__init__()
        self.history = Notice(Tone.QUIET)
        self.results_button = button("&View results")
        self.results_button.clicked.connect(self.results_wanted)
        self.history.add(self.results_button)
        self.buttons = {action: ActionButton(action) for action in actions}
        self._default: Action | None = None
        panel = frame("panel")
        rows = QVBoxLayout(panel)
        tidy(rows, margin=4, spacing=3)
        for at, one in enumerate(self.buttons.values()):
            if at:
                rows.addWidget(rule())
            rows.addLayout(_row(one))
            one.chosen.connect(self.action_chosen)
        self.content.addWidget(self.history)
        self.content.addWidget(panel)
        self.content.addStretch(1)

    def show_model(self, model: ChooseModel) -> None:
        """Show the page as it stands."""
        self.history.say(model.tone, model.history, model.advice)
        self.results_button.setVisible(model.has_results)
        self._default = None
        for one in model.actions:
            self.buttons[one.action].show_model(one, said_above=one.why_not == model.advice)
            if one.is_default:
                self._default = one.action

    def default_button(self) -> QPushButton | None:
        """The button of the action that makes sense next."""
        return self.buttons[self._default] if self._default else None

    def first_focus(self) -> QWidget | None:
        """The sensible action, else the first that can be pressed."""
        usable = (
            one for one in (*self.buttons.values(), self.results_button) if one.isEnabled() and one.isVisibleTo(self)
        )
        return self.default_button() or next(usable, None)


def _row(one: ActionButton) -> QGridLayout:
    row = QGridLayout()
    tidy(row)
    row.setHorizontalSpacing(5 * STEP)
    row.setVerticalSpacing(STEP)
    one.setMinimumWidth(38 * STEP)
    row.addWidget(one, 0, 0, 2, 1, Qt.AlignmentFlag.AlignVCenter)
    row.addWidget(one.meaning, 0, 1)
    row.addWidget(one.reason_row, 1, 1)
    row.setColumnStretch(1, 1)
    return row
