"""Python's garbage collected in the window's thread alone.

Qt's objects must be taken apart in the thread they live in. Left to itself the collector runs in whichever thread makes
the next object, and a window's remains would now and then be taken apart by a worker: the program would crash.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer, Slot

_LOOK_MS = 500


class Collector(QObject):
    """Collects as often as Python would, but here. Lives in the window's thread, of which there is one."""

    def __init__(self) -> None:
        super().__init__()
        self._was_enabled = gc.isenabled()
        gc.disable()
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self.on_look)
        self._timer.start()

    @Slot()
    def on_look(self) -> None:
        """Collect the generations that have grown beyond what Python allows them."""
        for generation, (grown, allowed) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True)):
            if grown <= allowed:
                break
            gc.collect(generation)

    def restore(self) -> None:
        """Leave it to Python again."""
        self._timer.stop()
        if self._was_enabled:
            gc.enable()
