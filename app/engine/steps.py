"""Each step a patient can take, as a change for the database. Pure: values in, a `Change` out.

The order of writes: nothing is sent whose intent and attempt are not committed.
"""

from __future__ import annotations

from datetime import datetime

from app.clock import london_date
from app.domain.decision import Decision, Permission, SpineConsent, Summary, decide_without_spine
from app.domain.outcomes import ItemState, Reason
from app.domain.patient import PatientRecord, counting_entry, has_local_dissent
from app.domain.rule_words import UNANSWERED
from app.domain.states import IntentState
from app.engine.rows import (
    AttemptEnd,
    Change,
    ImpliedConsent,
    IntentChange,
    LocalChange,
    NewAttempt,
    NewIntent,
    Outcome,
    WorkItem,
)
from app.engine.spine_port import AnswerKind, SpineAnswer
from app.engine.task import Message, Task

_UNSETTLED = frozenset(
    {Reason.SPINE_REJECTED, Reason.ANSWER_NOT_UNDERSTOOD, Reason.SPINE_UNAVAILABLE, Reason.OUTCOME_UNKNOWN}
)
"""Failed because of what the Spine said or did not say: the table's last row."""


def local_change(decision: Decision, now: datetime, operator: str) -> LocalChange:
    """What the decision changes in the practice's own record; 9Ndl. carries today's date and the operator."""
    implied = ImpliedConsent(london_date(now), now, operator) if decision.add_implied_consent else None
    return LocalChange(decision.conversions, implied)


def is_still_meant(task: Task, now: datetime) -> bool:
    """Whether a message prepared before may still be sent: the record is what it was then, and today says the same.

    An entry that was dated in the future when the message was prepared may count by now.
    """
    record = task.work.record
    unchanged = task.sent_message.version == record.consent_version and decide_without_spine(record) is None
    return unchanged and has_local_dissent(record.entries, london_date(now))


def conclude(task: Task, decision: Decision, consent: SpineConsent | None, operator: str, now: datetime) -> Change:
    """A patient who needs no message: the local changes and the outcome, together."""
    return Change(
        item_id=task.item_id,
        patient_id=task.patient_id,
        version=task.work.record.consent_version,
        local=local_change(decision, now, operator),
        outcome=Outcome(
            decision.outcome,
            decision.reason,
            now,
            mismatch=decision.mismatch,
            code_before=_counting_code(task.work.record, now),
            consent=consent,
            rule=decision.row,
        ),
    )


def fail(task: Task, reason: Reason, now: datetime, spine_code: str = "", text: str = "") -> Change:
    """A patient who cannot be helped now; a message still unsettled stays with the patient."""
    message = task.message
    outcome = Outcome(
        ItemState.FAILED,
        reason,
        now,
        code_before=_counting_code(task.work.record, now),
        consent=message.read_back if message is not None else None,
        spine_code=spine_code,
        text=text,
        rule=UNANSWERED if reason in _UNSETTLED else None,
    )
    return _of_item(task, outcome)


def fail_unanswered(task: Task, now: datetime) -> Change:
    """A patient of whom the Spine told nothing until the end."""
    return fail(task, Reason.OUTCOME_UNKNOWN if task.awaits_settling else Reason.SPINE_UNAVAILABLE, now)


def put_off(task: Task, until: datetime, deferrals: int, now: datetime) -> Change:
    """A patient tried again later: as before, on the waiting list."""
    return _of_item(task, Outcome(task.state, None, now, next_attempt_at=until, deferrals=deferrals))


def leave(task: Task, now: datetime) -> Change:
    """A patient for whom nothing more can be tried for now: off the waiting list, state as it is."""
    return _of_item(task, Outcome(task.state, None, now))


def prepare(task: Task, message: Message, attempt: NewAttempt | None, now: datetime) -> Change:
    """Transaction A: local changes, intent and `sending`; with an attempt, transaction B in the same commit."""
    return Change(
        item_id=task.item_id,
        patient_id=task.patient_id,
        version=task.work.record.consent_version,
        local=message.local,
        outcome=_sending(task, message, now),
        new_intent=NewIntent(message.request_id, message.snapshot),
        new_attempt=attempt,
    )


def begin_send(task: Task, message: Message, state: IntentState, attempt: NewAttempt, now: datetime) -> Change:
    """Transaction B: the attempt and the intent in flight, while record and intent are still what they were (`state`).

    A message of unknown outcome that was read back and is not there goes by way of prepared, all in this commit, so
    that it is never sent again on a reading that is not fresh.
    """
    return Change(
        item_id=task.item_id,
        patient_id=task.patient_id,
        version=message.version,
        outcome=_sending(task, message, now),
        intent=IntentChange(message.request_id, state, IntentState.PREPARED),
        new_attempt=attempt,
    )


def end_send(task: Task, answer: SpineAnswer, intent_state: IntentState, outcome: Outcome) -> Change:
    """Transaction C: the attempt's end, the intent's state and the outcome that follows."""
    intent = IntentChange(
        task.sent_message.request_id, IntentState.IN_FLIGHT, intent_state, answer.spine_code, answer.text
    )
    end = AttemptEnd(
        task.correlation_id, outcome.at, answer.kind.value, answer.http_status, answer.spine_code, answer.text
    )
    return _of_item(task, outcome, intent=intent, attempt_end=end)


def lose_send(task: Task, now: datetime) -> Change:
    """Transaction C where taking in the answer met a fault of ours: whatever it said, the message is unknown."""
    outcome = Outcome(ItemState.FAILED, Reason.INTERNAL_ERROR, now)
    return end_send(task, SpineAnswer(AnswerKind.UNKNOWN), IntentState.UNKNOWN, outcome)


def settle(task: Task, state: IntentState, outcome: Outcome) -> Change:
    """A message settled without sending: by reading back, or because the record has moved on."""
    message = task.sent_message
    if message.state is None:
        raise AssertionError("a message that is settled is in the database")
    return _of_item(task, outcome, intent=IntentChange(message.request_id, message.state, state))


def sent_reason(work: WorkItem, message: Message) -> Reason:
    """Why a patient counts as Sent: `not_told` where an earlier No was accepted and the Spine still tells nothing."""
    accepted_before = work.past is not None and work.past.state is IntentState.CONFIRMED
    untold = message.snapshot.permission is Permission.NOT_TOLD and message.snapshot.summary is Summary.NO
    return Reason.NOT_TOLD if accepted_before and untold else Reason.DISSENT_SENT


def _of_item(
    task: Task, outcome: Outcome, intent: IntentChange | None = None, attempt_end: AttemptEnd | None = None
) -> Change:
    """A change that records what has happened already, whatever the record says by now."""
    return Change(
        item_id=task.item_id,
        patient_id=task.patient_id,
        version=None,
        outcome=outcome,
        intent=intent,
        attempt_end=attempt_end,
    )


def _sending(task: Task, message: Message, now: datetime) -> Outcome:
    code_before = _counting_code(task.work.record, now)
    told = message.read_back or message.snapshot
    return Outcome(ItemState.SENDING, None, now, code_before=code_before, consent=told, rule=message.rule)


def _counting_code(record: PatientRecord, now: datetime) -> str:
    """The code of the entry that counts today, '' when none does."""
    entry = counting_entry(record.entries, london_date(now))
    return entry.code if entry else ""
