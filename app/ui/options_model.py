"""What the step before OK says: the prompt, who is meant, what OK will do, and what speaks against it. No widgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.clock import LONDON
from app.domain.actions import Action, Family, RunSituation, prompt, why_not
from app.domain.errors import BadInput
from app.domain.forecast import Forecast, forecast
from app.domain.phrases import up_to_minute
from app.domain.plan_words import plan_words
from app.domain.session import CardSession
from app.engine.foresight import shortfall
from app.engine.ports import GroupView
from app.ui.formatting import about, clock_time, count, patients, per_second, time_left
from app.ui.times_model import Times

EVERYONE = "Everyone"

TIMES_NOTE = (
    "Stop pauses the run at a time, such as when surgery opens; with Resume as well it pauses every day and goes on "
    "by itself. Times are those of the clock on the wall."
)

CARD_NOTE = (
    "Leave your Smartcard in the reader until the transmission has completed. Its session ends 10 hours after "
    "sign-in. Never leave the card unattended."
)


@dataclass(frozen=True, slots=True)
class GroupChoice:
    """One line of the Group Name field; `name` is None for everyone."""

    name: str | None
    text: str


@dataclass(frozen=True, slots=True)
class OptionsModel:
    """The step before OK. `offered_start` is now, in English time; `step` counts how often the page was come to.

    `group_note` says why the group cannot be chosen, `why_not` why OK cannot be pressed; then there may be no forecast.
    """

    action: Action
    step: int
    times: Times
    title: str
    prompt: str
    offered_start: datetime
    groups: tuple[GroupChoice, ...]
    group: str | None
    group_note: str
    summary: tuple[str, ...]
    warning: str
    why_not: str | None
    forecast: Forecast | None


_SLOWEST = 0.1
"""Patients a second; a slower pace tells of a trouble, and not of how it will go on."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What was chosen, and what it depends on. `everyone` counts the active patients, `run_group` is the last run's.

    `replaces` is a sentence about what is scheduled already, which this press ends. `measured` is how many patients a
    second the last run did here before it paused, None where that is not known.
    """

    action: Action
    situation: RunSituation
    group: str | None
    groups: Sequence[GroupView]
    everyone: int
    run_group: str | None
    requests_per_second: float
    times: Times = field(default_factory=Times)
    step: int = 0
    replaces: str = ""
    measured: float | None = None

    @property
    def goes_on_at(self) -> float | None:
        """The measured pace where it counts: a Resume goes on as it went, unless it all but stood still."""
        is_known = self.action is Action.RESUME and self.measured is not None and self.measured >= _SLOWEST
        return self.measured if is_known else None

    @property
    def pace(self) -> float:
        """The pace to foresee with, patients a second; 0 for none."""
        return self.goes_on_at or self.requests_per_second


def options_model(family: Family, plan: Plan, session: CardSession | None, now: datetime) -> OptionsModel:
    """The step for a plan, as things stand at this instant."""
    in_scope = _in_scope(plan)
    foreseen = _foresee(plan, in_scope, session, now)
    new_run = plan.action.makes_new_run
    return OptionsModel(
        action=plan.action,
        step=plan.step,
        times=plan.times,
        title=family.actions[plan.action].label,
        prompt=prompt(plan.action, plan.situation, family),
        offered_start=now.astimezone(LONDON),
        groups=_choices(plan) if new_run else (_as_begun(plan.run_group),),
        group=plan.group if new_run else plan.run_group,
        group_note="" if new_run else "The patients are those the run was begun with.",
        summary=tuple(filter(None, (*foreseen.summary, plan.replaces if foreseen.summary else ""))),
        warning=foreseen.warning,
        why_not=_why_not(family, plan, in_scope, session) or foreseen.refusal,
        forecast=foreseen.forecast,
    )


@dataclass(frozen=True, slots=True)
class _Foreseen:
    """What the plan comes to, in words; `refusal` says why its times cannot be meant."""

    summary: tuple[str, ...] = ()
    warning: str = ""
    refusal: str | None = None
    forecast: Forecast | None = None


def _foresee(plan: Plan, in_scope: int, session: CardSession | None, now: datetime) -> _Foreseen:
    try:
        planned = plan.times.planned(now)
    except BadInput as refused:
        return _Foreseen(refusal=str(refused))
    seen = forecast(planned.plan, now, in_scope, plan.pace, session)
    if plan.times.are_set:
        words = plan_words(seen, planned.notes)
        told = (_who(plan, in_scope), *_left_out(plan), *words.summary)
        return _Foreseen(told, " ".join(words.warnings), forecast=seen)
    seconds = in_scope / plan.pace if plan.pace else None
    return _Foreseen(_summary(plan, in_scope, seconds, session, now), _warning(seen), forecast=seen)


def _in_scope(plan: Plan) -> int:
    if plan.action is Action.RESUME:
        return plan.situation.unfinished
    if plan.action is Action.FAILED:
        return plan.situation.failed
    if plan.group is None:
        return plan.everyone
    return next((group.active for group in plan.groups if group.name == plan.group), 0)


def _choices(plan: Plan) -> tuple[GroupChoice, ...]:
    named = (GroupChoice(group.name, f"{group.name} ({count(group.active)})") for group in plan.groups)
    return (GroupChoice(None, f"{EVERYONE} ({count(plan.everyone)})"), *named)


def _as_begun(group: str | None) -> GroupChoice:
    return GroupChoice(group, group or EVERYONE)


def _summary(
    plan: Plan, in_scope: int, seconds: float | None, session: CardSession | None, now: datetime
) -> tuple[str, ...]:
    told = [f"It starts as soon as you press OK. {_who(plan, in_scope)}", *_left_out(plan)]
    if seconds is None:
        told.append("No pace is set, so how long it takes depends on the Spine.")
    elif in_scope:
        until = clock_time(up_to_minute(now + timedelta(seconds=seconds)), now)
        pace = f"{plan.requests_per_second:g} requests a second"
        if plan.goes_on_at is not None:
            pace = f"the pace it went at before, {per_second(plan.goes_on_at)} patients a second,"
        told.append(f"At {pace} this takes {about(seconds)}: until {until}.")
    if session is not None:
        ends = clock_time(session.ends_at, now)
        told.append(f"Your Smartcard session ends at {ends}, in {time_left(session.time_left(now))}.")
    return tuple(told)


def _who(plan: Plan, in_scope: int) -> str:
    will = {
        Action.RUN: "will be checked",
        Action.RERUN: "will be checked again, from the first",
        Action.RESUME: "still to be done will be taken up",
        Action.FAILED: "that failed will be tried again",
    }[plan.action]
    return f"{patients(in_scope)} {will}."


def _left_out(plan: Plan) -> list[str]:
    """Those of the chosen group who are not scanned, because they are not active patients."""
    chosen = next((group for group in plan.groups if group.name == plan.group), None)
    if chosen is None or not plan.action.makes_new_run or chosen.active == chosen.members:
        return []
    others = chosen.members - chosen.active
    return [f"{count(others)} of the group's {patients(chosen.members)} {'is' if others == 1 else 'are'} not active."]


def _warning(seen: Forecast) -> str:
    """Said when the estimate runs past the session: how many would be left, and what to do about it."""
    foreseen = shortfall(seen)
    if not foreseen:
        return ""
    return f"{foreseen} For ten hours from now, remove the card and sign in again before you press OK."


def _why_not(family: Family, plan: Plan, in_scope: int, session: CardSession | None) -> str | None:
    if session is None:
        return "Nobody is signed in. Insert your Smartcard and sign in first."
    obstacle = why_not(plan.action, plan.situation, family)
    if obstacle is None and in_scope == 0 and plan.action.makes_new_run:
        return "No active patient is in this group. Choose another one."
    return obstacle
