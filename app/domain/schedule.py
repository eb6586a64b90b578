"""What is to be done now about a plan: one pure decision, taken at every tick, at wake and after every change.

Faults page, rows 29 to 33. It knows neither the clock nor the database: the same instant and
the same facts give the same answer, so that a tick too many does no harm and a tick too few is made up for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.occurrences import Outcome, Recorded, Why
from app.domain.session import SESSION_LENGTH
from app.domain.states import RunStatus
from app.domain.windows import DAY, Occurrence, OccurrenceKey, Plan

IN_TIME = timedelta(minutes=2)
"""Begun within this of its time an occurrence is not late; ticks come every 15 seconds."""

SETTLE = timedelta(seconds=45)
"""How long after waking the network and the card reader are left alone before anything is made up for."""

CARD_PATIENCE = timedelta(minutes=10)
"""How long after waking, or after the program was opened, somebody may still sign in for what is made up for."""

LATEST_WITHOUT_STOP = SESSION_LENGTH
"""Where no stop is set an occurrence is made up for within a session's length; after that a person decides."""

LOOK_BACK = 366 * DAY
"""Occurrences that lie further back are not looked at any more."""


@dataclass(frozen=True, slots=True)
class RunFacts:
    """How the plan's run stands. `live_since` is when its execution here began, None while nothing is live here.

    `stopped_by_person` says that Stop was pressed since the times were set. `live_elsewhere` says that another copy of
    the program, or another kind of work, holds the practice. `is_over` says that nothing of it is left to do.
    """

    status: RunStatus
    stopped_by_person: bool = False
    live_since: datetime | None = None
    live_elsewhere: bool = False
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class WatchFacts:
    """Since when somebody has been watching without a gap, and why nobody had before.

    `card` says why nobody could launch it now, None when somebody could. `spine` says whether the Spine answers, None
    while nobody has asked it.
    """

    awake_since: datetime
    before: Why
    card: Why | None
    spine: bool | None = None


@dataclass(frozen=True, slots=True)
class Start:
    """Begin the run that was scheduled; the occurrence's outcome goes with it."""

    occurrence: Occurrence
    outcome: Outcome
    why: Why | None


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on with the run that is paused; the occurrence's outcome goes with it."""

    occurrence: Occurrence
    outcome: Outcome
    why: Why | None


@dataclass(frozen=True, slots=True)
class Stop:
    """The stop time of the live execution has come."""


@dataclass(frozen=True, slots=True)
class Record:
    """The occurrence was missed, or had not to be: nothing is begun."""

    occurrence: Occurrence
    outcome: Outcome
    why: Why


@dataclass(frozen=True, slots=True)
class Wait:
    """The occurrence is due and not yet to be begun; `until` is when that is given up, None where it is not.

    `why` of None: the computer has only just woken.
    """

    occurrence: Occurrence
    why: Why | None
    until: datetime | None
    asks_spine: bool = False


Decision = Start | Resume | Stop | Record | Wait


def decide(
    now: datetime, plan: Plan, recorded: Mapping[OccurrenceKey, Recorded], run: RunFacts, watch: WatchFacts
) -> tuple[Decision, ...]:
    """Everything that is to be done now, in order; empty when that is nothing.

    At most one of it begins or stops work, and that comes last.
    """
    if run.live_since is not None and _stop_has_come(plan, run.live_since, now):
        return (Stop(),)
    due = due_by(plan, recorded, now)
    if not due:
        return ()
    gone = [_missed(occurrence, due[place + 1].begins_at, run, watch) for place, occurrence in enumerate(due[:-1])]
    return (*gone, _decide_on(due[-1], now, run, watch))


def due_by(plan: Plan, recorded: Mapping[OccurrenceKey, Recorded], now: datetime) -> list[Occurrence]:
    """The occurrences whose time has come by now and which have no outcome yet, in order of time."""
    return [one for one in plan.occurrences(now - LOOK_BACK, now) if not _is_settled(one, recorded, now)]


def following(plan: Plan, recorded: Mapping[OccurrenceKey, Recorded], now: datetime) -> Occurrence | None:
    """The next occurrence that may still begin, due or yet to come; None when nothing begins by itself any more."""
    for occurrence in plan.occurrences(now - LOOK_BACK, now + LOOK_BACK):
        if given_up_at(occurrence) > now and not _is_settled(occurrence, recorded, now):
            return occurrence
    return None


def given_up_at(occurrence: Occurrence) -> datetime:
    """From when on an occurrence is not begun any more: its stop, else a session's length after its time."""
    return occurrence.ends_at or occurrence.begins_at + LATEST_WITHOUT_STOP


def _is_settled(occurrence: Occurrence, recorded: Mapping[OccurrenceKey, Recorded], now: datetime) -> bool:
    found = recorded.get(occurrence.key)
    return found is not None and found.counts_at(now)


def _stop_has_come(plan: Plan, since: datetime, now: datetime) -> bool:
    stop = plan.stop_after(since)
    return stop is not None and stop <= now


def _decide_on(occurrence: Occurrence, now: datetime, run: RunFacts, watch: WatchFacts) -> Decision:
    """About the latest occurrence that is due and has no outcome."""
    end = given_up_at(occurrence)
    if end <= now or _not_meant(run) is not None:
        return _missed(occurrence, end, run, watch)
    if run.live_elsewhere:
        return Wait(occurrence, Why.ANOTHER_RUN, end)
    if occurrence.begins_at < watch.awake_since:
        return _make_up_for(occurrence, now, run, watch)
    if watch.card is not None:
        return Record(occurrence, Outcome.MISSED, watch.card)
    return _begin(occurrence, now, run, Why.ANOTHER_RUN)


def _not_meant(run: RunFacts) -> Why | None:
    """Why nothing is to be begun, whatever the time; None when something is."""
    if run.is_over:
        return Why.RUN_OVER
    if run.live_since is not None:
        return Why.ALREADY_RUNNING
    return Why.STOPPED_BY_PERSON if run.stopped_by_person else None


def _make_up_for(occurrence: Occurrence, now: datetime, run: RunFacts, watch: WatchFacts) -> Decision:
    """Its time came while nobody watched: first everything has to be there that it needs."""
    end = given_up_at(occurrence)
    settled_at = watch.awake_since + SETTLE
    if now < settled_at:
        return Wait(occurrence, None, min(settled_at, end))
    if watch.card is not None:
        patience = min(watch.awake_since + CARD_PATIENCE, end)
        if now < patience:
            return Wait(occurrence, watch.card, patience)
        return Record(occurrence, Outcome.MISSED, watch.card)
    if not watch.spine:
        return Wait(occurrence, Why.SPINE_UNREACHABLE, end, asks_spine=watch.spine is None)
    return _begin(occurrence, now, run, watch.before)


def _begin(occurrence: Occurrence, now: datetime, run: RunFacts, why_late: Why) -> Decision:
    late = now - occurrence.begins_at > IN_TIME
    outcome, why = (Outcome.LATE, why_late) if late else (Outcome.FIRED, None)
    if run.status is RunStatus.SCHEDULED:
        return Start(occurrence, outcome, why)
    return Resume(occurrence, outcome, why)


def _missed(occurrence: Occurrence, end: datetime, run: RunFacts, watch: WatchFacts) -> Record:
    """It was not begun before its end, or is not to be: why not."""
    if (not_meant := _not_meant(run)) is not None:
        return Record(occurrence, Outcome.SKIPPED, not_meant)
    if occurrence.begins_at >= watch.awake_since:
        why = Why.ANOTHER_RUN
    elif end <= watch.awake_since:
        why = watch.before
    elif end <= watch.awake_since + SETTLE:
        why = Why.WINDOW_OVER
    else:
        why = Why.ANOTHER_RUN if run.live_elsewhere else Why.SPINE_UNREACHABLE
    return Record(occurrence, Outcome.MISSED, why)
