"""The fields Start, Stop and Resume. What is typed is a reading of the clock on the wall in England.

Whoever changes a time means it: its box is ticked then. The wheel changes nothing, so that a page that is scrolled
sets no times.
"""

from __future__ import annotations

from datetime import date, datetime, time

from PySide6.QtCore import QDate, QDateTime, QObject, Qt, QTime, QTimeZone, Signal, Slot
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QButtonGroup, QDateTimeEdit, QHBoxLayout, QLineEdit, QRadioButton, QVBoxLayout, QWidget

from app.domain.planning import StartAt
from app.ui.fields import FIELD_HEIGHT, TickBox
from app.ui.times_model import Times
from app.ui.widgets import STEP, tidy

_STOP, _RESUME = QTime(0, 0), QTime(23, 59)
"""What the fields show while they are not used: read as times they would leave one minute a day."""


class WallTimeEdit(QDateTimeEdit):
    """A date and time, or a time alone, that no change of the clocks disturbs while it is typed.

    Signals: `typed()` when somebody has typed a digit, be it the one that stood there.
    """

    typed = Signal()

    def __init__(self, shown: str) -> None:
        super().__init__()
        self.setTimeZone(QTimeZone.utc())
        # The bounds are still those of the machine's own time, which lay some seconds off long ago.
        self.setDateTimeRange(_on_the_wall(date(2000, 1, 1), 0, 0), _on_the_wall(date(2999, 12, 31), 23, 59))
        self.setDisplayFormat(shown)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumHeight(FIELD_HEIGHT)
        line = self.findChild(QLineEdit)
        if line is not None:
            line.setTextMargins(STEP, 0, 0, 0)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Tell of digits."""
        super().keyPressEvent(event)
        if event.text().isdigit():
            self.typed.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """The page scrolls, whatever is under the pointer."""
        event.ignore()

    def wall_time(self) -> time:
        """The time of day it shows."""
        shown = self.time()
        return time(shown.hour(), shown.minute())

    def offer(self, moment: QDateTime | QTime) -> None:
        """Show this without anybody having chosen it."""
        blocked = self.blockSignals(True)
        if isinstance(moment, QTime):
            self.setTime(moment)
        else:
            self.setDateTime(moment)
        self.blockSignals(blocked)


class TimeFields(QObject):
    """Signals: `changed(Times)` when a person has changed something."""

    changed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.immediately, self.at = QRadioButton("Immediately"), QRadioButton("at")
        self._choice = QButtonGroup(self)
        self.when = WallTimeEdit("dd/MM/yyyy HH:mm")
        self.stops, self.stop = TickBox("at"), WallTimeEdit("HH:mm")
        self.resumes, self.resume = TickBox("at"), WallTimeEdit("HH:mm")
        self._step: int | None = None
        self.rows = (
            ("Start", self._start()),
            ("Stop", _beside(self.stops, self.stop)),
            ("Resume", _beside(self.resumes, self.resume)),
        )
        self._name()
        self._reset()
        self.immediately.toggled.connect(self.on_changed)
        self.when.dateTimeChanged.connect(self.on_start_typed)
        self.stop.timeChanged.connect(self.on_stop_typed)
        self.resume.timeChanged.connect(self.on_resume_typed)
        self.when.typed.connect(self.on_start_typed)
        self.stop.typed.connect(self.on_stop_typed)
        self.resume.typed.connect(self.on_resume_typed)
        self.stops.toggled.connect(self.on_changed)
        self.resumes.toggled.connect(self.on_changed)

    def _start(self) -> QWidget:
        start = QWidget()
        lines = QVBoxLayout(start)
        tidy(lines)
        self.immediately.setMinimumHeight(FIELD_HEIGHT)
        lines.addWidget(self.immediately)
        lines.addWidget(_beside(self.at, self.when))
        # They stand in different boxes of the layout and exclude each other all the same.
        for one in (self.immediately, self.at):
            self._choice.addButton(one)
        return start

    def _name(self) -> None:
        told = {
            self.immediately: ("Start immediately", "It begins as soon as OK is pressed."),
            self.at: ("Start at a date and time", "It begins by itself at the date and time beside this."),
            self.when: ("Start, date and time", "Changing it chooses this start."),
            self.stops: ("Stop at a time", "Ticked: the run pauses at this time."),
            self.stop: ("Stop, time", "Changing it ticks the box."),
            self.resumes: ("Resume at a time", "Ticked, with Stop: the run goes on at this time, every day."),
            self.resume: ("Resume, time", "Changing it ticks the box."),
        }
        for field, (name, meaning) in told.items():
            field.setAccessibleName(name)
            field.setAccessibleDescription(meaning)
            field.setToolTip(meaning)

    def show_step(self, step: int, times: Times, offered: datetime) -> None:
        """Show a step: a new one as it was prefilled; one that is shown already keeps what was typed.

        While Immediately is chosen the start that is offered is now, in English time.
        """
        if step != self._step:
            self._step = step
            self._reset(times)
        if self.immediately.isChecked() and not self.when.hasFocus():
            self.when.offer(_on_the_wall(offered.date(), offered.hour, offered.minute))

    def times(self) -> Times:
        """What the fields hold."""
        shown = self.when.date()
        start = StartAt(date(shown.year(), shown.month(), shown.day()), self.when.wall_time())
        return Times(
            start=start if self.at.isChecked() else None,
            stop=self.stop.wall_time() if self.stops.isChecked() else None,
            resume=self.resume.wall_time() if self.resumes.isChecked() else None,
        )

    def _reset(self, times: Times | None = None) -> None:
        times = times or Times()
        silenced = [(one, one.blockSignals(True)) for one in (self.immediately, self.at, self.stops, self.resumes)]
        (self.immediately if times.start is None else self.at).setChecked(True)
        if times.start is not None:
            self.when.offer(_on_the_wall(times.start.day, times.start.at.hour, times.start.at.minute))
        self.stops.setChecked(times.stop is not None)
        self.resumes.setChecked(times.resume is not None)
        self.stop.offer(_STOP if times.stop is None else QTime(times.stop.hour, times.stop.minute))
        self.resume.offer(_RESUME if times.resume is None else QTime(times.resume.hour, times.resume.minute))
        for one, was in silenced:
            one.blockSignals(was)

    @Slot()
    def on_start_typed(self) -> None:
        """Whoever changes the start means it."""
        self.at.setChecked(True)
        self.on_changed()

    @Slot()
    def on_stop_typed(self) -> None:
        """Whoever changes the stop means it."""
        self.stops.setChecked(True)
        self.on_changed()

    @Slot()
    def on_resume_typed(self) -> None:
        """Whoever changes the resume means it."""
        self.resumes.setChecked(True)
        self.on_changed()

    @Slot()
    def on_changed(self) -> None:
        """Tell what the fields hold now."""
        self.changed.emit(self.times())


def _on_the_wall(day: date, hour: int, minute: int) -> QDateTime:
    return QDateTime(QDate(day.year, day.month, day.day), QTime(hour, minute), QTimeZone.utc())


def _beside(choice: QWidget, edit: WallTimeEdit) -> QWidget:
    field = QWidget()
    row = QHBoxLayout(field)
    tidy(row, spacing=2)
    row.addWidget(choice)
    row.addWidget(edit)
    row.addStretch(1)
    return field
