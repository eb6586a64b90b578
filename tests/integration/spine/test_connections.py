"""Connections that are kept, given up, cut from another thread, and closed."""

from __future__ import annotations

import re
import socket
import ssl
import sys
import threading
import time

import pytest

from app.clock import SystemClock
from app.domain.decision import NO_SUMMARY as NO_SUMMARY_TOLD
from app.engine.spine_port import AnswerKind
from app.spine.exchange import Exchanger, Trouble
from app.spine.messages import Message
from app.spine.settings import SpineSettings
from app.spine.wire import Wire
from tests.helpers.raw_server import answering, http, raw_server
from tests.helpers.spine_answers import DISSENT_TEXT, NO_SUMMARY, as_bytes, service_error, summary
from tests.integration.spine.conftest import HEAD_200, HEAD_201, read, sends, wait_until, write

K = AnswerKind
NOTHING_HELD = http("200 OK", as_bytes(NO_SUMMARY))


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


@pytest.mark.fault_row(10)
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


def mirroring(status: str, body: bytes, request: bytes) -> bytes:
    correlation_id = re.search(rb"(?i)x-correlation-id: *(\S+)", request)
    assert correlation_id
    return http(status, body, f"X-Correlation-ID: {correlation_id[1].decode().upper()}")


@pytest.mark.fault_row(22)
@pytest.mark.parametrize(
    ("call", "status", "body", "understood", "otherwise"),
    [
        pytest.param(read, "200 OK", as_bytes(NO_SUMMARY), K.CONSENT, K.NOT_UNDERSTOOD, id="no summary"),
        pytest.param(read, "403 No", as_bytes(service_error(DISSENT_TEXT)), K.CONSENT, K.NOT_UNDERSTOOD, id="dissent"),
        pytest.param(write, "201 Created", b"", K.ACCEPTED, K.UNKNOWN, id="accepted"),
    ],
)
def test_an_answer_to_another_request_is_not_ours(connect, call, status, body, understood, otherwise):
    """A dissent or a total of 0 names nobody: left over on the connection, it would tell of the next patient."""

    def script(peer):
        earlier = peer.receive()
        peer.send(mirroring(status, body, earlier))
        while request := peer.receive():
            peer.send(mirroring(status, body, earlier) + mirroring(status, body, request))

    with raw_server(script) as server:
        connection = connect(server.url)
        assert call(connection).kind is understood
        answer = call(connection)
        assert (answer.kind, answer.consent) == (otherwise, None)
        # What is behind it on the connection is not waited for: the next exchange begins anew.
        assert call(connection).kind is understood
        assert server.connections == 2


LEFT_OVER = http("403 Forbidden", as_bytes(service_error(DISSENT_TEXT)))


def test_what_comes_unasked_on_an_idle_connection_ends_it(connect):
    answered, sent = threading.Event(), threading.Event()

    def script(peer):
        if peer.receive():
            peer.send(NOTHING_HELD)
            assert answered.wait(10)
            peer.send(LEFT_OVER)
            sent.set()
            peer.hold()

    with raw_server(script) as server:
        connection = connect(server.url)
        assert read(connection).consent == NO_SUMMARY_TOLD
        answered.set()
        assert sent.wait(10)
        assert read(connection).consent == NO_SUMMARY_TOLD
        assert server.connections == 2


def test_what_comes_in_one_piece_with_an_answer_is_dropped(connect):
    with raw_server(answering(NOTHING_HELD + LEFT_OVER, NOTHING_HELD)) as server:
        connection = connect(server.url)
        assert [read(connection).consent for _ in range(2)] == [NO_SUMMARY_TOLD] * 2


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
            connection.abort()
            sender.join(1)
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


@pytest.mark.parametrize(
    ("headers", "seconds_left", "trouble"),
    [
        pytest.param({}, -0.1, Trouble.NOT_CONNECTED, id="no time left after waiting for a token"),
        pytest.param({"X": "a\r\nb"}, 10, Trouble.SET_UP, id="a header that cannot be sent"),
    ],
)
def test_what_cannot_even_be_tried_sends_nothing(headers, seconds_left, trouble):
    with raw_server(answering(NOTHING_HELD)) as server:
        clock = SystemClock()
        exchanger = Exchanger(SpineSettings(spine_url=server.url, auth_url="none"), server.url, clock.monotonic)
        reply = exchanger.exchange(Message("GET", f"{server.url}/x", headers), clock.monotonic() + seconds_left)
        assert (reply.trouble, reply.status) == (trouble, None)
        assert server.connections == 0


def test_a_certificate_fault_late_in_an_exchange_proves_nothing():
    """Only a connection that is new, and before any answer, tells that the request was not looked at."""
    fault = ssl.SSLError(1, "alert")
    fault.reason = "TLSV13_ALERT_CERTIFICATE_REQUIRED"
    for opening, status, refused in ((True, None, True), (False, None, False), (True, 201, False)):
        wire = Wire(SystemClock().monotonic)
        wire.opening, wire.status = opening, status
        wire.note_fault(fault)
        assert wire.certificate_refused is refused


def test_closing_twice_does_nothing(connect):
    with raw_server(answering(NOTHING_HELD)) as server:
        connection = connect(server.url)
        read(connection)
        connection.close()
        connection.close()
