"""The Spine of a preview cannot be written to: by what it is given, and by what it answers itself."""

from __future__ import annotations

from app.domain.decision import NO_SUMMARY, NOTHING_ASKED
from app.engine.preview_spine import SpineLeftAlone, SpineOnlyAsked
from app.engine.spine_port import AnswerKind, MessageIds, SpineAnswer
from app.spine.client import RequestsConnection, RequestsReader

IDS = MessageIds("request", "correlation")


class Reader:
    """Can be asked, and nothing else."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def connect_reader(self, session_id: str) -> Reader:
        self.calls.append(f"connect {session_id}")
        return self

    def read_consent(self, nhs_number: str, ids: MessageIds) -> SpineAnswer:
        self.calls.append(f"read {ids.correlation_id}")
        return SpineAnswer(AnswerKind.CONSENT, 200, consent=NO_SUMMARY)

    def abort(self) -> None:
        self.calls.append("abort")

    def close(self) -> None:
        self.calls.append("close")


def test_the_client_s_reader_has_nothing_to_write_with():
    assert not hasattr(RequestsReader, "send_dissent")
    assert hasattr(RequestsConnection, "send_dissent")


def test_questions_go_out_and_dissents_do_not():
    reader = Reader()
    connection = SpineOnlyAsked(reader).connect("session-1")
    assert connection.read_consent("9990000018", IDS).consent is NO_SUMMARY
    assert connection.send_dissent("9990000018", IDS) == SpineAnswer(AnswerKind.ACCEPTED)
    connection.abort()
    connection.close()
    assert reader.calls == ["connect session-1", "read correlation", "abort", "close"]


def test_the_spine_that_is_left_alone_tells_that_nobody_asked():
    connection = SpineLeftAlone().connect("session-1")
    assert connection.read_consent("9990000018", IDS).consent is NOTHING_ASKED
    assert connection.send_dissent("9990000018", IDS).kind is AnswerKind.ACCEPTED
    connection.abort()
    connection.close()
