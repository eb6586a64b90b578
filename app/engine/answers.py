"""What each answer of the Spine does to the patient it is about.

Faults page, sections 1 and 2. What an answer means for the run (pace, outage, stop) is seen to before, by the watch;
here every end is a change handed to the desk.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from app.clock import london_date
from app.domain.decision import Decision, Permission, SpineConsent, Summary, decide
from app.domain.outcomes import ItemState, Reason
from app.domain.rule_words import UNANSWERED
from app.domain.states import IntentState
from app.engine import steps
from app.engine.breaker import Breaker, Circuit
from app.engine.desk import Desk
from app.engine.rows import Outcome, PastAnswer, ResendReason, Scope
from app.engine.spine_port import NOT_APPLIED, TOLD_NOTHING, AnswerKind, SpineAnswer
from app.engine.task import Message, Need, Task

MAX_SENDS_NOW = 3
MAX_SENDS_EVER = 7
"""Sends of one message: in one execution, and over its life (faults page, section 2, item 4)."""

IN_HAND_SECONDS = 30.0
"""A retry delay up to this long is waited out in hand; a longer one on the waiting list in the database."""

RECONNECT_SECONDS = 1.0
"""After a connection that could not be made, the same patient is not tried again for this long."""


class Answers:
    """Takes answers about one patient at a time. `settle` is the settle time, `delays` the retry delays in seconds.

    `operator` is who an added 9Ndl. is recorded by.
    """

    def __init__(
        self,
        desk: Desk,
        breaker: Breaker,
        operator: str,
        scope: Scope,
        settle: timedelta,
        delays: tuple[float, ...],
    ) -> None:
        self._desk = desk
        self._breaker = breaker
        self._operator = operator
        self._scope = scope
        self._settle = settle
        self._short_delays = [delay for delay in delays if delay <= IN_HAND_SECONDS]
        self._long_delays = [delay for delay in delays if delay > IN_HAND_SECONDS]

    def to_read(self, task: Task, answer: SpineAnswer, now: datetime) -> None:
        """An answer to a question: before a decision, or whether a message arrived."""
        if answer.kind in TOLD_NOTHING and self._breaker.circuit is not Circuit.CLOSED:
            self._desk.go_out(task)
        elif answer.kind is AnswerKind.NO_CONNECTION:
            self._desk.go_out_later(task, RECONNECT_SECONDS)
        elif answer.kind in NOT_APPLIED:
            self._desk.go_out(task, first=True)
        elif task.need is Need.SETTLE:
            self._settle_by(task, answer, now)
        elif answer.kind is AnswerKind.CONSENT and answer.consent is not None:
            self._decide(task, answer.consent, now)
        elif answer.kind in {AnswerKind.REJECTED, AnswerKind.ACCESS_REFUSED}:
            change = steps.fail(task, Reason.SPINE_REJECTED, now, answer.spine_code, answer.text)
            self._desk.write(task, change)
        elif answer.kind is AnswerKind.NOT_UNDERSTOOD:
            self._misunderstood(task, answer, now)
        else:
            self._try_again(task, now)

    def to_send(self, task: Task, answer: SpineAnswer, sent_at: datetime, now: datetime) -> None:
        """An answer to a send: transaction C. `sent_at` is when it was handed to its sender."""
        if answer.kind in NOT_APPLIED:
            self._not_applied(task, answer, now)
            return
        if answer.kind is AnswerKind.ACCEPTED:
            state = IntentState.CONFIRMED
            outcome = Outcome(ItemState.SENT, steps.sent_reason(task.work, task.sent_message), now)
        elif answer.kind in {AnswerKind.REJECTED, AnswerKind.ACCESS_REFUSED}:
            state = IntentState.REJECTED
            outcome = Outcome(
                ItemState.FAILED,
                Reason.SPINE_REJECTED,
                now,
                spine_code=answer.spine_code,
                text=answer.text,
                rule=UNANSWERED,
            )
        else:
            state = IntentState.UNKNOWN
            # A clock that was put back in between must not put the settling off for longer than it takes.
            due = min(sent_at, now) + self._settle
            outcome = Outcome(ItemState.SENDING, None, now, next_attempt_at=due)
        self._desk.write(task, steps.end_send(task, answer, state, outcome))

    def conclude(self, task: Task, decision: Decision, consent: SpineConsent | None, now: datetime) -> None:
        """The decision needs no message: make it true. `consent` is what the Spine told, if it was asked."""
        self._desk.write(task, steps.conclude(task, decision, consent, self._operator, now))

    def supersede(self, task: Task, now: datetime) -> None:
        """The record has changed under a message: it is given up, and the patient decided anew."""
        outcome = Outcome(ItemState.UNPROCESSED, None, now)
        self._desk.write(task, steps.settle(task, IntentState.SUPERSEDED, outcome), again=True)

    def _decide(self, task: Task, consent: SpineConsent, now: datetime) -> None:
        record, past = task.work.record, task.work.past
        decision = decide(record, consent, london_date(now))
        if not decision.send_dissent:
            self.conclude(task, decision, consent, now)
        elif past is not None and self._scope is not Scope.FAILED and _was_refused_as_things_are(past, consent):
            # A second pass with nothing changed sends nothing (I10). A person who wants it tried again presses Failed.
            change = steps.fail(task, Reason.SPINE_REJECTED, now, past.spine_code, past.text)
            self._desk.write(task, change)
        else:
            local = steps.local_change(decision, now, self._operator)
            version = record.consent_version + (1 if local else 0)
            task.message = Message(consent, version, local=local, rule=decision.row)
            task.need = Need.SEND
            self._desk.go_out(task)

    def _misunderstood(self, task: Task, answer: SpineAnswer, now: datetime) -> None:
        task.misunderstood += 1
        if task.misunderstood == 1:
            self._desk.go_out_later(task, self._short_delays[0] if self._short_delays else 0.0)
        else:
            change = steps.fail(task, Reason.ANSWER_NOT_UNDERSTOOD, now, answer.spine_code, answer.text)
            self._desk.suspect(task, change)

    def _try_again(self, task: Task, now: datetime) -> None:
        """After 1 and 4 seconds in hand, then put off by a minute and by five, then left for the end of the run."""
        deferrals = task.work.deferrals
        if task.tried < len(self._short_delays):
            self._desk.go_out_later(task, self._short_delays[task.tried] * random.uniform(0.9, 1.2))
            task.tried += 1
        elif deferrals < len(self._long_delays):
            until = now + timedelta(seconds=self._long_delays[deferrals])
            self._desk.write(task, steps.put_off(task, until, deferrals + 1, now))
        else:
            self._give_up(task, now)

    def _give_up(self, task: Task, now: datetime) -> None:
        """Nothing more can be tried for now: at the end of the run, not before, the patient fails."""
        failed = task.state is ItemState.FAILED
        self._desk.write(task, steps.fail_unanswered(task, now) if failed else steps.leave(task, now))

    # --- settling a message of unknown outcome (faults page, section 2) -----------------------------------------

    def _settle_by(self, task: Task, answer: SpineAnswer, now: datetime) -> None:
        """An answer to the question whether a message arrived. Nothing is ever resent on a failed read."""
        message, consent = task.sent_message, answer.consent
        if answer.kind is not AnswerKind.CONSENT or consent is None:
            self._try_again(task, now)
        elif consent.permission is Permission.NO:
            self._confirmed_by_read(task, now)
        elif not steps.is_still_meant(task, now):
            self.supersede(task, now)
        elif consent.permission is Permission.NOT_TOLD:
            self._settle_blind(task, message, now)
        elif _is_as_before(consent, message.snapshot):
            message.read_back = consent
            self._resend(task, message, ResendReason.READBACK_NOT_APPLIED, now)
        else:
            outcome = Outcome(ItemState.FAILED, Reason.CONFLICT, now)
            self._desk.write(task, steps.settle(task, IntentState.CONFLICT, outcome))

    def _confirmed_by_read(self, task: Task, now: datetime) -> None:
        moved_on = not steps.is_still_meant(task, now)
        outcome = (
            Outcome(ItemState.UNPROCESSED, None, now)
            if moved_on
            else Outcome(ItemState.SENT, Reason.CONFIRMED_BY_READ, now)
        )
        self._desk.write(task, steps.settle(task, IntentState.CONFIRMED, outcome), again=moved_on)

    def _settle_blind(self, task: Task, message: Message, now: datetime) -> None:
        """The Spine tells nothing of this patient: the message may be repeated once, then a person must look."""
        if message.resent_blind:
            self._give_up(task, now)
        else:
            self._resend(task, message, ResendReason.NO_READBACK, now)

    def _resend(self, task: Task, message: Message, reason: ResendReason, now: datetime) -> None:
        """Send it once more under its id. It stays of unknown outcome until that is committed."""
        if message.sends_now >= MAX_SENDS_NOW or message.sends >= MAX_SENDS_EVER:
            self._desk.write(task, steps.fail(task, Reason.OUTCOME_UNKNOWN, now))
            return
        message.resend_reason = reason
        task.need = Need.SEND
        self._desk.go_out(task)

    def _not_applied(self, task: Task, answer: SpineAnswer, now: datetime) -> None:
        message = task.sent_message
        change = steps.end_send(task, answer, IntentState.PREPARED, Outcome(ItemState.SENDING, None, now))
        message.state = IntentState.PREPARED
        message.resend_reason = message.resend_reason or ResendReason.NOT_PROCESSED
        self._desk.keep(task, change, RECONNECT_SECONDS if answer.kind is AnswerKind.NO_CONNECTION else 0.0)


def _was_refused_as_things_are(past: PastAnswer, consent: SpineConsent) -> bool:
    """Whether the Spine refused this very dissent, and neither the record nor what it tells has changed since."""
    return past.state is IntentState.REJECTED and past.snapshot == consent


def _is_as_before(consent: SpineConsent, snapshot: SpineConsent) -> bool:
    """Whether the read-back shows what the Spine held before the message.

    A label where there was no summary before counts too: Ask is the service's default, not another person's act.
    """
    return consent.permission == snapshot.permission or snapshot.summary is Summary.NO
