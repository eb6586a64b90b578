"""What is put around the window of an open practice: the menu Practice, its dialogs, what the window remembers."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QMessageBox

from app.engine.rights import Right, Rights
from app.ui import dialogs
from app.ui.frame_model import PRODUCT
from app.ui.front.export_flow import ExportFlow
from app.ui.front.front_controller import FrontController
from app.ui.front.memory import WindowMemory
from app.ui.front.ports import PortOf
from app.ui.front.practice_menu import PracticeMenu
from app.ui.front.rehearsal_flow import RehearsalFlow
from app.ui.screen import Screen

_BUSY = "A run or a sign-in is under way. Press Stop or wait until it has ended, then choose another practice."


LEAVE_QUESTION = "Something is scheduled in this practice. Do you want to leave it?"
LEAVE_DETAIL = (
    "Nothing begins by itself while another practice is open: a time that passes then is recorded as missed. What is "
    "scheduled stays, and is looked after again once this practice is open."
)


class PracticeFront(QObject):
    """Lives in the window's thread, as long as its screen.

    Signals: `open_wanted(object)` with the folder of a practice that is to take this one's place; `other_wanted()` when
    the welcome page is to be shown; `failed(object)` with an unexpected error.
    """

    open_wanted = Signal(object)
    other_wanted = Signal()
    failed = Signal(object)

    def __init__(
        self,
        screen: Screen,
        rights: Rights,
        port_of: PortOf,
        memory: WindowMemory,
        folder: Path,
    ) -> None:
        super().__init__(screen)
        self._screen = screen
        self._rights = rights
        self._memory = memory
        self._leaving_for: Path | None = None
        self.folder = folder
        self.question: QMessageBox | None = None
        window = screen.window
        self.front = FrontController(window, port_of, folder, screen.help, is_open=True)
        self.export = ExportFlow(self.front, self._who_takes, window)
        self.rehearsal = RehearsalFlow(self.front, port_of, window)
        self.menu = PracticeMenu(window, self.front, self.export)
        self.menu.rehearse.triggered.connect(self.on_rehearsal_wanted)
        self.rehearsal.prepared.connect(self.on_open_wanted)
        self.menu.other.triggered.connect(self.on_other_wanted)
        self.front.open_wanted.connect(self.on_open_wanted)
        self.front.changed.connect(screen.runs.refresh)
        self.front.failed.connect(self.failed)
        memory.restore(window, folder)

    def remember(self) -> None:
        """Keep where the window stands now."""
        self._memory.save(self._screen.window, self.folder)

    def may_be_left(self) -> bool:
        """Whether another practice may be opened now; if not, it is said why."""
        if self._screen.runs.is_live or self._screen.card.is_busy:
            self.front.refuse(_BUSY)
            return False
        return True

    def shut_down(self, seconds: float) -> bool:
        """Whether everything that was begun from here is over."""
        return self.front.shut_down(seconds)

    @Slot()
    def on_other_wanted(self) -> None:
        """Another practice is to be chosen."""
        self._leave_for(None)

    @Slot()
    def on_rehearsal_wanted(self) -> None:
        """A rehearsal was asked for."""
        if self.may_be_left():
            self.rehearsal.begin(self.folder)

    @Slot(object)
    def on_open_wanted(self, folder: Path) -> None:
        """A practice is to take this one's place, or this one is to be opened again."""
        self._leave_for(folder)

    def _leave_for(self, folder: Path | None) -> None:
        """Leave for the practice of this folder, or for the welcome page; ask first where something is scheduled."""
        if not self.may_be_left():
            return
        self._leaving_for = folder
        if folder == self.folder or not self._screen.runs.has_schedule:
            self._leave()
            return
        self.question = dialogs.ask(self._screen.window, PRODUCT, LEAVE_QUESTION, detail=LEAVE_DETAIL)
        self.question.finished.connect(self.on_leave_answered)

    @Slot(int)
    def on_leave_answered(self, answer: int) -> None:
        """Yes leaves."""
        if answer == QMessageBox.StandardButton.Yes.value:
            self._leave()

    def _leave(self) -> None:
        if self._leaving_for is None:
            self.other_wanted.emit()
        else:
            self.open_wanted.emit(self._leaving_for)

    def _who_takes(self) -> str:
        return self._rights.require(Right.SEE_NAMES).user_name
