"""What the migration loop reads from the practice database, and the changes it asks it to make.

A change is a value: the loop says what shall become true, storage makes a group of changes true in one transaction.
Messages are named by their request id and attempts by their correlation id, both made by the engine.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from app.domain.decision import Conversion, SpineConsent
from app.domain.outcomes import ItemState, Reason
from app.domain.patient import PatientRecord
from app.domain.states import IntentState, StopReason


class Scope(StrEnum):
    """Which patients of a run an execution takes."""

    UNPROCESSED = "unprocessed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ExecutionKey:
    """Who is writing: a transaction that does not find this epoch current changes nothing."""

    run_id: int
    execution_id: int
    epoch: int


@dataclass(frozen=True, slots=True)
class IntentView:
    """A message meant for the patient of an item, whichever run prepared it.

    `consent_version` is the record's when it was prepared, `snapshot` what the Spine told before it.
    `tried` says that there was an attempt at it at all. `sends` counts those that may have been applied, `sends_now`
    those of this execution among them; `resent_blind` says that this execution has sent it again without being able
    to read it back. `last_started_at` is when the latest of them began.
    """

    request_id: str
    state: IntentState
    consent_version: int
    snapshot: SpineConsent
    sends: int
    last_started_at: datetime | None
    tried: bool = False
    sends_now: int = 0
    resent_blind: bool = False


@dataclass(frozen=True, slots=True)
class PastAnswer:
    """How the latest settled message for the patient ended, while the record is still what it was then.

    `snapshot` is what the Spine told before that message.
    """

    state: IntentState
    spine_code: str
    text: str
    snapshot: SpineConsent


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One patient of the run as the loop takes it in hand.

    `code_before` is what was kept from an earlier execution of this run, None when nothing was yet; `deferrals`
    counts how often this execution has put the patient off.
    """

    item_id: int
    sequence: int
    state: ItemState
    record: PatientRecord
    code_before: str | None
    intent: IntentView | None
    past: PastAnswer | None
    deferrals: int = 0


@dataclass(frozen=True, slots=True)
class ImpliedConsent:
    """The one kind of entry the migration adds: 9Ndl., today, in the operator's name."""

    event_date: date
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True, slots=True)
class LocalChange:
    """What changes in the practice's own record."""

    conversions: tuple[Conversion, ...] = ()
    implied_consent: ImpliedConsent | None = None

    def __bool__(self) -> bool:
        """Whether anything changes at all."""
        return bool(self.conversions) or self.implied_consent is not None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is written on the item. None leaves a field as it stands; empty text clears it.

    A reason goes with its state: None leaves it while the state stays, and clears it when the state changes.
    `code_before` and `consent` are kept from the first time they are told in a run. `next_attempt_at` is always
    written: None takes the item off the waiting list. `rule` is the row of the decision table that made it; None, where
    nothing was decided, leaves the one before.
    """

    state: ItemState
    reason: Reason | None
    at: datetime
    mismatch: bool = False
    code_before: str | None = None
    consent: SpineConsent | None = None
    spine_code: str = ""
    text: str = ""
    next_attempt_at: datetime | None = None
    deferrals: int = 0
    rule: int | None = None


class ResendReason(StrEnum):
    """Why a message that was sent before is sent again (faults page, section 2)."""

    READBACK_NOT_APPLIED = "READBACK_NOT_APPLIED"
    """Reading the Spine back showed that it had not been applied."""
    NO_READBACK = "NO_READBACK"
    """The Spine tells nothing that could be read back; the value is absolute, so a repeat changes nothing."""
    NOT_PROCESSED = "NOT_PROCESSED"
    """The Spine or its gateway had refused it before processing, or nothing had left this machine."""


@dataclass(frozen=True, slots=True)
class NewAttempt:
    """An attempt about to be made: the row is committed before the first byte."""

    correlation_id: str
    started_at: datetime
    reason: str = ""
    """Why it is sent again, a `ResendReason` value; empty for the first send."""


@dataclass(frozen=True, slots=True)
class AttemptEnd:
    """How an attempt ended. `answer_class` is an `AnswerKind` value."""

    correlation_id: str
    ended_at: datetime
    answer_class: str
    http_status: int | None = None
    spine_code: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One patient's step, made true as a whole or not at all.

    `version` is the consent version the step was decided on: where the record has moved on, the step is stale and
    nothing of it is written. None where the step only records what already happened on the wire.
    """

    item_id: int
    patient_id: int
    version: int | None
    outcome: Outcome
    local: LocalChange = field(default_factory=LocalChange)
    new_intent: NewIntent | None = None
    intent: IntentChange | None = None
    attempt_end: AttemptEnd | None = None
    new_attempt: NewAttempt | None = None


@dataclass(frozen=True, slots=True)
class NewIntent:
    """A message to prepare: the desired value is always No, the snapshot is what the Spine told before."""

    request_id: str
    snapshot: SpineConsent


@dataclass(frozen=True, slots=True)
class IntentChange:
    """A message's next state; `expected` is the state it must still be in, else the step is stale."""

    request_id: str
    expected: IntentState
    state: IntentState
    spine_code: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """Reads made since the last commit, added to the execution's count in the same transaction.

    Writes need no tally: each has its attempt row.
    """

    reads: int = 0


@dataclass(frozen=True, slots=True)
class Counts:
    """The five counters; they add up to the patients in scope at every instant."""

    unprocessed: int = 0
    sending: int = 0
    sent: int = 0
    failed: int = 0
    not_required: int = 0

    @property
    def total(self) -> int:
        """The patients in scope."""
        return self.unprocessed + self.sending + self.sent + self.failed + self.not_required

    @property
    def checked(self) -> int:
        """The patients that have been taken in hand."""
        return self.total - self.unprocessed


@dataclass(frozen=True, slots=True)
class ExecutionEnd:
    """How an execution ended: complete, or stopped with its reason and words for the screen and the log."""

    completed: bool
    reason: StopReason | None = None
    detail: str = ""
