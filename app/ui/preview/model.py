"""What the page of a preview says: what can be looked at, how far it is, what it has found. No widgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from app.domain.actions import Family
from app.domain.phrases import about, count, patients
from app.domain.states import STOP_WORDS, RunStatus
from app.engine.long_work import WorkState
from app.engine.press import Press
from app.engine.preview import Depth, Preview, Wish
from app.engine.preview_words import (
    LEFT_OPEN,
    NOTHING_WRITTEN,
    headline,
    not_sent_words,
    number_lines,
    stopped_short,
    time_words,
    widening_words,
)
from app.engine.progress import Snapshot

ABOUT = "A preview tells what would happen. Nothing is sent to the Spine, and nothing is changed in the records."

RECORDS_MEANING = (
    "Takes moments and needs no Smartcard. It counts old terms, dissents and what stands in the way of them. What the "
    "Spine holds is left open."
)


class Stage(Enum):
    """What the page is about."""

    ASKING = "asking"
    """What to look at."""
    WORKING = "working"
    STOPPING = "stopping"
    DONE = "done"
    SHORT = "short"
    """It was stopped before it had come to everybody, and can be gone on with."""


@dataclass(frozen=True, slots=True)
class NumberLine:
    """One number: the list behind it, what it counts, and how many there are."""

    key: str
    words: str
    number: int

    @property
    def text(self) -> str:
        """The number as it is shown."""
        return count(self.number)


@dataclass(frozen=True, slots=True)
class PreviewModel:
    """The page. `warnings` are the two sentences that matter most, as far as there is anything to warn of; `done` of
    `total` is 0 of 0 while that is not known.
    """

    stage: Stage
    title: str
    lead: str
    spine_meaning: str = ""
    doing: str = ""
    done: int = 0
    total: int = 0
    note: str = ""
    widening: str = ""
    not_sent: str = ""
    numbers: Sequence[NumberLine] = ()
    left_open: str = ""
    press_label: str = ""


def _title(family: Family, press: Press) -> str:
    whom = "everyone" if press.group is None else f"the group {press.group}"
    if not press.action.makes_new_run:
        whom = "the patients it takes"
    return f"Preview of {family.actions[press.action].label} for {whom}"


def asking_model(family: Family, press: Press, people: int, per_second: float) -> PreviewModel:
    """Before one is taken. `people` is how many the press would take, 0 where that is not known."""
    spine = "Asks the Spine about each patient, as the run does, and needs the Smartcard of whoever may press it."
    if people and per_second:
        spine += f" It takes {about(people / per_second)} for {patients(people)}."
    return PreviewModel(Stage.ASKING, _title(family, press), ABOUT, spine_meaning=spine)


def working_model(
    family: Family, wish: Wish, snapshot: Snapshot | None, copying: WorkState, *, stopping: bool
) -> PreviewModel:
    """While one is taken: the copy first, then patient after patient."""
    stage = Stage.STOPPING if stopping else Stage.WORKING
    title = _title(family, wish.press)
    if snapshot is None:
        return PreviewModel(stage, title, ABOUT, doing=f"{copying.doing or 'Making a copy of the practice'}…")
    done, total = snapshot.checked_now, snapshot.in_scope
    doing = f"{count(done)} of {patients(total)} looked at"
    if snapshot.seconds_left is not None and not stopping:
        doing += f", {about(snapshot.seconds_left)} left"
    waits = snapshot.waiting
    note = "" if waits is None else f"Waiting: {STOP_WORDS[waits.reason].split('.')[0]}. Nobody is passed over."
    return PreviewModel(stage, title, ABOUT, doing=doing, done=done, total=total, note=note)


def done_model(family: Family, preview: Preview) -> PreviewModel:
    """What it has found."""
    short = preview.view.status is not RunStatus.COMPLETED
    left_open = LEFT_OPEN if preview.wish.depth is Depth.RECORDS else ""
    said = (time_words(preview), NOTHING_WRITTEN)
    action = preview.wish.press.action
    return PreviewModel(
        Stage.SHORT if short else Stage.DONE,
        headline(preview),
        " ".join(words for words in said if words),
        note=stopped_short(preview),
        widening=widening_words(preview),
        not_sent=not_sent_words(preview),
        numbers=tuple(NumberLine(*line) for line in number_lines(preview)),
        left_open=left_open,
        press_label=f"Go to {family.actions[action].label}…",
    )
