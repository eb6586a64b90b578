"""The times of a press as the fields hold them, and what is scheduled in words. No widgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from app.domain.actions import Action, Family
from app.domain.occurrences import Outcome, outcome_words
from app.domain.phrases import day_and_time
from app.domain.planning import Planned, StartAt, make_plan
from app.domain.states import RunStatus
from app.domain.windows import KIND_LABELS, Occurrence, OccurrenceKind
from app.engine.ports import RunView
from app.engine.schedule_rows import ActiveSchedule, OccurrenceView
from app.ui.formatting import moment
from app.ui.tones import Tone

TIMES_NOT_SET = "Stop and Resume times: not set"

REPLACES = "What is scheduled already is at an end with OK: these times take its place."


@dataclass(frozen=True, slots=True)
class Times:
    """What the fields Start, Stop and Resume hold; None is Immediately, or a box that is not ticked."""

    start: StartAt | None = None
    stop: time | None = None
    resume: time | None = None

    @property
    def are_set(self) -> bool:
        """Whether anything but Immediately was chosen."""
        return self != Times()

    def planned(self, now: datetime) -> Planned:
        """What they mean at this instant. Raises `BadInput` in words for times that cannot be meant."""
        return make_plan(now, self.start, self.stop, self.resume)


@dataclass(frozen=True, slots=True)
class ScheduleModel:
    """What is scheduled and what became of the latest times. `run_now` is the action that makes up for a missed one."""

    words: str
    detail: str
    tone: Tone
    may_cancel: bool
    run_now: Action | None
    history: tuple[str, ...]


def schedule_model(
    family: Family,
    held: ActiveSchedule | None,
    occurrences: Sequence[OccurrenceView],
    latest: RunView | None,
    now: datetime,
) -> ScheduleModel | None:
    """The schedule as the choosing page shows it; None where nothing is scheduled and nothing was missed last.

    A missed time is over once a person has begun the latest run, or gone on with it, after it.
    """
    missed = occurrences[0] if occurrences and is_still_missed(occurrences[0], latest) else None
    history = tuple(history_line(told) for told in occurrences if told is not missed)
    if held is None and missed is None:
        return None
    detail = "" if missed is None else _told_of_missed(missed)
    tone = Tone.ACCENT if missed is None else Tone.ATTENTION
    run_now = None if missed is None else makes_up_for(missed, held)
    if held is None:
        return ScheduleModel("A scheduled time was missed.", detail, tone, False, run_now, history)
    words = f"{_what(family, held)} {what_follows(held, now)}"
    return ScheduleModel(words, detail, tone, True, run_now, history)


def daily_times(held: ActiveSchedule | None) -> Times:
    """The Stop and Resume of what is scheduled, for a press that is to go on with them."""
    return Times() if held is None else Times(None, held.schedule.plan.stop, held.schedule.plan.resume)


def what_follows(held: ActiveSchedule, now: datetime) -> str:
    """When something happens by itself next."""
    following = held.following(now)
    if following is None:
        return "Nothing begins by itself any more: it goes on when somebody presses Resume."
    if following.begins_at <= now:
        return "Its time has come: it begins as soon as all it needs is there."
    when = day_and_time(following.begins_at, now)
    return f"It {'starts' if following.kind is OccurrenceKind.START else 'goes on'} by itself {when}."


def times_segment(held: ActiveSchedule | None, now: datetime) -> str:
    """The status bar's text about the times."""
    if held is None:
        return TIMES_NOT_SET
    plan = held.schedule.plan
    stop = "not set" if plan.stop is None else f"{plan.stop:%H:%M}"
    resume = "not set" if plan.resume is None else f"{plan.resume:%H:%M}"
    told = f"Stop: {stop}, Resume: {resume}"
    following = held.following(now)
    starts = following is not None and following.kind is OccurrenceKind.START and following.begins_at > now
    return f"Start: {day_and_time(following.begins_at, now)}, {told}" if following and starts else told


def goes_on_by_itself(following: Occurrence | None, now: datetime) -> str:
    """Said of a paused run that a resume time takes up again; empty where a person has to."""
    if following is None or following.kind is not OccurrenceKind.RESUME:
        return ""
    if following.begins_at <= now:
        return ""
    return f"It goes on by itself {day_and_time(following.begins_at, now)}, if somebody is signed in with a Smartcard."


def history_line(told: OccurrenceView) -> str:
    """One occurrence with what became of it."""
    words = outcome_words(told.outcome, told.why, told.detail)
    return f"{KIND_LABELS[told.kind]} of {moment(told.planned_at)}. {words}"


def _what(family: Family, held: ActiveSchedule) -> str:
    schedule, plan = held.schedule, held.schedule.plan
    group = "" if schedule.group is None else f" for the group {schedule.group}"
    if plan.stop is None:
        times = ""
    elif plan.resume is None:
        times = f", with a stop at {plan.stop:%H:%M}"
    else:
        times = f", pausing every day from {plan.stop:%H:%M} to {plan.resume:%H:%M}"
    return f"{family.actions[schedule.action].label}{group} was scheduled by {schedule.created_by}{times}."


def _told_of_missed(missed: OccurrenceView) -> str:
    return f"{history_line(missed)} Run now makes up for it."


def is_still_missed(told: OccurrenceView, latest: RunView | None) -> bool:
    """Whether a time was missed and nobody has begun to work on the latest run since."""
    begun_at = None if latest is None else latest.last_begun_at
    return told.outcome is Outcome.MISSED and (begun_at is None or begun_at <= told.recorded_at)


def makes_up_for(missed: OccurrenceView, held: ActiveSchedule | None) -> Action:
    """The action that does now what was to be done at a time that was missed."""
    if missed.kind is OccurrenceKind.RESUME:
        return Action.RESUME
    # The run that waits for its next start is given up for one that begins now; the step says so.
    waits = held is not None and held.status is RunStatus.SCHEDULED
    return Action.RERUN if waits else missed.action
