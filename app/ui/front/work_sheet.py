"""The dialog that stands before the window while long work is done for it: how far it is, and Cancel."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from app.engine.long_work import Cancelled, WorkState
from app.ui.background import Ended
from app.ui.front.long_task import LongTask, Work
from app.ui.front.sheet import Sheet
from app.ui.front.told import words_of
from app.ui.front.work_bar import WorkBar
from app.ui.widgets import STEP, button

GIVING_UP = "Giving up. Nothing half done will be left behind…"
VANISHED = "The work ended without telling how. Look whether it was done before you do it again."


class WorkSheet(Sheet):
    """Begins its work at once, and closes when it is over. `gives_up` is on the button that ends it early.

    Signals, of which one comes: `succeeded(object)` with the work's result, `refused(str)` with the reason in words,
    `cancelled()`, `failed(object)` with an unexpected error.
    """

    succeeded = Signal(object)
    refused = Signal(str)
    cancelled = Signal()
    failed = Signal(object)

    def __init__(
        self, title: str, work: Work, parent: QWidget | None, *, gives_up: str = "Cancel", giving_up: str = GIVING_UP
    ) -> None:
        super().__init__(title, parent, width=120)
        self.bar = WorkBar()
        self.cancel_button = button(gives_up)
        self._giving_up = giving_up
        self.back = self.cancel_button
        self.content.addWidget(self.bar)
        self.content.addStretch(1)
        self.add_buttons(self.cancel_button)
        self.cancel_button.clicked.connect(self.on_cancel)
        self.resize(120 * STEP, 44 * STEP)
        self._task: LongTask | None = LongTask(title, work, self)
        self._task.progressed.connect(self.on_progressed)
        self._task.ended.connect(self.on_ended)

    @Slot()
    def on_cancel(self) -> None:
        """Cancel was pressed."""
        if self._task is not None:
            self._task.cancel()
            self.cancel_button.setEnabled(False)
            self.bar.show_words(self._giving_up)

    @Slot(object)
    def on_progressed(self, state: WorkState) -> None:
        """The work is a little further."""
        if self._task is not None and not self._task.is_cancelled:
            self.bar.show_state(state)

    @Slot(object)
    def on_ended(self, ended: Ended) -> None:
        """The work is over: close, then tell how."""
        self._task = None
        self.dismiss()
        if isinstance(ended.error, Cancelled):
            self.cancelled.emit()
        elif words := words_of(ended.error):
            self.refused.emit(words)
        elif ended.error is not None:
            self.failed.emit(ended.error)
        elif ended.vanished:
            self.refused.emit(VANISHED)
        else:
            self.succeeded.emit(ended.value)

    def wait(self, seconds: float) -> bool:
        """At the end of the program: give the work up and wait for its thread; whether it is over."""
        if self._task is None:
            return True
        self._task.cancel()
        return self._task.wait(seconds)
