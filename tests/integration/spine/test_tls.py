"""Certificates and TLS (faults page, rows 8 and 9): never "continue anyway", and never taken for a patient's fault."""

from __future__ import annotations

import os
import socket
import ssl

import pytest

from app.clock import SystemClock
from app.domain.decision import NO_SUMMARY as NO_SUMMARY_TOLD
from app.domain.errors import BadInput, SignInUnreachable
from app.engine.spine_port import AnswerKind
from app.spine.probe import is_simulated
from app.spine.settings import SpineSettings
from app.spine.sign_in import SignInService
from tests.helpers.certificates import Certificates
from tests.helpers.raw_server import answering, http, raw_server
from tests.helpers.spine_answers import NO_SUMMARY, as_bytes
from tests.integration.spine.conftest import read, write

K = AnswerKind
PATIENCE = 10.0


@pytest.fixture(scope="module")
def sound(certificates: Certificates) -> ssl.SSLContext:
    return certificates.server("sound", "IP:127.0.0.1")


def test_a_certificate_of_the_given_authority_is_trusted(connect, certificates, sound):
    answers = answering(http("200 OK", as_bytes(NO_SUMMARY)), http("201 Created"))
    with raw_server(answers, sound) as server:
        connection = connect(server.url, deadline=PATIENCE, ca_bundle=certificates.authority)
        assert read(connection).consent == NO_SUMMARY_TOLD
        assert write(connection).kind is K.ACCEPTED
        assert server.connections == 1
    with raw_server(answering(http("404 Not Found", b"", "X-Simulated-Spine: true")), sound) as server:
        assert is_simulated(server.url, ca_bundle=certificates.authority)
        assert not is_simulated(server.url)


def refused_as_configuration(connection) -> None:
    for call in (read, write):
        answer = call(connection)
        assert answer.kind is K.CONFIGURATION
        assert answer.http_status is None


@pytest.mark.fault_row(9)
def test_a_certificate_of_an_unknown_authority_stops_the_run(connect, sound, certificates, monkeypatch):
    """The environment cannot add one either."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, str(certificates.authority))
    with raw_server(answering(http("201 Created")), sound) as server:
        refused_as_configuration(connect(server.url, deadline=PATIENCE))
        assert server.requests == []


def test_signing_in_with_an_unknown_authority_is_said_in_words(sound):
    with raw_server(answering(http("200 OK")), sound) as server:
        settings = SpineSettings(spine_url=server.url, auth_url=server.url)
        with pytest.raises(SignInUnreachable, match="certificate is not trusted"):
            SignInService(settings, SystemClock()).sign_in("910000000001", "123456")
        assert server.requests == []


@pytest.mark.fault_row(9)
def test_a_certificate_of_another_host_stops_the_run(connect, certificates):
    with raw_server(answering(http("201 Created")), certificates.server("other", "DNS:other.example")) as server:
        refused_as_configuration(connect(server.url, deadline=PATIENCE, ca_bundle=certificates.authority))
        assert server.requests == []


@pytest.mark.fault_row(9)
def test_an_expired_certificate_stops_the_run(connect, certificates):
    with raw_server(answering(http("201 Created")), certificates.server("old", "IP:127.0.0.1", days=-1)) as server:
        refused_as_configuration(connect(server.url, deadline=PATIENCE, ca_bundle=certificates.authority))
        assert server.requests == []


@pytest.mark.fault_row(9)
def test_a_server_that_wants_our_certificate_stops_the_run(connect, certificates):
    """With TLS 1.3 the refusal arrives after the request has left; it was not looked at all the same."""
    context = certificates.server("strict", "IP:127.0.0.1")
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(certificates.authority)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    with raw_server(answering(http("201 Created")), context) as server:
        refused_as_configuration(connect(server.url, deadline=PATIENCE, ca_bundle=certificates.authority))
        assert server.requests == []


def test_a_server_that_does_not_speak_tls_was_sent_nothing(connect):
    def script(peer):
        peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with raw_server(script) as server:
        connection = connect(server.url.replace("http://", "https://"), deadline=PATIENCE)
        assert read(connection).kind is K.NO_CONNECTION
        assert write(connection).kind is K.NO_CONNECTION


@pytest.mark.fault_row(8)
def test_a_server_that_hangs_up_during_the_handshake_was_sent_nothing(connect):
    def script(peer):
        peer.hear()
        peer.reset()

    with raw_server(script) as server:
        connection = connect(server.url.replace("http://", "https://"), deadline=PATIENCE)
        assert read(connection).kind is K.NO_CONNECTION
        assert write(connection).kind is K.NO_CONNECTION


@pytest.mark.fault_row(8)
def test_a_server_that_is_silent_during_the_handshake_was_sent_nothing(connect):
    with raw_server(lambda peer: peer.hold()) as server:
        connection = connect(server.url.replace("http://", "https://"), connect_timeout=0.2)
        assert read(connection).kind is K.NO_CONNECTION
        assert write(connection).kind is K.NO_CONNECTION


def test_old_tls_is_not_spoken(connect, certificates):
    context = certificates.server("ancient", "IP:127.0.0.1")
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1 is deprecated"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with raw_server(answering(http("201 Created")), context) as server:
        connection = connect(server.url, deadline=PATIENCE, ca_bundle=certificates.authority)
        assert write(connection).kind is K.NO_CONNECTION
        assert server.requests == []


def test_a_drip_under_tls_ends_at_the_deadline(connect, certificates, sound):
    def script(peer):
        if peer.receive():
            peer.drip(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 999)

    with raw_server(script, sound) as server:
        assert read(connect(server.url, ca_bundle=certificates.authority)).kind is K.UNAVAILABLE


def test_a_cut_under_tls_is_no_answer(connect, certificates, sound):
    """A TLS stream that ends without its closing alert may have been cut by anybody."""
    body = as_bytes(NO_SUMMARY)

    def script(peer):
        if peer.receive():
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body[:-5])

    with raw_server(script, sound) as server:
        assert read(connect(server.url, ca_bundle=certificates.authority, deadline=PATIENCE)).kind is K.UNAVAILABLE


def test_by_a_proxy_the_request_stays_inside_the_tunnel(connect, certificates):
    """The proxy learns the host and nothing more; its refusal means that nothing was sent."""

    def script(peer):
        if peer.receive():
            peer.send(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")

    with raw_server(script) as proxy:
        connection = connect("https://spine.invalid/FHIR/R4", proxy=proxy.url, deadline=PATIENCE)
        for call in (read, write):
            answer = call(connection)
            # The 502 is the proxy's, not the Spine's.
            assert (answer.kind, answer.http_status) == (K.NO_CONNECTION, None)
        assert len(proxy.requests) == 2
        for request in proxy.requests:
            assert request.startswith(b"CONNECT spine.invalid:443 ")
            assert b"9990000018" not in request
            assert b"555254240100" not in request


def test_through_a_proxy_the_spine_is_reached(connect, certificates):
    context = certificates.server("tunnelled", "DNS:spine.invalid")
    with raw_server(answering(http("200 OK", as_bytes(NO_SUMMARY)), http("201 Created")), context) as spine:

        def script(peer):
            if peer.receive():
                peer.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
                with socket.create_connection(("127.0.0.1", spine.port)) as onward:
                    peer.join(onward)

        with raw_server(script) as proxy:
            connection = connect(
                "https://spine.invalid/FHIR/R4",
                proxy=proxy.url,
                deadline=PATIENCE,
                ca_bundle=certificates.authority,
            )
            assert read(connection).consent == NO_SUMMARY_TOLD
            assert write(connection).kind is K.ACCEPTED
            assert len(proxy.requests) == 1


def asking_who_calls(certificates: Certificates) -> ssl.SSLContext:
    """A server's side of TLS that lets nobody in without a certificate of the authority."""
    context = certificates.server("asking", "IP:127.0.0.1")
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(certificates.authority)
    return context


def test_a_service_that_asks_who_is_calling_is_shown_the_practices_own_certificate(connect, certificates):
    answers = answering(http("200 OK", as_bytes(NO_SUMMARY)), http("201 Created"))
    with raw_server(answers, asking_who_calls(certificates)) as server:
        own = certificates.client("practice")
        known = connect(server.url, deadline=PATIENCE, ca_bundle=certificates.authority, client_certificate=own)
        assert read(known).consent == NO_SUMMARY_TOLD
        assert write(known).kind is K.ACCEPTED


@pytest.mark.fault_row(9)
def test_without_the_certificate_that_is_asked_for_the_run_stops(connect, certificates):
    with raw_server(answering(http("201 Created")), asking_who_calls(certificates)) as server:
        refused_as_configuration(connect(server.url, deadline=PATIENCE, ca_bundle=certificates.authority))
        assert server.requests == []


def test_an_own_certificate_that_cannot_be_used_is_refused_at_the_start(certificates, tmp_path):
    def settings(path):
        return SpineSettings(spine_url="https://spine.example", auth_url="none", client_certificate=path)

    own = certificates.client("careful")
    assert settings(own)
    without_key = tmp_path / "without-key.pem"
    without_key.write_text(certificates.authority.read_text())
    without_key.chmod(0o600)
    for path in (without_key, tmp_path / "missing.pem"):
        with pytest.raises(BadInput, match=path.name):
            settings(path)
    if os.name == "posix":
        own.chmod(0o640)
        with pytest.raises(BadInput, match="can be read by others"):
            settings(own)
