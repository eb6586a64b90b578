"""The Spine of a preview: it is asked as a run would ask it, or not at all, and nothing can be written to it.

A dissent that a run would send goes nowhere: it is answered here as accepted. What is given to this module has no way
to write, so that no mistake in it could.
"""

from __future__ import annotations

from app.domain.decision import NOTHING_ASKED
from app.engine.spine_port import AnswerKind, MessageIds, SpineAnswer, SpineConnection, SpineReader, SpineReaders


class SpineOnlyAsked:
    """`SpineService` for a preview with the Spine: questions go out, dissents do not."""

    def __init__(self, readers: SpineReaders) -> None:
        self._readers = readers

    def connect(self, session_id: str) -> SpineConnection:
        """A connection for one sender thread, on which nothing is asked but under this card session."""
        return _OnlyAsks(self._readers.connect_reader(session_id))


class SpineLeftAlone:
    """`SpineService` for a preview of the practice's records alone: no card, no network, and nothing known of it."""

    def connect(self, session_id: str) -> SpineConnection:  # noqa: ARG002 - the port's own
        """A connection that leads nowhere."""
        return _OnlyAsks(_KnowsNothing())


class _OnlyAsks:
    def __init__(self, reader: SpineReader) -> None:
        self._reader = reader

    def read_consent(self, nhs_number: str, ids: MessageIds) -> SpineAnswer:
        """What the Spine tells."""
        return self._reader.read_consent(nhs_number, ids)

    def send_dissent(self, nhs_number: str, ids: MessageIds) -> SpineAnswer:  # noqa: ARG002 - it goes nowhere
        """The answer that is hoped for; nothing has left this computer."""
        return SpineAnswer(AnswerKind.ACCEPTED)

    def abort(self) -> None:
        """Cut the question in hand."""
        self._reader.abort()

    def close(self) -> None:
        """Give the connection back."""
        self._reader.close()


class _KnowsNothing:
    def read_consent(self, nhs_number: str, ids: MessageIds) -> SpineAnswer:  # noqa: ARG002 - nobody is asked
        """That nobody was asked."""
        return SpineAnswer(AnswerKind.CONSENT, consent=NOTHING_ASKED)

    def abort(self) -> None:
        """Nothing is ever in hand."""

    def close(self) -> None:
        """Nothing was opened."""
