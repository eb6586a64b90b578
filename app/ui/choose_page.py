"""The page on which staff choose one of the four actions. Shows a `ChooseModel`; knows nothing of runs."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.domain.actions import Action
from app.ui.action_button import ActionButton
from app.ui.choose_model import ActionModel, ChooseModel
from app.ui.glyph import Glyph, Shape
from app.ui.page import Page
from app.ui.schedule_panel import SchedulePanel
from app.ui.tones import Tone
from app.ui.widgets import STEP, Notice, button, frame, label, rule, tidy
from app.ui.worklists.notice import WorklistsNotice


class _Row(QGridLayout):
    """The large button of one action, with its meaning beside it and, where it cannot be pressed, why."""

    def __init__(self, button: ActionButton) -> None:
        super().__init__()
        self.button = button
        self.meaning = label(role="lead", wraps=True)
        self.reason = label(role="help", wraps=True)
        self.reason_row = QWidget()
        row = QHBoxLayout(self.reason_row)
        tidy(row, spacing=1)
        row.addWidget(Glyph(Shape.BARRED, Tone.QUIET), 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.reason, 1)
        tidy(self)
        self.setHorizontalSpacing(5 * STEP)
        self.setVerticalSpacing(STEP)
        button.setMinimumWidth(38 * STEP)
        self.addWidget(button, 0, 0, 2, 1, Qt.AlignmentFlag.AlignVCenter)
        self.addWidget(self.meaning, 0, 1)
        self.addWidget(self.reason_row, 1, 1)
        self.setColumnStretch(1, 1)

    def show_model(self, model: ActionModel, *, said_above: bool) -> None:
        """Show the action as it stands; a reason `said_above` for all of them is not written once more."""
        self.button.show_model(model)
        self.meaning.setText(model.meaning)
        self.reason.setText(model.why_not or "")
        self.reason_row.setVisible(model.why_not is not None and not said_above)


class ChoosePage(Page):
    """Signals: `action_chosen(Action)`, `results_wanted()`, `preview_wanted()`; `stop_there_wanted()` when what is
    under way at another computer is to stop.
    """

    topic = "actions"

    action_chosen = Signal(Action)
    results_wanted = Signal()
    preview_wanted = Signal()
    stop_there_wanted = Signal()

    def __init__(self, actions: Iterable[Action]) -> None:
        super().__init__()
        self.history = Notice(Tone.QUIET)
        self.results_button = button("&View results")
        self.results_button.clicked.connect(self.results_wanted)
        self.history.add(self.results_button)
        self.stop_there_button = button("Stop it there…")
        self.stop_there_button.clicked.connect(self.stop_there_wanted)
        self.history.add(self.stop_there_button)
        self.preview_button = button("Previe&w…")
        self.preview_button.setToolTip("See first what would happen. Nothing is sent.")
        self.preview_button.clicked.connect(self.preview_wanted)
        self.footer.addWidget(self.preview_button)
        self.worklists = WorklistsNotice()
        self.schedule = SchedulePanel()
        self.rows = {action: _Row(ActionButton(action, large=True)) for action in actions}
        self.buttons = {action: row.button for action, row in self.rows.items()}
        self._default: Action | None = None
        panel = frame("panel")
        lines = QVBoxLayout(panel)
        tidy(lines, margin=4, spacing=3)
        for at, row in enumerate(self.rows.values()):
            if at:
                lines.addWidget(rule())
            lines.addLayout(row)
            row.button.chosen.connect(self.action_chosen)
        self.content.addWidget(self.history)
        self.content.addWidget(self.worklists)
        self.content.addWidget(self.schedule)
        self.content.addWidget(panel)
        self.content.addStretch(1)

    def show_model(self, model: ChooseModel) -> None:
        """Show the page as it stands."""
        self.history.say(model.tone, model.history, model.advice)
        self.results_button.setVisible(model.has_results)
        self.worklists.want(model.has_results)
        self.stop_there_button.setVisible(model.may_stop_there)
        said = f"{model.history}\n{model.advice}"
        self.schedule.show_model(model.schedule, {one.action: one.why_not for one in model.actions})
        self._default = None
        for one in model.actions:
            self.rows[one.action].show_model(one, said_above=one.why_not is not None and one.why_not in said)
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
