"""One patient in the loop's hands: the item, what it waits for, and how often it was tried this time.

Nothing here outlives the process; whatever must is in the rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from app.domain.decision import SpineConsent
from app.domain.outcomes import ItemState
from app.domain.states import IntentState
from app.engine.rows import LocalChange, ResendReason, WorkItem


class Need(Enum):
    """What a task needs next."""

    READ = "read"
    """Ask the Spine, then decide."""
    SETTLE = "settle"
    """Ask the Spine whether a message arrived."""
    SEND = "send"
    """Send the prepared, or yet to be prepared, dissent."""


@dataclass(slots=True)
class Message:
    """The dissent to send for a task. `prepared` says whether its intent is in the database yet.

    `version` is the consent version it goes with, after the local changes prepared together with it.
    """

    request_id: str
    snapshot: SpineConsent
    version: int
    prepared: bool
    local: LocalChange = field(default_factory=LocalChange)
    sends: int = 0
    sends_now: int = 0
    resent_blind: bool = False
    resend_reason: ResendReason | None = None


@dataclass(slots=True, eq=False)
class Task:
    """One patient in hand. `state` is the item's as committed, `tried` counts answers that told nothing."""

    work: WorkItem
    need: Need
    message: Message | None = None
    state: ItemState = field(init=False)
    tried: int = 0
    misunderstood: int = 0
    reauthenticated: bool = False
    correlation_id: str = ""

    def __post_init__(self) -> None:
        self.state = self.work.state

    @property
    def item_id(self) -> int:
        """The item's id."""
        return self.work.item_id

    @property
    def nhs_number(self) -> str:
        """The number the Spine is asked about; a task that asks has a valid one."""
        number = self.work.record.nhs_number
        if number is None:
            raise AssertionError("a patient without a number is never asked about")
        return number

    def forget_tries(self) -> None:
        """An outage is over or was found: what failed because of it does not count."""
        self.tried = 0
        self.misunderstood = 0


def message_of(work: WorkItem) -> Message | None:
    """The message an item brings along from before, ready to be settled or sent."""
    intent = work.intent
    if intent is None:
        return None
    return Message(
        request_id=intent.request_id,
        snapshot=intent.snapshot,
        version=intent.consent_version,
        prepared=True,
        sends=intent.sends,
        sends_now=intent.sends_now,
        resent_blind=intent.resent_blind,
        resend_reason=ResendReason.NOT_PROCESSED if intent.sends and intent.state is IntentState.PREPARED else None,
    )
