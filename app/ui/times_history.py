"""Every time that was set and what became of it, with the reason in words; a missed one can be made up for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QPushButton, QWidget

from app.domain.actions import Action, Family, why_not
from app.domain.errors import KnownError
from app.domain.occurrences import OUTCOME_WORDS, WHY_WORDS
from app.engine.schedule_rows import OccurrenceView
from app.ui.asking import Asking
from app.ui.background import Ended
from app.ui.columns import Column
from app.ui.formatting import moment
from app.ui.history import room
from app.ui.middle import Middle
from app.ui.page import Page
from app.ui.rows_view import RowsView
from app.ui.services import Services
from app.ui.times_model import history_line, is_still_missed, makes_up_for
from app.ui.tones import Tone
from app.ui.widgets import Notice, bar, button, label

MOST = 500
"""Earlier ones are in the audit trail: this many are more than a year of nights."""

MEANING = "Each start and resume at a set time, the latest first, and why it was late, missed or left out."
NOTHING_YET = "No set time has come yet. One is set on the step before OK, with Start, Stop or Resume."
NOT_CHOSEN = "No time is chosen in the list."
NOT_MISSED = "There is nothing to make up for: that time was not missed, or a run was begun since."


def _columns(family: Family) -> tuple[Column, ...]:
    def why(told: OccurrenceView) -> str:
        return told.detail or ("" if told.why is None else WHY_WORDS[told.why])

    return (
        Column("Time", "00/00/0000 at 00:00", lambda told: moment(told.planned_at)),
        Column("What", "Rerun, resume", lambda told: f"{family.actions[told.action].label}, {told.kind.value}"),
        Column("Outcome", "Begun in time", lambda told: OUTCOME_WORDS[told.outcome]),
        Column("Set by", "Christopher Example", lambda told: told.set_by),
        Column("Why", "the computer was asleep or switched off, or its clock was changed", why),
    )


@dataclass(frozen=True, slots=True)
class HistoryModel:
    """The page: the times, and of each that was missed the action that makes up for it, with why it cannot be had."""

    times: Sequence[OccurrenceView]
    make_up: Callable[[OccurrenceView], tuple[Action | None, str | None]]


class HistoryPage(Page):
    """Signals: `action_chosen(Action)` when a missed time is to be made up for, `back_wanted()`."""

    topic = "times"

    action_chosen = Signal(Action)
    back_wanted = Signal()

    def __init__(self, family: Family) -> None:
        super().__init__()
        self._model = HistoryModel((), lambda _: (None, None))
        self._columns = _columns(family)
        self._table = room.held(self._columns, self)
        self.view = RowsView(self._table, "times", "Set times and what became of them")
        self.message = Notice(Tone.QUIET, NOTHING_YET)
        self.chosen = label(role="lead", wraps=True)
        self.run_button = button("Run &now", primary=True)
        self.leave_button = button("&Back")
        room.look_back(self.content)
        heading = label("Set times and outcomes", "value")
        for part in (heading, label(MEANING, "secondary", wraps=True), self.message, self.view, self.chosen):
            self.content.addWidget(part, room.MOST if part is self.view else 0)
        self.content.addStretch(1)
        self.footer.addWidget(self.run_button)
        self.footer.addWidget(self.leave_button)
        self.view.row_changed.connect(self.on_row_changed)
        self.run_button.clicked.connect(self.on_run_clicked)
        self.leave_button.clicked.connect(self.back_wanted)

    def show_model(self, model: HistoryModel) -> None:
        """Show the times as they stand; what was chosen stays chosen."""
        chosen, shown, self._model = self.chosen_time, self._model, model
        if list(model.times) != list(shown.times):
            self._table.put(model.times)
            self.view.lay_out(self._columns)
            at = next((at for at, told in enumerate(model.times) if told == chosen), 0)
            if model.times:
                self.view.choose(at)
        self.on_row_changed()

    @property
    def chosen_time(self) -> OccurrenceView | None:
        """The time that is chosen."""
        row = self.view.currentIndex().row()
        return self._table.row(row) if row >= 0 else None

    @Slot()
    def on_row_changed(self) -> None:
        """Another time is chosen: the whole of it in words, and whether it can be made up for."""
        told = self.chosen_time
        action, reason = (None, None) if told is None else self._model.make_up(told)
        for part in (self.view, self.chosen):
            part.setVisible(bool(self._model.times))
        self.message.say(Tone.QUIET, "" if self._model.times else NOTHING_YET)
        self.chosen.setText("" if told is None else history_line(told))
        self.run_button.setVisible(told is not None)
        obstacle = (NOT_CHOSEN if told is None else NOT_MISSED) if action is None else reason
        bar(self.run_button, obstacle, "Begins with the step before OK.")

    @Slot()
    def on_run_clicked(self) -> None:
        """The missed time is to be made up for."""
        told = self.chosen_time
        action = None if told is None else self._model.make_up(told)[0]
        if action is not None:
            self.action_chosen.emit(action)

    def default_button(self) -> QPushButton | None:
        """Back: nothing is begun by a stray Enter."""
        return self.leave_button

    def back_button(self) -> QPushButton | None:
        """Back."""
        return self.leave_button

    def first_focus(self) -> QWidget | None:
        """The list, or Back where it is empty."""
        return self.view if self._model.times else self.leave_button


class TimesHistory(QObject):
    """Puts the page over the one that is shown, and keeps it up to date. Lives in the window's thread.

    Signals: `action_chosen(Action)` when a missed time is to be made up for; `refused(str)` with a reason in words;
    `failed(object)` with an unexpected error.
    """

    action_chosen = Signal(Action)
    refused = Signal(str)
    failed = Signal(object)

    def __init__(self, services: Services, middle: Middle, parent: QObject) -> None:
        super().__init__(parent)
        self._services = services
        self._asking = Asking(services, self)
        self._middle = middle
        self.page = HistoryPage(services.family)
        middle.add(self.page)
        self.page.back_wanted.connect(middle.show_below)
        self.page.action_chosen.connect(self.on_action_chosen)

    @Slot()
    def show(self) -> None:
        """Show the page."""
        if not self._asking.is_busy:
            self._asking.ask("times", self._read, self.on_read)

    @Slot()
    def refresh(self) -> None:
        """Something scheduled may have changed."""
        if self._middle.over is self.page:
            self.show()

    @Slot(object)
    def on_read(self, ended: Ended) -> None:
        """The times are there, or cannot be told."""
        if isinstance(ended.error, KnownError):
            self.refused.emit(str(ended.error))
        elif ended.error is not None:
            self.failed.emit(ended.error)
        else:
            self.page.show_model(ended.value)
            self._middle.show_over(self.page)

    def shut_down(self, seconds: float) -> bool:
        """At the end of the program: wait for what was asked; whether it is answered."""
        return self._asking.wait(seconds)

    @Slot(Action)
    def on_action_chosen(self, action: Action) -> None:
        """To the step before OK, by way of the page below."""
        self._middle.show_below()
        self.action_chosen.emit(action)

    def _read(self) -> HistoryModel:
        services, family = self._services, self._services.family
        times, held = services.times.history(MOST), services.times.active()
        latest, situation = services.queries.latest_run(family.key), services.operator.situation(family.key)

        def make_up(told: OccurrenceView) -> tuple[Action | None, str | None]:
            if not is_still_missed(told, latest):
                return None, None
            action = makes_up_for(told, held)
            return action, why_not(action, situation, family)

        return HistoryModel(times, make_up)
