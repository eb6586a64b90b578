"""How numbers, durations and days read in English sentences, wherever the program speaks to people."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.domain.local_time import on_the_wall

_MINUTE = 60
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def count(number: int) -> str:
    """A number with its thousands separated: 10,387."""
    return f"{number:,}"


def patients(number: int) -> str:
    """A number of patients, in the singular where there is one."""
    return f"{count(number)} patient{'' if number == 1 else 's'}"


def roughly(number: int) -> str:
    """A forecast number, rounded so that it does not pretend: 87, 1,250, 149,000."""
    if number < 100:
        return count(number)
    step = 10 ** max(1, len(str(number)) - 3)
    return count(round(number / step) * step)


def duration(seconds: float) -> str:
    """How long, to the precision people plan with: 6 h 12 min, 35 min, 40 s. Never negative."""
    whole = max(0, int(seconds))
    if whole < _MINUTE:
        return f"{whole} s"
    hours, minutes = divmod(whole // _MINUTE, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def about(seconds: float) -> str:
    """A forecast, rounded so that it does not pretend: about 20 s, about 21 min, about 5 h 40 min."""
    if seconds < 90:
        return f"about {max(10, round(seconds / 10) * 10)} s"
    minutes = round(seconds / _MINUTE)
    if minutes < 60:
        return f"about {minutes} min"
    # To ten minutes: nobody plans an evening to the minute.
    return f"about {duration(round(minutes / 10) * 10 * _MINUTE)}"


def day_of(instant: datetime, now: datetime) -> str:
    """The day in England as seen from now: today, tomorrow, yesterday, on Sunday 25/10/2026."""
    day, today = on_the_wall(instant).date(), on_the_wall(now).date()
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}
    if (words := near.get((day - today).days)) is not None:
        return words
    return f"on {_DAYS[day.weekday()]} {day:%d/%m/%Y}"


def day_and_time(instant: datetime, now: datetime) -> str:
    """A moment within a sentence: today at 18:30, on Sunday 25/10/2026 at 01:30."""
    return f"{day_of(instant, now)} at {on_the_wall(instant):%H:%M}"


def up_to_minute(instant: datetime) -> datetime:
    """The next whole minute, for times that must not be promised too early."""
    whole = instant.replace(second=0, microsecond=0)
    return whole if whole == instant else whole + timedelta(minutes=1)
