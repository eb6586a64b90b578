"""How numbers, times and durations read in English sentences. No Qt, no state."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.clock import LONDON, london_text, london_time

_MINUTE, _HOUR = 60, 3600


def count(number: int) -> str:
    """A number with its thousands separated: 10,387."""
    return f"{number:,}"


def patients(number: int) -> str:
    """A number of patients, in the singular where there is one."""
    return f"{count(number)} patient{'' if number == 1 else 's'}"


def percent(done: int, total: int) -> int:
    """Whole per cent, rounded down, so that 100 is reached only with the last; nothing to do is 100."""
    return 100 if total == 0 else done * 100 // total


def duration(seconds: float) -> str:
    """How long, to the precision people plan with: 6 h 12 min, 35 min, 40 s. Never negative."""
    whole = max(0, int(seconds))
    if whole < _MINUTE:
        return f"{whole} s"
    hours, minutes = divmod(whole // _MINUTE, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def stopwatch(seconds: float) -> str:
    """Time elapsed, to the second: 0:07, 14:02, 1:14:02."""
    whole = max(0, int(seconds))
    hours, rest = divmod(whole, _HOUR)
    minutes, left = divmod(rest, _MINUTE)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


def about(seconds: float) -> str:
    """A forecast, rounded so that it does not pretend: about 20 s, about 21 min, about 5 h 40 min."""
    if seconds < 90:
        return f"about {max(10, round(seconds / 10) * 10)} s"
    minutes = round(seconds / _MINUTE)
    if minutes < 60:
        return f"about {minutes} min"
    # To ten minutes: nobody plans an evening to the minute.
    return f"about {duration(round(minutes / 10) * 10 * _MINUTE)}"


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
