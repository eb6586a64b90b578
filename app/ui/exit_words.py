"""What the question before closing adds: what closing would do to a run, and what is not finished yet. No widgets."""

from __future__ import annotations

from datetime import datetime

from app.domain.actions import Family, RunSituation
from app.domain.phrases import day_and_time
from app.domain.windows import OccurrenceKind
from app.engine.ports import RunView
from app.engine.schedule_rows import ActiveSchedule
from app.ui.formatting import patients


def exit_detail(family: Family, situation: RunSituation, latest: RunView | None) -> str:
    """The sentences below "Are you sure you want to exit the application?"; empty where nothing is left to do."""
    if situation.live_elsewhere:
        return f"{situation.live_elsewhere} That goes on whether this window is open or not."
    if situation.live:
        return (
            f"{family.title} is running. It is stopped first and keeps its place: press Resume another time to go on."
        )
    if latest is None or situation.status is None or not situation.status.is_open:
        return ""
    sending = f", {patients(latest.counts.sending)} still Sending" if latest.counts.sending else ""
    return (
        f"{family.title} is not finished: {patients(latest.counts.unprocessed)} Unprocessed{sending}. "
        "It keeps its place: press Resume another time to go on."
    )


def schedule_detail(held: ActiveSchedule | None, now: datetime) -> str:
    """What closing means for what is scheduled; empty where nothing begins by itself."""
    following = None if held is None else held.following(now)
    if following is None:
        return ""
    begins = "start" if following.kind is OccurrenceKind.START else "go on"
    when = "now" if following.begins_at <= now else day_and_time(following.begins_at, now)
    return (
        f"It is to {begins} by itself {when}. Nothing begins while the program is closed: a time that passes then is "
        "missed. Stay open, and leave the computer on and a card signed in."
    )
