"""The watch over a practice's schedule: the watchman in a thread of his own, woken by the ticker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

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
