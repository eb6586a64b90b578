"""What an answer means for everybody: outage, pace, session, rights. What it means for its patient is in `answers`.

Faults page, section 1 and rows 8, 15, 18 and 20. Failures that may be an outage's are held back here until it is
clear whose fault they are: a misunderstood answer fails its patient only after somebody's answer was understood.
"""

from __future__ import annotations

import logging
from typing import Protocol

from app.domain.states import StopReason
from app.engine.breaker import Breaker, Circuit
from app.engine.pace import Pace
from app.engine.rows import Change
from app.engine.spine_port import AnswerKind, SpineAnswer
from app.engine.task import Task

_log = logging.getLogger(__name__)

_MAX_ACCESS_REFUSALS_IN_A_ROW = 3

_UNDERSTOOD = frozenset({AnswerKind.CONSENT, AnswerKind.ACCEPTED, AnswerKind.REJECTED, AnswerKind.ACCESS_REFUSED})
TOLD_NOTHING = frozenset(
    {AnswerKind.UNAVAILABLE, AnswerKind.NOT_UNDERSTOOD, AnswerKind.UNKNOWN, AnswerKind.NO_CONNECTION}
)


class Everybody(Protocol):
    """Whom the watch tells; the loop is one."""

    def stop(self, reason: StopReason, detail: str = "") -> None:
        """End the execution once nothing is under way any more."""

    def judge(self, task: Task, change: Change) -> None:
        """This failure is the patient's own: write it."""

    def begin_again(self, held: list[Task]) -> None:
        """An outage was found: everybody in hand, these too, is tried from the start once it is over."""


class RunWatch:
    """Sees every answer before its patient does. Used by the loop's thread alone."""

    def __init__(self, everybody: Everybody, breaker: Breaker, pace: Pace) -> None:
        self._everybody = everybody
        self._breaker = breaker
        self._pace = pace
        self._held: list[tuple[Task, Change]] = []
        self._refused_in_a_row: set[int] = set()

    @property
    def held(self) -> int:
        """How many failures wait for judgement; always fewer than make an outage."""
        return len(self._held)

    @property
    def in_outage(self) -> bool:
        """Whether the circuit is not closed."""
        return self._breaker.circuit is not Circuit.CLOSED

    def hold(self, task: Task, change: Change) -> None:
        """Keep this failure until it is clear that it is not an outage's."""
        if self.in_outage:
            self._everybody.begin_again([task])
        else:
            self._held.append((task, change))

    def judge_held(self) -> None:
        """The failures held back are their patients' own."""
        held, self._held = self._held, []
        for task, change in held:
            self._everybody.judge(task, change)

    def see(self, task: Task, answer: SpineAnswer) -> None:
        """Take in an answer."""
        kind = answer.kind
        if kind in TOLD_NOTHING:
            patient_id = task.work.record.patient_id
            if self._breaker.failed(patient_id, connected=kind is not AnswerKind.NO_CONNECTION):
                _log.warning("The Spine gives no usable answers: waiting and probing.")
                held, self._held = self._held, []
                self._everybody.begin_again([suspect for suspect, _ in held])
        elif kind in _UNDERSTOOD:
            if self._breaker.understood():
                _log.info("The Spine answers again.")
            self.judge_held()
            self._count_refusals(task, kind)
        else:
            self._breaker.probe_not_made()
            self._see_refusal_at_the_door(task, answer)

    def _see_refusal_at_the_door(self, task: Task, answer: SpineAnswer) -> None:
        """Answers about the session, the rights, the set-up or the pace, and not about any patient."""
        if answer.kind is AnswerKind.THROTTLED:
            self._pace.slow_down(answer.retry_after)
        elif answer.kind is AnswerKind.NOT_AUTHORISED:
            self._everybody.stop(StopReason.NOT_AUTHORISED, answer.text)
        elif answer.kind is AnswerKind.CONFIGURATION:
            self._everybody.stop(StopReason.CONFIGURATION, answer.text)
        elif answer.kind is AnswerKind.UNAUTHENTICATED:
            if answer.session_ended is not None or task.reauthenticated:
                self._everybody.stop(answer.session_ended or StopReason.CARD_REMOVED)
            task.reauthenticated = True

    def _count_refusals(self, task: Task, kind: AnswerKind) -> None:
        """Three different patients refused by the Spine's access control in a row mean the user, not the patients."""
        if kind is not AnswerKind.ACCESS_REFUSED:
            self._refused_in_a_row.clear()
            return
        self._refused_in_a_row.add(task.work.record.patient_id)
        if len(self._refused_in_a_row) >= _MAX_ACCESS_REFUSALS_IN_A_ROW:
            self._everybody.stop(StopReason.NOT_AUTHORISED)
