"""Taking the practice out as files: who may, that they name patients, where to, and that it is in the audit trail."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from app.domain.errors import Refused
from app.ui import dialogs
from app.ui.frame_model import PRODUCT
from app.ui.front.front_controller import FrontController

QUESTION = "The files name patients. Do you want to take them out of this program?"
DETAIL = (
    "Patients, consent, groups and the outcomes of the latest run are written as CSV files that anybody can open who "
    "gets hold of them. That you took them is kept in the audit trail."
)

WhoTakes = Callable[[], str]
"""The name of the signed-in person; raises `Refused` where nobody is, or the person may not see names."""


class ExportFlow(QObject):
    """One step after the other, each shown by a dialog. Lives in the window's thread."""

    def __init__(self, front: FrontController, who_takes: WhoTakes, window: QWidget) -> None:
        super().__init__(front)
        self._front = front
        self._who_takes = who_takes
        self._window = window
        self._who = ""
        self.question: QMessageBox | None = None
        self.chooser: QFileDialog | None = None

    @Slot()
    def on_wanted(self) -> None:
        """An export was asked for: may this person, and do they mean it?"""
        try:
            self._who = self._who_takes()
        except Refused as fault:
            self._front.refuse(str(fault))
            return
        self.question = dialogs.ask(self._window, PRODUCT, QUESTION, detail=DETAIL)
        self.question.finished.connect(self.on_answered)

    @Slot(int)
    def on_answered(self, answer: int) -> None:
        """Yes: where to?"""
        if answer != QMessageBox.StandardButton.Yes.value:
            return
        self.chooser = QFileDialog(self._window, "Folder for the files")
        self.chooser.setFileMode(QFileDialog.FileMode.Directory)
        self.chooser.setOption(QFileDialog.Option.ShowDirsOnly)
        self.chooser.fileSelected.connect(self.export_to)
        self.chooser.open()

    @Slot(str)
    def export_to(self, folder: str) -> None:
        """Write the files there."""
        port, who, out = self._front.port, self._who, Path(folder)
        work = self._front.work("Exporting the practice", lambda progress: port.export(out, who, progress))
        work.succeeded.connect(self.on_exported)

    @Slot(object)
    def on_exported(self, words: str) -> None:
        """The files are there."""
        self._front.tell(words)
