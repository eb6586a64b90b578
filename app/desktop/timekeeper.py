"""An opened practice's set times as the window's port, with the watch over them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

from app.bootstrap import Product, by_account, keeping_watch
from app.bootstrap.watching import Watch
from app.domain.windows import Plan
from app.engine.press import Press
from app.engine.schedule_rows import ActiveSchedule, OccurrenceView, ScheduleView
from app.engine.watchman import Notice
from app.ui.execution import AtOnce
from app.ui.services import Order


class ProductTimes:
    """The window's `Timekeeper` over a practice. The watch is begun and left by the window's thread."""

    def __init__(self, product: Product) -> None:
        self._product = product
        self._watch: Watch | None = None
        self._kept = ExitStack()

    def active(self) -> ActiveSchedule | None:
        """What is scheduled."""
        return self._product.schedules.active()

    def history(self, limit: int) -> list[OccurrenceView]:
        """What became of the latest times."""
        return self._product.schedules.history(limit)

    def press(self, press: Press, plan: Plan) -> Press | ScheduleView:
        """Keep a press for its time, or have it begun now."""
        return self._product.timed.press(press, plan)

    def cancel(self) -> ScheduleView:
        """Cancel what is scheduled, in the name of whoever is signed in, else of whoever sits at the computer."""
        session = self._product.reader.current()
        return self._product.schedules.cancel(by_account() if session is None else self._product.timed.by(session))

    def order(self, press: Press) -> Order:
        """A press that begins now, watched over like any other."""
        return AtOnce(self._product.operator, press) if self._watch is None else self._watch.watchman.order(press)

    def keep_watch(self, begin: Callable[[Order], None], tell: Callable[[Notice], None]) -> None:
        """Look after what is scheduled from now on."""
        if self._watch is None:
            self._watch = self._kept.enter_context(keeping_watch(self._product.watched, begin, tell))

    def wake(self) -> None:
        """Look now."""
        if self._watch is not None:
            self._watch.wake()

    def leave_watch(self) -> None:
        """Watch no more; waits for a look that is under way."""
        self._watch = None
        self._kept.close()
