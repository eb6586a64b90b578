"""The course of an execution as the chart shows it: counters and pace over time, in bounded memory. No widgets.

As a run gets long every second moment is let go and the rest stand twice as far apart, so that six hours take no more
room than six minutes.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from app.engine.progress import Phase, Snapshot
from app.engine.rows import Counts

_MOST = 240
_FIRST_SPACING = 0.25

_SHORTEST_VIEW, _PARTS = 5.0, 40
"""The pace at a moment is that of the time just before it: a part of the whole course, and never less than this."""

_MEANINGFUL_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Moment:
    """One time in an execution: `seconds` since it began, `finished` its own patients done by then.

    `waits` says that nothing could be sent, because of an outage.
    """

    seconds: float
    finished: int
    counts: Counts
    waits: bool = False


class Timeline:
    """Takes in every snapshot, keeps as many as a chart can show, the first and the latest always among them."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._spacing = _FIRST_SPACING
        self._kept: list[Moment] = []
        self._latest: Moment | None = None

    def add(self, snapshot: Snapshot) -> None:
        """Take in a snapshot; those of one execution come in order."""
        waits = snapshot.phase is Phase.WAITING
        moment = Moment(snapshot.elapsed, snapshot.checked_now, snapshot.counts, waits)
        self._latest = moment
        if self._kept and moment.seconds - self._kept[-1].seconds < self._spacing:
            return
        self._kept.append(moment)
        if len(self._kept) > self._most:
            del self._kept[1::2]
            self._spacing *= 2

    def moments(self) -> tuple[Moment, ...]:
        """The course so far, in order."""
        if self._latest is None or self._latest is self._kept[-1]:
            return tuple(self._kept)
        return (*self._kept, self._latest)


def paces(moments: Sequence[Moment]) -> tuple[float | None, ...]:
    """Patients a second at each moment, smoothed over the time just before it; None until it means something."""
    if not moments:
        return ()
    times = [moment.seconds for moment in moments]
    view = max(_SHORTEST_VIEW, (times[-1] - times[0]) / _PARTS)
    found: list[float | None] = []
    for at, moment in enumerate(moments):
        before = moments[min(bisect_left(times, moment.seconds - view), max(0, at - 1))]
        passed = moment.seconds - before.seconds
        means_something = moment.seconds - times[0] >= _MEANINGFUL_SECONDS and passed > 0
        found.append((moment.finished - before.finished) / passed if means_something else None)
    return tuple(found)
