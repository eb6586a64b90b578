"""The worklists' desks without database or Spine: they say what they were told to, and keep what they were asked."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

from app.domain.decision import DISSENT_REFUSAL
from app.domain.outcomes import Reason
from app.engine.lists import OfWorklist, Worklist
from app.engine.mismatches import Told
from app.engine.patient_line import Seen
from app.engine.worklists import WorklistCount

LOOKED_AT = datetime(2026, 11, 24, 16, 40, tzinfo=UTC)


class FakeWorklists:
    """`WorklistDesk` with nobody left anywhere, unless told otherwise."""

    def __init__(self) -> None:
        self.counts: list[WorklistCount] = [WorklistCount(OfWorklist(one), 0, 0) for one in Worklist]
        self.fault: Exception | None = None
        self.changes: list[tuple[object, ...]] = []

    def leave(self) -> None:
        """As after an ordinary go-live day."""
        failed = Worklist.FAILED
        self.counts = [
            WorklistCount(OfWorklist(Worklist.DISSENT_NOT_SENT), 2, 0),
            WorklistCount(OfWorklist(Worklist.MISMATCH), 7, 3),
            WorklistCount(OfWorklist(failed), 3, 0),
            WorklistCount(OfWorklist(failed, Reason.PDS_MISMATCH), 2, 0),
            WorklistCount(OfWorklist(failed, Reason.RECORD_IN_USE), 1, 0),
            WorklistCount(OfWorklist(Worklist.SEVERAL_TERMS), 0, 41),
            WorklistCount(OfWorklist(Worklist.FUTURE_DATED), 0, 0),
        ]

    def overview(self) -> list[WorklistCount]:
        if self.fault is not None:
            raise self.fault
        return self.counts

    def mark(self, worklist: Worklist, patient_id: int, seen: Seen, note: str, *, dealt_with: bool) -> None:
        if self.fault is not None:
            raise self.fault
        self.changes.append((worklist, patient_id, note, dealt_with))

    def unmark(self, worklist: Worklist, patient_id: int) -> None:
        self.changes.append((worklist, patient_id, None))


class FakeMismatches:
    """`MismatchDesk` whose Spine holds a dissent of everybody."""

    def __init__(self) -> None:
        self.why_not: str | None = None
        self.fault: Exception | None = None
        self.asked: list[tuple[str, int]] = []
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def why_not_record(self) -> str | None:
        return self.why_not

    def check_again(self, patient_id: int) -> Told:
        return self._ask("check", patient_id, "The Spine holds a dissent.")

    def record_dissent(self, patient_id: int) -> Told:
        return self._ask(
            "record", patient_id, "The dissent is recorded here too (9Ndo., 24/11/2026). Nothing was sent."
        )

    def _ask(self, what: str, patient_id: int, words: str) -> Told:
        assert self.may_go_on.wait(30)
        self.asked.append((what, patient_id))
        if self.fault is not None:
            raise self.fault
        return Told(words, DISSENT_REFUSAL)
