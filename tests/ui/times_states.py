"""The window with set times: chosen on the step before OK, waited for, kept to in a run, and looked back at."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from pytestqt.qtbot import QtBot

from app.domain.actions import CONSENT_MIGRATION, Action
from app.domain.occurrences import Outcome, Recorded, Why
from app.domain.planning import StartAt
from app.domain.states import RunStatus, StopReason
from app.domain.windows import OccurrenceKind, Plan
from app.engine.progress import Phase
from app.engine.rows import Counts
from app.engine.schedule_rows import ActiveSchedule, OccurrenceView, ScheduleView
from app.ui.times_model import Times
from tests.ui.beginning_states import options
from tests.ui.conftest import Staged
from tests.ui.fakes import EVENING, FakeTimes, run_view
from tests.ui.hands import Hands
from tests.ui.staging import HALFWAY, State, opened, working


def with_times(staged: Staged, qtbot: QtBot, times: Times, now: datetime = EVENING) -> Hands:
    """The step before OK on an evening, with these times chosen."""
    staged.clock.jump((now - staged.clock.now()).total_seconds())
    hands = options(staged, qtbot)
    hands.middle.options.times.show_step(-1, times, now)
    hands.middle.options.times.on_changed()
    return hands


def night_tonight(staged: Staged, qtbot: QtBot) -> Hands:
    return with_times(staged, qtbot, Times(StartAt(date(2026, 11, 24), time(18, 30))))


def night_pauses(staged: Staged, qtbot: QtBot) -> Hands:
    staged.practice.everyone = 400_000
    return with_times(staged, qtbot, Times(None, time(8), time(18, 30)))


def night_card(staged: Staged, qtbot: QtBot) -> Hands:
    staged.practice.everyone = 101_267
    hands = with_times(staged, qtbot, Times(StartAt(date(2026, 11, 24), time(20)), time(6)))
    staged.reader.begin(ago=timedelta(hours=4))
    hands.screen.runs.on_tick()
    return hands


def night_hour_twice(staged: Staged, qtbot: QtBot) -> Hands:
    staged.practice.everyone = 185_000
    evening = datetime(2026, 10, 24, 17, 0, tzinfo=UTC)
    return with_times(staged, qtbot, Times(StartAt(date(2026, 10, 24), time(20)), time(6), time(20)), evening)


def night_hour_missing(staged: Staged, qtbot: QtBot) -> Hands:
    staged.practice.everyone = 101_267
    evening = datetime(2027, 3, 27, 18, 0, tzinfo=UTC)
    return with_times(staged, qtbot, Times(StartAt(date(2027, 3, 28), time(1, 30)), time(5), time(20)), evening)


def scheduled(staged: Staged, qtbot: QtBot) -> Hands:
    times = FakeTimes()
    plan = Plan(EVENING + timedelta(hours=2), time(8), time(18, 30))
    view = ScheduleView(1, 1, CONSENT_MIGRATION.key, Action.RUN, None, plan, EVENING, "Alison Marsh", None, None)
    times.held = ActiveSchedule(view, {}, RunStatus.SCHEDULED, None, None, 0)
    staged.practice.run_view = run_view(RunStatus.SCHEDULED, Counts(unprocessed=10_387))
    return opened(staged, qtbot, times=times)


def start_missed(staged: Staged, qtbot: QtBot) -> Hands:
    times, planned = FakeTimes(), EVENING - timedelta(hours=7)
    resumed = OccurrenceView(1, OccurrenceKind.RESUME, planned, Outcome.MISSED, Why.SESSION_ENDED, "", planned)
    began = OccurrenceView(
        1, OccurrenceKind.START, planned - timedelta(hours=14), Outcome.LATE, Why.ASLEEP, "", planned
    )
    times.told = [resumed, began]
    paused_by_time = run_view(RunStatus.STOPPED, HALFWAY, StopReason.WINDOW_CLOSED)
    begun_at = planned - timedelta(hours=14)
    staged.practice.run_view = replace(paused_by_time, started_at=begun_at, last_begun_at=begun_at)
    return opened(staged, qtbot, times=times)


def times_history(staged: Staged, qtbot: QtBot) -> Hands:
    """A fortnight of nights, the latest of them missed."""
    times = FakeTimes()
    first = EVENING - timedelta(days=9)

    def told(kind: OccurrenceKind, days: int, outcome: Outcome, why: Why | None = None) -> OccurrenceView:
        at = first + timedelta(days=days, hours=2)
        return OccurrenceView(1, kind, at, outcome, why, "", at, Action.RUN, "Alison Marsh")

    times.told = [
        told(OccurrenceKind.RESUME, 8, Outcome.MISSED, Why.SESSION_ENDED),
        told(OccurrenceKind.RESUME, 7, Outcome.SKIPPED, Why.STOPPED_BY_PERSON),
        told(OccurrenceKind.RESUME, 6, Outcome.LATE, Why.ASLEEP),
        told(OccurrenceKind.RESUME, 5, Outcome.FIRED),
        told(OccurrenceKind.START, 4, Outcome.FIRED),
        told(OccurrenceKind.START, 1, Outcome.MISSED, Why.PROGRAM_CLOSED),
    ]
    paused_by_time = run_view(RunStatus.STOPPED, HALFWAY, StopReason.WINDOW_CLOSED)
    begun_at = first + timedelta(days=4, hours=2)
    staged.practice.run_view = replace(paused_by_time, started_at=begun_at, last_begun_at=begun_at)
    hands = opened(staged, qtbot, times=times)
    hands.window.times_action.trigger()
    hands.until_page(hands.screen.times_history.page)
    return hands


def times_history_none(staged: Staged, qtbot: QtBot) -> Hands:
    hands = opened(staged, qtbot)
    hands.window.times_action.trigger()
    hands.until_page(hands.screen.times_history.page)
    return hands


def under_way(plan: Plan, status: RunStatus = RunStatus.RUNNING, reason: StopReason | None = None) -> FakeTimes:
    """Times that were set with the press that began the run."""
    times = FakeTimes()
    view = ScheduleView(1, 1, CONSENT_MIGRATION.key, Action.RUN, None, plan, EVENING, "Alison Marsh", None, None)
    begun = {plan.first().key: Recorded(Outcome.FIRED, None, EVENING)}
    times.held = ActiveSchedule(view, begun, status, reason, EVENING, 0)
    return times


def running_night(staged: Staged, qtbot: QtBot) -> Hands:
    """A long list that takes more than one night."""
    long = replace(HALFWAY, unprocessed=294_000)
    return working(staged, qtbot, Phase.RUNNING, last=long, times=under_way(Plan(EVENING, time(8), time(16))))


def paused_night(staged: Staged, qtbot: QtBot) -> Hands:
    """The stop time has come; it goes on by itself this evening."""
    plan = Plan(EVENING, time(18), time(22))
    times = under_way(plan)
    hands = working(staged, qtbot, Phase.RUNNING, ends_by=StopReason.WINDOW_CLOSED, times=times)
    staged.clock.jump((plan.first().ends_at - staged.clock.now()).total_seconds())
    times.held = replace(times.held, status=RunStatus.STOPPED, stop_reason=StopReason.WINDOW_CLOSED, live_since=None)
    hands.click(hands.middle.running.stop_button)
    hands.until(hands.middle.running.resume_button.isVisible)
    return hands


TIMES_STATES: tuple[State, ...] = (
    night_tonight,
    night_pauses,
    night_card,
    night_hour_twice,
    night_hour_missing,
    scheduled,
    start_missed,
    times_history,
    times_history_none,
    running_night,
    paused_night,
)
