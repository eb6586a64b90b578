"""What the window says and asks in boxes of their own: one place, so that whoever refuses needs to know no window."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QSize, Slot
from PySide6.QtWidgets import QMessageBox, QWidget

from app.ui import dialogs
from app.ui.error_dialog import ErrorDialog
from app.ui.frame_model import PRODUCT
from app.ui.icons import program_icon

_ABOUT_ICON = QSize(64, 64)


class Messages(QObject):
    """Lives in the window's thread. `box` is what was said or asked last, `error` the error dialog while it is open.

    `report_of` turns an unexpected error into lines that name no patient.
    """

    def __init__(self, window: QWidget, report_of: Callable[[BaseException], str], parent: QObject) -> None:
        super().__init__(parent)
        self._window = window
        self._report_of = report_of
        self.box: QMessageBox | None = None
        self.error: ErrorDialog | None = None

    def tell(self, words: str) -> QMessageBox:
        """Say something that has gone as it should."""
        self.box = dialogs.tell(self._window, PRODUCT, words)
        return self.box

    @Slot(str)
    def refuse(self, words: str) -> None:
        """Something cannot be done: the reason."""
        self.box = dialogs.tell(self._window, PRODUCT, words, warns=True)

    def ask(self, question: str, detail: str, instead: str = "") -> QMessageBox:
        """Ask a question with Yes and No; the box answers by its signals, see `dialogs.ask`."""
        self.box = dialogs.ask(self._window, PRODUCT, question, detail=detail, instead=instead)
        return self.box

    def tell_about(self, version: str, detail: str) -> None:
        """Say which program this is."""
        title = f"About {PRODUCT}"
        self.box = dialogs.tell(self._window, title, f"{PRODUCT}, version {version}", detail=detail)
        self.box.setIconPixmap(program_icon().pixmap(_ABOUT_ICON))

    @Slot(object)
    def show_error(self, error: BaseException) -> None:
        """An error nobody expected, told in plain words; one that is shown already stands for those after it."""
        if self.error is None:
            self.error = ErrorDialog(self._report_of(error), self._window)
            self.error.finished.connect(self.on_error_read)
            self.error.open()

    @Slot()
    def on_error_read(self) -> None:
        """The error dialog is closed."""
        self.error = None
