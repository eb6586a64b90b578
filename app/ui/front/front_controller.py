"""Opens the dialogs around a practice for one window, one at a time, and waits for what they have under way.

Which practice is open, and opening another, is the affair of whoever made this.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QMessageBox, QWidget

from app.ui import dialogs
from app.ui.frame_model import PRODUCT
from app.ui.front.connection_sheet import ConnectionSheet
from app.ui.front.demonstration_sheet import DemonstrationSheet
from app.ui.front.import_sheet import ImportSheet
from app.ui.front.log_window import LogWindow
from app.ui.front.ports import FolderPort, PortOf
from app.ui.front.settings_sheet import SettingsSheet
from app.ui.front.sheet import Sheet
from app.ui.front.work_sheet import WorkSheet
from app.ui.help.help_desk import HelpDesk
from app.ui.help.topics import PRACTICE

_SETTINGS_SAVED = "The settings are saved. They count from the next time the practice is opened."


class FrontController(QObject):
    """Lives in the window's thread; `folder` is that of the practice that is open, or of the one that could be.

    Signals: `open_wanted(object)` with the folder of a practice to open; `changed()` when the open practice's list is
    another; `failed(object)` with an unexpected error.
    """

    open_wanted = Signal(object)
    changed = Signal()
    failed = Signal(object)

    def __init__(self, window: QWidget, port_of: PortOf, folder: Path, help_desk: HelpDesk, *, is_open: bool) -> None:
        super().__init__(window)
        self._help = help_desk
        self._window = window
        self._port_of = port_of
        self._folder = folder
        self._is_open = is_open
        self.sheet: Sheet | None = None
        self._sheets: list[Sheet] = []
        self.log: LogWindow | None = None
        self.message: QMessageBox | None = None

    @property
    def port(self) -> FolderPort:
        """What can be done for the folder."""
        return self._port_of(self._folder)

    @Slot()
    def on_settings(self) -> None:
        """The settings were asked for."""
        sheet = SettingsSheet(self.port.settings(), self._window, can_reopen=self._is_open)
        sheet.saved.connect(self.on_settings_saved)
        sheet.failed.connect(self.failed)
        self._open(sheet)

    @Slot(bool)
    def on_settings_saved(self, opens_again: bool) -> None:
        """The settings are in the file."""
        if opens_again:
            self.open_wanted.emit(self._folder)
        elif self._is_open:
            self.tell(_SETTINGS_SAVED)

    @Slot()
    def on_connection(self) -> None:
        """A test of the connection was asked for."""
        sheet = ConnectionSheet(self.port.look_at_connection, self._window)
        sheet.settings_wanted.connect(self.on_settings)
        sheet.failed.connect(self.failed)
        self._open(sheet)

    @Slot()
    def on_log(self) -> None:
        """The log was asked for; one that is shown comes to the front."""
        if self.log is None:
            self.log = LogWindow(self.port.log_file, self._window)
        self.log.show()
        self.log.raise_()
        self.log.activateWindow()

    @Slot()
    def on_demonstration(self) -> None:
        """The demonstration was asked for."""
        sheet = DemonstrationSheet(self._port_of, demonstration_folder(self._folder), self._window)
        sheet.chosen.connect(self.open_wanted)
        sheet.failed.connect(self.failed)
        self._open(sheet)

    @Slot()
    def on_import(self) -> None:
        """A new practice from a list was asked for."""
        self._import_into(None if self.port.has_practice() else self._folder)

    @Slot(object)
    def on_import_here(self, folder: Path) -> None:
        """A list is to be imported where this folder says."""
        self._import_into(folder)

    def _import_into(self, suggested: Path | None) -> None:
        sheet = ImportSheet(self._port_of, suggested, self._window, update=False)
        sheet.imported.connect(self.open_wanted)
        sheet.failed.connect(self.failed)
        self._open(sheet)

    @Slot()
    def on_update(self) -> None:
        """The open practice is to be brought up to date from a newer list."""
        sheet = ImportSheet(self._port_of, self._folder, self._window, update=True)
        sheet.imported.connect(self.on_updated)
        sheet.failed.connect(self.failed)
        self._open(sheet)

    @Slot()
    def on_updated(self) -> None:
        """The open practice's list is another."""
        self.changed.emit()

    @Slot()
    def on_back_up(self) -> None:
        """A backup was asked for."""
        work = self.work("Making a backup", self.port.back_up)
        work.succeeded.connect(self.on_backed_up)

    @Slot(object)
    def on_backed_up(self, copy: Path) -> None:
        """The backup is made."""
        self.tell(
            f"The backup is made and was checked: {copy.name}.", f"It names patients. It is kept in {copy.parent}."
        )

    # --- for those who do more ----------------------------------------------------------------------------------

    def work(self, title: str, work: Callable[..., object]) -> WorkSheet:
        """Have long work done before the window; what becomes of it beyond an error is told by its signals."""
        sheet = WorkSheet(title, work, self._window)
        sheet.refused.connect(self.refuse)
        sheet.failed.connect(self.failed)
        self._open(sheet)
        return sheet

    def tell(self, words: str, detail: str = "") -> None:
        """Say something that went well."""
        self.message = dialogs.tell(self._window, PRODUCT, words, detail=detail)

    @Slot(str)
    def refuse(self, words: str) -> None:
        """Say why something was not done."""
        self.message = dialogs.tell(self._window, PRODUCT, words, warns=True)

    def shut_down(self, seconds: float) -> bool:
        """At the end, or before another practice is opened: give up what is under way; whether it is over."""
        if self.log is not None:
            self.log.close()
        # Each of them, also after one that did not end.
        over = [sheet.wait(seconds) for sheet in self._sheets]
        return all(over)

    def _open(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self._sheets.append(sheet)
        self._help.serve(sheet, PRACTICE)
        sheet.finished.connect(self.on_sheet_finished)
        sheet.open()

    @Slot()
    def on_sheet_finished(self) -> None:
        """A sheet is done with, and has nothing under way any more."""
        sheet = self.sender()
        if isinstance(sheet, Sheet):
            self._sheets.remove(sheet)
            sheet.deleteLater()


def demonstration_folder(folder: Path) -> Path:
    """Where the demonstration is offered: beside a practice, never in its place."""
    return folder / "demonstration"
