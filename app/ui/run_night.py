"""On the running page: the hours to come as the times have it, by the pace that is measured. No widgets."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from app.domain.forecast import Forecast, forecast
from app.domain.phrases import about, up_to_minute
from app.domain.session import CardSession
from app.domain.windows import Pause
from app.engine.schedule_rows import ActiveSchedule
from app.ui.formatting import clock_time
from app.ui.night_model import night_model
from app.ui.running_model import RunningModel, Stage


def with_night(
    page: RunningModel, held: ActiveSchedule | None, session: CardSession | None, now: datetime, expected: float
) -> RunningModel:
    """The page with the line of the hours to come: none without times, nor where nothing goes on by itself any more.

    Until a pace is measured the one that is set counts: `expected`, patients a second, 0 for none. The time left is
    that of work; when it is done tells the line, with the pauses in between.
    """
    seen = _foreseen(page, held, session, now, expected)
    if seen is None:
        return replace(page, night=None)
    left = page.left
    if left and seen.pauses and seen.finishes_at is not None and seen.per_second:
        until = clock_time(up_to_minute(seen.finishes_at), now)
        left = f"{about(seen.patients / seen.per_second)} of work (until {until})"
    return replace(page, left=left, night=night_model(seen, begun=True))


def _foreseen(
    page: RunningModel, held: ActiveSchedule | None, session: CardSession | None, now: datetime, expected: float
) -> Forecast | None:
    if held is None or not held.schedule.plan.has_times or not page.total:
        return None
    left, pace = page.total - page.done, page.pace or expected
    if page.stage is Stage.LIVE:
        return forecast(held.schedule.plan, now, left, pace, session)
    following = held.following(now)
    if page.stage is not Stage.PAUSED or following is None or following.begins_at <= now:
        return None
    seen = forecast(replace(held.schedule.plan, start_at=following.begins_at), now, left, pace, session)
    return replace(seen, pauses=(Pause(now, following.begins_at), *seen.pauses))
