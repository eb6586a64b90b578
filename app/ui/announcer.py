"""Decides what a screen reader is told unasked: news at once, progress every few seconds, who signs in. No widgets."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.clock import Clock
from app.ui.card_model import CardModel
from app.ui.choose_model import ChooseModel
from app.ui.frame_model import WindowModel
from app.ui.options_model import OptionsModel
from app.ui.running_model import MAY_STOP, RunningModel

_PROGRESS_SECONDS = 10.0
"""Progress is not told more often than this."""

_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Announcement:
    """Something to be said; what is `urgent` may interrupt."""

    words: str
    urgent: bool


class Announcer:
    """Hears of every change of the window and says what of it is news."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._status = ""
        self._remark = ""
        self._card: CardModel | None = None
        self._progress_again_at = clock.monotonic()

    def hear(self, model: WindowModel) -> Announcement | None:
        """What is to be said of this moment, if anything."""
        frame, remark = model.frame, _remark(model)
        is_new_status = frame.status != self._status
        # A remark that only counts on is no news.
        is_new_remark = _DIGITS.sub("", remark) != _DIGITS.sub("", self._remark)
        self._status, self._remark = frame.status, remark
        card = self._card_news(frame.card)
        if is_new_status or (is_new_remark and remark):
            self._progress_again_at = self._clock.monotonic() + _PROGRESS_SECONDS
            status = f"{frame.heading}: {frame.status}." if is_new_status else ""
            return Announcement(f"{status} {remark if is_new_remark else ''}".strip(), urgent=True)
        return Announcement(card, urgent=False) if card else self._progress(model.page)

    def _card_news(self, card: CardModel) -> str:
        """Who has signed in, or that nobody is signed in any more and why; nothing of what the window opened with."""
        before, self._card = self._card, card
        if before is None or before.name == card.name:
            return ""
        return f"{card.name}, {card.role}. {card.since}. {card.ends}." if card.signed_in else card.note

    def _progress(self, page: object) -> Announcement | None:
        now = self._clock.monotonic()
        at_work = isinstance(page, RunningModel) and page.stage in MAY_STOP
        if not isinstance(page, RunningModel) or not at_work or now < self._progress_again_at:
            return None
        self._progress_again_at = now + _PROGRESS_SECONDS
        return Announcement(". ".join(filter(None, (page.headline, page.left))) + ".", urgent=False)


def _remark(model: WindowModel) -> str:
    """What stands out on the page: why a run waits or has paused, or what speaks against pressing OK."""
    page = model.page
    if isinstance(page, RunningModel):
        return page.note.text if page.note else ""
    if isinstance(page, OptionsModel):
        return page.why_not or page.warning
    if isinstance(page, ChooseModel):
        return f"{page.history} {page.advice}".strip()
    return page.heading
