"""Copying a patient's story for the record: asked about first, kept in the audit trail, then on the clipboard."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget

from app.domain.errors import KnownError
from app.ui import dialogs
from app.ui.background import BackgroundCall, Ended
from app.ui.formatting import moment
from app.ui.frame_model import PRODUCT
from app.ui.patients.story_page import StoryPage
from app.ui.patients.story_text import story_text
from app.ui.services import Stories

_QUESTION = "The text names 1 patient. Do you want to copy it?"
_DETAIL = (
    "Paste it into the patient's own record and nowhere else. Whoever uses this computer can paste it until something "
    "else is copied. That you took it is kept in the audit trail."
)
COPIED = "The story was copied. Paste it into the patient's record."


class StoryTaking(QObject):
    """Lives in the window's thread. Signals: `told(str)` once it is copied, `refused(str)` with a reason in words,
    `failed(object)` with an unexpected error. `question` is what was asked last.
    """

    told = Signal(str)
    refused = Signal(str)
    failed = Signal(object)

    def __init__(self, page: StoryPage, desk: Stories, window: QWidget, parent: QObject) -> None:
        super().__init__(parent)
        self._page = page
        self._desk = desk
        self._window = window
        self._patient: int | None = None
        self.question: QMessageBox | None = None

    def begin(self, patient_id: int) -> None:
        """Ask whether it is meant."""
        self._patient = patient_id
        self.question = dialogs.ask(self._window.window(), PRODUCT, _QUESTION, detail=_DETAIL)
        self.question.finished.connect(self.on_answered)

    @Slot(int)
    def on_answered(self, answer: int) -> None:
        """Yes: it goes into the trail first."""
        self.question = None
        patient_id, self._patient = self._patient, None
        if answer == QMessageBox.StandardButton.Yes.value and patient_id is not None and self._page.model is not None:
            desk, model = self._desk, self._page.model
            call = BackgroundCall("copy of a story", lambda: (model, desk.copy(patient_id)), self)
            call.ended.connect(self.on_noted)

    @Slot(object)
    def on_noted(self, ended: Ended) -> None:
        """It is in the trail, so it may be copied; the text is that of the moment it was asked for."""
        if isinstance(ended.error, KnownError):
            self.refused.emit(str(ended.error))
        elif ended.error is not None or ended.vanished:
            self.failed.emit(ended.error or RuntimeError("a note ended without telling how"))
        else:
            model, taken = ended.value
            words = f"Taken from {PRODUCT} on {moment(taken.at)} by {taken.by}."
            QApplication.clipboard().setText(story_text(model, words))
            self.told.emit(COPIED)
