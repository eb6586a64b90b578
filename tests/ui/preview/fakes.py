"""Previews without a practice: taken as fast or as slowly as a test wants."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime

from app.domain.actions import CONSENT_MIGRATION, Action
from app.domain.outcomes import ItemState, Reason
from app.domain.states import RunStatus, StopReason
from app.engine.control import StopToken
from app.engine.lists import ReasonCount
from app.engine.long_work import Progress
from app.engine.ports import RunView
from app.engine.press import Press
from app.engine.preview import Depth, Preview, Wish
from app.engine.preview_lists import PREVIEW_LISTS
from app.engine.preview_numbers import Cause, Foreseen
from app.engine.progress import Phase, ProgressBoard, Snapshot
from app.engine.rows import Counts

MADE_AT = datetime(2026, 11, 24, 16, 2, tzinfo=UTC)
COUNTS = Counts(sent=117, failed=31, not_required=10_239)

SIZES = {
    **dict.fromkeys(PREVIEW_LISTS, 0),
    "widening": 412,
    "dissent-not-sent": 9,
    "to-be-sent": 117,
    "may-be-refused": 96,
    "already-on-spine": 4,
    "implied-consent": 2_871,
    "to-be-converted": 655,
    "mismatch": 3,
    "not-required": 10_239,
    "likely-to-fail": 31,
    "everybody": 10_387,
}
CAUSES = {Cause.APPLIED: 3, Cause.UNLINKED: 2, Cause.IN_USE: 1, Cause.NUMBER: 1, Cause.FUTURE_DATED: 2}


_TOLD_BY_SPINE = {Reason.IMPLIED_CONSENT_ADDED, Reason.ALREADY_ON_SPINE, Reason.DISSENT_ON_SPINE}


def a_preview(wish: Wish, counts: Counts = COUNTS, stopped_by: StopReason | None = None) -> Preview:
    """What a large practice's preview tells; stopped short where there is a reason."""
    view = RunView(
        run_id=1,
        family=CONSENT_MIGRATION.key,
        status=RunStatus.STOPPED if stopped_by else RunStatus.COMPLETED,
        stop_reason=stopped_by,
        stop_detail="",
        group=wish.press.group,
        counts=counts,
        reads=counts.checked,
        writes=counts.sent,
        created_at=MADE_AT,
        started_at=MADE_AT,
        ended_at=None,
        operator="Alison Marsh",
        workstation="FRONT-DESK",
        stop_requested=False,
    )
    sizes = {**SIZES, "not-looked-at": counts.unprocessed}
    if wish.depth is Depth.RECORDS:
        sizes |= {"already-on-spine": 0, "implied-consent": 0, "mismatch": 0, "may-be-refused": 0}
    reasons = [
        ReasonCount(ItemState.NOT_REQUIRED, Reason.NO_PREFERENCE_EXPRESSED, 4_310),
        ReasonCount(ItemState.NOT_REQUIRED, Reason.IMPLIED_CONSENT_ADDED, 2_871),
        ReasonCount(ItemState.NOT_REQUIRED, Reason.NOTHING_TO_DO, 2_639),
        ReasonCount(ItemState.NOT_REQUIRED, Reason.LEGACY_CONSENT_CONVERTED, 412),
        ReasonCount(ItemState.NOT_REQUIRED, Reason.ALREADY_ON_SPINE, 4),
        ReasonCount(ItemState.NOT_REQUIRED, Reason.DISSENT_ON_SPINE, 3),
        ReasonCount(ItemState.SENT, Reason.DISSENT_SENT, counts.sent),
        ReasonCount(ItemState.FAILED, Reason.PDS_MISMATCH, 17),
        ReasonCount(ItemState.FAILED, Reason.RECORD_IN_USE, 9),
        ReasonCount(ItemState.FAILED, Reason.NHS_NUMBER_INVALID, 5),
    ]
    if wish.depth is Depth.RECORDS:
        reasons = [one for one in reasons if one.reason not in _TOLD_BY_SPINE]
    return Preview(wish, MADE_AT, view, Foreseen(sizes, CAUSES, reasons, 2_143.0))


def run_for_everyone(depth: Depth = Depth.SPINE) -> Wish:
    return Wish(Press(CONSENT_MIGRATION.key, Action.RUN), depth)


class FakePreviews:
    """`Previewer` that has a preview ready; with `waits` it works until it is stopped."""

    def __init__(self, current: Preview | None = None, *, waits: bool = False) -> None:
        self.current = current
        self.waits = waits
        self.refusal: Exception | None = None
        self.taken: list[Wish] = []
        self.gone_on = 0
        self.counts = COUNTS
        self.stopped_by: StopReason | None = None

    def check(self, wish: Wish) -> None:
        if self.refusal is not None:
            raise self.refusal

    def take(self, wish: Wish, token: StopToken, board: ProgressBoard, progress: Progress) -> Preview:
        self.taken.append(wish)
        self.current = None
        progress("Making a copy of the practice database")
        return self._work(wish, token, board)

    def go_on(self, token: StopToken, board: ProgressBoard) -> Preview:
        self.gone_on += 1
        assert self.current is not None
        self.stopped_by = None
        return self._work(self.current.wish, token, board)

    def _work(self, wish: Wish, token: StopToken, board: ProgressBoard) -> Preview:
        if self.waits:
            board.publish(moment())
            asked = threading.Event()
            token.on_stop(asked.set)
            assert asked.wait(30)
            self.stopped_by = token.reason
        counts = self.counts
        if self.stopped_by is not None:
            counts = replace(counts, not_required=4_000, unprocessed=counts.not_required - 4_000)
        self.current = a_preview(wish, counts, self.stopped_by)
        return self.current


def moment() -> Snapshot:
    """In the middle of it, at the real service's pace."""
    counts = Counts(unprocessed=6_175, sent=117, failed=31, not_required=4_064)
    return Snapshot(
        run_id=1,
        execution_id=1,
        phase=Phase.RUNNING,
        counts=counts,
        reads=counts.checked,
        writes=0,
        elapsed=counts.checked / 5,
        in_scope=counts.total,
        checked_now=counts.checked,
        per_second=5.0,
        seconds_left=counts.unprocessed / 5,
    )
