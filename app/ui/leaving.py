"""Closing the window: asks first, stops what runs, and does not stay for an answer that is long in coming."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QAbstractButton, QMessageBox

from app.ui.messages import Messages
from app.ui.run_controller import RunController

STAY = "Stay in the background"
_QUESTION = "Are you sure you want to exit the application?"

_PATIENCE_MS = 5000
"""A window that is to close waits no longer than this for the messages under way (faults, row 44)."""


class Leaving(QObject):
    """Lives in the window's thread.

    Signals: `stays()` when the window is to wait out of sight for what is scheduled; `ready()` when nothing is under
    way any more, or has taken too long, and the window may close.
    """

    stays = Signal()
    ready = Signal()

    def __init__(self, runs: RunController, messages: Messages, parent: QObject) -> None:
        super().__init__(parent)
        self._runs = runs
        self._messages = messages
        self._is_going = False
        self._patience = QTimer(self, interval=_PATIENCE_MS, singleShot=True)
        self._patience.timeout.connect(self.ready)
        runs.left.connect(self.on_left)

    @Slot()
    def ask(self) -> None:
        """The window is to be closed: ask first, unless it is about to close anyway.

        Where something is to begin by itself, staying is offered instead.
        """
        if self._is_going:
            return
        detail, waits = self._runs.leaving_means()
        box = self._messages.ask(_QUESTION, detail, STAY if waits else "")
        box.finished.connect(self.on_answered)
        box.buttonClicked.connect(self.on_button)

    @Slot()
    def go(self) -> None:
        """Close, and stop a live run first."""
        if self._runs.leave():
            self._is_going = True
            self._patience.start()
        else:
            self.ready.emit()

    @Slot(QAbstractButton)
    def on_button(self, button: QAbstractButton) -> None:
        """Staying was chosen instead."""
        if button.text() == STAY:
            self.stays.emit()

    @Slot(int)
    def on_answered(self, answer: int) -> None:
        """Yes closes."""
        if answer == QMessageBox.StandardButton.Yes.value:
            self.go()

    @Slot()
    def on_left(self) -> None:
        """The run has stopped; the window may have gone without waiting for it."""
        if self._patience.isActive():
            self._patience.stop()
            self.ready.emit()
