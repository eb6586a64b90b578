"""A run that gives no sign of life, spoken of at the terminal (faults page, row 45)."""

from __future__ import annotations

from app.cli.output import say
from app.clock import Clock
from app.engine.progress import ProgressBoard, Snapshot

LONGEST_SILENCE = 120.0
"""Seconds. A working execution reports ten times in each."""


class Silence:
    """Looks at the board for somebody who waits; says once, for each silence, that it has lasted too long."""

    def __init__(self, board: ProgressBoard, clock: Clock) -> None:
        self._board = board
        self._clock = clock
        self._seen: Snapshot | None = None
        self._seen_at = clock.monotonic()
        self._said = False

    def look(self) -> None:
        """Look once."""
        now, snapshot = self._clock.monotonic(), self._board.latest()
        if snapshot is not self._seen:
            self._seen, self._seen_at, self._said = snapshot, now, False
        elif not self._said and now - self._seen_at >= LONGEST_SILENCE:
            self._said = True
            say(
                "The run has not reported for two minutes: the computer or its disk may be busy. If that goes on, "
                "press Ctrl-C twice, then use the command resume: nothing is lost."
            )
