"""A day that may be set or not: a box with its word, and the day beside it. Whoever types a day has ticked the box."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QDate, QDateTime, QTime, QTimeZone, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.ui.fields import TickBox
from app.ui.time_fields import WallTimeEdit
from app.ui.widgets import tidy


class DayField(QWidget):
    """Signals: `changed()` when a person has set or unset the day, or chosen another."""

    changed = Signal()

    def __init__(self, words: str) -> None:
        super().__init__()
        self.box = TickBox(words)
        self.edit = WallTimeEdit("dd/MM/yyyy")
        self.edit.setCalendarPopup(False)
        spoken = words.replace("&", "")
        self.box.setAccessibleName(f"{spoken} a day")
        self.edit.setAccessibleName(f"{spoken} day")
        row = QHBoxLayout(self)
        tidy(row, spacing=2)
        row.addWidget(self.box)
        row.addWidget(self.edit)
        self.box.clicked.connect(self.changed)
        self.edit.dateTimeChanged.connect(self.on_edited)
        self.edit.typed.connect(self.on_edited)

    def offer(self, day: date) -> None:
        """Show a day without having it chosen."""
        midnight = QTime(0, 0)
        self.edit.offer(QDateTime(QDate(day.year, day.month, day.day), midnight, QTimeZone.utc()))

    def clear(self) -> None:
        """No day is set."""
        self.box.setChecked(False)

    @property
    def day(self) -> date | None:
        """The day, where one is set."""
        shown = self.edit.date()
        return date(shown.year(), shown.month(), shown.day()) if self.box.isChecked() else None

    @Slot()
    def on_edited(self) -> None:
        """A person has changed the day: it counts now."""
        self.box.setChecked(True)
        self.changed.emit()
