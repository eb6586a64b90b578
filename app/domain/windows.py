"""Times for a run: when it begins, when it pauses every day and goes on, and the occurrences that follow from them.

An occurrence is one stretch in which the run is meant to work; between two lies a pause. What
became of an occurrence is in `occurrences`, what is to be done now in `schedule`. All arithmetic is in UTC.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from app.domain.errors import BadInput
from app.domain.local_time import instant_at, on_the_wall

DAY = timedelta(days=1)


class OccurrenceKind(StrEnum):
    """What an occurrence begins with."""

    START = "start"
    RESUME = "resume"


KIND_LABELS: dict[OccurrenceKind, str] = {OccurrenceKind.START: "Start", OccurrenceKind.RESUME: "Resume"}
"""What the two are called beside the fields they come from."""

OccurrenceKey = tuple[OccurrenceKind, date]
"""Names an occurrence among those of one plan: its kind, and the date in England on which it begins."""


@dataclass(frozen=True, slots=True)
class Pause:
    """From a stop time to the resume time after it, in UTC; `ends_at` is not within, None waits for a person."""

    begins_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One stretch in which the run is meant to work, in UTC; `ends_at` is the stop, None where none is set."""

    kind: OccurrenceKind
    begins_at: datetime
    ends_at: datetime | None

    @property
    def day(self) -> date:
        """The date in England on which it begins."""
        return on_the_wall(self.begins_at).date()

    @property
    def key(self) -> OccurrenceKey:
        """Its name within the plan."""
        return self.kind, self.day


@dataclass(frozen=True, slots=True)
class Plan:
    """The times of one press: the start, and the times of day at which it pauses and goes on, None where not set.

    Without `resume` the run stops once and waits for a person; with both it pauses every day until it has ended.
    Raises `BadInput` in words for times that cannot be meant.
    """

    start_at: datetime
    stop: time | None = None
    resume: time | None = None

    def __post_init__(self) -> None:
        if self.start_at.tzinfo is None:
            raise ValueError("A start needs a time zone.")
        if self.resume is not None and self.stop is None:
            raise BadInput(
                "A Resume time needs a Stop time: without one there is no pause to go on from. "
                "Set Stop as well, or leave Resume out."
            )
        if self.stop is not None and self.stop == self.resume:
            raise BadInput(
                "Stop and Resume are the same time, so it is not clear whether it should work or pause. "
                "Choose two different times."
            )

    @property
    def repeats(self) -> bool:
        """Whether it goes on by itself day after day."""
        return self.resume is not None

    @property
    def has_times(self) -> bool:
        """Whether a time of day is set at all."""
        return self.stop is not None

    def first(self) -> Occurrence:
        """The occurrence that begins with the start; a start inside the pause waits until that is over."""
        begins_at = self.start_at
        if (pause := self.pause_at(begins_at)) is not None and pause.ends_at is not None:
            begins_at = pause.ends_at
        return Occurrence(OccurrenceKind.START, begins_at, self.stop_after(begins_at))

    def pause_at(self, instant: datetime) -> Pause | None:
        """The daily pause in which an instant lies; None while it is time to work, or where none ends by itself."""
        if not self.repeats:
            return None
        pauses = self._daily_pauses(instant - 2 * DAY)
        following = next(pause for pause in pauses if pause.ends_at is None or instant < pause.ends_at)
        return following if following.begins_at <= instant else None

    def stop_after(self, instant: datetime) -> datetime | None:
        """When work begun at this instant is to stop; None where no stop is set."""
        if self.stop is None:
            return None
        pauses = self._daily_pauses(instant - 2 * DAY) if self.repeats else self._stops(instant - DAY)
        return next(pause.begins_at for pause in pauses if pause.begins_at > instant)

    def occurrences(self, since: datetime, until: datetime) -> Iterator[Occurrence]:
        """The occurrences that begin from one instant to another, both included, in order of time."""
        first = self.first()
        if since <= first.begins_at <= until:
            yield first
        if not self.repeats:
            return
        earlier: Pause | None = None
        for pause in self._daily_pauses(max(since, first.begins_at) - 2 * DAY):
            if earlier is not None and earlier.ends_at is not None and earlier.ends_at > first.begins_at:
                if earlier.ends_at > until:
                    return
                if earlier.ends_at >= since:
                    yield Occurrence(OccurrenceKind.RESUME, earlier.ends_at, pause.begins_at)
            earlier = pause

    def _stops(self, since: datetime) -> Iterator[Pause]:
        """Every stop time from the date of an instant on, where nothing goes on by itself."""
        day = on_the_wall(since).date()
        while self.stop is not None:
            yield Pause(instant_at(day, self.stop), None)
            day += DAY

    def _daily_pauses(self, since: datetime) -> Iterator[Pause]:
        """The daily pauses from the date of an instant on, for ever, one after the other.

        On the night an hour is left out a pause may shrink to nothing, or reach into the next one: it is then left
        out, or both are one.
        """
        held: Pause | None = None
        for begins_at, ends_at in self._pairs(on_the_wall(since).date()):
            if ends_at <= begins_at:
                continue
            if held is not None and held.ends_at is not None and begins_at <= held.ends_at:
                held = Pause(held.begins_at, max(held.ends_at, ends_at))
                continue
            if held is not None:
                yield held
            held = Pause(begins_at, ends_at)

    def _pairs(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        while self.stop is not None and self.resume is not None:
            over_midnight = self.resume < self.stop
            yield instant_at(day, self.stop), instant_at(day + DAY if over_midnight else day, self.resume)
            day += DAY
