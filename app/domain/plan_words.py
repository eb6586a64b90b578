"""A forecast in sentences: for the step before OK, the commands, and whoever cannot see the timeline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from app.domain.forecast import Ends, Forecast
from app.domain.local_time import ClockChange, instant_at, oddity_of, on_the_wall
from app.domain.phrases import about, day_and_time, day_of, patients, roughly, up_to_minute
from app.domain.planning import odd_time
from app.domain.session import LAST_SEND_MARGIN, SESSION_LENGTH
from app.domain.windows import Plan


@dataclass(frozen=True, slots=True)
class PlanWords:
    """What will happen, and what speaks against it; each a whole sentence or two."""

    summary: tuple[str, ...]
    warnings: tuple[str, ...]


def plan_words(seen: Forecast, notes: tuple[str, ...] = (), *, begun: bool = False) -> PlanWords:
    """A forecast in words; `notes` are those made when the plan was. `begun` says that its run has begun already."""
    summary = [*notes, _start(seen, begun=begun), *_times(seen), *_work(seen), *_session(seen)]
    return PlanWords(tuple(summary), tuple(_warnings(seen, begun=begun)))


def _start(seen: Forecast, *, begun: bool) -> str:
    if seen.begins_at <= seen.made_at:
        return "It is running." if begun else "It starts at once."
    return f"It {'goes on' if begun else 'starts'} {_at(seen, seen.begins_at)}."


def _times(seen: Forecast) -> Iterator[str]:
    plan = seen.plan
    if plan.stop is None:
        return
    if plan.resume is not None:
        yield f"It pauses every day at {plan.stop:%H:%M} and goes on at {plan.resume:%H:%M}, until it is done."
        return
    stop = plan.stop_after(seen.begins_at)
    if stop is not None:
        yield f"It stops {_at(seen, stop)} and then waits until somebody presses Resume."


def _work(seen: Forecast) -> Iterator[str]:
    if not seen.patients:
        return
    if seen.per_second is None:
        yield "No pace is set, so how long it takes depends on the Spine."
        return
    take = "takes" if seen.patients == 1 else "take"
    pace = f"{patients(seen.patients)} at {seen.per_second:.3g} a second {take}"
    done = "" if seen.finishes_at is None else f": done {_at(seen, up_to_minute(seen.finishes_at))}"
    yield f"{pace} {about(seen.patients / seen.per_second)}{done}."
    if seen.fits is not None and seen.fits < seen.patients:
        yield f"Until the first stop there is time for about {roughly(seen.fits)} of them."


def _session(seen: Forecast) -> Iterator[str]:
    if seen.card_ends_at is not None:
        yield f"Your Smartcard session ends {_at(seen, seen.card_ends_at)}."


def _warnings(seen: Forecast, *, begun: bool) -> Iterator[str]:
    yield from _card_warning(seen, begun=begun)
    if seen.patients and seen.per_second and seen.finishes_at is None:
        yield _not_done(seen)
    for change in seen.changes:
        yield _clock_change(seen, change)
        for field, at in (("Stop", seen.plan.stop), ("Resume", seen.plan.resume)):
            yield from _odd(field, at, on_the_wall(change.at).date())
        yield from _swallowed(seen.plan, on_the_wall(change.at).date())


def _card_warning(seen: Forecast, *, begun: bool) -> Iterator[str]:
    first = seen.working[0]
    starts, start = ("goes on", "that time") if begun else ("starts", "the start")
    if not first.signed_in:
        if seen.card_ends_at is not None:
            yield f"Your Smartcard session ends before it {starts}: somebody has to sign in again by then."
        elif seen.begins_at > seen.made_at:
            yield f"Somebody has to be signed in with a Smartcard when it {starts}, or {start} is missed."
        yield _when_to_sign_in(seen)
    elif first.ends is Ends.CARD:
        yield _ends_within(seen)
    elif not all(stretch.signed_in for stretch in seen.working):
        yield "Each time it goes on, somebody has to be signed in with a Smartcard, or that time is missed."


def _ends_within(seen: Forecast) -> str:
    left = seen.left_at_card_end
    if left is None:
        return "Should your Smartcard session end before this is done, it pauses: sign in again and press Resume."
    words = "1 patient" if left == 1 else f"{roughly(left)} patients"
    return f"Your Smartcard session ends before this is done: about {words} would be left. {_when_to_sign_in(seen)}"


def _when_to_sign_in(seen: Forecast) -> str:
    sign_in = seen.sign_in
    if sign_in.earliest is None:
        return f"A session lasts 10 hours from sign-in, so sign in shortly before {_at(seen, sign_in.latest)}."
    goal = _goal(seen, sign_in.earliest)
    if not sign_in.covers:
        reaches = sign_in.latest + SESSION_LENGTH - LAST_SEND_MARGIN
        return (
            f"No session lasts from the start to the {goal}; one begun at the start reaches until {_at(seen, reaches)}."
        )
    if sign_in.latest <= seen.made_at:
        return f"Remove the card and sign in again first: a new session lasts to the {goal}."
    return f"A session begun {_between(seen, up_to_minute(sign_in.earliest), sign_in.latest)} lasts to the {goal}."


def _goal(seen: Forecast, earliest: datetime) -> str:
    """What a session that is begun at the earliest reaches: the end of the work, or a stop before it."""
    reaches = earliest + SESSION_LENGTH - LAST_SEND_MARGIN
    if seen.finishes_at is not None and seen.finishes_at <= reaches:
        return "end"
    return "first stop" if seen.plan.repeats else "stop"


def _between(seen: Forecast, earliest: datetime, latest: datetime) -> str:
    """Two instants with their days, where not both are today."""
    days = [on_the_wall(instant).date() for instant in (seen.made_at, earliest, latest)]
    if days[1] != days[2]:
        from_day, to_day = (_at(seen, instant).removeprefix("on ") for instant in (earliest, latest))
        return f"between {from_day} and {to_day}"
    day = "" if days[0] == days[1] else f"{day_of(earliest, seen.made_at)} "
    return f"{day}between {_time(earliest)} and {_time(latest)}"


def _not_done(seen: Forecast) -> str:
    if seen.plan.repeats:
        return "At this pace it would not be done within two months. Choose longer hours."
    left = seen.patients - (seen.fits or 0)
    return f"About {roughly(left)} of them would be left when it stops."


def _clock_change(seen: Forecast, change: ClockChange) -> str:
    moved, hour = ("back", "comes twice") if change.back else ("forward", "is left out")
    told = f"The clocks go {moved} {day_of(change.at, seen.made_at)}: the hour from 01:00 to 02:00 {hour}"
    for begins_at, ends_at in _unbroken(seen):
        if begins_at < change.at < ends_at:
            return f"{told}, so from {_time(begins_at)} to {_time(ends_at)} it is {_hours(ends_at - begins_at)}."
    return f"{told}."


def _unbroken(seen: Forecast) -> Iterator[tuple[datetime, datetime]]:
    """The stretches of work from start to end, whether or not a session ends within."""
    begins_at = None
    for stretch in seen.working:
        begins_at = begins_at or stretch.begins_at
        if stretch.ends is not Ends.CARD and stretch.ends_at is not None:
            yield begins_at, stretch.ends_at
            begins_at = None


def _odd(field: str, at: time | None, day: date) -> Iterator[str]:
    if at is not None and (oddity := oddity_of(day, at)) is not None:
        yield odd_time(field, day, at, oddity)


def _swallowed(plan: Plan, day: date) -> Iterator[str]:
    """Said where the missing hour takes a whole pause, or all the time to work between two."""
    if plan.stop is None or plan.resume is None:
        return
    stop, resume = instant_at(day, plan.stop), instant_at(day, plan.resume)
    if plan.stop < plan.resume and stop >= resume:
        yield f"So there is no pause on {day:%d/%m/%Y}."
    elif plan.resume < plan.stop and resume >= stop:
        yield f"So it does not work at all between Resume and Stop on {day:%d/%m/%Y}."


def _hours(length: timedelta) -> str:
    hours, minutes = divmod(round(length.total_seconds() / 60), 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} hours"


def _at(seen: Forecast, instant: datetime) -> str:
    return day_and_time(instant, seen.made_at)


def _time(instant: datetime) -> str:
    return f"{on_the_wall(instant):%H:%M}"
