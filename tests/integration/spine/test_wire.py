"""What the wire can do to an exchange (faults page, rows 8 to 11, 14, 21, 22; traps page, 5E)."""

from __future__ import annotations

import gzip
import socket
import sys
import threading
import time
from contextlib import ExitStack

import pytest

from app.clock import SystemClock
from app.domain.decision import NO_SUMMARY as NO_SUMMARY_TOLD
from app.engine.spine_port import AnswerKind
from tests.helpers.raw_server import answering, http, raw_server
from tests.helpers.spine_answers import DISSENT_TEXT, NO_SUMMARY, as_bytes, gateway_error, service_error, summary
from tests.integration.spine.conftest import DEADLINE, read, write

K = AnswerKind
GRACE = 1.0
NOTHING_HELD = http("200 OK", as_bytes(NO_SUMMARY))
HEAD_200 = b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\n"
HEAD_201 = b"HTTP/1.1 201 Created\r\nContent-Type: application/fhir+json\r\n"


def wait_until(condition) -> None:
    give_up_at = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < give_up_at
        time.sleep(0.005)


def timed(call, connection):
    began = time.monotonic()
    answer = call(connection)
    return answer, time.monotonic() - began


def sends(*data: bytes, then="close"):
    """A script that takes one request, sends these bytes and then closes, holds on, or resets."""

    def script(peer):
        if not peer.receive():
            return
        for piece in data:
            peer.send(piece)
        if then == "hold":
            peer.hold()
        elif then == "reset":
            peer.reset()

    return script


def drips(start: bytes, rest: bytes):
    def script(peer):
        if peer.receive():
            peer.send(start)
            peer.drip(rest)

    return script


# Row 8: certainly not sent.


def test_a_refused_connection_sent_nothing(connect):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        connection = connect(f"http://127.0.0.1:{unused.getsockname()[1]}")
        assert read(connection).kind is K.NO_CONNECTION
        assert write(connection).kind is K.NO_CONNECTION


def test_a_name_that_is_not_known_sent_nothing(connect, monkeypatch):
    def unknown(*_args: object, **_kwargs: object):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    connection = connect("https://spine.invalid/FHIR/R4")
    assert read(connection).kind is K.NO_CONNECTION
    assert write(connection).kind is K.NO_CONNECTION


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


@pytest.mark.parametrize("length", [*range(0, 70, 3), 100, 500, len(WHOLE) - 1])
def test_a_read_cut_off_anywhere_tells_nothing(connect, length):
    with raw_server(sends(WHOLE[:length])) as server:
        answer = read(connect(server.url))
        assert answer.kind is K.UNAVAILABLE
        assert answer.consent is None


CREATED = b"HTTP/1.1 201 Created\r\nContent-Type: application/fhir+json\r\nContent-Length: 4\r\n\r\n{}  "
STATUS_LINE = CREATED.index(b"\r\n") + 2


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


def test_the_content_type_says_nothing(connect):
    for content_type in ("text/html", "multipart/mixed; boundary=x", "application/json", "image/png", "?"):
        with raw_server(answering(http("200 OK", as_bytes(NO_SUMMARY), f"Content-Type: {content_type}"))) as server:
            assert read(connect(server.url)).consent == NO_SUMMARY_TOLD, content_type


# Kept connections.


def test_a_connection_is_kept(connect):
    with raw_server(answering(*[NOTHING_HELD] * 3, http("201 Created"))) as server:
        connection = connect(server.url)
        assert [read(connection).kind for _ in range(3)] == [K.CONSENT] * 3
        assert write(connection).kind is K.ACCEPTED
        assert server.connections == 1


class LeapingClock(SystemClock):
    """The machine's clock, with time skipped."""

    skipped = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.skipped


def test_a_connection_idle_for_20_seconds_is_not_used_again(connect):
    clock = LeapingClock()
    with raw_server(answering(NOTHING_HELD, NOTHING_HELD, http("201 Created"))) as server:
        connection = connect(server.url, clock)
        read(connection)
        clock.skipped += 19
        read(connection)
        assert server.connections == 1
        clock.skipped += 21
        assert write(connection).kind is K.ACCEPTED
        assert server.connections == 2


def test_a_kept_connection_that_is_reset_on_sending_leaves_the_write_unknown(connect):
    """The request may have been read before the reset: nobody can tell (row 10)."""

    def script(peer):
        if peer.receive():
            peer.send(NOTHING_HELD)
            peer.receive()
            peer.reset()

    with raw_server(script) as server:
        connection = connect(server.url)
        assert read(connection).kind is K.CONSENT
        assert write(connection).kind is K.UNKNOWN


def test_a_kept_connection_that_was_closed_in_the_meantime_is_not_used(connect):
    closed = threading.Event()

    def script(peer):
        if peer.receive():
            peer.send(NOTHING_HELD if not closed.is_set() else http("201 Created"))
        closed.set()

    with raw_server(script) as server:
        connection = connect(server.url)
        assert read(connection).kind is K.CONSENT
        assert closed.wait(5)
        deadline = time.monotonic() + 5
        while server.connections == 1 and time.monotonic() < deadline:
            assert write(connection).kind in (K.ACCEPTED, K.UNKNOWN)
        assert server.connections > 1


def test_what_is_left_over_on_a_connection_is_not_the_next_answer(connect):
    """A second answer nobody asked for, a dissent, must not be taken for the next patient's."""
    dissent = http("403 Forbidden", as_bytes(service_error(DISSENT_TEXT)))

    def script(peer):
        if peer.receive():
            peer.send(NOTHING_HELD)
            peer.send(dissent)
            while peer.receive():
                peer.send(NOTHING_HELD)

    with raw_server(script) as server:
        connection = connect(server.url)
        assert read(connection).consent == NO_SUMMARY_TOLD
        # Until the left-over has arrived the connection looks sound; from then on it must not be used.
        for _ in range(20):
            assert read(connection).consent in (NO_SUMMARY_TOLD, None)


def test_after_an_answer_out_of_the_ordinary_the_connection_is_closed(connect):
    with raw_server(answering(http("204 No Content"), http("103 Early Hints"), NOTHING_HELD)) as server:
        connection = connect(server.url)
        kinds = [read(connection).kind for _ in range(3)]
        assert kinds == [K.NOT_UNDERSTOOD, K.NOT_UNDERSTOOD, K.CONSENT]
        assert server.connections == 3


def test_after_a_fault_the_next_exchange_is_sound(connect):
    stage = iter([sends(then="reset"), sends(HEAD_200, then="close"), sends(NOTHING_HELD)])
    with raw_server(lambda peer: next(stage)(peer)) as server:
        connection = connect(server.url)
        assert [read(connection).kind for _ in range(3)] == [K.UNAVAILABLE, K.UNAVAILABLE, K.CONSENT]


# Row 21.


def test_a_redirect_is_not_followed_and_its_body_not_read(connect):
    with raw_server(answering(NOTHING_HELD)) as elsewhere:
        for status in ("301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"):
            redirect = f"HTTP/1.1 {status}\r\nLocation: {elsewhere.url}/x\r\nContent-Length: 999999999\r\n\r\n"
            with raw_server(sends(redirect.encode(), b"x" * 3_000_000, then="hold")) as server:
                connection = connect(server.url)
                assert read(connection).kind is K.CONFIGURATION
                assert write(connection).kind is K.CONFIGURATION
        assert elsewhere.requests == []


# Aborting.


def is_waiting_for_bytes(thread: threading.Thread) -> bool:
    frame = sys._current_frames().get(thread.ident or 0)
    return frame is not None and frame.f_code.co_name == "readinto" and frame.f_code.co_filename == socket.__file__


@pytest.mark.parametrize(
    ("sent", "of_read", "of_write"),
    [
        pytest.param(b"", K.UNAVAILABLE, K.UNKNOWN, id="before the answer"),
        pytest.param(b"HTTP/1.1 20", K.UNAVAILABLE, K.UNKNOWN, id="in the status line"),
        pytest.param(HEAD_200 + b"X-", K.UNAVAILABLE, K.UNKNOWN, id="in the headers"),
        pytest.param(HEAD_200 + b"\r\n" + as_bytes(summary()), K.UNAVAILABLE, K.UNKNOWN, id="after a body without end"),
        pytest.param(HEAD_201 + b"X-", K.UNAVAILABLE, K.ACCEPTED, id="in the headers of a 201"),
    ],
)
def test_an_abort_cuts_the_exchange_from_another_thread(connect, sent, of_read, of_write):
    def script(peer):
        if peer.receive():
            peer.send(sent)
            peer.hold()

    for call, kind in ((read, of_read), (write, of_write)):
        with raw_server(script) as server:
            connection = connect(server.url, deadline=30)
            answers = []
            sender = threading.Thread(target=lambda c=connection, f=call, a=answers: a.append(f(c)))
            sender.start()
            status_expected = b"\r\n" in sent
            wait_until(
                lambda c=connection, s=sender, expected=status_expected: (
                    (c._exchanger._wire.status is not None or not expected) and is_waiting_for_bytes(s)
                )
            )
            began = time.monotonic()
            connection.abort()
            sender.join(5)
            assert time.monotonic() - began < GRACE
            (answer,) = answers
            assert answer.kind is kind
            assert answer.consent is None


def test_an_abort_between_exchanges_does_nothing(connect):
    with raw_server(answering(NOTHING_HELD, NOTHING_HELD)) as server:
        connection = connect(server.url)
        for _ in range(2):
            connection.abort()
            assert read(connection).kind is K.CONSENT
        assert server.connections == 1


def test_closing_twice_does_nothing(connect):
    with raw_server(answering(NOTHING_HELD)) as server:
        connection = connect(server.url)
        read(connection)
        connection.close()
        connection.close()
