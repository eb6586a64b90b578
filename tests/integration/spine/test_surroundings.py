"""Nothing around the program can change a request or read it: environment, .netrc, cookies, logs, errors."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from app.engine.spine_port import AnswerKind
from tests.helpers.raw_server import answering, http, raw_server
from tests.helpers.spine_answers import NO_SUMMARY, as_bytes
from tests.integration.spine.conftest import HAS_SUMMARY, WRITTEN, new_ids, read, write

K = AnswerKind
NOTHING_HELD = http("200 OK", as_bytes(NO_SUMMARY), "Set-Cookie: sticky=1; Path=/")


def headers_of(request: bytes) -> dict[str, str]:
    lines = request.split(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    return {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}


@pytest.fixture
def hostile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """An environment that would send everything by a proxy, under another name, trusting another authority."""
    netrc = tmp_path / "netrc"
    netrc.write_text("default login eve password hunter2\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".netrc").write_text(netrc.read_text())
    (tmp_path / ".netrc").chmod(0o600)
    with raw_server(answering(http("200 OK"))) as proxy:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
            monkeypatch.setenv(name.lower(), proxy.url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/at/all.pem")
        yield proxy


def test_the_environment_changes_nothing(connection, hostile):
    """A .netrc would put its password in the token's place: the Spine would answer 401."""
    assert read(connection).kind is K.CONSENT
    assert write(connection).kind is K.ACCEPTED
    assert hostile.requests == []


def test_the_request_is_what_it_should_be_and_nothing_more(connect, hostile):
    ids = new_ids()
    with raw_server(answering(NOTHING_HELD, NOTHING_HELD, http("201 Created"))) as server:
        connection = connect(f"{server.url}/FHIR/R4")
        for _ in range(2):
            assert connection.read_consent(HAS_SUMMARY, ids).kind is K.CONSENT
        assert connection.send_dissent(WRITTEN, ids).kind is K.ACCEPTED
        first, second, third = server.requests
    always = {
        "host": f"127.0.0.1:{server.port}",
        "user-agent": "scr-bulk",
        "accept": "application/fhir+json",
        "accept-encoding": "identity",
        "connection": "keep-alive",
        "x-request-id": ids.request_id,
        "x-correlation-id": ids.correlation_id,
        "nhsd-session-urid": "555254240100",
    }
    path = b"/FHIR/R4/DocumentReference?patient=https%3A%2F%2Ffhir.nhs.uk%2FId%2Fnhs-number%7C9990000018"
    assert first.startswith(b"GET " + path + b" HTTP/1.1\r\n")
    assert headers_of(first) == always
    assert headers_of(second) == always
    head, body = third.split(b"\r\n\r\n")
    assert head.startswith(b"POST /FHIR/R4/$setPermission HTTP/1.1\r\n")
    assert headers_of(third) == {
        **always,
        "content-type": "application/fhir+json",
        "content-length": str(len(body)),
    }
    assert hostile.requests == []


def test_nothing_is_logged_and_nothing_of_a_request_is_in_an_answer(connect, sign_in, caplog):
    """Failed exchanges included: the errors of the library hold the address, and with it the NHS number."""
    malformed = b"HTTP/1.1 200 OK\r\nno colon here\r\nContent-Length: 0\r\n\r\n"
    caplog.set_level(logging.INFO)
    with raw_server(answering(malformed, malformed)) as server:
        answers = [read(connect(server.url)), write(connect(server.url))]
    connection = connect("http://127.0.0.1:9")
    answers += [read(connection), write(connection)]
    assert caplog.text == ""
    shown = " ".join(map(repr, answers))
    for secret in (HAS_SUMMARY, WRITTEN, "127.0.0.1", "setPermission"):
        assert secret not in shown
