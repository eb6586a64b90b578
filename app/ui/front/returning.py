"""Where the server of a shared practice is out of reach: it is looked for until it is back, and nobody has to press."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.domain.errors import DatabaseAway
from app.ui.background import Ended
from app.ui.front.long_task import LongTask
from app.ui.front.ports import PortOf

LOOK_AGAIN_MS = 5_000


class Returning(QObject):
    """Lives in the window's thread. Signals: `found(object)` with a folder whose practice is worth another try."""

    found = Signal(object)

    def __init__(self, port_of: PortOf, parent: QObject) -> None:
        super().__init__(parent)
        self._port_of = port_of
        self._folder: Path | None = None
        self._looked_for: Path | None = None
        self._task: LongTask | None = None
        self._again = QTimer(self, interval=LOOK_AGAIN_MS, singleShot=True)
        self._again.timeout.connect(self.on_look)

    def look_for(self, folder: Path | None) -> None:
        """Look for this folder's server from now on; None for nobody's any more."""
        self._folder = folder
        if folder is None:
            self._again.stop()
        else:
            self._again.start()

    @Slot()
    def on_look(self) -> None:
        """Look whether it is back, unless an earlier look has not ended yet."""
        if self._folder is None or self._task is not None:
            return
        self._looked_for = self._folder
        self._task = LongTask("looking for a server", self._port_of(self._folder).find_database, self)
        self._task.ended.connect(self.on_looked)

    @Slot(object)
    def on_looked(self, ended: Ended) -> None:
        """It is back, or is there and something else is wrong, of which opening tells; or it is still away."""
        self._task = None
        folder = self._folder
        if folder is None:
            return
        if folder != self._looked_for or isinstance(ended.error, DatabaseAway):
            self._again.start()
            return
        self.look_for(None)
        self.found.emit(folder)

    def shut_down(self, seconds: float) -> bool:
        """At the end of the program: look no more; whether the look under way is over."""
        self.look_for(None)
        return self._task is None or self._task.wait(seconds)
