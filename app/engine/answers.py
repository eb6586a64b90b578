"""What each answer of the Spine does to the patient it is about.

Faults page, sections 1 and 2. The loop sees to what an answer means for the run (pace, outage, stop) before it
comes here; this is about one patient, and every end is a change handed to the ledger.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Protocol

from app.clock import LONDON
from app.domain.decision import NO_SUMMARY, Permission, SpineConsent, Summary, decide
from app.domain.outcomes import ItemState, Reason
from app.domain.states import IntentState
from app.engine import steps
from app.engine.rows import Change, Outcome, ResendReason, Scope
from app.engine.spine_port import AnswerKind, SpineAnswer
from app.engine.task import Message, Need, Task

MAX_SENDS_NOW = 3
MAX_SENDS_EVER = 7
"""Sends of one message: in one execution, and over its life (faults page, section 2, item 4)."""

_IN_HAND_SECONDS = 30.0
"""A retry delay up to this long is waited out in hand; a longer one on the waiting list in the database."""

RECONNECT_SECONDS = 1.0
"""After a connection that could not be made, the same patient is not tried again for this long."""

NOT_APPLIED = frozenset(
    {AnswerKind.NO_CONNECTION, AnswerKind.THROTTLED, AnswerKind.UNAUTHENTICATED, AnswerKind.NOT_SENT}
    | {AnswerKind.NOT_AUTHORISED, AnswerKind.CONFIGURATION}
)
"""Answers to a send after which it certainly was not applied: the message stays prepared."""


class Desk(Protocol):
    """What the answers may do; the loop is one."""

    def write(self, task: Task, change: Change, *, again: bool = False) -> None:
        """Commit this and let go of the patient, or take them in hand anew when `again`, or when it was stale."""

    def keep(self, task: Task, change: Change, seconds: float = 0.0) -> None:
        """Commit this, then let the task go out, after this many seconds."""

    def go_out(self, task: Task) -> None:
        """The task can go out."""

    def go_out_later(self, task: Task, seconds: float) -> None:
        """The task can go out after this long."""

    def hold_judgement(self, task: Task, change: Change) -> None:
        """Write this failure only once it is clear that it is not an outage's."""


class Answers:
    """Takes answers about one patient at a time. `settle` is the settle time, `delays` the retry delays in seconds."""

    def __init__(self, desk: Desk, operator: str, scope: Scope, settle: timedelta, delays: tuple[float, ...]) -> None:
        self._desk = desk
        self._operator = operator
        self._scope = scope
        self._settle = settle
        self._delays = delays

    def read(self, task: Task, answer: SpineAnswer, now: datetime) -> None:
        """An answer to the question that comes before a decision."""
        if answer.kind is AnswerKind.CONSENT and answer.consent is not None:
            self._decide(task, answer, answer.consent, now)
        elif answer.kind in {AnswerKind.REJECTED, AnswerKind.ACCESS_REFUSED}:
            self._desk.write(task, steps.fail(task.work, Reason.SPINE_REJECTED, now, answer))
        elif answer.kind is AnswerKind.NOT_UNDERSTOOD:
            self._misunderstood(task, answer, now)
        else:
            self._try_again(task, now)

    def settling_read(self, task: Task, answer: SpineAnswer, now: datetime) -> None:
        """An answer to the question whether a message arrived. Nothing is ever resent on a failed read."""
        message = _message(task)
        consent = answer.consent
        if answer.kind is not AnswerKind.CONSENT or consent is None:
            self._try_again(task, now)
        elif consent.permission is Permission.NO:
            self._confirmed_by_read(task, message, now)
        elif task.work.record.consent_version != message.version:
            self._superseded(task, message, IntentState.UNKNOWN, now)
        elif consent.permission is Permission.NOT_TOLD:
            self._settle_blind(task, message, now)
        elif _is_as_before(consent, message.snapshot):
            self._resend(task, message, ResendReason.READBACK_NOT_APPLIED, now)
        else:
            outcome = Outcome(ItemState.FAILED, Reason.CONFLICT, now)
            change = steps.settle(task, message, IntentState.UNKNOWN, IntentState.CONFLICT, outcome)
            self._desk.write(task, change)

    def sent(self, task: Task, answer: SpineAnswer, started_at: datetime, now: datetime) -> None:
        """An answer to a send: transaction C."""
        message = _message(task)
        if answer.kind is AnswerKind.ACCEPTED:
            state = IntentState.CONFIRMED
            outcome = Outcome(ItemState.SENT, steps.sent_reason(task.work, message), now)
        elif answer.kind in {AnswerKind.REJECTED, AnswerKind.ACCESS_REFUSED}:
            state = IntentState.REJECTED
            outcome = Outcome(
                ItemState.FAILED, Reason.SPINE_REJECTED, now, spine_code=answer.spine_code, text=answer.text
            )
        elif answer.kind in NOT_APPLIED:
            self._not_applied(task, message, answer, now)
            return
        else:
            state = IntentState.UNKNOWN
            # A clock that was put back in between must not put the settling off for longer than it takes.
            due = min(started_at, now) + self._settle
            outcome = Outcome(ItemState.SENDING, None, now, next_attempt_at=due)
        self._desk.write(task, steps.end_send(task, message, answer, state, outcome))

    def supersede(self, task: Task, now: datetime) -> None:
        """The record has changed under a prepared message: it is given up, and the patient decided anew."""
        self._superseded(task, _message(task), IntentState.PREPARED, now)

    def _decide(self, task: Task, answer: SpineAnswer, consent: SpineConsent, now: datetime) -> None:
        record = task.work.record
        in_england = now.astimezone(LONDON)
        decision = decide(record, consent, in_england.date())
        local = steps.local_change(decision, now, in_england, self._operator)
        if not decision.send_dissent:
            code_before = steps.counting_code(record, in_england)
            self._desk.write(task, steps.conclude(task, decision, local, code_before, answer, now))
        elif self._refused_before(task, consent):
            past = task.work.past
            refusal = SpineAnswer(AnswerKind.REJECTED, None, past.spine_code, past.text) if past else None
            self._desk.write(task, steps.fail(task.work, Reason.SPINE_REJECTED, now, refusal))
        else:
            version = record.consent_version + (1 if local else 0)
            task.message = Message("", consent, version, prepared=False, local=local)
            task.need = Need.SEND
            self._desk.go_out(task)

    def _refused_before(self, task: Task, consent: SpineConsent) -> bool:
        """Whether the Spine has refused this very dissent and nothing has changed since.

        Run and Rerun then leave it failed; a person who wants it tried again presses Failed.
        """
        past = task.work.past
        refused = past is not None and past.state is IntentState.REJECTED
        return refused and consent == NO_SUMMARY and self._scope is not Scope.FAILED

    def _misunderstood(self, task: Task, answer: SpineAnswer, now: datetime) -> None:
        task.misunderstood += 1
        if task.misunderstood == 1:
            self._desk.go_out_later(task, self._delays[0] if self._delays else 0.0)
        else:
            change = steps.fail(task.work, Reason.ANSWER_NOT_UNDERSTOOD, now, answer)
            self._desk.hold_judgement(task, change)

    def _try_again(self, task: Task, now: datetime) -> None:
        """After 1 and 4 seconds in hand, then put off by a minute and by five, then left for the end of the run."""
        short = [delay for delay in self._delays if delay <= _IN_HAND_SECONDS]
        long = [delay for delay in self._delays if delay > _IN_HAND_SECONDS]
        if task.tried < len(short):
            self._desk.go_out_later(task, short[task.tried] * random.uniform(0.9, 1.2))
            task.tried += 1
        elif task.work.deferrals < len(long):
            until = now + timedelta(seconds=long[task.work.deferrals])
            self._desk.write(task, steps.put_off(task.work, until, task.work.deferrals + 1, now))
        else:
            self._desk.write(task, steps.leave(task.work, now))

    def _confirmed_by_read(self, task: Task, message: Message, now: datetime) -> None:
        moved_on = task.work.record.consent_version != message.version
        outcome = (
            Outcome(ItemState.UNPROCESSED, None, now)
            if moved_on
            else Outcome(ItemState.SENT, Reason.CONFIRMED_BY_READ, now)
        )
        change = steps.settle(task, message, IntentState.UNKNOWN, IntentState.CONFIRMED, outcome)
        self._desk.write(task, change, again=moved_on)

    def _superseded(self, task: Task, message: Message, old: IntentState, now: datetime) -> None:
        outcome = Outcome(ItemState.UNPROCESSED, None, now)
        self._desk.write(task, steps.settle(task, message, old, IntentState.SUPERSEDED, outcome), again=True)

    def _settle_blind(self, task: Task, message: Message, now: datetime) -> None:
        """The Spine tells nothing of this patient: the message may be repeated once, then a person must look."""
        if message.resent_blind:
            self._desk.write(task, steps.leave(task.work, now))
        else:
            self._resend(task, message, ResendReason.NO_READBACK, now)

    def _resend(self, task: Task, message: Message, reason: ResendReason, now: datetime) -> None:
        if message.sends_now >= MAX_SENDS_NOW or message.sends >= MAX_SENDS_EVER:
            self._desk.write(task, steps.fail(task.work, Reason.OUTCOME_UNKNOWN, now))
            return
        outcome = Outcome(ItemState.SENDING, None, now)
        change = steps.settle(
            task, message, IntentState.UNKNOWN, IntentState.PREPARED, outcome, version=message.version
        )
        message.resend_reason = reason
        task.need = Need.SEND
        self._desk.keep(task, change)

    def _not_applied(self, task: Task, message: Message, answer: SpineAnswer, now: datetime) -> None:
        outcome = Outcome(ItemState.SENDING, None, now)
        change = steps.end_send(task, message, answer, IntentState.PREPARED, outcome)
        message.resend_reason = message.resend_reason or ResendReason.NOT_PROCESSED
        self._desk.keep(task, change, RECONNECT_SECONDS if answer.kind is AnswerKind.NO_CONNECTION else 0.0)


def _message(task: Task) -> Message:
    if task.message is None:
        raise AssertionError("a task that settles or sends has a message")
    return task.message


def _is_as_before(consent: SpineConsent, snapshot: SpineConsent) -> bool:
    """Whether the read-back shows what the Spine held before the message.

    A label where there was no summary before counts too: Ask is the service's default, not another person's act.
    """
    return consent.permission == snapshot.permission or snapshot.summary is Summary.NO
