"""Rehearsing on a copy of a practice: what that is, whether it is meant, and the copy opened once it is made."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QMessageBox, QWidget

from app.ui import dialogs
from app.ui.frame_model import PRODUCT
from app.ui.front.front_controller import FrontController
from app.ui.front.ports import PortOf

QUESTION = "Do you want to rehearse on a copy of this practice?"
DETAIL = (
    "The patients, their consent entries and groups are copied into a practice of its own, with a simulated Spine that "
    "knows them. Nothing that you do there reaches the real Spine or changes this practice."
)


class RehearsalFlow(QObject):
    """Lives in the window's thread. Signals: `prepared(object)` with the folder of the copy."""

    prepared = Signal(object)

    def __init__(self, front: FrontController, port_of: PortOf, window: QWidget) -> None:
        super().__init__(front)
        self._front = front
        self._port_of = port_of
        self._window = window
        self._folder = Path()
        self.question: QMessageBox | None = None

    @Slot(object)
    def begin(self, folder: Path) -> None:
        """Ask whether the practice of this folder is to be rehearsed on."""
        self._folder = folder
        self.question = dialogs.ask(self._window, PRODUCT, QUESTION, detail=DETAIL)
        self.question.finished.connect(self.on_answered)

    @Slot(int)
    def on_answered(self, answer: int) -> None:
        """Yes: make the copy."""
        if answer == QMessageBox.StandardButton.Yes.value:
            work = self._front.work("Copying the practice", self._port_of(self._folder).prepare_rehearsal)
            work.succeeded.connect(self.prepared)
