"""A practice's schedules, and the watch over them: the watchman in a thread of his own, woken by the ticker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from app.bootstrap.practice_files import PracticeFiles, operating_system_account, workstation
from app.config import Settings
from app.engine.press import PressCheck
from app.engine.schedule_rows import ScheduledBy
from app.engine.schedules import Schedules
from app.engine.watch_loop import WatchLoop
from app.engine.watchman import Notice, Order, Watched, Watchman
from app.scheduling import IntervalTicker


@dataclass(frozen=True, slots=True)
class Watch:
    """A watch that is being kept: `wake` has the watchman look at once."""

    watchman: Watchman
    loop: WatchLoop

    def wake(self) -> None:
        """Look now: at unlock, when the network is back, after a sign-in, after a change to the schedule."""
        self.loop.wake()


@contextmanager
def keeping_watch(
    watched: Watched, begin: Callable[[Order], None], tell: Callable[[Notice], None] = lambda _: None
) -> Iterator[Watch]:
    """Keep watch as long as the context lasts. `begin` and `tell` are called in the watchman's thread."""
    watchman = Watchman(watched, begin, tell)
    loop = WatchLoop(watchman.look, IntervalTicker())
    loop.start()
    try:
        yield Watch(watchman, loop)
    finally:
        loop.stop()
        watchman.close()


def schedules_of(files: PracticeFiles, settings: Settings) -> Schedules:
    """A practice's schedules with no Spine in reach: for commands that need no card."""
    possible = PressCheck(files.queries, files.lock, scr_enabled=settings.scr_enabled)
    return Schedules(files.schedules, possible, files.lock, files.database.clock)


def by_account() -> ScheduledBy:
    """Whoever sits at this computer, as schedules name them."""
    account = operating_system_account()
    return ScheduledBy(account, account, workstation())
