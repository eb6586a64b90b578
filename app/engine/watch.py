"""What an answer means for everybody: outage, pace, session, rights. What it means for its patient is in `answers`.

Faults page, section 1 and rows 8, 15, 18 and 20.
"""

from __future__ import annotations

import logging

from app.domain.states import StopReason
from app.engine.breaker import Breaker
from app.engine.control import Ending
from app.engine.desk import Desk
from app.engine.pace import Pace
from app.engine.spine_port import TOLD_NOTHING, AnswerKind, SpineAnswer
from app.engine.task import Need, Task

_log = logging.getLogger(__name__)

MAX_ACCESS_REFUSALS_IN_A_ROW = 3

_UNDERSTOOD = frozenset({AnswerKind.CONSENT, AnswerKind.ACCEPTED, AnswerKind.REJECTED, AnswerKind.ACCESS_REFUSED})


class RunWatch:
    """Sees every answer before its patient does. Used by the loop's thread alone."""

    def __init__(
        self, desk: Desk, ending: Ending, breaker: Breaker, pace: Pace, *, reads_need_card: bool = True
    ) -> None:
        self._desk = desk
        self._ending = ending
        self._breaker = breaker
        self._pace = pace
        self._reads_need_card = reads_need_card
        self._refused_in_a_row: set[int] = set()

    def see(self, task: Task, answer: SpineAnswer) -> None:
        """Take in an answer."""
        if _is_understood(answer):
            self._understood(task, answer.kind)
        elif answer.kind in TOLD_NOTHING:
            connected = answer.kind is not AnswerKind.NO_CONNECTION
            if self._breaker.failed(task.patient_id, connected=connected):
                _log.warning("The Spine gives no usable answers: waiting and probing.")
                self._desk.begin_again()
        else:
            self._breaker.probe_not_made()
            self._refused_at_the_door(task, answer)

    def _understood(self, task: Task, kind: AnswerKind) -> None:
        task.reauthenticated = False
        if self._breaker.understood():
            _log.info("The Spine answers again.")
        self._desk.judge_suspects()
        if kind is not AnswerKind.ACCESS_REFUSED:
            self._refused_in_a_row.clear()
            return
        self._refused_in_a_row.add(task.patient_id)
        if len(self._refused_in_a_row) >= MAX_ACCESS_REFUSALS_IN_A_ROW:
            # So many different patients in a row mean the user, not the patients.
            self._ending.stop(StopReason.NOT_AUTHORISED)

    def _refused_at_the_door(self, task: Task, answer: SpineAnswer) -> None:
        """Answers about the session, the rights, the set-up or the pace, and not about any patient."""
        if answer.kind is AnswerKind.THROTTLED:
            self._pace.slow_down(answer.retry_after)
            self._breaker.turned_away()
        elif answer.kind is AnswerKind.NOT_AUTHORISED:
            self._ending.stop(StopReason.NOT_AUTHORISED, answer.text)
        elif answer.kind is AnswerKind.CONFIGURATION:
            self._ending.stop(StopReason.CONFIGURATION, answer.text)
        elif answer.kind is AnswerKind.UNAUTHENTICATED and not self._only_sends_are_over(task, answer):
            if answer.session_ended is not None or task.reauthenticated:
                self._ending.stop(answer.session_ended or StopReason.CARD_REMOVED)
            task.reauthenticated = True

    def _only_sends_are_over(self, task: Task, answer: SpineAnswer) -> bool:
        """Whether the card session was over for a dissent, and reading may go on without it: the gate knows by now."""
        return answer.session_ended is not None and task.need is Need.SEND and not self._reads_need_card


def _is_understood(answer: SpineAnswer) -> bool:
    """Whether the Spine said something that makes sense, even where it leaves open what became of a message.

    It does when it refuses a message because the same was received before, or because a dissent is in force.
    """
    refused_with_reason = answer.http_status is not None and answer.http_status < 500 and bool(answer.spine_code)
    return answer.kind in _UNDERSTOOD or (answer.kind is AnswerKind.UNKNOWN and refused_with_reason)
