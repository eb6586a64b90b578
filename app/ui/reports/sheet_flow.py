"""What a flow has open: its dialog and the work before it, each let go of once it is closed. One of each at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from app.ui.front.sheet import Sheet
from app.ui.front.work_sheet import WorkSheet
from app.ui.help.help_desk import HelpDesk
from app.ui.help.topics import REPORTS

SomeSheet = TypeVar("SomeSheet", bound=Sheet)


class SheetFlow(QObject, Generic[SomeSheet]):
    """Lives in the window's thread. `sheet` and `work` are what is open, None where nothing is.

    Signals: `refused(str)` with a reason in words; `failed(object)` with an unexpected error.
    """

    refused = Signal(str)
    failed = Signal(object)

    def __init__(self, help_desk: HelpDesk, window: QWidget, parent: QObject) -> None:
        super().__init__(parent)
        self._help = help_desk
        self._window = window
        self.sheet: SomeSheet | None = None
        self.work: WorkSheet | None = None

    def open_sheet(self, sheet: SomeSheet) -> None:
        """Show this dialog, with its page of the help."""
        sheet.finished.connect(self.on_sheet_finished)
        self._help.serve(sheet, REPORTS)
        self.sheet = sheet
        sheet.open()

    def open_work(self, work: WorkSheet, succeeded: Callable[..., object]) -> None:
        """Show how far this work is, and call `succeeded` with what came of it; what else can come of it is told."""
        work.succeeded.connect(succeeded)
        work.refused.connect(self.refused)
        work.failed.connect(self.failed)
        work.finished.connect(self.on_work_finished)
        self._help.serve(work, REPORTS)
        self.work = work
        work.open()

    @Slot()
    def on_sheet_finished(self) -> None:
        """The dialog is closed."""
        if self.sheet is not None:
            self.sheet.deleteLater()
            self.sheet = None

    @Slot()
    def on_work_finished(self) -> None:
        """The work is over, however it ended."""
        if self.work is not None:
            self.work.deleteLater()
            self.work = None

    def shut_down(self, seconds: float) -> bool:
        """At the end of the program: give up what is under way; whether it is over."""
        return self.work is None or self.work.wait(seconds)
