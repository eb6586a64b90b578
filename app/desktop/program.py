"""Which practice is open in the window, and the way from one to another: each is closed before the next is opened."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QMessageBox

from app.clock import SystemClock
from app.config import SettingsError, load_settings
from app.desktop.closing import Closing, take_apart
from app.desktop.instance import Instance, raise_first
from app.desktop.practice_window import PracticeWindow
from app.desktop.report import program_version, report_of
from app.desktop.trouble import trouble_of
from app.desktop.waiting import Opener, Opening, opener_of
from app.domain.errors import BadInput, DatabaseDamaged, Refused
from app.engine.long_work import WorkState
from app.ui import dialogs
from app.ui.background import BackgroundCall, Ended
from app.ui.error_dialog import ErrorDialog
from app.ui.frame_model import PRODUCT
from app.ui.front.memory import RecentPractice, WindowMemory
from app.ui.front.ports import FolderPort
from app.ui.front.told import words_of
from app.ui.front.welcome_controller import WelcomeController

if TYPE_CHECKING:
    from app.desktop.opening import OpenedPractice

OK, WRONG_USE, REFUSED = 0, 2, 4
"""The exit codes that the commands have too."""

NO_PRACTICE = "There is no practice in the folder {folder}. Import a list into it, or choose another folder."
ELSEWHERE = "That practice is open in another window, which was asked to come to the front."

_END_SECONDS = 80.0


class Program(QObject):
    """Lives in the window's thread. Signals: `over(int)` with the exit code, when nothing is under way any more.

    Where nobody can see a window (`is_seen` is False) what keeps a practice from being opened is written to stderr, and
    ends the program.
    """

    over = Signal(int)

    def __init__(
        self, folder: Path, memory: WindowMemory, opener: Opener | None = None, *, is_seen: bool = True
    ) -> None:
        super().__init__()
        self._folder = folder
        self._memory = memory
        self._opener = opener
        self._is_seen = is_seen
        self._clock = SystemClock()
        self._instance: Instance | None = None
        self._opening: Opening | None = None
        self._closing: Closing | None = None
        self._then: Callable[[], None] | None = None
        self._is_ending = False
        self._code = OK
        self.practice: PracticeWindow | None = None
        self._welcome: WelcomeController | None = None
        self.error: ErrorDialog | None = None
        self._box: QMessageBox | None = None

    @property
    def welcome(self) -> WelcomeController:
        """The window for the times without a practice, made when it is first needed."""
        if self._welcome is None:
            about = f"Version {program_version()}"
            self._welcome = WelcomeController(self.port_of, self._memory, self._folder, about, self)
            self._welcome.open_wanted.connect(self.open)
            self._welcome.close_wanted.connect(self.end)
            self._welcome.failed.connect(self.show_error)
        return self._welcome

    # --- opening ------------------------------------------------------------------------------------------------

    @Slot()
    def begin(self) -> None:
        """Open the practice of the folder, or have another program's window of it come to the front."""
        instance = self._new_instance(self._folder)
        if instance.claim():
            self._enter(instance, self._opener)
            return
        try:
            raise_first(self._folder)
        except Refused as fault:
            self._explain(str(fault), REFUSED)
        else:
            self.over.emit(OK)

    @Slot(object)
    def open(self, folder: Path) -> None:
        """Open the practice of this folder, and close the one that is open first."""
        if self._opening is not None or self._closing is not None:
            return
        held = self._instance
        instance = held if held is not None and held.folder == folder else self._new_instance(folder)
        if instance is not held and not instance.claim():
            call = BackgroundCall("raise another window", lambda: raise_first(folder), self)
            call.ended.connect(self.on_raised_elsewhere)
            return
        self._leave(lambda: self._enter(instance, None))

    def _new_instance(self, folder: Path) -> Instance:
        instance = Instance(folder, self)
        instance.raise_wanted.connect(self.on_raise_wanted)
        return instance

    def _enter(self, instance: Instance, opener: Opener | None) -> None:
        """Begin to open the practice of the folder that was claimed."""
        if self._instance is not None and self._instance is not instance:
            self._instance.release()
        self._instance, folder = instance, instance.folder
        try:
            settings = load_settings(folder)
        except SettingsError as fault:
            self._show_trouble(fault)
            return
        if opener is None and not settings.database_url and not settings.database_file.exists():
            self._show_trouble(DatabaseDamaged(NO_PRACTICE.format(folder=folder)))
            return
        self._opening = Opening(opener or opener_of(folder), self)
        self._opening.takes_long.connect(self.on_opening_takes_long)
        self._opening.opened.connect(self.on_opened)
        self._opening.failed.connect(self.on_not_opened)
        self._opening.given_up.connect(self.on_given_up)

    @Slot(object)
    def on_opening_takes_long(self, state: WorkState) -> None:
        """It takes a while: say what is being done."""
        if self._is_seen and not self._is_ending:
            self.welcome.show_work(f"Opening {self._opened_folder}", state)

    @Slot(object)
    def on_opened(self, opened: OpenedPractice) -> None:
        """The practice is open."""
        self._opening = None
        self._show(opened)

    @Slot(object)
    def on_not_opened(self, error: BaseException) -> None:
        """The practice could not be opened."""
        self._opening = None
        if self._is_ending:
            self._finish()
        else:
            self._show_trouble(error)

    @Slot()
    def on_given_up(self) -> None:
        """Nobody waits for the practice any more."""
        self._opening = None
        self._finish()

    def _show(self, opened: OpenedPractice) -> None:
        self.practice = PracticeWindow(opened, self.port_of, self._memory, self)
        # Queued: the window is taken apart for it, and must not be in the middle of telling something then.
        later = Qt.ConnectionType.QueuedConnection
        self.practice.closed.connect(self.end, later)
        self.practice.open_wanted.connect(self.open, later)
        self.practice.other_wanted.connect(self.on_other_wanted, later)
        self.practice.damaged.connect(self.on_damaged, later)
        if self._is_ending:
            self._leave(self._finish)
            return
        self.practice.show()
        if self._welcome is not None:
            self._welcome.hide()
        info = opened.product.practice
        name = ", ".join(filter(None, (info.name, info.ods_code)))
        self._memory.remember(RecentPractice(opened.folder, name, self._clock.now()))

    @property
    def _opened_folder(self) -> Path:
        return self._instance.folder if self._instance is not None else self._folder

    def port_of(self, folder: Path) -> FolderPort:
        """What can be done for a folder."""
        # Loaded when it is needed, not before the window shows.
        from app.desktop.front_ports import folder_port

        opened = self.practice.opened if self.practice is not None else None
        if opened is None or opened.folder != folder:
            return folder_port(folder)
        return folder_port(folder, opened.product.settings, own_spine=opened.own_spine)

    # --- trouble ------------------------------------------------------------------------------------------------

    def _show_trouble(self, error: BaseException) -> None:
        words = words_of(error)
        if not words:
            self.show_error(error)
            words = "The practice could not be opened: the program met an error it did not expect."
        if not self._is_seen:
            self._explain(words, WRONG_USE if isinstance(error, SettingsError | BadInput) else REFUSED)
            return
        self.welcome.show_welcome(trouble_of(error, words, self._opened_folder))

    def _explain(self, words: str, code: int) -> None:
        """Say why there is no window, on the terminal and, where somebody can see it, in a box; then end."""
        self._is_ending, self._code = True, code
        sys.stderr.write(f"{words}\n")
        if not self._is_seen:
            self._finish()
            return
        self._box = dialogs.tell(None, PRODUCT, words, warns=True)
        self._box.finished.connect(self._finish)

    @Slot(object)
    def on_damaged(self, error: BaseException) -> None:
        """The practice that is open is not whole: it is closed, and its backup offered, where there can be one."""
        self._leave(lambda: self._show_trouble(error))

    @Slot(object)
    def on_raised_elsewhere(self, ended: Ended) -> None:
        """The other window came to the front, or why not."""
        front = self.practice.front.front if self.practice is not None else self.welcome.front
        front.refuse(words_of(ended.error) or ELSEWHERE)

    @Slot(object)
    def show_error(self, error: BaseException) -> None:
        """An error nobody expected, told in plain words."""
        if self.practice is not None:
            self.practice.screen.messages.show_error(error)
        elif self.error is None and self._is_seen:
            self.error = ErrorDialog(report_of(error, self._clock.now(), "none"), self.welcome.window)
            self.error.finished.connect(self.on_error_read)
            self.error.open()

    @Slot()
    def on_error_read(self) -> None:
        """The error dialog is closed."""
        self.error = None

    # --- leaving ------------------------------------------------------------------------------------------------

    @Slot()
    def on_other_wanted(self) -> None:
        """The welcome page is wanted in the place of the practice."""
        self._leave(self.welcome.show_welcome)

    @Slot()
    def end(self) -> None:
        """Nobody wants a window any more: close what is open, then tell that it is over."""
        if self._is_ending:
            return
        self._is_ending = True
        if self._opening is not None:
            self._opening.cancel()
        else:
            self._leave(self._finish)

    @Slot()
    def on_asked_to_end(self) -> None:
        """The system, or Ctrl-C, wants the program to end."""
        if self.practice is not None and not self._is_ending:
            self.practice.screen.leaving.go()
        else:
            self.end()

    def _leave(self, then: Callable[[], None]) -> None:
        """Close the practice that is open, if one is, off this thread; then go on."""
        practice = self.practice
        if practice is None:
            then()
            return
        if not self._is_ending:
            self.welcome.show_work("", WorkState("Closing the practice"))
        self.practice, self._then = None, then
        self._closing = Closing(practice, self)
        self._closing.closed.connect(self.on_left)

    @Slot()
    def on_left(self) -> None:
        """The practice is closed."""
        self._closing = None
        then, self._then = self._then, None
        if then is not None:
            then()

    @Slot()
    def _finish(self) -> None:
        """Nothing is under way any more."""
        if self._instance is not None:
            self._instance.release()
        self.over.emit(self._code)

    @Slot()
    def on_raise_wanted(self) -> None:
        """The program was started once more: its window is this one."""
        window = self.practice.screen.window if self.practice is not None else self.welcome.window
        if window.isMinimized():
            window.showNormal()
        window.show()
        window.raise_()
        window.activateWindow()

    @Slot()
    def on_system_event(self) -> None:
        """The computer has woken, was unlocked, or has its network again: is anything due?"""
        if self.practice is not None:
            self.practice.screen.schedule.wake()

    def dispose(self) -> None:
        """At the very end, whatever brought it: stop and wait for what is under way, and let go of the windows."""
        if self._opening is not None:
            self._opening.cancel()
            self._opening.wait(_END_SECONDS)
        if self._closing is not None:
            self._closing.wait(_END_SECONDS)
        if self.practice is not None:
            practice, self.practice = self.practice, None
            take_apart(practice)
            practice.opened.close()
        if self._welcome is not None:
            self._welcome.shut_down(_END_SECONDS)
            self._welcome.dispose()
            self._welcome = None
        if self._instance is not None:
            self._instance.release()
