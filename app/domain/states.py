"""The states of a run, of a patient in it and of a message to the Spine, with their transitions, written once.

Buttons, refusals, the diagram in the documentation and the tests derive from the tables here.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from app.domain.outcomes import ItemState


class RunStatus(StrEnum):
    """The life of one run (a job instance); `stopped` can be resumed, `completed` and `abandoned` are its ends.

    An abandoned run is paused again where the scheduled one that was to replace it never began.
    """

    SCHEDULED = "scheduled"
    RUNNING = "running"
    STOPPED = "stopped"
    COMPLETED = "completed"
    ABANDONED = "abandoned"

    @property
    def is_open(self) -> bool:
        """Whether the run still has work before it; a practice has at most one such run."""
        return self in OPEN_STATUSES


OPEN_STATUSES = frozenset({RunStatus.SCHEDULED, RunStatus.RUNNING, RunStatus.STOPPED})


class StopReason(StrEnum):
    """Why an execution ended before its run was complete."""

    USER = "user"
    WINDOW_CLOSED = "window_closed"
    CARD_EXPIRED = "card_expired"
    CARD_REMOVED = "card_removed"
    NOT_AUTHORISED = "not_authorised"
    NO_CONNECTION = "no_connection"
    SPINE_UNAVAILABLE = "spine_unavailable"
    CONFIGURATION = "configuration"
    DATABASE = "database"
    SHUTDOWN = "shutdown"
    INTERRUPTED = "interrupted"
    ERROR = "error"


STOP_WORDS: dict[StopReason, str] = {
    StopReason.USER: "Stop was pressed. Press Resume to go on.",
    StopReason.WINDOW_CLOSED: "The stop time was reached. It goes on at the resume time, if set, or press Resume.",
    StopReason.CARD_EXPIRED: "Smartcard session ended. Sign in, then press Resume.",
    StopReason.CARD_REMOVED: "Smartcard removed. Insert it and sign in, then press Resume.",
    StopReason.NOT_AUTHORISED: "The Spine did not accept this role. Sign in with the right one, then press Resume.",
    StopReason.NO_CONNECTION: "The Spine could not be reached. Check the network, then press Resume.",
    StopReason.SPINE_UNAVAILABLE: "The Spine did not give usable answers. Wait a while, then press Resume.",
    StopReason.CONFIGURATION: "The connection to the Spine is not set up rightly. Have it checked, then press Resume.",
    StopReason.DATABASE: "The practice database could not be written. Have the disk checked, then press Resume.",
    StopReason.SHUTDOWN: "The program was closed. Press Resume to go on.",
    StopReason.INTERRUPTED: "The program ended unexpectedly. Nothing is lost: press Resume to go on.",
    StopReason.ERROR: "The program met an error it did not expect. Nothing is lost: press Resume to go on.",
}


def stop_words(reason: StopReason, detail: str = "") -> str:
    """What staff read about a pause. A database that failed says itself, in `detail`, what to do first."""
    return detail if reason is StopReason.DATABASE and detail else STOP_WORDS[reason]


class IntentState(StrEnum):
    """The life of one intended message; it belongs to the patient and may outlive its run."""

    PREPARED = "prepared"
    IN_FLIGHT = "in_flight"
    UNKNOWN = "unknown"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"
    CONFLICT = "conflict"

    @property
    def is_unsettled(self) -> bool:
        """Whether the Spine may yet hold, or yet be asked to hold, what this intent says."""
        return self in UNSETTLED_INTENTS


UNSETTLED_INTENTS = frozenset({IntentState.PREPARED, IntentState.IN_FLIGHT, IntentState.UNKNOWN})

RUN_TRANSITIONS: Mapping[RunStatus, frozenset[RunStatus]] = {
    RunStatus.SCHEDULED: frozenset({RunStatus.RUNNING, RunStatus.ABANDONED}),
    RunStatus.RUNNING: frozenset({RunStatus.STOPPED, RunStatus.COMPLETED}),
    RunStatus.STOPPED: frozenset({RunStatus.RUNNING, RunStatus.ABANDONED}),
    # Failed works on a run that had completed.
    RunStatus.COMPLETED: frozenset({RunStatus.RUNNING}),
    # Only where the scheduled run that was to replace it is given up before it began.
    RunStatus.ABANDONED: frozenset({RunStatus.STOPPED}),
}

ITEM_TRANSITIONS: Mapping[ItemState, frozenset[ItemState]] = {
    # An item that has not ended may stay what it is: put off, sent once more, or failed again.
    ItemState.UNPROCESSED: frozenset(ItemState),
    # Back to unprocessed where the record changed under the message: it is read and decided again.
    ItemState.SENDING: frozenset(ItemState),
    # Only for the Failed action, and only when it takes the patient in hand.
    ItemState.FAILED: frozenset(ItemState),
    ItemState.SENT: frozenset(),
    ItemState.NOT_REQUIRED: frozenset(),
}

INTENT_TRANSITIONS: Mapping[IntentState, frozenset[IntentState]] = {
    IntentState.PREPARED: frozenset({IntentState.IN_FLIGHT, IntentState.SUPERSEDED}),
    # Back to prepared only when the message certainly was not applied.
    IntentState.IN_FLIGHT: frozenset(
        {IntentState.PREPARED, IntentState.UNKNOWN, IntentState.CONFIRMED, IntentState.REJECTED}
    ),
    # Settled by reading the Spine back, never by assuming.
    IntentState.UNKNOWN: frozenset(
        {IntentState.PREPARED, IntentState.CONFIRMED, IntentState.CONFLICT, IntentState.SUPERSEDED}
    ),
    IntentState.CONFIRMED: frozenset(),
    IntentState.REJECTED: frozenset(),
    IntentState.SUPERSEDED: frozenset(),
    IntentState.CONFLICT: frozenset(),
}

_State = TypeVar("_State", bound=StrEnum)


def may_become(table: Mapping[_State, frozenset[_State]], old: _State, new: _State) -> bool:
    """Whether a state may follow another in one of the tables above."""
    return new in table[old]
