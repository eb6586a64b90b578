"""What is put around the window of an open practice: the menu Practice, its dialogs, what the window remembers."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from app.engine.rights import Right, Rights
from app.ui.front.export_flow import ExportFlow
from app.ui.front.front_controller import FrontController
from app.ui.front.memory import WindowMemory
from app.ui.front.ports import PortOf
from app.ui.front.practice_menu import PracticeMenu
from app.ui.front.rehearsal_flow import RehearsalFlow
from app.ui.screen import Screen

_BUSY = "A run or a sign-in is under way. Press Stop or wait until it has ended, then choose another practice."


class PracticeFront(QObject):
    """Lives in the window's thread, as long as its screen.

    Signals: `open_wanted(object)` with the folder of a practice that is to take this one's place; `other_wanted()` when
    the welcome page is to be shown; `failed(object)` with an unexpected error.
    """

    open_wanted = Signal(object)
    other_wanted = Signal()
    failed = Signal(object)

    def __init__(self, screen: Screen, rights: Rights, port_of: PortOf, memory: WindowMemory, folder: Path) -> None:
        super().__init__(screen)
        self._screen = screen
        self._rights = rights
        self._memory = memory
        self.folder = folder
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
        if self.may_be_left():
            self.other_wanted.emit()

    @Slot()
    def on_rehearsal_wanted(self) -> None:
        """A rehearsal was asked for."""
        if self.may_be_left():
            self.rehearsal.begin(self.folder)

    @Slot(object)
    def on_open_wanted(self, folder: Path) -> None:
        """A practice is to take this one's place, or this one is to be opened again."""
        if self.may_be_left():
            self.open_wanted.emit(folder)

    def _who_takes(self) -> str:
        return self._rights.require(Right.SEE_NAMES).user_name
