"""The preview of a press: the whole pass as a run would make it, on a copy of the practice that is thrown away.

It is the same operator, loop and decision as the run's, so the two cannot come apart. What makes it a preview is what
it is given: a copy of the database, and a Spine that can only be asked (`preview_spine`). Neither the practice's
database nor the Spine is written to. How many of what it foresees is counted in `preview_numbers`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from app.clock import Clock
from app.domain.actions import Action
from app.domain.errors import Refused
from app.engine.control import StopToken
from app.engine.lists import ListQuery, OfRun, PatientLists, every_line
from app.engine.long_work import Progress, nobody_waits
from app.engine.operator import JobOperator, OperatorSettings
from app.engine.patient_line import PatientLine
from app.engine.ports import MigrationStore, RunQueries, RunView, SignedIn
from app.engine.press import Press
from app.engine.preview_numbers import Foreseen, count_foreseen
from app.engine.progress import ProgressBoard
from app.engine.run_lists import ListDefinition
from app.engine.run_outcomes import PatientMarks, RunOutcomes
from app.engine.sender_pool import SenderPool
from app.engine.senders import MakeSenders
from app.engine.spine_port import SpineService

NO_PREVIEW = "There is no preview. Take one first."


class Depth(StrEnum):
    """What a preview looks at."""

    RECORDS = "records"
    """The practice's own records alone: no card, no network, and all that depends on the Spine is left open."""
    SPINE = "spine"
    """The records, and what the Spine tells of each patient."""


@dataclass(frozen=True, slots=True)
class Wish:
    """The press that is to be foreseen, and how deep to look."""

    press: Press
    depth: Depth


@dataclass(frozen=True, slots=True)
class Means:
    """What a preview of one depth is taken with.

    `check` raises `Refused` where the press itself could not be made, by this person and as things stand. `begun` is
    told before the first patient is looked at, for the audit trail where one is due.
    """

    service: SpineService
    signed_in: SignedIn
    check: Callable[[Press], object]
    begun: Callable[[Press], None]


@dataclass(frozen=True, slots=True)
class PracticeCopy:
    """A copy of the practice, with everything a run on it needs."""

    store: MigrationStore
    queries: RunQueries
    lists: PatientLists
    outcomes: RunOutcomes
    marks: PatientMarks


MakeCopy = Callable[[Progress], AbstractContextManager[PracticeCopy]]
"""Makes a copy of the practice as it stands, which is gone at the context's end."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What was foreseen, from the practice as it stood at `made_at` (UTC). `view` is the run as the copy holds it: not
    completed where the preview was stopped short, and can be gone on with.
    """

    wish: Wish
    made_at: datetime
    view: RunView
    foreseen: Foreseen


class Previewer:
    """Takes previews of one practice and keeps the latest, until the next is taken or `forget` is called.

    `take` and `go_on` block their thread, one at a time; the rest may be asked from any. `means` are by depth; one that
    is missing cannot be had here. `note_taken` has it in the audit trail who took which list with names.
    """

    def __init__(
        self,
        make_copy: MakeCopy,
        means: Mapping[Depth, Means],
        clock: Clock,
        settings: OperatorSettings,
        note_taken: Callable[[str, str], None],
        make_senders: MakeSenders = SenderPool,
    ) -> None:
        self._make_copy = make_copy
        self._means = means
        self._clock = clock
        self._settings = settings
        self._note_taken = note_taken
        self._make_senders = make_senders
        self._guard = threading.RLock()
        self._held = ExitStack()
        self._copy: PracticeCopy | None = None
        self._preview: Preview | None = None

    @property
    def current(self) -> Preview | None:
        """The latest preview, None when there is none."""
        return self._preview

    def copy(self) -> PracticeCopy:
        """The copy that the latest preview was made on. Raises `Refused` when there is none any more."""
        copy = self._copy
        if copy is None or self._preview is None:
            raise Refused(NO_PREVIEW)
        return copy

    def check(self, wish: Wish) -> None:
        """Raise `Refused` with the reason why this cannot be previewed now: the one why it could not be pressed."""
        self._means[wish.depth].check(wish.press)

    def take(self, wish: Wish, token: StopToken, board: ProgressBoard, progress: Progress = nobody_waits) -> Preview:
        """Foresee a press, from the practice as it stands now; an earlier preview is forgotten first.

        Stopped by the token, or by what would pause a run, it tells what it has found so far. Raises `Refused`,
        `StorageFault` and `Cancelled`.
        """
        means = self._means[wish.depth]
        means.check(wish.press)
        self.forget()
        with ExitStack() as held:
            made_at = self._clock.now()
            copy = held.enter_context(self._make_copy(progress))
            means.begun(wish.press)
            view = self._operator(copy, wish.depth).execute(wish.press, token, board)
            preview = self._seen(Wish(wish.press, wish.depth), made_at, view, copy)
            with self._guard:
                self._held, self._copy, self._preview = held.pop_all(), copy, preview
        return preview

    def go_on(self, token: StopToken, board: ProgressBoard) -> Preview:
        """Go on with a preview that was stopped short. Raises `Refused` when there is none, and as `take` does."""
        copy, before = self.copy(), self._preview
        if before is None:
            raise Refused(NO_PREVIEW)
        press = replace(before.wish.press, action=Action.RESUME, group=None)
        view = self._operator(copy, before.wish.depth).execute(press, token, board)
        preview = self._seen(before.wish, before.made_at, view, copy)
        with self._guard:
            self._preview = preview
        return preview

    def lines(self, definition: ListDefinition, actor: str) -> Iterator[PatientLine]:
        """A list of the latest preview from its first row to its last, taken by `actor`, which is noted before.

        Whether they may see names is for the caller to settle. Raises `Refused` when there is no preview any more.
        """
        copy, preview = self.copy(), self._preview
        if preview is None:
            raise Refused(NO_PREVIEW)
        query = ListQuery(OfRun(preview.view.run_id, definition))
        self._note_taken(actor, f"preview, {definition.key}, {copy.lists.count(query)} patients")
        return every_line(copy.lists, query)

    def forget(self) -> None:
        """Throw the latest preview away, with the copy it was made on."""
        with self._guard:
            held, self._held, self._copy, self._preview = self._held, ExitStack(), None, None
        held.close()

    def _seen(self, wish: Wish, made_at: datetime, view: RunView, copy: PracticeCopy) -> Preview:
        per_second = self._settings.loop.per_second
        return Preview(wish, made_at, view, count_foreseen(copy.lists, view, per_second))

    def _operator(self, copy: PracticeCopy, depth: Depth) -> JobOperator:
        """The operator of a run, on the copy: there is nothing to claim and nothing worth a backup."""
        means, loop = self._means[depth], self._settings.loop
        loop = replace(loop, reads_need_card=True)
        if depth is Depth.RECORDS:
            loop = replace(loop, per_second=0.0)
        return JobOperator(
            copy.store,
            copy.queries,
            _NobodyElse(),
            means.service,
            means.signed_in,
            _nothing,
            _nothing,
            self._clock,
            replace(self._settings, loop=loop),
            self._make_senders,
        )


def _nothing() -> None:
    return


class _NobodyElse:
    """`PracticeLock` of a copy: nobody else knows of it."""

    held_here = False

    def acquire(self, who: str) -> None:
        """Have it."""

    def release(self) -> None:
        """Give it back."""

    def holder(self) -> str | None:
        """Nobody."""
        return None
