"""What the chart of a run shows, and the same in words for those who cannot see it. No widgets."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.outcomes import ItemState
from app.ui.counter_words import COUNTER_WORDS, number_of
from app.ui.formatting import count, duration, patients, per_second
from app.ui.timeline import Moment, paces

STACK = (ItemState.FAILED, ItemState.SENT, ItemState.SENDING, ItemState.NOT_REQUIRED)
"""From the bottom up: what staff look for stands on firm ground, what was not required is the mountain above it."""

_ROUND = (1.0, 2.0, 5.0)
_TIME_STEPS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 28800)
_MOST_TIME_MARKS = 6
_SHORTEST_SPAN = 10.0


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on an axis, and what is written there."""

    value: float
    text: str


@dataclass(frozen=True, slots=True)
class ChartModel:
    """A run's course. `paces` has an entry for each of the `moments`; the axes end at `span`, `total` and `fastest`."""

    moments: tuple[Moment, ...]
    paces: tuple[float | None, ...]
    span: float
    total: int
    fastest: float
    times: tuple[Mark, ...]
    words: str

    @property
    def is_a_course(self) -> bool:
        """Whether there is more to it than one moment."""
        return len(self.moments) > 1

    @property
    def has_waited(self) -> bool:
        """Whether there is a time of waiting to be seen."""
        return any(moment.waits for moment in self.moments)


def chart_model(moments: tuple[Moment, ...]) -> ChartModel:
    """The chart of the course so far; it has no moments before the first report."""
    speeds = paces(moments)
    total = moments[-1].counts.total if moments else 0
    span = max(_SHORTEST_SPAN, moments[-1].seconds if moments else 0.0)
    fastest = _rounded_up(max((pace for pace in speeds if pace is not None), default=0.0))
    return ChartModel(moments, speeds, span, total, fastest, _time_marks(span), _words(moments, speeds))


def _rounded_up(value: float) -> float:
    """The next round number above a quarter more than this, so that a steady pace runs well inside the picture."""
    if value <= 0:
        return 1.0
    wanted = value * 1.25
    power = 10.0 ** math.floor(math.log10(wanted))
    return next((step * power for step in _ROUND if step * power >= wanted), 10 * power)


def _time_marks(span: float) -> tuple[Mark, ...]:
    step = next((one for one in _TIME_STEPS if span / one <= _MOST_TIME_MARKS), _TIME_STEPS[-1])
    return tuple(Mark(at, _time_text(at)) for at in range(step, int(span) + 1, step))


def _time_text(seconds: int) -> str:
    if seconds < 60:
        return f"{seconds} s"
    hours, minutes = divmod(seconds // 60, 60)
    if seconds % 60:
        return f"{seconds // 60}:{seconds % 60:02} min"
    return duration(seconds) if minutes or not hours else f"{hours} h"


def _words(moments: Sequence[Moment], speeds: Sequence[float | None]) -> str:
    if not moments:
        return "No patient has been checked yet."
    latest = moments[-1]
    numbers = ", ".join(
        f"{count(number)} {COUNTER_WORDS[state].label.lower()}"
        for state in (*reversed(STACK), ItemState.UNPROCESSED)
        if (number := number_of(latest.counts, state))
    )
    told = [f"After {duration(latest.seconds)}, of {patients(latest.counts.total)}: {numbers or 'none'}."]
    known = [pace for pace in speeds if pace is not None]
    if known:
        told.append(
            f"Pace now {per_second(known[-1])} patients a second, "
            f"between {per_second(min(known))} and {per_second(max(known))} so far."
        )
    if any(moment.waits for moment in moments):
        told.append("There were times of waiting for the Spine.")
    return " ".join(told)
