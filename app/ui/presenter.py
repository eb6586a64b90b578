"""From what the window is about to what it shows: the state in one place, and one pure function over it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from app.domain.actions import Action, RunSituation
from app.domain.session import CardSession
from app.engine.ports import GroupView, RunView
from app.engine.schedule_rows import ActiveSchedule, OccurrenceView
from app.ui.card_model import CardModel
from app.ui.choose_model import ActionModel, action_models, choose_model
from app.ui.frame_model import AWAKE, NOT_KNOWN, FrameModel, PageModel, WindowModel, state_segment, status_of
from app.ui.options_model import Plan, options_model
from app.ui.results_model import results_model
from app.ui.run_night import with_night
from app.ui.running_model import MAY_STOP, Note, RunningModel, Stage, starting_model
from app.ui.services import Services
from app.ui.times_model import REPLACES, Times, goes_on_by_itself, schedule_model, times_segment
from app.ui.tones import Tone


class Showing(Enum):
    """Which page the middle shows."""

    CHOOSE = "choose"
    OPTIONS = "options"
    RUNNING = "running"
    RESULTS = "results"


@dataclass(slots=True)
class WindowState:
    """What the window is about.

    `stored` and `latest` are as last read from the database, `trouble` says why they could not be read. `action` and
    `group` are what was chosen, `groups` and `everyone` what could be. `running` is the running page as last seen,
    `running_of` the run it was about, once that has ended; `is_live` says that this window's own execution is under
    way. `schedule` and `occurrences` are as last read; `times` is what the fields of the step hold, `step` counts how
    often it was come to.
    """

    showing: Showing = Showing.CHOOSE
    stored: RunSituation = field(default_factory=RunSituation)
    latest: RunView | None = None
    trouble: str | None = None
    action: Action = Action.RUN
    group: str | None = None
    groups: Sequence[GroupView] = ()
    everyone: int = 0
    running: RunningModel | None = None
    running_of: int | None = None
    is_live: bool = False
    schedule: ActiveSchedule | None = None
    occurrences: Sequence[OccurrenceView] = ()
    times: Times = field(default_factory=Times)
    step: int = 0

    @property
    def situation(self) -> RunSituation:
        """What the four actions depend on, as things stand at this moment."""
        return replace(self.stored, live=True) if self.is_live else self.stored

    @property
    def running_page(self) -> RunningModel:
        """The running page, also before anything was reported."""
        return self.running or starting_model(self.action)


def window_model(services: Services, state: WindowState, card: CardModel, session: CardSession | None) -> WindowModel:
    """Everything the window shows."""
    actions = action_models(services.family, state.situation, state.trouble)
    page = _page(services, state, actions, session)
    live = page if isinstance(page, RunningModel) else None
    situation = state.situation
    status, tone = status_of(situation, live)
    if state.trouble is not None and state.latest is None and live is None:
        status, tone = NOT_KNOWN, Tone.QUIET
    segments = (
        state_segment(status, situation, live) + (AWAKE if services.awake.is_on else ""),
        times_segment(state.schedule, services.clock.now()),
        card.brief,
        f"Spine: {services.spine_label}",
    )
    frame = FrameModel(
        heading=services.family.title,
        status=status,
        tone=tone,
        actions=actions,
        may_stop=live is not None and live.stage in MAY_STOP,
        card=card,
        segments=segments,
    )
    return WindowModel(frame, page)


def _page(
    services: Services, state: WindowState, actions: Sequence[ActionModel], session: CardSession | None
) -> PageModel:
    if state.showing is Showing.RUNNING:
        why_no_resume = next((one.why_not for one in actions if one.action is Action.RESUME), None)
        return replace(_with_what_follows(services, state, session), why_no_resume=why_no_resume)
    if state.showing is Showing.RESULTS and state.latest is not None:
        seen_here = state.running is not None and state.running_of == state.latest.run_id
        chart = state.running_page.chart if seen_here else None
        return results_model(services.family, state.latest, actions, chart)
    if state.showing is Showing.OPTIONS:
        return options_model(services.family, _plan(services, state), session, services.clock.now())
    scheduled = schedule_model(services.family, state.schedule, state.occurrences, state.latest, services.clock.now())
    return replace(
        choose_model(services.family, state.situation, state.latest, state.trouble),
        schedule=None if state.situation.live else scheduled,
    )


def _with_what_follows(services: Services, state: WindowState, session: CardSession | None) -> RunningModel:
    """The running page with the hours to come; of a paused run that goes on by itself it says when."""
    now = services.clock.now()
    page = with_night(state.running_page, state.schedule, session, now, services.requests_per_second)
    if page.stage is not Stage.PAUSED or page.note is None or state.schedule is None:
        return page
    goes_on = goes_on_by_itself(state.schedule.following(now), now)
    return replace(page, note=Note(Tone.ACCENT, f"{page.note.text} {goes_on}")) if goes_on else page


def _plan(services: Services, state: WindowState) -> Plan:
    went_here = state.latest is not None and state.running_of == state.latest.run_id
    return Plan(
        action=state.action,
        situation=state.situation,
        group=state.group,
        groups=state.groups,
        everyone=state.everyone,
        run_group=state.latest.group if state.latest else None,
        requests_per_second=services.requests_per_second,
        times=state.times,
        step=state.step,
        replaces="" if state.schedule is None else REPLACES,
        measured=state.running_page.pace if went_here else None,
    )
