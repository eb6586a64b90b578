"""Where a practice cannot be opened because its database is damaged: its newest whole backup is found and offered."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QMessageBox, QWidget

from app.ui import dialogs
from app.ui.background import Ended
from app.ui.formatting import moment
from app.ui.frame_model import PRODUCT
from app.ui.front.front_controller import FrontController
from app.ui.front.long_task import LongTask
from app.ui.front.ports import BackupChoice, PortOf
from app.ui.front.welcome_model import RESTORE_DETAIL, RESTORE_QUESTION, Trouble


class Rescue(QObject):
    """One folder's trouble at a time. Lives in the window's thread.

    Signals: `changed(object)` with the `Trouble` as it is known now; `restored(object)` with the folder whose practice
    can be opened again.
    """

    changed = Signal(object)
    restored = Signal(object)

    def __init__(self, port_of: PortOf, front: FrontController, window: QWidget) -> None:
        super().__init__(window)
        self._port_of = port_of
        self._front = front
        self._window = window
        self._trouble: Trouble | None = None
        self._task: LongTask | None = None
        self.question: QMessageBox | None = None

    def begin(self, trouble: Trouble) -> None:
        """Show this trouble; where a backup helps, look for one."""
        self._trouble = trouble
        if trouble.looks_for_backup and self._task is None:
            self._task = LongTask("looking for a backup", self._port_of(trouble.folder).newest_backup, self)
            self._task.ended.connect(self.on_looked)
        self.changed.emit(trouble)

    @Slot(object)
    def on_looked(self, ended: Ended) -> None:
        """All backups were looked at, or the first whole one was found."""
        self._task = None
        if self._trouble is not None:
            found = ended.value if isinstance(ended.value, BackupChoice) else None
            self._trouble = replace(self._trouble, backup=found, looks_for_backup=False)
            self.changed.emit(self._trouble)

    @Slot()
    def on_restore_wanted(self) -> None:
        """The backup is to take the database's place: ask first."""
        trouble = self._trouble
        if trouble is None or trouble.backup is None:
            return
        words = RESTORE_QUESTION.format(when=moment(trouble.backup.made_at))
        self.question = dialogs.ask(self._window, PRODUCT, words, detail=RESTORE_DETAIL)
        self.question.finished.connect(self.on_answered)

    @Slot(int)
    def on_answered(self, answer: int) -> None:
        """Yes goes back to it."""
        trouble = self._trouble
        if answer != QMessageBox.StandardButton.Yes.value or trouble is None or trouble.backup is None:
            return
        port, copy = self._port_of(trouble.folder), trouble.backup.path
        work = self._front.work("Going back to the backup", lambda progress: port.restore(copy, progress))
        work.succeeded.connect(self.on_restored)

    @Slot(object)
    def on_restored(self, words: str) -> None:
        """It is in place: say what that means, then open it."""
        self._front.tell(words)
        if self._front.message is not None:
            self._front.message.finished.connect(self.on_read)

    @Slot()
    def on_read(self) -> None:
        """What was done is read."""
        trouble, self._trouble = self._trouble, None
        if trouble is not None:
            self.restored.emit(trouble.folder)

    def shut_down(self, seconds: float) -> bool:
        """At the end of the program: give the looking up; whether it is over."""
        if self._task is None:
            return True
        self._task.cancel()
        return self._task.wait(seconds)
