"""The Spine as the engine sees it: one exchange at a time, every answer already classified.

What a class of answer means is in the faults page, section 1. The port cannot express any permission but No.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from app.domain.decision import SpineConsent
from app.domain.states import StopReason


class AnswerKind(StrEnum):
    """What an answer, or the lack of one, means for the patient and the run."""

    CONSENT = "consent"
    """A read was answered strictly: the answer tells what the Spine holds."""
    ACCEPTED = "accepted"
    """The 201 status line of a write was seen."""
    REJECTED = "rejected"
    """The Spine refuses this patient's data; repeating it would not help."""
    ACCESS_REFUSED = "access_refused"
    """403 with Spine code 420 alone: about one patient, unless it keeps happening."""
    UNKNOWN = "unknown"
    """A write may or may not have been applied."""
    UNAVAILABLE = "unavailable"
    """A read got no usable answer: server error, reset, timeout."""
    NOT_UNDERSTOOD = "not_understood"
    """A read was answered with something that is not what was asked for; never taken as "no dissent"."""
    NO_CONNECTION = "no_connection"
    """Nothing was sent: name, connection or TLS set-up failed."""
    THROTTLED = "throttled"
    """429: refused at the gateway, not processed."""
    UNAUTHENTICATED = "unauthenticated"
    """401: rejected before processing. `session_ended` is None when a new token was had since."""
    NOT_AUTHORISED = "not_authorised"
    """The user's role or the installation's rights are refused: the run stops, nobody fails."""
    CONFIGURATION = "configuration"
    """Redirect, certificate, wrong address or message shape: the run stops, nobody fails."""
    NOT_SENT = "not_sent"
    """The gate was closed before the first byte, or it would have left too late."""


TOLD_NOTHING = frozenset(
    {AnswerKind.UNAVAILABLE, AnswerKind.NOT_UNDERSTOOD, AnswerKind.UNKNOWN, AnswerKind.NO_CONNECTION}
)
"""Kinds that may be an outage's."""

NOT_APPLIED = frozenset(
    {
        AnswerKind.NO_CONNECTION,
        AnswerKind.THROTTLED,
        AnswerKind.UNAUTHENTICATED,
        AnswerKind.NOT_AUTHORISED,
        AnswerKind.CONFIGURATION,
        AnswerKind.NOT_SENT,
    }
)
"""Kinds of answer to a send after which it certainly was not applied."""


@dataclass(frozen=True, slots=True)
class MessageIds:
    """The ids of one exchange: the same X-Request-ID for every send of one intent, a new X-Correlation-ID each."""

    request_id: str
    correlation_id: str


@dataclass(frozen=True, slots=True)
class SpineAnswer:
    """One classified answer.

    `spine_code` and `text` are what the Spine said (for "Details"), without the NHS number. `retry_after` is in
    seconds, None when the answer named no usable time. `session_ended` is set when the sign-in service would give
    no further token.
    """

    kind: AnswerKind
    http_status: int | None = None
    spine_code: str = ""
    text: str = ""
    consent: SpineConsent | None = None
    retry_after: float | None = None
    session_ended: StopReason | None = None


class SpineReader(Protocol):
    """One sender's connection for questions alone: nothing can be written with it. As `SpineConnection` otherwise."""

    def read_consent(self, nhs_number: str, ids: MessageIds) -> SpineAnswer:
        """Ask the Spine for the patient's record pointer: summary or not, and which permission."""

    def abort(self) -> None:
        """Cut the exchange in hand, from any thread; the sender's call returns soon after."""

    def close(self) -> None:
        """Give the connection back."""


class SpineConnection(SpineReader, Protocol):
    """One sender's connection; used by one thread, but for `abort`."""

    def send_dissent(self, nhs_number: str, ids: MessageIds) -> SpineAnswer:
        """Ask the Spine once to hold No for this patient. Never repeats the message by itself."""


class SpineService(Protocol):
    """Where connections come from."""

    def connect(self, session_id: str) -> SpineConnection:
        """A connection for one sender thread, on which nothing is ever sent but under this card session."""


class SpineReaders(Protocol):
    """Where connections come from that only ask."""

    def connect_reader(self, session_id: str) -> SpineReader:
        """A connection for one sender thread, on which nothing is asked but under this card session."""
