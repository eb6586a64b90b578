"""A history without a database: two runs, the second paused overnight, and a trail as long as a test wants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from app.domain.actions import CONSENT_MIGRATION
from app.domain.errors import Refused
from app.domain.outcomes import ItemState, Reason
from app.domain.states import RunStatus, StopReason
from app.engine.audit_trail import Damage, TrailLine, TrailQuery, TrailVerdict
from app.engine.history import Comparison, CoursePoint, Difference, ExecutionView, RunHistory
from app.engine.long_work import Progress
from app.engine.paging import Mark
from app.engine.ports import RunView
from app.engine.rows import Counts, Scope

BEGUN = datetime(2026, 11, 23, 18, 30, tzinfo=UTC)
TOTAL = 10_387
ALISON = "Alison Marsh (System Administrator, card 910000000001)"


def a_run(run_id: int, counts: Counts, begun: datetime, **changes: object) -> RunView:
    view = RunView(
        run_id=run_id,
        family=CONSENT_MIGRATION.key,
        status=RunStatus.COMPLETED,
        stop_reason=None,
        stop_detail="",
        group=None,
        counts=counts,
        reads=counts.checked,
        writes=counts.sent,
        created_at=begun,
        started_at=begun,
        ended_at=begun + timedelta(hours=14, minutes=10),
        operator="Alison Marsh",
        workstation="FRONT-DESK",
        stop_requested=False,
    )
    return replace(view, **changes)  # type: ignore[arg-type]


FIRST = a_run(1, Counts(sent=117, failed=31, not_required=10_239), BEGUN - timedelta(days=7))
SECOND = a_run(2, Counts(sent=122, failed=3, not_required=10_262), BEGUN)


def an_execution(place: int, begun: datetime, minutes: int, **changes: object) -> ExecutionView:
    told = ExecutionView(
        execution_id=place,
        place=place,
        scope=Scope.UNPROCESSED,
        operator="Alison Marsh",
        role_name="System Administrator",
        card_uid="910000000001",
        workstation="FRONT-DESK",
        started_at=begun,
        ended_at=begun + timedelta(minutes=minutes),
        end_reason=None,
        end_detail="",
        reads=6_020,
        writes=118,
        after=SECOND.counts,
    )
    return replace(told, **changes)  # type: ignore[arg-type]


HALF = Counts(unprocessed=4_367, sent=118, failed=3, not_required=5_899)
EXECUTIONS = (
    an_execution(1, BEGUN, 24, end_reason=StopReason.CARD_EXPIRED, after=HALF),
    an_execution(
        *(2, BEGUN + timedelta(hours=13, minutes=40), 18),
        operator="Sam Okafor",
        card_uid="910000000005",
        workstation="BACK-OFFICE",
        after=Counts(sent=122, failed=5, not_required=10_260),
    ),
    an_execution(3, BEGUN + timedelta(hours=14, minutes=9), 1, scope=Scope.FAILED, reads=5, writes=0),
)


class FakeHistory:
    """`History` of these runs; those of a test instead where it sets `views`."""

    def __init__(self) -> None:
        self.views: list[RunView] = [SECOND, FIRST]
        self.executions = EXECUTIONS
        self.fault: Exception | None = None

    def runs(self, before: int | None, limit: int) -> Sequence[RunView]:
        self._check()
        return [view for view in self.views if before is None or view.run_id < before][:limit]

    def run(self, run_id: int) -> RunHistory | None:
        self._check()
        return next((RunHistory(view, self.executions) for view in self.views if view.run_id == run_id), None)

    def course(self, execution_id: int) -> Sequence[CoursePoint]:
        """Steady, with a slow stretch in the middle."""
        self._check()
        points, done, seconds = [], 0, 0.0
        while done < TOTAL - 4_367:
            sent = min(118, done)
            failed = done * 3 // 6_020
            rest = max(0, done - sent - failed)
            counts = Counts(unprocessed=TOTAL - sent - failed - rest, sent=sent, failed=failed, not_required=rest)
            points.append(CoursePoint(seconds, done, counts))
            done += 60 if 2_400 < done < 3_000 else 150
            seconds += 30
        return points

    def compare(self, first: int, second: int) -> Comparison:
        self._check()
        views = {view.run_id: view for view in self.views}
        if first not in views or second not in views:
            raise Refused("One of the two runs is not there any more.")
        differences = (
            Difference(ItemState.FAILED, Reason.PDS_MISMATCH, ItemState.NOT_REQUIRED, Reason.NOTHING_TO_DO, 21),
            Difference(ItemState.FAILED, Reason.RECORD_IN_USE, ItemState.SENT, Reason.DISSENT_SENT, 5),
            Difference(
                ItemState.NOT_REQUIRED, Reason.NOTHING_TO_DO, ItemState.NOT_REQUIRED, Reason.DISSENT_ON_SPINE, 2
            ),
        )
        return Comparison(views[first], views[second], 10_350, 9, 9, differences)

    def _check(self) -> None:
        if self.fault is not None:
            raise self.fault


class FakeTrail:
    """`AuditTrail` of so many events; `broken_at` has a check find damage there."""

    def __init__(self, total: int = 1_000_000) -> None:
        self.total = total
        self.broken_at: int | None = None
        self.asked: list[TrailQuery] = []
        self.fault: Exception | None = None

    def count(self, query: TrailQuery) -> int:
        self._check()
        self.asked.append(query)
        return self.total if not query.kind else 0

    def page(self, query: TrailQuery, after: Mark | None, skip: int, limit: int) -> Sequence[TrailLine]:
        self._check()
        if query.kind:
            return []
        step = -1 if query.descending else 1
        begin = (self.total if query.descending else 1) if after is None else after.tie + step
        numbers = range(begin + step * skip, 0 if query.descending else self.total + 1, step)
        return [self.event(number) for number in numbers[:limit]]

    def event(self, number: int) -> TrailLine:
        at = BEGUN + timedelta(seconds=number / 5)
        if number % 7 == 0:
            return TrailLine(number, at, ALISON, "report_taken", 2, None, None, None, None, "failed, 31 patients")
        if number % 3 == 0:
            message = "5a1c2f0e-8c55-4a8e-9a4f-0d6f5b0c1e77"
            detail = "0c0b9d2e-1f3a-4c57-8f0e-6a9b2b7d5f10"
            return TrailLine(number, at, ALISON, "attempt_started", 2, number, message, None, "No", detail)
        detail = "no_preference_expressed rule 9"
        return TrailLine(number, at, ALISON, "outcome", 2, number, None, "unprocessed", "not_required", detail)

    def actors(self) -> Sequence[str]:
        self._check()
        return [ALISON, "Sam Okafor (System Administrator, card 910000000005)", "the program"]

    def kinds(self) -> Sequence[str]:
        self._check()
        return ["attempt_started", "outcome", "report_taken"]

    def verify(self, progress: Progress) -> TrailVerdict:
        self._check()
        progress("Checking the audit trail", self.total // 3, self.total)
        if self.broken_at is None:
            return TrailVerdict(self.total)
        return TrailVerdict(self.broken_at - 1, self.broken_at, Damage.CHANGED)

    def _check(self) -> None:
        if self.fault is not None:
            raise self.fault
