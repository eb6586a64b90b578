"""What is scheduled, on the choosing page: when it begins or goes on, what was missed, and what became of the latest
times. Shows a `ScheduleModel`.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.domain.actions import Action
from app.ui.times_model import ScheduleModel
from app.ui.tones import Tone
from app.ui.widgets import Notice, Sentences, bar, button, frame, label, tidy


class SchedulePanel(QWidget):
    """Signals: `cancel_wanted()`, `history_wanted()`, `action_chosen(Action)` to make up for a missed time."""

    cancel_wanted = Signal()
    history_wanted = Signal()
    action_chosen = Signal(Action)

    def __init__(self) -> None:
        super().__init__()
        self.notice = Notice(Tone.ACCENT)
        self.run_button = button("Run &now")
        self.cancel_button = button("Cancel &schedule")
        self.cancel_button.setAccessibleDescription("Asks first. Nothing begins by itself any more after that.")
        self.run_button.clicked.connect(self.on_run_clicked)
        self.cancel_button.clicked.connect(self.cancel_wanted)
        self.notice.add(self.run_button)
        self.notice.add(self.cancel_button)
        self.history = Sentences(bullets=True)
        self._latest = frame("quiet")
        self._run_now: Action | None = None
        lines = QVBoxLayout(self._latest)
        tidy(lines, margin=3, spacing=1)
        lines.addWidget(label("The latest times", "strong"))
        lines.addWidget(self.history)
        self.history_button = button("A&ll set times…")
        self.history_button.clicked.connect(self.history_wanted)
        lines.addWidget(self.history_button, 0, Qt.AlignmentFlag.AlignLeft)
        layout = QVBoxLayout(self)
        tidy(layout, spacing=2)
        layout.addWidget(self.notice)
        layout.addWidget(self._latest)

    def show_model(self, model: ScheduleModel | None, why_not: Mapping[Action, str | None]) -> None:
        """Show what is scheduled; `why_not` says of each action why it cannot be pressed."""
        self.setVisible(model is not None)
        if model is None:
            return
        self.notice.say(model.tone, model.words, model.detail)
        self._run_now = model.run_now
        self.run_button.setVisible(model.run_now is not None)
        if model.run_now is not None:
            bar(self.run_button, why_not.get(model.run_now), "Begins with the step before OK.")
        self.cancel_button.setVisible(model.may_cancel)
        self.history.show_sentences(model.history)
        self._latest.setVisible(bool(model.history))

    @Slot()
    def on_run_clicked(self) -> None:
        """The missed time is to be made up for."""
        if self._run_now is not None:
            self.action_chosen.emit(self._run_now)
