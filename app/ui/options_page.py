"""The step before OK: the prompt, the fields, and in a quiet box what OK will do. Shows an `OptionsModel`."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QFormLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.ui.fields import FIELD_HEIGHT, Choice
from app.ui.night_line import NightLine
from app.ui.night_model import night_model
from app.ui.options_model import CARD_NOTE, TIMES_NOTE, OptionsModel
from app.ui.page import Page
from app.ui.time_fields import TimeFields
from app.ui.tones import Tone
from app.ui.widgets import STEP, Notice, Sentences, bar, button, frame, label, rule, tidy, tip

_LETTERS = 80
"""A page narrower than so many letters has room for one column."""


class OptionsPage(Page):
    """Signals: `group_chosen(object)` with the group's name or None, `times_chosen(Times)`,
    `preview_wanted()`, `accepted()`, `cancelled()`.
    """

    topic = "starting"

    group_chosen = Signal(object)
    times_chosen = Signal(object)
    preview_wanted = Signal()
    accepted = Signal()
    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.title = label(role="value")
        self.prompt = label(role="lead", wraps=True)
        self._columns = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self.times = TimeFields(self)
        self.times.changed.connect(self.times_chosen)
        self.group = Choice()
        self.group.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.group.setMinimumContentsLength(12)
        self.group.setAccessibleName("Group Name")
        self.group.activated.connect(self.on_group_activated)
        self.group_note = label(role="help", wraps=True)
        self.summary = Sentences()
        self.night = NightLine()
        self.warning = Notice(Tone.ATTENTION)
        self.obstacle = Notice(Tone.FAILED)
        self.ok_button = button("OK", primary=True)
        self.cancel_button = button("Cancel")
        self.preview_button = button("Previe&w…")
        self.preview_button.setToolTip("See first what it would do. Nothing is sent.")
        self.preview_button.clicked.connect(self.preview_wanted)
        self.ok_button.clicked.connect(self.accepted)
        self.cancel_button.clicked.connect(self.cancelled)
        self._lay_out()

    def _lay_out(self) -> None:
        self.content.addWidget(self.title)
        self.content.addWidget(self.prompt)
        tidy(self._columns, spacing=4)
        self._columns.addWidget(self._fields(), 1)
        self._columns.addWidget(self._what_ok_does(), 1)
        self.content.addLayout(self._columns)
        self.content.addWidget(self.obstacle)
        self.content.addWidget(self.warning)
        self.content.addStretch(1)
        self.footer.addWidget(self.preview_button)
        self.footer.addWidget(self.ok_button)
        self.footer.addWidget(self.cancel_button)

    def _fields(self) -> QWidget:
        panel = frame("panel")
        # Notes stand between forms: in one they would be given the height of a single line.
        lines = QVBoxLayout(panel)
        tidy(lines, margin=4, spacing=2)
        name = _field_label("&Group Name")
        name.setBuddy(self.group)
        times = [(_field_label(words), field) for words, field in self.times.rows]
        widest = max(one.sizeHint().width() for one in (name, *(words for words, _ in times)))
        for words in (name, *(words for words, _ in times)):
            words.setMinimumWidth(widest)
        lines.addLayout(_form(*times))
        lines.addWidget(label(TIMES_NOTE, "help", wraps=True))
        lines.addLayout(_form((name, self.group)))
        lines.addWidget(self.group_note)
        lines.addStretch(1)
        lines.addWidget(self.night)
        return panel

    def _what_ok_does(self) -> QWidget:
        box = frame("quiet")
        layout = QVBoxLayout(box)
        tidy(layout, margin=4, spacing=3)
        layout.addWidget(label("What OK will do", "strong"))
        layout.addWidget(self.summary)
        layout.addStretch(1)
        layout.addWidget(rule())
        layout.addWidget(label("Your Smartcard", "strong"))
        layout.addWidget(label(CARD_NOTE, "secondary", wraps=True))
        return box

    def show_model(self, model: OptionsModel) -> None:
        """Show the step as it stands."""
        self.title.setText(model.title)
        self.prompt.setText(model.prompt)
        self.times.show_step(model.step, model.times, model.offered_start)
        self._show_groups(model)
        self.summary.show_sentences(model.summary)
        self.night.show_model(night_model(model.forecast) if model.forecast and model.times.are_set else None)
        self.warning.say(Tone.ATTENTION, model.warning)
        self.obstacle.say(Tone.FAILED, model.why_not or "")
        bar(self.ok_button, model.why_not)
        self.ok_button.setAccessibleDescription(model.why_not or " ".join(model.summary))

    def _show_groups(self, model: OptionsModel) -> None:
        shown = [self.group.itemText(at) for at in range(self.group.count())]
        if shown != [choice.text for choice in model.groups]:
            self.group.clear()
            for choice in model.groups:
                self.group.addItem(choice.text, choice.name)
        self.group.setCurrentIndex([choice.name for choice in model.groups].index(model.group))
        self.group.setEnabled(not model.group_note)
        self.group.setToolTip(tip(model.group_note or self.group.currentText()))
        self.group.setAccessibleDescription(model.group_note or "Whose records are scanned.")
        self.group_note.setText(model.group_note)
        self.group_note.setVisible(bool(model.group_note))

    @Slot(int)
    def on_group_activated(self, at: int) -> None:
        """Tell which group it is now."""
        self.group_chosen.emit(self.group.itemData(at))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Where two columns have no room they stand below one another."""
        super().resizeEvent(event)
        is_narrow = self.width() < _LETTERS * self.fontMetrics().averageCharWidth()
        directions = QBoxLayout.Direction
        self._columns.setDirection(directions.TopToBottom if is_narrow else directions.LeftToRight)

    def default_button(self) -> QPushButton | None:
        """OK."""
        return self.ok_button

    def back_button(self) -> QPushButton | None:
        """Cancel."""
        return self.cancel_button

    def first_focus(self) -> QWidget | None:
        """OK where it can be pressed, else Cancel."""
        return self.ok_button if self.ok_button.isEnabled() else self.cancel_button


def _form(*rows: tuple[QLabel, QWidget]) -> QFormLayout:
    form = QFormLayout()
    tidy(form, spacing=2)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
    form.setHorizontalSpacing(4 * STEP)
    for words, field in rows:
        form.addRow(words, field)
    return form


def _field_label(words: str) -> QLabel:
    made = label(words)
    made.setAlignment(Qt.AlignmentFlag.AlignTop)
    # On one line with the field's first line, whatever follows below.
    made.setContentsMargins(0, max(0, (FIELD_HEIGHT - made.fontMetrics().height()) // 2), 0, 0)
    return made
