"""On the running page: what the end of the Smartcard session means for the run, where nothing graver is to be said."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from app.domain.forecast import forecast
from app.domain.session import CardSession
from app.domain.windows import Plan
from app.engine.foresight import shortfall
from app.engine.progress import Snapshot
from app.ui.formatting import patients
from app.ui.running_model import Note, RunningModel, Stage
from app.ui.tones import Tone


def foretold(
    model: RunningModel, snapshot: Snapshot | None, session: CardSession | None, now: datetime, plan: Plan | None = None
) -> RunningModel:
    """The page with that sentence, where there is one to say. `plan` has the times of the run, if any are set."""
    if model.stage is not Stage.LIVE or model.note is not None or snapshot is None or snapshot.waiting is not None:
        return model
    words = _without_card(snapshot) if snapshot.sends_held_by else _shortfall(snapshot, session, now, plan)
    return replace(model, note=Note(Tone.ATTENTION, words)) if words else model


def _without_card(snapshot: Snapshot) -> str:
    waiting = snapshot.counts.sending
    wait = f"{patients(waiting)} wait{'s' if waiting == 1 else ''}" if waiting else "Dissents wait"
    return (
        f"The Smartcard session is over. Patients go on being read; {wait} for a card to be sent with. "
        "Sign in, press Stop, then Resume."
    )


def _shortfall(snapshot: Snapshot, session: CardSession | None, now: datetime, plan: Plan | None) -> str:
    if session is None or snapshot.per_second is None:
        return ""
    left = max(0, snapshot.in_scope - snapshot.checked_now)
    return shortfall(forecast(plan or Plan(now), now, left, snapshot.per_second, session))
