"""Leads through Confirm dissents: what is known, the reading back with Stop, what was found."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QWidget

from app.domain.errors import KnownError, Refused
from app.domain.read_back import ReadBack
from app.engine.control import StopToken
from app.engine.lists import ListQuery, OfWorklist, Worklist
from app.ui.background import BackgroundCall, Ended
from app.ui.front.work_sheet import WorkSheet
from app.ui.help.help_desk import HelpDesk
from app.ui.reports.confirm_sheet import MOST_NAMED, ConfirmSheet, Known
from app.ui.reports.sheet_flow import SheetFlow
from app.ui.services import Confirmer, Services

STOPPING = "Stopping. What was found until now is kept…"
_LOOK_MS = 1000
"""How often it is asked whether names may still be seen: a session ends without a word."""


class ConfirmFlow(SheetFlow[ConfirmSheet]):
    """Lives in the window's thread. Signals as of `SheetFlow`, and `group_wanted(ListQuery)` with whom to keep as a
    group; `confirmed()` when a pass has ended.
    """

    group_wanted = Signal(ListQuery)
    confirmed = Signal()

    def __init__(self, services: Services, help_desk: HelpDesk, window: QWidget, parent: QObject) -> None:
        super().__init__(help_desk, window, parent)
        self._services = services
        self._names_seen = False
        self._look = QTimer(self, interval=_LOOK_MS)
        self._look.timeout.connect(self.on_look)

    @Slot()
    def show(self) -> None:
        """Confirm dissents was asked for."""
        if self.sheet is not None:
            return
        sheet = ConfirmSheet(self._services.requests_per_second, self._window)
        sheet.confirm_wanted.connect(self.on_confirm_wanted)
        sheet.group_wanted.connect(self.on_group_wanted)
        self._look.start()
        self.open_sheet(sheet)
        self._read()

    @Slot()
    def on_confirm_wanted(self) -> None:
        """Confirm dissents was pressed: done before the dialog, with Stop."""
        confirmer, token = self._services.confirmer, StopToken()
        work = WorkSheet(
            "Confirming dissents",
            lambda progress: confirmer.confirm(token, progress),
            self.sheet,
            gives_up="Stop",
            giving_up=STOPPING,
        )
        self.open_work(work, self.on_confirmed)

    @Slot()
    def on_confirmed(self) -> None:
        """A pass has ended: show what it found."""
        self._read()
        self.confirmed.emit()

    @Slot()
    def on_group_wanted(self) -> None:
        """Keep those whose dissent is not on the Spine as a group, for a Rerun."""
        if self.sheet is not None:
            self.sheet.dismiss()
        self.group_wanted.emit(ListQuery(OfWorklist(Worklist.DISSENT_NOT_SENT)))

    @Slot()
    def on_sheet_finished(self) -> None:
        """The dialog is closed."""
        self._look.stop()
        super().on_sheet_finished()

    @Slot()
    def on_look(self) -> None:
        """Somebody signed in or out, or a session has ended."""
        may_see = self._services.patients.why_not() is None
        if may_see is not self._names_seen and self.sheet is not None:
            self.sheet.hide_names()
            self._read()

    @Slot(object)
    def on_read(self, ended: Ended) -> None:
        """It is known what to show."""
        if isinstance(ended.error, KnownError):
            self.refused.emit(str(ended.error))
        elif ended.error is not None or ended.vanished:
            self.failed.emit(ended.error or RuntimeError("a read ended without telling how"))
        elif self.sheet is not None:
            self.sheet.show_known(ended.value, self._services.confirmer.why_not())

    def _read(self) -> None:
        confirmer = self._services.confirmer
        self._names_seen = self._services.patients.why_not() is None
        BackgroundCall("dissents read back", lambda: known_of(confirmer), self).ended.connect(self.on_read)

    def shut_down(self, seconds: float) -> bool:
        """At the end of the program: stop what is under way; whether it is over."""
        self._look.stop()
        over = [one.wait(seconds) for one in self.findChildren(BackgroundCall)]
        return all([super().shut_down(seconds), *over])


def known_of(confirmer: Confirmer) -> Known:
    """What is known now; without the right nobody is named."""
    latest = confirmer.latest()
    to_confirm = confirmer.to_confirm()
    if latest is None:
        return Known(None, to_confirm, (), ())
    try:
        gone = confirmer.named(latest, ReadBack.OTHERWISE, MOST_NAMED)
        unread = confirmer.named(latest, ReadBack.NOT_READ, MOST_NAMED)
    except Refused:
        return Known(latest, to_confirm, None, None)
    return Known(latest, to_confirm, gone, unread)
