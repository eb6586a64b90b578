"""What the wire can do to an exchange (faults page, rows 8 to 11, 14, 21, 22)."""

from __future__ import annotations

import gzip
import socket
import sys
import time
from contextlib import ExitStack

import pytest

from app.domain.decision import NO_SUMMARY as NO_SUMMARY_TOLD
from app.engine.spine_port import AnswerKind
from app.spine.client import RequestsSpine
from app.spine.sandbox import NoSignIn
from app.spine.settings import SpineSettings
from tests.helpers.clocks import ManualClock
from tests.helpers.raw_server import answering, http, raw_server
from tests.helpers.spine_answers import NO_SUMMARY, as_bytes, gateway_error, service_error, summary
from tests.integration.spine.conftest import DEADLINE, HEAD_200, HEAD_201, read, sends, write

K = AnswerKind
GRACE = 1.0
NOTHING_HELD = http("200 OK", as_bytes(NO_SUMMARY))


def timed(call, connection):
    began = time.monotonic()
    answer = call(connection)
    return answer, time.monotonic() - began


def drips(start: bytes, rest: bytes):
    def script(peer):
        if peer.receive():
            peer.send(start)
            peer.drip(rest)

    return script


class SlowSource:
    """Nobody signs in, and asking for what to send under takes a while by the clock."""

    def __init__(self, clock: ManualClock, seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds
        self._nobody = NoSignIn(clock, {"B0062"})
        self.session_id = self._nobody.sign_in("", None).session_id

    def credentials(self, give_up_at: float):
        self._clock.advance(self._seconds)
        return self._nobody.credentials(give_up_at)

    def refused(self, *_: object) -> None:
        raise AssertionError("nobody refused anything")


def slow_connection(url: str, clock: ManualClock, token: float = 0.0):
    source = SlowSource(clock, token)
    return RequestsSpine(SpineSettings(spine_url=url, auth_url="none"), source, clock).connect(source.session_id)


@pytest.mark.parametrize(("seconds", "answer", "arrived"), [(4.0, K.ACCEPTED, 1), (6.0, K.NOT_SENT, 0)])
def test_a_dissent_that_waited_too_long_for_a_token_does_not_leave(seconds, answer, arrived):
    with raw_server(answering(http("201 Created"))) as server:
        connection = slow_connection(server.url, ManualClock(), seconds)
        assert write(connection).kind is answer
        assert len(server.requests) == arrived
        connection.close()


@pytest.mark.fault_row(8)
@pytest.mark.parametrize(("seconds", "answer", "arrived"), [(4.0, K.ACCEPTED, 1), (6.0, K.NO_CONNECTION, 0)])
def test_a_dissent_whose_connection_took_too_long_does_not_leave(monkeypatch, seconds, answer, arrived):
    clock, genuine = ManualClock(), socket.getaddrinfo

    def slowly(*args: object, **kwargs: object):
        clock.advance(seconds)
        return genuine(*args, **kwargs)

    with raw_server(answering(http("201 Created"))) as server:
        monkeypatch.setattr(socket, "getaddrinfo", slowly)
        connection = slow_connection(server.url, clock)
        assert write(connection).kind is answer
        assert len(server.requests) == arrived
        connection.close()


def test_a_question_may_leave_late(monkeypatch):
    clock, genuine = ManualClock(), socket.getaddrinfo

    def slowly(*args: object, **kwargs: object):
        clock.advance(20.0)
        return genuine(*args, **kwargs)

    with raw_server(answering(NOTHING_HELD)) as server:
        monkeypatch.setattr(socket, "getaddrinfo", slowly)
        connection = slow_connection(server.url, clock, 20.0)
        assert read(connection).consent == NO_SUMMARY_TOLD
        connection.close()


# Row 8: certainly not sent.


@pytest.mark.fault_row(8)
def test_a_refused_connection_sent_nothing(connect):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        connection = connect(f"http://127.0.0.1:{unused.getsockname()[1]}")
        assert read(connection).kind is K.NO_CONNECTION
        assert write(connection).kind is K.NO_CONNECTION


@pytest.mark.fault_row(8)
def test_a_name_that_is_not_known_sent_nothing(connect, monkeypatch):
    def unknown(*_args: object, **_kwargs: object):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    connection = connect("https://spine.invalid/FHIR/R4")
    assert read(connection).kind is K.NO_CONNECTION
    assert write(connection).kind is K.NO_CONNECTION


@pytest.mark.fault_row(8)
@pytest.mark.skipif(sys.platform != "linux", reason="Only Linux leaves connections beyond the backlog unanswered.")
def test_a_connection_that_is_not_answered_sent_nothing(connect):
    with socket.socket() as full, ExitStack() as waiting:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(4):
            client = waiting.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(full.getsockname())
        connection = connect(f"http://127.0.0.1:{full.getsockname()[1]}", connect_timeout=0.3)
        for call in (read, write):
            answer, seconds = timed(call, connection)
            assert answer.kind is K.NO_CONNECTION
            assert seconds < DEADLINE


# Rows 10 and 11, and the trap of headers cut off.

DRIPS = [
    ("status line", b"", b"HTTP/1.1 200 OK\r\n" + b"X" * 999, K.UNAVAILABLE, K.UNKNOWN),
    ("header of a 200", HEAD_200, b"X-Slow: " + b"x" * 999, K.UNAVAILABLE, K.UNKNOWN),
    ("header of a 201", HEAD_201, b"X-Slow: " + b"x" * 999, K.UNAVAILABLE, K.ACCEPTED),
    ("body of a 200", HEAD_200 + b"Content-Length: 999\r\n\r\n", b" " * 999, K.UNAVAILABLE, K.UNKNOWN),
    ("body of a 200 without a length", HEAD_200 + b"\r\n", b" " * 999, K.UNAVAILABLE, K.UNKNOWN),
    ("body of a 201", HEAD_201 + b"Content-Length: 999\r\n\r\n", b" " * 999, K.NOT_UNDERSTOOD, K.ACCEPTED),
    ("body in chunks", HEAD_200 + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n" * 99, K.UNAVAILABLE, K.UNKNOWN),
    ("100 Continue for ever", b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 99, K.UNAVAILABLE, K.UNKNOWN),
    ("body of a 500", b"HTTP/1.1 500 No\r\nContent-Length: 999\r\n\r\n", b" " * 999, K.UNAVAILABLE, K.UNKNOWN),
    ("body of a 400", b"HTTP/1.1 400 No\r\nContent-Length: 999\r\n\r\n", b" " * 999, K.UNAVAILABLE, K.UNKNOWN),
]


@pytest.mark.fault_row(11)
@pytest.mark.parametrize(("what", "start", "rest", "of_read", "of_write"), DRIPS, ids=[row[0] for row in DRIPS])
def test_a_drip_ends_at_the_deadline(connect, what, start, rest, of_read, of_write):
    with raw_server(drips(start, rest)) as server:
        for call, kind in ((read, of_read), (write, of_write)):
            answer, seconds = timed(call, connect(server.url))
            assert answer.kind is kind, what
            assert seconds < DEADLINE + GRACE
            assert answer.consent is None


def test_silence_ends_at_the_read_timeout(connect):
    with raw_server(sends(then="hold")) as server:
        for call, kind in ((read, K.UNAVAILABLE), (write, K.UNKNOWN)):
            answer, seconds = timed(call, connect(server.url, read_timeout=0.3))
            assert answer.kind is kind
            assert 0.2 < seconds < DEADLINE


def test_silence_ends_at_the_deadline(connect):
    with raw_server(sends(then="hold")) as server:
        for call, kind in ((read, K.UNAVAILABLE), (write, K.UNKNOWN)):
            answer, seconds = timed(call, connect(server.url))
            assert answer.kind is kind
            assert DEADLINE - 0.1 < seconds < DEADLINE + GRACE


WHOLE = http("200 OK", as_bytes(summary()), "Content-Type: application/fhir+json")


@pytest.mark.fault_row(10)
@pytest.mark.parametrize("length", [*range(0, 70, 3), 100, 500, len(WHOLE) - 1])
def test_a_read_cut_off_anywhere_tells_nothing(connect, length):
    with raw_server(sends(WHOLE[:length])) as server:
        answer = read(connect(server.url))
        assert answer.kind is K.UNAVAILABLE
        assert answer.consent is None


CREATED = b"HTTP/1.1 201 Created\r\nContent-Type: application/fhir+json\r\nContent-Length: 4\r\n\r\n{}  "
STATUS_LINE = CREATED.index(b"\r\n") + 2


@pytest.mark.fault_row(10)
@pytest.mark.parametrize("then", ["close", "reset"])
@pytest.mark.parametrize("length", [0, 5, 12, 13, STATUS_LINE - 1, STATUS_LINE, STATUS_LINE + 9, 60, len(CREATED) - 1])
def test_a_201_counts_from_its_whole_status_line_on(connect, length, then):
    with raw_server(sends(CREATED[:length], then=then)) as server:
        answer = write(connect(server.url))
    seen = length >= STATUS_LINE
    # A reset may overtake bytes that were on their way: then nothing was seen.
    allowed = {K.ACCEPTED, K.UNKNOWN} if seen and then == "reset" else {K.ACCEPTED if seen else K.UNKNOWN}
    assert answer.kind in allowed


@pytest.mark.parametrize("status", ["200 OK", "202 Accepted", "204 No Content", "500 No"])
def test_other_statuses_do_not_count_as_201(connect, status):
    with raw_server(answering(http(status))) as server:
        assert write(connect(server.url)).kind is K.UNKNOWN


def test_a_201_with_an_outcome_in_it_is_accepted(connect):
    with raw_server(answering(http("201 Created", as_bytes(service_error("informational"))))) as server:
        assert write(connect(server.url)).kind is K.ACCEPTED


GARBAGE = [
    ("not HTTP", b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
    ("a TLS alert", b"\x15\x03\x01\x00\x02\x02\x28"),
    ("no number", b"HTTP/1.1 OK 200\r\n\r\n"),
    ("a number of four digits", b"HTTP/1.1 2000 OK\r\n\r\n"),
    ("HTTP/2", b"HTTP/2 200\r\n\r\n"),
    ("a status line of 100 KB", b"HTTP/1.1 200 " + b"x" * 100_000 + b"\r\n\r\n"),
    ("a header line of 100 KB", HEAD_200 + b"X: " + b"x" * 100_000 + b"\r\n\r\n"),
    ("1,000 headers", HEAD_200 + b"X: y\r\n" * 1000 + b"\r\n"),
    ("a header without a colon", HEAD_200 + b"Content-Length: 60\r\ngarbage\r\nX: y\r\n\r\n" + as_bytes(NO_SUMMARY)),
    ("chunks without a size", HEAD_200 + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"),
    ("gzip that is none", http("200 OK", as_bytes(NO_SUMMARY), "Content-Encoding: gzip")),
]


@pytest.mark.fault_row(22)
@pytest.mark.parametrize(("what", "data"), GARBAGE, ids=[what for what, _ in GARBAGE])
def test_garbage_is_no_answer(connect, caplog, what, data):
    with raw_server(sends(data)) as server:
        assert read(connect(server.url)).kind is K.UNAVAILABLE, what
        assert write(connect(server.url)).kind is K.UNKNOWN, what
    assert "9990000018" not in caplog.text


BODIES = [
    ("HTML", b"<html><body>Sign in to the network</body></html>"),
    ("nothing", b""),
    ("names given twice", as_bytes(NO_SUMMARY).replace(b'"total": 0', b'"total": 1, "total": 0')),
    ("NaN", as_bytes(NO_SUMMARY).replace(b'"total": 0', b'"total": NaN')),
    ("deep nesting", b'{"entry":' * 50_000 + b"0" + b"}" * 50_000),
    ("a number of 5,000 digits", as_bytes(NO_SUMMARY).replace(b'"total": 0', b'"total": ' + b"0" * 5000)),
    ("another patient", as_bytes(summary(nhs_number="9990000026"))),
    ("an error", as_bytes(gateway_error("UNKNOWN_ERROR", "Unknown Error"))),
    ("2 MB", as_bytes({**NO_SUMMARY, "id": "x" * 2_000_000})),
]


@pytest.mark.fault_row(22)
@pytest.mark.parametrize(("what", "body"), BODIES, ids=[what for what, _ in BODIES])
def test_a_200_with_something_else_in_it_is_not_understood(connect, what, body):
    with raw_server(answering(http("200 OK", body))) as server:
        answer = read(connect(server.url, deadline=10))
        assert answer.kind is K.NOT_UNDERSTOOD, what
        assert answer.consent is None


def test_an_error_too_large_to_read_leaves_a_write_unknown(connect):
    """It might say that the message had been received before."""
    with raw_server(answering(http("400 Bad Request", b" " * 2_000_000))) as server:
        assert write(connect(server.url, deadline=10)).kind is K.UNKNOWN


def test_packed_answers_are_read_and_a_bomb_is_not_unpacked(connect):
    packed = http("200 OK", gzip.compress(as_bytes(NO_SUMMARY)), "Content-Encoding: gzip")
    bomb = http("200 OK", gzip.compress(b" " * 50_000_000, compresslevel=1), "Content-Encoding: gzip")
    with raw_server(answering(packed, bomb)) as server:
        connection = connect(server.url, deadline=10)
        assert read(connection).consent == NO_SUMMARY_TOLD
        assert read(connection).kind is K.NOT_UNDERSTOOD


@pytest.mark.fault_row(14)
def test_the_content_type_says_nothing(connect):
    for content_type in ("text/html", "multipart/mixed; boundary=x", "application/json", "image/png", "?"):
        with raw_server(answering(http("200 OK", as_bytes(NO_SUMMARY), f"Content-Type: {content_type}"))) as server:
            assert read(connect(server.url)).consent == NO_SUMMARY_TOLD, content_type


# Row 21.


@pytest.mark.fault_row(21)
def test_a_redirect_is_not_followed_and_its_body_not_read(connect):
    with raw_server(answering(NOTHING_HELD)) as elsewhere:
        for status in ("301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"):
            redirect = f"HTTP/1.1 {status}\r\nLocation: {elsewhere.url}/x\r\nContent-Length: 999999999\r\n\r\n"
            with raw_server(sends(redirect.encode(), b"x" * 3_000_000, then="hold")) as server:
                connection = connect(server.url)
                assert read(connection).kind is K.CONFIGURATION
                assert write(connection).kind is K.CONFIGURATION
        assert elsewhere.requests == []
