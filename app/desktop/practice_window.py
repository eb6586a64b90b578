"""One open practice in its window: the screen, what is put around it, and the check that the actions wait for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from app.desktop.checking import CheckedOperator
from app.engine.long_work import Cancelled
from app.ui.background import Ended
from app.ui.front.long_task import LongTask
from app.ui.front.memory import WindowMemory
from app.ui.front.ports import PortOf
from app.ui.front.practice_front import PracticeFront
from app.ui.front.told import words_of
from app.ui.screen import Screen

if TYPE_CHECKING:
    from app.desktop.opening import OpenedPractice

_GRACE_SECONDS = 5.0


class PracticeWindow(QObject):
    """Lives in the window's thread.

    Signals: `closed()` once its window has gone for good, `damaged(object)` with the error when the database turned out
    not to be whole or not to be there any more,
    `open_wanted(object)` and `other_wanted()` as of `PracticeFront`.
    """

    closed = Signal()
    damaged = Signal(object)
    open_wanted = Signal(object)
    other_wanted = Signal()

    def __init__(self, opened: OpenedPractice, port_of: PortOf, memory: WindowMemory, parent: QObject) -> None:
        super().__init__(parent)
        # Loaded with the practice; the window would wait for it otherwise.
        from app.desktop.services import services_of

        self.opened = opened
        product = opened.product
        self._operator = CheckedOperator(product.operator)
        self._check: LongTask | None = None
        self.screen = Screen(services_of(product, self._operator))
        self.front = PracticeFront(
            self.screen,
            product.rights,
            port_of,
            memory,
            opened.folder,
        )
        self.screen.closed.connect(self.on_closed)
        self.front.open_wanted.connect(self.open_wanted)
        self.front.other_wanted.connect(self.other_wanted)
        self.front.failed.connect(self.screen.messages.show_error)

    def show(self) -> None:
        """Show the window, then have the whole database looked at."""
        self.screen.show()
        self._check = LongTask("database check", self.opened.product.prove, self)
        self._check.ended.connect(self.on_checked)

    @property
    def is_checked(self) -> bool:
        """Whether the database was looked at, with whatever outcome."""
        return self._check is None

    @Slot(object)
    def on_checked(self, ended: Ended) -> None:
        """Every page was looked at."""
        self._check = None
        if words_of(ended.error):
            self.damaged.emit(ended.error)
        elif isinstance(ended.error, Cancelled):
            return
        elif ended.error is not None:
            self.screen.messages.show_error(ended.error)
        else:
            self._operator.open_door()
            self.screen.schedule.keep_watch()
            self.screen.runs.refresh()

    @Slot()
    def on_closed(self) -> None:
        """Its window has gone."""
        self.front.remember()
        self.closed.emit()

    def shut_down(self) -> bool:
        """Stop and wait for whatever is under way, a run as long as one request may take; whether all of it is over."""
        if self._check is not None:
            self._check.cancel()
        if self.screen.runs.is_unanswered and not self.screen.runs.is_live:
            # Whoever waits for that database would be waited for.
            self.opened.product.cut()
        seconds = self.opened.product.loop.deadline + _GRACE_SECONDS
        over = [self.screen.shut_down(seconds), self.front.shut_down(seconds)]
        return all(over) and (self._check is None or self._check.wait(seconds))

    def dispose(self) -> None:
        """Let go of the window, which has nothing under way any more. The practice is still to be closed."""
        if self.screen.window.isVisible():
            self.front.remember()
        self.screen.window.close_for_good()
        self.screen.dispose()
