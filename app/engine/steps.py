"""Each step a patient can take, as a change for the database. Pure: values in, a `Change` out.

The order of writes is the design's, section 6: nothing is sent whose intent and attempt are not committed.
"""

from __future__ import annotations

from datetime import datetime

from app.domain.decision import Decision, Permission, Summary
from app.domain.outcomes import ItemState, Reason
from app.domain.patient import PatientRecord, counting_entry
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
from app.engine.spine_port import SpineAnswer
from app.engine.task import Message, Task


def counting_code(record: PatientRecord, now_in_england: datetime) -> str:
    """The code of the entry that counts today, '' when none does."""
    entry = counting_entry(record.entries, now_in_england.date())
    return entry.code if entry else ""


def local_change(decision: Decision, now: datetime, now_in_england: datetime, operator: str) -> LocalChange:
    """What the decision changes in the practice's own record; 9Ndl. carries today's date and the operator."""
    implied = ImpliedConsent(now_in_england.date(), now, operator) if decision.add_implied_consent else None
    return LocalChange(decision.conversions, implied)


def conclude(
    task: Task, decision: Decision, local: LocalChange, code_before: str, answer: SpineAnswer | None, now: datetime
) -> Change:
    """A patient who needs no message: the local changes and the outcome, together."""
    return Change(
        item_id=task.item_id,
        patient_id=task.work.record.patient_id,
        version=task.work.record.consent_version,
        local=local,
        outcome=Outcome(
            decision.outcome,
            decision.reason,
            now,
            mismatch=decision.mismatch,
            code_before=code_before,
            consent=answer.consent if answer else None,
        ),
    )


def fail(work: WorkItem, reason: Reason, now: datetime, answer: SpineAnswer | None = None) -> Change:
    """A patient who cannot be helped now; a message still unsettled stays with the patient."""
    return Change(
        item_id=work.item_id,
        patient_id=work.record.patient_id,
        version=None,
        outcome=Outcome(
            ItemState.FAILED,
            reason,
            now,
            spine_code=answer.spine_code if answer else "",
            text=answer.text if answer else "",
        ),
    )


def put_off(work: WorkItem, until: datetime, deferrals: int, now: datetime) -> Change:
    """A patient tried again later: as before, on the waiting list."""
    return Change(
        item_id=work.item_id,
        patient_id=work.record.patient_id,
        version=None,
        outcome=Outcome(work.state, None, now, next_attempt_at=until, deferrals=deferrals),
    )


def leave(work: WorkItem, now: datetime) -> Change:
    """A patient for whom nothing more can be tried in this execution: off the waiting list, state as it is."""
    return Change(
        item_id=work.item_id,
        patient_id=work.record.patient_id,
        version=None,
        outcome=Outcome(work.state, None, now),
    )


def prepare(task: Task, message: Message, code_before: str, attempt: NewAttempt | None, now: datetime) -> Change:
    """Transaction A: local changes, intent and `sending`; with an attempt, transaction B in the same commit."""
    return Change(
        item_id=task.item_id,
        patient_id=task.work.record.patient_id,
        version=task.work.record.consent_version,
        local=message.local,
        outcome=Outcome(ItemState.SENDING, None, now, code_before=code_before, consent=message.snapshot),
        new_intent=NewIntent(message.request_id, message.snapshot),
        new_attempt=attempt,
    )


def begin_send(task: Task, message: Message, attempt: NewAttempt, code_before: str, now: datetime) -> Change:
    """Transaction B: the attempt and the intent in flight, while record and intent are still what they were."""
    return Change(
        item_id=task.item_id,
        patient_id=task.work.record.patient_id,
        version=message.version,
        outcome=Outcome(ItemState.SENDING, None, now, code_before=code_before, consent=message.snapshot),
        intent=IntentChange(message.request_id, IntentState.PREPARED, IntentState.IN_FLIGHT),
        new_attempt=attempt,
    )


def end_send(
    task: Task,
    message: Message,
    answer: SpineAnswer,
    intent_state: IntentState,
    outcome: Outcome,
) -> Change:
    """Transaction C: the attempt's end, the intent's state and the outcome that follows."""
    return Change(
        item_id=task.item_id,
        patient_id=task.work.record.patient_id,
        version=None,
        outcome=outcome,
        intent=IntentChange(message.request_id, IntentState.IN_FLIGHT, intent_state, answer.spine_code, answer.text),
        attempt_end=AttemptEnd(
            task.correlation_id, outcome.at, answer.kind.value, answer.http_status, answer.spine_code, answer.text
        ),
    )


def settle(
    task: Task, message: Message, old: IntentState, new: IntentState, outcome: Outcome, version: int | None = None
) -> Change:
    """A message settled without sending: by reading back, or because the record has moved on."""
    return Change(
        item_id=task.item_id,
        patient_id=task.work.record.patient_id,
        version=version,
        outcome=outcome,
        intent=IntentChange(message.request_id, old, new),
    )


def sent_reason(work: WorkItem, message: Message) -> Reason:
    """Why a patient counts as Sent: `not_told` where an earlier No was accepted and the Spine still tells nothing."""
    accepted_before = work.past is not None and work.past.state is IntentState.CONFIRMED
    untold = message.snapshot.permission is Permission.NOT_TOLD and message.snapshot.summary is Summary.NO
    return Reason.NOT_TOLD if accepted_before and untold else Reason.DISSENT_SENT
