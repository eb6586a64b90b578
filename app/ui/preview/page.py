"""The page of a preview: what to look at, how far it is, and then what a press would do. Shows a `PreviewModel`."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.engine.preview_lists import DISSENT_NOT_SENT, WIDENING
from app.ui.meter import Meter
from app.ui.page import Page
from app.ui.preview.model import RECORDS_MEANING, PreviewModel, Stage
from app.ui.preview.numbers import NumberLines
from app.ui.running_model import BarLook
from app.ui.tones import Tone
from app.ui.widgets import STEP, Notice, bar, button, frame, label, rule, set_primary, steady_figures, tidy

_FOUND = (Stage.DONE, Stage.SHORT)
_AT_WORK = (Stage.WORKING, Stage.STOPPING)


class PreviewPage(Page):
    """Signals: `records_wanted()`, `spine_wanted()`, `stop_wanted()`, `go_on_wanted()`, `list_wanted(str)` with the key
    of a list, `again_wanted()`, `press_wanted()`, `back_wanted()`.
    """

    topic = "preview"

    records_wanted = Signal()
    spine_wanted = Signal()
    stop_wanted = Signal()
    go_on_wanted = Signal()
    list_wanted = Signal(str)
    again_wanted = Signal()
    press_wanted = Signal()
    back_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.title = label(role="value", wraps=True)
        self.lead = label(role="lead", wraps=True)
        self.records_button = button("From the r&ecords")
        self.spine_button = button("&With the Spine", primary=True)
        self.spine_meaning = label(role="lead", wraps=True)
        self.doing = label(role="value", wraps=True)
        self.meter = Meter()
        self.meter.setAccessibleName("Patients looked at")
        self.note = Notice(Tone.ATTENTION, speaks=True)
        self.widening = Notice(Tone.ATTENTION)
        self.not_sent = Notice(Tone.FAILED)
        self.widening_button = button("View them")
        self.not_sent_button = button("Vie&w them")
        self.widening_button.setAccessibleName("View those whose consent widens")
        self.not_sent_button.setAccessibleName("View those whose dissent would not be sent")
        self.numbers = NumberLines()
        self.left_open = label(role="secondary", wraps=True)
        self.stop_button = button("S&top")
        self.go_on_button = button("&Go on", primary=True)
        self.again_button = button("Another pre&view")
        self.press_button = button("", primary=True)
        self.leave_button = button("&Back")
        self._stage = Stage.ASKING
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        steady_figures(self.doing)
        self.widening.add(self.widening_button)
        self.not_sent.add(self.not_sent_button)
        self.choices = self._choices()
        parts = (self.title, self.lead, self.choices, self.doing, self.meter, self.note, self.not_sent, self.widening)
        for part in (*parts, self.numbers, self.left_open):
            self.content.addWidget(part)
        self.content.addStretch(1)
        for one in (self.go_on_button, self.press_button, self.again_button, self.stop_button, self.leave_button):
            self.footer.addWidget(one)

    def _choices(self) -> QWidget:
        panel = frame("panel")
        lines = QVBoxLayout(panel)
        tidy(lines, margin=4, spacing=3)
        lines.addLayout(_choice(self.spine_button, self.spine_meaning))
        lines.addWidget(rule())
        lines.addLayout(_choice(self.records_button, label(RECORDS_MEANING, "lead", wraps=True)))
        return panel

    def _connect(self) -> None:
        for one, wanted in (
            (self.records_button, self.records_wanted),
            (self.spine_button, self.spine_wanted),
            (self.stop_button, self.stop_wanted),
            (self.go_on_button, self.go_on_wanted),
            (self.again_button, self.again_wanted),
            (self.press_button, self.press_wanted),
            (self.leave_button, self.back_wanted),
        ):
            one.clicked.connect(wanted)
        self.numbers.chosen.connect(self.list_wanted)
        self.widening_button.clicked.connect(self.on_widening_clicked)
        self.not_sent_button.clicked.connect(self.on_not_sent_clicked)

    @Slot()
    def on_widening_clicked(self) -> None:
        """Those whose consent widens are wanted."""
        self.list_wanted.emit(WIDENING.key)

    @Slot()
    def on_not_sent_clicked(self) -> None:
        """Those whose dissent would not be sent are wanted."""
        self.list_wanted.emit(DISSENT_NOT_SENT.key)

    def show_model(self, model: PreviewModel) -> None:
        """Show this moment."""
        self.title.setText(model.title)
        self.lead.setText(model.lead)
        self.spine_meaning.setText(model.spine_meaning)
        self.spine_button.setAccessibleDescription(model.spine_meaning)
        self.records_button.setAccessibleDescription(RECORDS_MEANING)
        self.doing.setText(model.doing)
        self.meter.show_progress(model.done, model.total, BarLook.MOVING if model.total else BarLook.BUSY)
        self.meter.setAccessibleDescription(model.doing)
        self.note.say(Tone.ATTENTION, model.note)
        self.widening.say(Tone.ATTENTION, model.widening)
        self.not_sent.say(Tone.FAILED, model.not_sent)
        self.numbers.show_numbers(model.numbers)
        self.left_open.setText(model.left_open)
        self.left_open.setVisible(bool(model.left_open))
        self.press_button.setText(model.press_label)
        self._show_stage(model.stage)

    def _show_stage(self, stage: Stage) -> None:
        is_new, self._stage = stage is not self._stage, stage
        self.choices.setVisible(stage is Stage.ASKING)
        for at_work in (self.doing, self.meter, self.stop_button):
            at_work.setVisible(stage in _AT_WORK)
        for found in (self.numbers, self.again_button, self.press_button):
            found.setVisible(stage in _FOUND)
        bar(self.stop_button, "It is stopping already." if stage is Stage.STOPPING else None)
        self.go_on_button.setVisible(stage is Stage.SHORT)
        set_primary(self.press_button, stage is Stage.DONE)
        self.leave_button.setVisible(stage not in _AT_WORK)
        if is_new and self.isVisible() and (focus := self.first_focus()) is not None:
            focus.setFocus(Qt.FocusReason.OtherFocusReason)

    def default_button(self) -> QPushButton | None:
        """What makes sense next; nothing while it works, so that a stray Enter stops nobody, nor while it has found
        what must be read first.
        """
        return {Stage.ASKING: self.spine_button, Stage.SHORT: self.go_on_button}.get(self._stage)

    def back_button(self) -> QPushButton | None:
        """Back, unless it is at work."""
        return self.leave_button if self.leave_button.isVisibleTo(self) else None

    def first_focus(self) -> QWidget | None:
        """The sensible choice; Back where there is something to read."""
        return self.default_button() or (self.stop_button if self._stage in _AT_WORK else self.leave_button)


def _choice(one: QPushButton, meaning: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    tidy(row, spacing=5)
    one.setMinimumWidth(38 * STEP)
    row.addWidget(one, 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(meaning, 1)
    return row
