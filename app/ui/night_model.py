"""A forecast made ready to be drawn: tonight and the next days on one line of time, in English time. No widgets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from app.domain.forecast import Ends, Forecast
from app.domain.local_time import on_the_wall
from app.domain.phrases import up_to_minute
from app.domain.plan_words import plan_words
from app.domain.windows import DAY

_FURTHEST = 4 * DAY
"""What lies further off is told in words; drawn it would leave no room for tonight."""

_BEFORE = timedelta(hours=1)
"""What is drawn of the time before a start that lies further off: the line then begins with it, not with now."""

_SHORTEST = timedelta(hours=2)
_OPEN_END = timedelta(hours=3)
"""How far work is drawn whose end nobody knows."""

_MARGIN = 0.03
_STEPS = (timedelta(minutes=15), timedelta(minutes=30), *(timedelta(hours=hours) for hours in (1, 2, 3, 6, 12, 24)))
_MOST_MARKS = 9


class StretchKind(Enum):
    """What is meant to happen in a stretch."""

    WORK = "work"
    NEEDS_CARD = "needs card"
    """Work for which somebody has to sign in again first."""
    PAUSE = "pause"


@dataclass(frozen=True, slots=True)
class Stretch:
    """From one point of the line to another; 0 is its beginning, 1 its end."""

    kind: StretchKind
    begins: float
    ends: float
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A point of the line with its words; `is_day` where a new date begins."""

    at: float
    text: str
    is_day: bool = False


@dataclass(frozen=True, slots=True)
class NightModel:
    """The line. `events` are what happens at one point, in order; `words` say all of it."""

    stretches: tuple[Stretch, ...]
    marks: tuple[Mark, ...]
    events: tuple[Mark, ...]
    words: str


def night_model(seen: Forecast, *, begun: bool = False) -> NightModel:
    """The line of a forecast, from now on as far as there is room; `begun` says that its run has begun already."""
    line, told = _Line.of(seen), plan_words(seen, begun=begun)
    return NightModel(
        stretches=tuple(line.stretches(seen)),
        marks=tuple(line.marks()),
        events=tuple(sorted(line.events(seen, begun=begun), key=lambda mark: mark.at)),
        words=" ".join((*told.summary, *told.warnings)),
    )


@dataclass(frozen=True, slots=True)
class _Line:
    begins_at: datetime
    ends_at: datetime

    @classmethod
    def of(cls, seen: Forecast) -> _Line:
        is_far = _is_far(seen)
        begins_at = seen.begins_at - _BEFORE if is_far else seen.made_at
        last = seen.shown_until
        if any(stretch.ends is Ends.OPEN for stretch in seen.working):
            last = max(last, seen.working[-1].begins_at + _OPEN_END)
        if not is_far and seen.card_ends_at is not None and seen.card_ends_at - last < DAY / 4:
            last = max(last, seen.card_ends_at)
        length = min(max(last - begins_at, _SHORTEST), _FURTHEST)
        return cls(begins_at, begins_at + length * (1 + _MARGIN))

    def point(self, instant: datetime) -> float:
        return (instant - self.begins_at) / (self.ends_at - self.begins_at)

    def holds(self, instant: datetime) -> bool:
        return self.begins_at <= instant <= self.ends_at

    def stretches(self, seen: Forecast) -> Iterator[Stretch]:
        for work in seen.working:
            kind = StretchKind.WORK if work.signed_in else StretchKind.NEEDS_CARD
            yield from self._stretch(kind, work.begins_at, work.ends_at)
        for pause in seen.pauses:
            yield from self._stretch(StretchKind.PAUSE, pause.begins_at, pause.ends_at)

    def _stretch(self, kind: StretchKind, begins_at: datetime, ends_at: datetime | None) -> Iterator[Stretch]:
        if begins_at < self.ends_at:
            ends = 1.0 if ends_at is None else min(1.0, self.point(ends_at))
            yield Stretch(kind, max(0.0, self.point(begins_at)), ends, is_open=ends_at is None)

    def marks(self) -> Iterator[Mark]:
        """Full hours on the wall, as many as there is room for. Steps are taken in real time, so that an hour that
        comes twice is as long as two, and one that is left out takes no room.
        """
        length = self.ends_at - self.begins_at
        step = next((step for step in _STEPS if length / step <= _MOST_MARKS), DAY)
        # Hour by hour at the most: which of them is a full step is asked of the wall.
        stride = min(step, timedelta(hours=1))
        at = self.begins_at - timedelta(
            minutes=self.begins_at.minute % 60, seconds=self.begins_at.second, microseconds=self.begins_at.microsecond
        )
        while (at := at + stride) <= self.ends_at:
            wall = on_the_wall(at)
            minutes = wall.hour * 60 + wall.minute
            is_day = minutes == 0
            if minutes % (step // timedelta(minutes=1)) == 0 and at >= self.begins_at:
                yield Mark(self.point(at), f"{wall:%d/%m}" if is_day else f"{wall:%H:%M}", is_day)

    def events(self, seen: Forecast, *, begun: bool) -> Iterator[Mark]:
        begins = "goes on" if begun else "start"
        if _is_far(seen):
            begins = f"{begins} {on_the_wall(seen.begins_at):%d/%m/%Y}"
        told = [(seen.begins_at, begins) if seen.begins_at > seen.made_at else (seen.made_at, "now")]
        if seen.finishes_at is not None and seen.patients:
            told.append((seen.finishes_at, f"done {on_the_wall(up_to_minute(seen.finishes_at)):%H:%M}"))
        if seen.card_ends_at is not None:
            told.append((seen.card_ends_at, f"card ends {on_the_wall(seen.card_ends_at):%H:%M}"))
        told += [(change.at, f"clocks go {'back' if change.back else 'forward'}") for change in seen.changes]
        for instant, words in told:
            if self.holds(instant):
                yield Mark(self.point(instant), words)


def _is_far(seen: Forecast) -> bool:
    """Whether the start lies beyond what is drawn from now on."""
    return seen.begins_at - seen.made_at > _FURTHEST
