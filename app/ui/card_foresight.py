"""On the running page: that the Smartcard session ends before the run does, as long as nothing graver is to be said."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from app.domain.foresight import forecast
from app.domain.session import CardSession
from app.engine.foresight import shortfall
from app.engine.progress import Snapshot
from app.ui.running_model import Note, RunningModel, Stage
from app.ui.tones import Tone


def foretold(
    model: RunningModel, snapshot: Snapshot | None, session: CardSession | None, now: datetime
) -> RunningModel:
    """The page with that sentence, where there is one to say."""
    if model.stage is not Stage.LIVE or model.note is not None or snapshot is None or session is None:
        return model
    if snapshot.seconds_left is None:
        return model
    left = max(0, snapshot.in_scope - snapshot.checked_now)
    words = shortfall(forecast(left, snapshot.seconds_left, session, now), session, now)
    return replace(model, note=Note(Tone.ATTENTION, words)) if words else model
