"""The Spine as the engine's port has it: a read and a write, each one exchange, each answer classified."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from app.clock import Clock
from app.domain.errors import SignInUnreachable
from app.domain.states import StopReason
from app.engine.spine_port import AnswerKind, MessageIds, SpineAnswer
from app.spine.classify import classify_read, classify_write
from app.spine.credentials import Credentials, CredentialSource, SessionOver
from app.spine.exchange import Exchanger, Hear, Reply, hear_nothing
from app.spine.messages import Message, consent_query, dissent
from app.spine.settings import SpineSettings

_NO_TOKEN = "The sign-in service could not be reached for a new token."  # noqa: S105 - words for staff
_MIXED = "The sign-in service and the Spine do not agree on whether this is a simulation."

LEAVES_WITHIN_SECONDS = 5.0
"""A dissent leaves within so long of being handed over, or not at all. A new token, a name to be looked up or a slow
connection would else put it off beyond the time from which its settling is counted, and beyond a stop."""

MessageBuilder = Callable[[str, str, MessageIds, str | None, str | None], Message]


class RequestsSpine:
    """Where connections come from: a `requests` adapter each. `hear` is told every reply.

    Where an `application` is given, questions go on under its own access once the card session is over; messages never.
    """

    def __init__(
        self,
        settings: SpineSettings,
        source: CredentialSource,
        clock: Clock,
        hear: Hear = hear_nothing,
        application: CredentialSource | None = None,
    ) -> None:
        self._settings = settings
        self._source = source
        self._application = application
        self._clock = clock
        self._hear = hear

    def connect(self, session_id: str) -> RequestsConnection:
        """A connection for one sender thread and this card session; nothing is opened yet."""
        return RequestsConnection(self._settings, self._source, session_id, self._clock, self._hear, self._application)

    def connect_reader(self, session_id: str) -> RequestsReader:
        """The same for questions alone, under the card session and nothing else."""
        return RequestsReader(self._settings, self._source, session_id, self._clock, self._hear)


class RequestsReader:
    """One sender's connection for questions; used by one thread, but for `abort`. Raises nothing for what the network
    does.

    A call ends within the deadline of the settings, refreshing a token included. It belongs to one card session: under
    another one, be it of the same person, nothing is sent.
    """

    def __init__(
        self,
        settings: SpineSettings,
        source: CredentialSource,
        session_id: str,
        clock: Clock,
        hear: Hear,
        application: CredentialSource | None = None,
    ) -> None:
        self._settings = settings
        self._source = source
        self._application = application
        self._session_id = session_id
        self._clock = clock
        self._exchanger = Exchanger(settings, settings.spine_url, clock.monotonic, hear)

    def read_consent(self, nhs_number: str, ids: MessageIds) -> SpineAnswer:
        """Ask the Spine for the patient's record pointer. Raises ValueError unless the number is ten digits."""

        def meaning(reply: Reply, credentials: Credentials) -> SpineAnswer:
            answer = classify_read(reply, nhs_number, self._clock.now())
            if answer.kind is AnswerKind.CONSENT and credentials.simulated not in (None, reply.simulated):
                # Signed in here and answered there: what a rehearsal says must never count for a real list.
                return SpineAnswer(AnswerKind.CONFIGURATION, reply.status, text=_MIXED)
            return answer

        return self._make(consent_query, nhs_number, ids, meaning, self._application)

    def abort(self) -> None:
        """Cut the exchange in hand, from any thread."""
        self._exchanger.abort()

    def close(self) -> None:
        """Close the connection."""
        self._exchanger.close()

    def _make(
        self,
        build: MessageBuilder,
        nhs_number: str,
        ids: MessageIds,
        meaning: Callable[[Reply, Credentials], SpineAnswer],
        application: CredentialSource | None,
        leaves_within: float = math.inf,
    ) -> SpineAnswer:
        begun_at = self._clock.monotonic()
        give_up_at, leave_by = begun_at + self._settings.deadline, begun_at + leaves_within
        try:
            source, credentials = self._credentials(give_up_at, application)
        except SessionOver as over:
            return SpineAnswer(AnswerKind.UNAUTHENTICATED, session_ended=over.reason)
        except SignInUnreachable:
            return SpineAnswer(AnswerKind.NO_CONNECTION, text=_NO_TOKEN)
        message = build(self._settings.spine_url, nhs_number, ids, credentials.role_id, credentials.token)
        if self._clock.monotonic() > leave_by:
            return SpineAnswer(AnswerKind.NOT_SENT)
        answer = meaning(self._exchanger.exchange(message, give_up_at, leave_by), credentials)
        if answer.kind is not AnswerKind.UNAUTHENTICATED:
            return answer
        # Refused before anything was done: the caller repeats it, with a new token and under a new id.
        try:
            source.refused(credentials, give_up_at)
        except SessionOver as over:
            # The application's own access, where there is any, is tried by the repeat.
            last = application is None or source is application
            return replace(answer, session_ended=over.reason) if last else answer
        except SignInUnreachable:
            return replace(answer, kind=AnswerKind.NO_CONNECTION, text=_NO_TOKEN)
        return answer

    def _credentials(
        self, give_up_at: float, application: CredentialSource | None
    ) -> tuple[CredentialSource, Credentials]:
        """What to send under, and whose it is: the card session's, or once that is over the application's."""
        try:
            return self._source, self._own_credentials(give_up_at)
        except SessionOver as over:
            if application is None:
                raise
            try:
                return application, application.credentials(give_up_at)
            except SessionOver:
                raise over from None

    def _own_credentials(self, give_up_at: float) -> Credentials:
        credentials = self._source.credentials(give_up_at)
        if credentials.session_id != self._session_id:
            raise SessionOver(StopReason.CARD_REMOVED)
        return credentials


class RequestsConnection(RequestsReader):
    """One sender's connection for questions and dissents."""

    def send_dissent(self, nhs_number: str, ids: MessageIds) -> SpineAnswer:
        """Ask the Spine once to hold No for this patient. Raises ValueError unless the number is ten digits."""

        def meaning(reply: Reply, credentials: Credentials) -> SpineAnswer:
            answer = classify_write(reply, self._clock.now())
            if answer.kind is AnswerKind.ACCEPTED and reply.simulated and credentials.simulated is False:
                # Whatever a simulated Spine accepts under a real sign-in, the real one has not been told.
                return SpineAnswer(AnswerKind.CONFIGURATION, reply.status, text=_MIXED)
            return answer

        # Never under the application's own access: the gateway would refuse it, and rightly.
        return self._make(dissent, nhs_number, ids, meaning, None, LEAVES_WITHIN_SECONDS)
