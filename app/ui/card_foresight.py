"""On the running page: that the Smartcard session ends before the run does, as long as nothing graver is to be said."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from app.domain.forecast import forecast
from app.domain.session import CardSession
from app.domain.windows import Plan
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
    if snapshot.per_second is None or snapshot.waiting is not None:
        return model
    left = max(0, snapshot.in_scope - snapshot.checked_now)
    words = shortfall(forecast(Plan(now), now, left, snapshot.per_second, session))
    return replace(model, note=Note(Tone.ATTENTION, words)) if words else model
