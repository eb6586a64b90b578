"""One patient in the loop's hands: the item, what it waits for, and how often it was tried this time.

Nothing here outlives the process; whatever must is in the rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from app.domain.decision import SpineConsent
from app.domain.outcomes import ItemState
from app.domain.states import IntentState
from app.engine.fresh_ids import fresh_id
from app.engine.rows import IntentView, LocalChange, ResendReason, WorkItem


class Need(Enum):
    """What a task needs next."""

    READ = "read"
    """Ask the Spine, then decide."""
    SETTLE = "settle"
    """Ask the Spine whether a message arrived."""
    SEND = "send"
    """Send the dissent, prepared or yet to be prepared."""


@dataclass(slots=True)
class Message:
    """The dissent to send for a task. `state` is the intent's as committed, None while it is not in the database.

    `version` is the consent version it goes with, after the `local` changes that are made together with it. `rule` is
    the row of the decision table that asked for it, None for one that was prepared before this task. `read_back` is
    what the Spine told when it was asked whether the message had arrived.
    """

    snapshot: SpineConsent
    version: int
    request_id: str = field(default_factory=fresh_id)
    state: IntentState | None = None
    local: LocalChange = field(default_factory=LocalChange)
    sends: int = 0
    sends_now: int = 0
    resent_blind: bool = False
    resend_reason: ResendReason | None = None
    rule: int | None = None
    read_back: SpineConsent | None = None


@dataclass(slots=True, eq=False)
class Task:
    """One patient in hand. `state` is the item's as committed, `tried` counts answers that told nothing.

    `correlation_id` is that of the latest exchange.
    """

    work: WorkItem
    need: Need = Need.READ
    state: ItemState = field(init=False)
    message: Message | None = field(init=False)
    tried: int = 0
    misunderstood: int = 0
    reauthenticated: bool = False
    correlation_id: str = ""

    def __post_init__(self) -> None:
        self.state = self.work.state
        self.message = _message_of(self.work.intent)

    @property
    def item_id(self) -> int:
        """The item's id."""
        return self.work.item_id

    @property
    def patient_id(self) -> int:
        """The patient's id."""
        return self.work.record.patient_id

    @property
    def nhs_number(self) -> str:
        """The number the Spine is asked about; a task that asks has a valid one."""
        number = self.work.record.nhs_number
        if number is None:
            raise AssertionError("a patient without a number is never asked about")
        return number

    @property
    def sent_message(self) -> Message:
        """The message of a task that settles or sends."""
        if self.message is None:
            raise AssertionError("a task that settles or sends has a message")
        return self.message

    @property
    def awaits_settling(self) -> bool:
        """Whether a message may or may not have arrived."""
        return self.message is not None and self.message.state not in {None, IntentState.PREPARED}

    def forget_tries(self) -> None:
        """An outage was found: what failed because of it does not count."""
        self.tried = 0
        self.misunderstood = 0


def _message_of(intent: IntentView | None) -> Message | None:
    """The message a patient brings along from before, ready to be settled or sent."""
    if intent is None:
        return None
    refused_before = intent.tried and intent.state is IntentState.PREPARED
    return Message(
        request_id=intent.request_id,
        snapshot=intent.snapshot,
        version=intent.consent_version,
        state=intent.state,
        sends=intent.sends,
        sends_now=intent.sends_now,
        resent_blind=intent.resent_blind,
        resend_reason=ResendReason.NOT_PROCESSED if refused_before else None,
    )
