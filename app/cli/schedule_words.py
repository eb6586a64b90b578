"""A schedule and its history as the commands print them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.clock import london_text
from app.domain.actions import CONSENT_MIGRATION
from app.domain.forecast import forecast
from app.domain.occurrences import outcome_words
from app.domain.phrases import day_and_time
from app.domain.plan_words import plan_words
from app.domain.planning import Planned
from app.domain.session import CardSession
from app.domain.windows import KIND_LABELS
from app.engine.schedule_rows import ActiveSchedule, OccurrenceView, ScheduleView

GIVEN_BACK = "The run that it was to replace is paused as before: go on with it by the command resume."
"""Said of a scheduled run that was given up before it began, where one that was paused is the latest again."""


def forecast_lines(
    planned: Planned, now: datetime, patients: int, per_second: float, session: CardSession | None
) -> list[str]:
    """What the times will come to, and what speaks against them."""
    words = plan_words(forecast(planned.plan, now, patients, per_second, session), planned.notes)
    return [*words.summary, *words.warnings]


def schedule_lines(held: ActiveSchedule, now: datetime) -> list[str]:
    """The active schedule, and when something happens next."""
    following = held.following(now)
    if following is not None:
        return [in_words(held.schedule), f"Next: {day_and_time(following.begins_at, now)}."]
    return [in_words(held.schedule), "Nothing begins by itself any more: it goes on when somebody presses Resume."]


def in_words(schedule: ScheduleView) -> str:
    """What is scheduled, since when and by whom."""
    plan = schedule.plan
    whom = "" if schedule.group is None else f", group {schedule.group}"
    stop = "" if plan.stop is None else f", stop {plan.stop:%H:%M}"
    resume = "" if plan.resume is None else f", resume {plan.resume:%H:%M}"
    return (
        f"{CONSENT_MIGRATION.actions[schedule.action].label}{whom}: start {london_text(plan.start_at)}{stop}{resume}; "
        f"set {london_text(schedule.created_at)} by {schedule.created_by}."
    )


def history_line(told: OccurrenceView) -> str:
    """One occurrence with what became of it."""
    words = outcome_words(told.outcome, told.why, told.detail)
    return f"{london_text(told.planned_at)}  {KIND_LABELS[told.kind]:<6}  {words}"


def as_object(held: ActiveSchedule | None, history: list[OccurrenceView], now: datetime) -> dict[str, Any]:
    """The same for a machine; times are UTC."""
    return {
        "schedule": None if held is None else _schedule_object(held, now),
        "history": [
            {
                "planned_at": told.planned_at.isoformat(),
                "kind": told.kind.value,
                "outcome": told.outcome.value,
                "reason": None if told.why is None else told.why.value,
                "detail": told.detail,
            }
            for told in history
        ],
    }


def _schedule_object(held: ActiveSchedule, now: datetime) -> dict[str, Any]:
    schedule, following = held.schedule, held.following(now)
    plan = schedule.plan
    return {
        "run": schedule.run_id,
        "action": schedule.action.value,
        "group": schedule.group,
        "start": plan.start_at.isoformat(),
        "stop": None if plan.stop is None else f"{plan.stop:%H:%M}",
        "resume_at": None if plan.resume is None else f"{plan.resume:%H:%M}",
        "next": None if following is None else following.begins_at.isoformat(),
    }
