"""The connection told in words: what is reached, simulated or real, sign-in, certificates; no patient is touched."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from app.bootstrap.connection import look_at_connection
from app.config import Settings, load_settings
from app.engine.connection import ConnectionReport, Verdict
from app.engine.long_work import Cancelled
from tests.helpers.giving_up import GivesUp
from tests.helpers.raw_server import answering, http, raw_server
from tests.helpers.simulator import running_simulator

GOOD, NOTE, BAD = Verdict.GOOD, Verdict.NOTE, Verdict.BAD
SECRET = "9990000018"


def look(folder: Path, **flags: str) -> ConnectionReport:
    return look_at_connection(settings(folder, **flags))


def settings(folder: Path, **flags: str) -> Settings:
    return load_settings(folder, flags, environment={})


def verdicts(report: ConnectionReport) -> list[Verdict]:
    return [remark.verdict for remark in report.remarks]


def words(report: ConnectionReport) -> str:
    return "\n".join(remark.words for remark in report.remarks)


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def test_a_simulated_spine_is_told_from_a_real_one(tmp_path):
    with running_simulator("--rate", "0") as spine:
        report = look(tmp_path, SPINE_URL=spine.spine, AUTH_URL=spine.auth)
        beside = look(tmp_path, SPINE_URL=spine.spine)
        calls = [entry["path"] for entry in spine.history()]
    assert verdicts(report) == [GOOD, GOOD]
    assert report.is_good
    assert "A simulated Spine answers at 127.0.0.1" in words(report)
    assert "The sign-in service answers" in words(report)
    assert verdicts(beside) == [GOOD, GOOD], "its sign-in stands beside it"
    assert all(path.endswith(("/healthcheck", "/userinfo")) for path in calls)


def test_a_real_service_is_said_to_be_real(tmp_path):
    with raw_server(answering(http("200 OK", b"{}"))) as spine, raw_server(answering(http("401 Unauthorized"))) as auth:
        report = look(tmp_path, SPINE_URL=f"{spine.url}/FHIR/R4", AUTH_URL=f"{auth.url}/oauth2")
    assert verdicts(report) == [GOOD, GOOD]
    assert "not a simulated one" in words(report)
    assert b"GET /FHIR/R4/healthcheck " in spine.requests[0]
    assert b"authorization" not in spine.requests[0].lower()


def test_the_sandbox_asks_for_no_sign_in(tmp_path):
    with raw_server(answering(http("200 OK", b"{}"))) as spine:
        report = look(tmp_path, SPINE_URL=spine.url, AUTH_URL="none")
    assert verdicts(report) == [GOOD, NOTE]
    assert report.is_good


def test_nothing_that_answers_is_told_with_its_address(tmp_path, closed_port):
    report = look(tmp_path, SPINE_URL=f"http://127.0.0.1:{closed_port}/x", AUTH_URL=f"http://127.0.0.1:{closed_port}/y")
    assert verdicts(report) == [BAD, BAD]
    assert f"Nothing answers at 127.0.0.1:{closed_port}." in words(report)
    assert not report.is_good


def test_a_name_that_nobody_knows_is_told_as_such(tmp_path):
    report = look(tmp_path, SPINE_URL="https://spine.invalid/FHIR/R4", AUTH_URL="none")
    assert "the name spine.invalid is not known" in words(report)


def test_by_a_proxy_the_proxy_is_named(tmp_path, closed_port):
    report = look(
        tmp_path, SPINE_URL="https://spine.invalid/x", AUTH_URL="none", PROXY=f"http://127.0.0.1:{closed_port}"
    )
    assert f"by the proxy 127.0.0.1:{closed_port}" in words(report)


def test_errors_and_other_services_are_told_apart(tmp_path):
    unwell, absent = answering(http("503 Service Unavailable")), answering(http("404 Not Found"))
    with raw_server(unwell) as spine, raw_server(absent) as auth:
        report = look(tmp_path, SPINE_URL=spine.url, AUTH_URL=auth.url)
    assert verdicts(report) == [BAD, BAD]
    assert "with an error (503)" in words(report)
    assert "is not a sign-in service" in words(report)


def test_something_that_speaks_otherwise_is_told(tmp_path):
    def script(peer):
        if peer.receive():
            peer.send(b"SSH-2.0-OpenSSH\r\n")

    with raw_server(script) as server:
        report = look(tmp_path, SPINE_URL=server.url, AUTH_URL="none")
    assert "not as the spine would" in words(report).lower()


def test_an_address_that_cannot_be_used_is_told_as_the_settings_tell_it(tmp_path):
    report = look(tmp_path, SPINE_URL="http://elsewhere.example/x", AUTH_URL="none")
    assert verdicts(report) == [BAD]
    assert "must begin with https://" in words(report)


def test_a_spine_without_its_sign_in_address_is_told(tmp_path):
    with raw_server(answering(http("200 OK", b"{}"))) as spine:
        report = look(tmp_path, SPINE_URL=spine.url)
    assert verdicts(report) == [GOOD, BAD]
    assert "no sign-in address is set" in words(report)


def test_with_no_address_a_simulated_spine_is_looked_for(tmp_path, closed_port, monkeypatch):
    monkeypatch.setattr("app.bootstrap.connection.DEFAULT_PORT", closed_port)
    report = look(tmp_path)
    assert verdicts(report) == [NOTE, BAD]
    assert "No simulated Spine is running on this computer" in words(report)


@pytest.mark.parametrize(
    ("days", "alternative", "told"),
    [
        (-1, "IP:127.0.0.1", "has expired"),
        (2, "DNS:other.example", "belongs to another"),
    ],
)
def test_a_certificate_that_is_not_accepted_is_told_in_plain_words(tmp_path, certificates, days, alternative, told):
    context = certificates.server(f"reach{days}", alternative, days=days)
    with raw_server(answering(http("200 OK")), context) as server:
        report = look(tmp_path, SPINE_URL=server.url, AUTH_URL="none", CA_BUNDLE=str(certificates.authority))
    assert verdicts(report)[0] is BAD
    assert "The certificate shown at 127.0.0.1" in words(report)
    assert told in words(report)
    assert server.requests == []


def test_an_unknown_authority_is_told_and_its_file_mends_it(tmp_path, certificates):
    context = certificates.server("reachable", "IP:127.0.0.1")
    with raw_server(answering(http("200 OK", b"{}")), context) as server:
        flags = {"SPINE_URL": server.url, "AUTH_URL": "none"}
        refused = look(tmp_path, **flags)
        accepted = look(tmp_path, **flags, CA_BUNDLE=str(certificates.authority))
    assert "issued by somebody this computer does not trust" in words(refused)
    assert "Further trusted certificates" in words(refused)
    assert verdicts(accepted) == [GOOD, NOTE]


def test_it_can_be_given_up(tmp_path):
    with raw_server(answering(http("200 OK", b"{}"))) as spine, pytest.raises(Cancelled):
        look_at_connection(settings(tmp_path, SPINE_URL=spine.url, AUTH_URL="none"), progress=GivesUp(2))
