"""What the running page says: how far, how fast, how long still, and what it waits for. No widgets."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from app.domain.actions import Action
from app.domain.phrases import up_to_minute
from app.domain.states import STOP_WORDS, StopReason, stop_words
from app.engine.ports import RunView
from app.engine.progress import Phase, Snapshot
from app.engine.rows import Counts
from app.ui.chart_model import ChartModel, chart_model
from app.ui.counter_words import on_the_way
from app.ui.formatting import (
    about,
    clock_time,
    count,
    duration,
    patients,
    per_second,
    percent,
    seconds_each,
    stopwatch,
    time_of_day,
)
from app.ui.night_model import NightModel
from app.ui.tones import Tone

_UNKNOWN = "–"
_SILENCE_SECONDS, _DEAD_SECONDS = 20.0, 120.0
"""A working execution reports ten times a second: the first silence is worth a sentence, the second is no longer
called running (faults, row 45)."""

_WHAT_TO_DO_IN_SILENCE = "Press Stop. If that does not help, close this program and open it again: nothing is lost."
_NO_ANSWER = (
    "The run does not answer and cannot be stopped in good order. Close this program and open it again: nothing is "
    "lost, and Resume goes on where it was."
)

_ASKED_FOR = "The Spine is busy and asks for a pause."
_RATE_SECONDS = 5.0


class Stage(Enum):
    """What the page is about, and so which of its buttons make sense."""

    LIVE = "live"
    SILENT = "silent"
    STOPPING = "stopping"
    PAUSED = "paused"
    FINISHED = "finished"


MAY_STOP = frozenset({Stage.LIVE, Stage.SILENT})
"""Where Stop can be pressed; one that is stopping already needs no second press."""


class BarLook(Enum):
    """How the progress bar is drawn."""

    BUSY = "busy"
    MOVING = "moving"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence that stands out."""

    tone: Tone
    text: str


@dataclass(frozen=True, slots=True)
class RunningModel:
    """The running page; `done` of `total` is the bar, `left` is empty until a forecast means something.

    `why_no_resume` says of a paused run why it cannot be gone on with from here. `pace` is patients a second as last
    measured, `night` the hours to come where times are set.
    """

    stage: Stage
    headline: str
    left: str
    done: int
    total: int
    percent: str
    bar: BarLook
    average: str
    patient_rate: str
    request_rate: str
    elapsed: str
    counts: Counts
    chart: ChartModel
    note: Note | None
    why_no_resume: str | None = None
    pace: float | None = None
    night: NightModel | None = None


class RequestRate:
    """Requests a second over the last few seconds, from the snapshots' own totals and time."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int]] = deque()

    def update(self, snapshot: Snapshot) -> float | None:
        """Take in a snapshot; the rate, None until it means something."""
        self._samples.append((snapshot.elapsed, snapshot.reads + snapshot.writes))
        while len(self._samples) > 1 and snapshot.elapsed - self._samples[1][0] >= _RATE_SECONDS:
            self._samples.popleft()
        since, before = self._samples[0]
        passed = snapshot.elapsed - since
        return (snapshot.reads + snapshot.writes - before) / passed if passed >= 1.0 else None


def starting_model(action: Action) -> RunningModel:
    """Before the first snapshot: the list of patients is being fixed."""
    headline = "Taking up the failed patients…" if action is Action.FAILED else "Taking up the list of patients…"
    return RunningModel(
        stage=Stage.LIVE,
        headline=headline,
        left="",
        done=0,
        total=0,
        percent="",
        bar=BarLook.BUSY,
        average=_UNKNOWN,
        patient_rate=_UNKNOWN,
        request_rate=_UNKNOWN,
        elapsed=stopwatch(0),
        counts=Counts(),
        chart=chart_model(()),
        note=None,
    )


def running_model(
    action: Action,
    snapshot: Snapshot,
    request_rate: float | None,
    now: datetime,
    silent_for: float,
    chart: ChartModel | None = None,
) -> RunningModel:
    """The page for a snapshot. `silent_for` is how many seconds ago the run last reported, `chart` its course."""
    done, total, headline = _progress(action, snapshot)
    average, pace = snapshot.seconds_a_patient, snapshot.per_second
    return RunningModel(
        stage=_stage(snapshot, silent_for),
        headline=headline,
        left=_left(snapshot, now),
        done=done,
        total=total,
        # The last patient may still be under way: a hundred is for the end.
        percent=f"{min(99, percent(done, total))} %",
        bar=BarLook.HELD if snapshot.phase is Phase.WAITING else BarLook.MOVING,
        average=_UNKNOWN if average is None else seconds_each(average),
        patient_rate=_UNKNOWN if pace is None else per_second(pace),
        request_rate=_UNKNOWN if request_rate is None else per_second(request_rate),
        elapsed=stopwatch(snapshot.elapsed),
        counts=snapshot.counts,
        chart=chart or chart_model(()),
        note=_note(snapshot, silent_for),
        pace=pace,
    )


def stopping(model: RunningModel, *, closing: bool) -> RunningModel:
    """The page once a stop is asked for, until the messages under way have been answered."""
    if model.stage is Stage.SILENT:
        return replace(model, left="", note=Note(Tone.FAILED, _NO_ANSWER))
    then = ", a few seconds at most. Then the window closes" if closing else ""
    words = f"Stopping: the messages already under way are waited for{then}. Nothing is lost."
    return replace(model, stage=Stage.STOPPING, left="", note=Note(Tone.ACCENT, words))


def paused_model(model: RunningModel, run: RunView) -> RunningModel:
    """The page of a run that has stopped short of its end: the last one seen, with the counters from the database."""
    counts = run.counts
    # Whose message was on its way is left, and so is not counted among those who were checked.
    left, done = counts.unprocessed + counts.sending, counts.checked - counts.sending
    words = (stop_words(run.stop_reason or StopReason.USER, run.stop_detail), on_the_way(counts.sending))
    return replace(
        model,
        stage=Stage.PAUSED,
        headline=f"{count(done)} of {patients(counts.total)} checked",
        left=f"{patients(left)} left",
        done=done,
        total=counts.total,
        percent=f"{percent(done, counts.total)} %",
        bar=BarLook.HELD,
        patient_rate=_UNKNOWN,
        request_rate=_UNKNOWN,
        counts=counts,
        note=Note(Tone.ATTENTION, " ".join(filter(None, words))),
    )


def finished_model(model: RunningModel, run: RunView) -> RunningModel:
    """The page of a run that is complete, until the results are shown."""
    total = run.counts.total
    return replace(
        model,
        stage=Stage.FINISHED,
        headline=f"{count(total)} of {patients(total)} checked",
        left="",
        done=total,
        total=total,
        percent="100 %",
        bar=BarLook.MOVING,
        patient_rate=_UNKNOWN,
        request_rate=_UNKNOWN,
        counts=run.counts,
        note=None,
    )


def _progress(action: Action, snapshot: Snapshot) -> tuple[int, int, str]:
    if action is Action.FAILED:
        done, total = snapshot.checked_now, snapshot.in_scope
        return done, total, f"{count(done)} of {count(total)} failed patients tried again"
    done, total = snapshot.counts.checked, snapshot.counts.total
    return done, total, f"{count(done)} of {patients(total)} checked"


def _left(snapshot: Snapshot, now: datetime) -> str:
    if snapshot.seconds_left is None or snapshot.waiting is not None:
        return ""
    until = clock_time(up_to_minute(now + timedelta(seconds=snapshot.seconds_left)), now)
    return f"{about(snapshot.seconds_left)} left (until {until})"


def _stage(snapshot: Snapshot, silent_for: float) -> Stage:
    if silent_for >= _DEAD_SECONDS:
        return Stage.SILENT
    return Stage.STOPPING if snapshot.phase is Phase.STOPPING else Stage.LIVE


def _note(snapshot: Snapshot, silent_for: float) -> Note | None:
    if silent_for >= _DEAD_SECONDS:
        return Note(Tone.FAILED, f"The run has not reported for {duration(silent_for)}. {_WHAT_TO_DO_IN_SILENCE}")
    if silent_for >= _SILENCE_SECONDS:
        words = f"The run has not reported for {int(silent_for)} seconds: the computer or its disk may be busy."
        return Note(Tone.ATTENTION, words)
    if snapshot.waiting is None:
        return _put_off(snapshot)
    reason = _ASKED_FOR if snapshot.waiting.was_asked_for else _outage_words(snapshot.waiting.reason)
    next_try = time_of_day(snapshot.waiting.next_try_at)
    return Note(Tone.ATTENTION, f"Waiting: {reason} It goes on by itself; the next try is at {next_try}.")


def _outage_words(reason: StopReason) -> str:
    return {
        StopReason.NO_CONNECTION: "The Spine cannot be reached.",
        StopReason.SPINE_UNAVAILABLE: "The Spine gives no usable answers just now.",
    }.get(reason, STOP_WORDS[reason])


def _put_off(snapshot: Snapshot) -> Note | None:
    """Only patients who were put off are left: until when, and why that takes longer than the rest."""
    if snapshot.put_off_until is None:
        return None
    left = snapshot.in_scope - snapshot.checked_now
    who = "1 patient is" if left == 1 else f"{patients(left)} are"
    next_try = time_of_day(snapshot.put_off_until)
    return Note(
        Tone.ACCENT,
        f"Everybody else is done. {who} waited for, because the Spine's answer was lost or it was busy: "
        f"it is asked again at {next_try}. It goes on by itself; leave your Smartcard in.",
    )
