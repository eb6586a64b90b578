"""A tick every 15 seconds from APScheduler 3.11: one interval job, kept in memory, whose only work is to wake somebody.

No cron trigger and no stored jobs: what is due is decided from our own rows at every tick, because the library's
triggers fire twice or an hour off on the nights the clocks change, and drop what comes late.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

SECONDS = 15.0

_JOB = "tick"


class IntervalTicker:
    """The engine's `Ticker`. It reckons with the machine's own clock, never with a simulation's."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._trigger = IntervalTrigger(seconds=seconds, timezone=UTC)
        self._scheduler = BackgroundScheduler(
            jobstores={"default": MemoryJobStore()},
            executors={"default": ThreadPoolExecutor(max_workers=1)},
            timezone=UTC,
            daemon=True,
        )

    def start(self, tick: Callable[[], None]) -> None:
        """Begin to tick; the first tick comes at once."""
        self._scheduler.add_job(
            tick,
            # The trigger itself, so that its zone is ours and not the machine's.
            trigger=self._trigger,
            id=_JOB,
            next_run_time=datetime.now(UTC),
            # However late, a tick is never dropped, and never made up for more than once.
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
        )
        self._scheduler.start()

    def beat_anew(self) -> None:
        """Reckon from now on: after the machine's clock was put back the next tick lies that much further off."""
        if self._scheduler.running:
            self._scheduler.modify_job(_JOB, next_run_time=datetime.now(UTC))

    def stop(self) -> None:
        """Tick no more; a tick under way is waited for."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)
