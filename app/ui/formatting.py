"""How numbers, times and durations read in the window; what the commands say too is in the domain's phrases. No Qt."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.clock import LONDON, london_text, london_time
from app.domain.phrases import about as about
from app.domain.phrases import count as count
from app.domain.phrases import duration as duration
from app.domain.phrases import patients as patients

_HOUR = 3600


def percent(done: int, total: int) -> int:
    """Whole per cent, rounded down, so that 100 is reached only with the last; nothing to do is 100."""
    return 100 if total == 0 else done * 100 // total


def stopwatch(seconds: float) -> str:
    """Time elapsed, to the second: 0:07, 14:02, 1:14:02."""
    whole = max(0, int(seconds))
    hours, rest = divmod(whole, _HOUR)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


def time_of_day(instant: datetime) -> str:
    """The time in England: 16:52."""
    return f"{instant.astimezone(LONDON):%H:%M}"


def moment(instant: datetime) -> str:
    """Date and time within a sentence: 21/11/2026 at 22:04."""
    day, time = london_text(instant).split(" ")
    return f"{day} at {time}"


def clock_time(instant: datetime, now: datetime) -> str:
    """The time alone when it is today, else with its date: 16:52, 02:10 on 22/11/2026."""
    return london_time(instant, now)


def time_left(left: timedelta) -> str:
    """What is left of a session."""
    return duration(left.total_seconds())


def per_second(rate: float) -> str:
    """A rate with one decimal, or none from a hundred up: 5.0, 240."""
    return f"{rate:.1f}" if rate < 100 else count(round(rate))


def seconds_each(seconds: float) -> str:
    """An average duration: 0.20 s, in milliseconds below a hundredth."""
    return f"{seconds:.2f} s" if seconds >= 0.01 else f"{seconds * 1000:.1f} ms"
