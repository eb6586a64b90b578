"""What a plan will come to: when it works and pauses, when it is done, how far the Smartcard session reaches.

Pure; for the timeline, the sentences before OK and the warnings while it runs. A session ends ten hours after sign-in:
work beyond it is forecast as if somebody signed in again at once, and marked as needing that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from itertools import pairwise

from app.domain.local_time import ClockChange, clock_changes
from app.domain.session import LAST_SEND_MARGIN, SESSION_LENGTH, CardSession
from app.domain.windows import DAY, Occurrence, Pause, Plan

MOST_NIGHTS = 60
"""Beyond this nobody forecasts: a list that takes so many nights needs another plan."""

NIGHTS_WITHOUT_PACE = 3
"""How many occurrences are shown while nobody knows how long the list takes."""


class Ends(Enum):
    """Why a working stretch ends."""

    DONE = "done"
    STOP = "stop"
    CARD = "card"
    OPEN = "open"
    """Nobody knows: no stop is set and the pace is not known."""


@dataclass(frozen=True, slots=True)
class Working:
    """A stretch of work, UTC. `ends_at` is None where it is open.

    `patients` is how many are done within it, None without a pace. `signed_in` says that today's session covers it.
    """

    begins_at: datetime
    ends_at: datetime | None
    ends: Ends
    patients: int | None
    signed_in: bool


@dataclass(frozen=True, slots=True)
class SignIn:
    """Between when and when somebody must sign in for one session to cover the first occurrence from start to end.

    `covers` is False when no single session can; then `earliest` lies after `latest`, and the best is to sign in at
    `latest`, which is the start. `earliest` is None where nobody knows when the work ends.
    """

    earliest: datetime | None
    latest: datetime

    @property
    def covers(self) -> bool:
        """Whether one session can cover it."""
        return self.earliest is None or self.earliest <= self.latest


@dataclass(frozen=True, slots=True)
class Forecast:
    """A plan from one instant on. Times are UTC.

    `fits` is how many of the patients the first occurrence has room for, None without a pace. `finishes_at` is when
    the last patient is done if somebody is signed in whenever it works, None when that is not known or not in reach.
    `left_at_card_end` is how many are left when the session that is open now ends, None when it outlasts the work,
    when nobody is signed in, or without a pace.
    """

    made_at: datetime
    plan: Plan
    patients: int
    per_second: float | None
    begins_at: datetime
    working: tuple[Working, ...]
    pauses: tuple[Pause, ...]
    fits: int | None
    finishes_at: datetime | None
    card_ends_at: datetime | None
    left_at_card_end: int | None
    sign_in: SignIn
    changes: tuple[ClockChange, ...]

    @property
    def shown_until(self) -> datetime:
        """The last instant that a drawing of it has to reach."""
        return _last_shown(self.working, self.pauses)


def forecast(
    plan: Plan, now: datetime, patients: int, per_second: float | None, session: CardSession | None
) -> Forecast:
    """What this plan comes to from now on.

    `patients` are those still to be done, `per_second` how many are done in a second of work: a setting before the
    start, the measured pace while it runs, None or 0 when it is not known.
    """
    per_second = per_second or None
    card_ends_at = None if session is None else session.ends_at - LAST_SEND_MARGIN
    occurrences: list[Occurrence] = []
    working: list[Working] = []
    left = patients
    for occurrence in _from(plan, now, MOST_NIGHTS if per_second else NIGHTS_WITHOUT_PACE):
        occurrences.append(occurrence)
        for stretch in _worked(occurrence, left, per_second, card_ends_at):
            working.append(stretch)
            left -= stretch.patients or 0
        if working[-1].ends is Ends.DONE:
            break
    done = working[-1].ends is Ends.DONE
    first, finishes_at = occurrences[0], working[-1].ends_at if done else None
    pauses = tuple(_pauses(plan, occurrences, done=done))
    return Forecast(
        made_at=now,
        plan=plan,
        patients=patients,
        per_second=per_second,
        begins_at=first.begins_at,
        working=tuple(working),
        pauses=pauses,
        fits=_room(first, per_second, patients),
        finishes_at=finishes_at,
        card_ends_at=None if session is None else session.ends_at,
        left_at_card_end=_left_at_card_end(working, patients) if session and per_second else None,
        sign_in=_sign_in(first, finishes_at),
        # One that comes within an hour of the end tells which of two times the end is.
        changes=clock_changes(min(now, first.begins_at), _last_shown(working, pauses) + timedelta(hours=1)),
    )


def _from(plan: Plan, now: datetime, most: int) -> Iterator[Occurrence]:
    """The occurrences that are under way now or yet to come, the one under way cut at now."""
    first = plan.first()
    count = 0
    for occurrence in plan.occurrences(min(first.begins_at, now) - 2 * DAY, max(first.begins_at, now) + most * DAY):
        if occurrence.ends_at is not None and occurrence.ends_at <= now:
            continue
        begins_at = max(occurrence.begins_at, now)
        yield Occurrence(occurrence.kind, begins_at, occurrence.ends_at)
        count += 1
        if count == most:
            return
    if count == 0:
        # Its one stop has passed: whoever asks means to begin now, until the next one.
        yield Occurrence(first.kind, now, plan.stop_after(now))


def _worked(
    occurrence: Occurrence, left: int, per_second: float | None, card_ends_at: datetime | None
) -> Iterator[Working]:
    """An occurrence as it will be worked, in two where the session ends within it."""
    begins_at, ends_at, ends = occurrence.begins_at, occurrence.ends_at, Ends.STOP
    if per_second is not None:
        done_at = begins_at + timedelta(seconds=left / per_second)
        if ends_at is None or done_at <= ends_at:
            ends_at, ends = done_at, Ends.DONE
    elif ends_at is None:
        ends = Ends.OPEN
    total = None if per_second is None else _patients_in(begins_at, ends_at, per_second, left, ends)
    if card_ends_at is None or card_ends_at <= begins_at:
        yield Working(begins_at, ends_at, ends, total, signed_in=False)
        return
    if ends_at is not None and ends_at <= card_ends_at:
        yield Working(begins_at, ends_at, ends, total, signed_in=True)
        return
    before = None if per_second is None else _patients_in(begins_at, card_ends_at, per_second, left, Ends.CARD)
    yield Working(begins_at, card_ends_at, Ends.CARD, before, signed_in=True)
    after = None if total is None or before is None else total - before
    yield Working(card_ends_at, ends_at, ends, after, signed_in=False)


def _patients_in(begins_at: datetime, ends_at: datetime | None, per_second: float, left: int, ends: Ends) -> int:
    if ends is Ends.DONE or ends_at is None:
        return left
    return min(left, int((ends_at - begins_at).total_seconds() * per_second))


def _room(occurrence: Occurrence, per_second: float | None, patients: int) -> int | None:
    if per_second is None:
        return None
    ends = Ends.DONE if occurrence.ends_at is None else Ends.STOP
    return _patients_in(occurrence.begins_at, occurrence.ends_at, per_second, patients, ends)


def _pauses(plan: Plan, occurrences: list[Occurrence], *, done: bool) -> Iterator[Pause]:
    """The pauses between the occurrences, and the one after the last when the work is not done by then."""
    for before, after in pairwise(occurrences):
        if before.ends_at is not None:
            yield Pause(before.ends_at, after.begins_at)
    last = occurrences[-1].ends_at
    if not done and last is not None:
        after_last = plan.pause_at(last)
        yield Pause(last, None if after_last is None else after_last.ends_at)


def _left_at_card_end(working: Sequence[Working], patients: int) -> int | None:
    done = 0
    for stretch in working:
        if not stretch.signed_in:
            return patients - done
        done += stretch.patients or 0
    return None


def _last_shown(working: Sequence[Working], pauses: Sequence[Pause]) -> datetime:
    ends = [(stretch.begins_at, stretch.ends_at) for stretch in working]
    ends += [(pause.begins_at, pause.ends_at) for pause in pauses]
    return max(end or begin for begin, end in ends)


def _sign_in(first: Occurrence, finishes_at: datetime | None) -> SignIn:
    ends = [end for end in (first.ends_at, finishes_at) if end is not None]
    earliest = min(ends) - SESSION_LENGTH + LAST_SEND_MARGIN if ends else None
    return SignIn(earliest, first.begins_at)
