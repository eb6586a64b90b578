"""Signing in, staying signed in and being signed out, against the simulated sign-in."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest

from app.clock import SystemClock
from app.domain.errors import KnownError, RoleChoiceNeeded, SignInRefused, SignInUnreachable
from app.domain.session import missing_launch_right
from app.domain.states import StopReason
from app.engine.spine_port import AnswerKind
from app.spine.credentials import SessionOver
from app.spine.probe import is_simulated
from app.spine.sandbox import SANDBOX_ROLE_ID, NoSignIn
from app.spine.settings import SpineSettings
from app.spine.sign_in import SignInService
from app.spine.simulated_time import SimulatedTime
from tests.helpers.raw_server import answering, http, raw_server
from tests.helpers.spine_answers import as_bytes
from tests.integration.spine import conftest as samples
from tests.integration.spine.conftest import (
    ADMINISTRATOR,
    DOCTOR,
    EXPIRED,
    PASSCODE,
    TWO_ROLES,
    calls,
    new_connection,
    read,
    soon,
    write,
)

K = AnswerKind


# Signing in.


def test_signing_in_begins_a_session(settings):
    clock = SystemClock()
    service = SignInService(settings, clock)
    assert service.current() is None
    assert service.ended_because() is StopReason.CARD_REMOVED
    before = clock.now()
    session = service.sign_in(f" {ADMINISTRATOR} ", PASSCODE)
    assert session.card_uid == ADMINISTRATOR
    assert session.role.name == "System Administrator"
    assert missing_launch_right(session.role, {"B0062"}) is None
    assert before - timedelta(milliseconds=100) <= session.signed_in_at <= clock.now()
    assert session.ends_at - session.signed_in_at in (timedelta(seconds=35_999), timedelta(seconds=35_998))
    assert service.current() == session
    assert service.ended_because() is None
    assert service.simulated


def test_each_sign_in_is_a_session_of_its_own(settings):
    service = SignInService(settings, SystemClock())
    first, second = (service.sign_in(ADMINISTRATOR, PASSCODE) for _ in range(2))
    assert first.session_id != second.session_id
    assert service.current() == second


@pytest.mark.parametrize(
    ("card", "passcode", "words"),
    [
        (ADMINISTRATOR, "654321", "passcode is wrong"),
        (ADMINISTRATOR, "", "passcode is wrong"),
        ("910000000099", PASSCODE, "not known"),
        ("", PASSCODE, "not known"),
        (EXPIRED, PASSCODE, "has expired"),
    ],
)
def test_a_card_that_is_not_accepted_is_refused_in_words(settings, card, passcode, words):
    service = SignInService(settings, SystemClock())
    with pytest.raises(SignInRefused, match=words) as told:
        service.sign_in(card, passcode)
    assert not isinstance(told.value, RoleChoiceNeeded)
    assert not passcode or passcode not in str(told.value)
    assert service.current() is None


def test_several_roles_are_for_a_person_to_choose_from(settings):
    service = SignInService(settings, SystemClock())
    with pytest.raises(RoleChoiceNeeded) as told:
        service.sign_in(TWO_ROLES, PASSCODE)
    assert [role.name for role in told.value.roles] == ["General Practitioner", "System Administrator"]
    assert service.current() is None
    chosen = told.value.roles[1]
    assert service.sign_in(TWO_ROLES, PASSCODE, chosen.role_id).role == chosen


def test_the_role_is_chosen_without_signing_in_a_second_time(settings, simulator):
    service = SignInService(settings, SystemClock())
    with pytest.raises(SignInRefused, match="No sign-in waits"):
        service.choose_role("555910000101")
    with pytest.raises(RoleChoiceNeeded) as told:
        service.sign_in(TWO_ROLES, PASSCODE)
    sign_ins = len(calls(simulator, "/simulated-smartcard"))
    with pytest.raises(SignInRefused, match="does not carry the role"):
        service.choose_role("555000000000")
    session = service.choose_role(told.value.roles[1].role_id)
    assert (session.role, service.current()) == (told.value.roles[1], session)
    assert len(calls(simulator, "/simulated-smartcard")) == sign_ins
    with pytest.raises(SignInRefused, match="No sign-in waits"):
        service.choose_role(told.value.roles[0].role_id)


def test_a_card_taken_out_before_its_role_was_chosen_is_signed_out_at_the_service_too(settings, simulator):
    service = SignInService(settings, SystemClock())
    with pytest.raises(RoleChoiceNeeded) as told:
        service.sign_in(TWO_ROLES, PASSCODE)
    removals = len(calls(simulator, "/revoke"))
    service.remove_card()
    assert len(calls(simulator, "/revoke")) == removals + 1
    with pytest.raises(SignInRefused):
        service.choose_role(told.value.roles[1].role_id)
    assert service.current() is None


def test_a_sign_in_whose_answer_moves_the_clock_is_as_long_as_any_other(settings, simulator):
    """The simulated Spine's time was moved by hours while nobody was signed in, and nobody here had heard of it."""
    clock = SystemClock()
    simulator.move_clock(11 * 3600)
    service = SignInService(settings, clock, SimulatedTime(clock).hear)
    session = service.sign_in(ADMINISTRATOR, PASSCODE)
    assert service.current() == session
    assert session.ends_at - session.signed_in_at > timedelta(hours=9, minutes=59)
    assert abs(session.signed_in_at - clock.now()) < timedelta(minutes=1)


def test_a_role_the_card_does_not_carry_is_refused(settings):
    service = SignInService(settings, SystemClock())
    with pytest.raises(SignInRefused, match="does not carry the role"):
        service.sign_in(DOCTOR, PASSCODE, "555000000000")


def test_a_sign_in_that_fails_leaves_the_session_as_it_was(settings, sign_in):
    session = sign_in.current()
    with pytest.raises(SignInRefused):
        sign_in.sign_in(ADMINISTRATOR, "654321")
    assert sign_in.current() == session


def sign_in_at(url: str) -> None:
    settings = SpineSettings(spine_url=url, auth_url=url, deadline=1)
    SignInService(settings, SystemClock()).sign_in(ADMINISTRATOR, PASSCODE)


def test_nobody_there_is_said_in_words():
    with pytest.raises(SignInUnreachable, match="could not be reached"):
        sign_in_at("http://127.0.0.1:9")


TOKENS = {
    "access_token": "an-access-token",
    "expires_in": "599",
    "refresh_token": "a-refresh-token",
    "refresh_token_expires_in": "35999",
}
PERSON = {"nhsid_useruid": ADMINISTRATOR, "name": "Alison Marsh", "nhsid_nrbac_roles": []}


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        pytest.param([http("500 No")], SignInUnreachable, id="500"),
        pytest.param([http("503 No", b"<html>")], SignInUnreachable, id="503"),
        pytest.param([http("429 No")], SignInUnreachable, id="429"),
        pytest.param([http("404 No")], SignInUnreachable, id="404"),
        pytest.param([http("302 No", b"", "Location: https://elsewhere.example")], SignInUnreachable, id="302"),
        pytest.param([http("200 OK", b"<html>Sign in to the network</html>")], SignInUnreachable, id="HTML"),
        pytest.param([http("200 OK", as_bytes({**TOKENS, "access_token": 1}))], SignInUnreachable, id="damaged tokens"),
        pytest.param([b"HTTP/1.1 200 OK\r\nContent-Le"], SignInUnreachable, id="cut off"),
        pytest.param([http("401 No", b"<html>")], SignInRefused, id="401 without a reason"),
        pytest.param([http("200 OK", as_bytes(TOKENS)), http("401 No")], SignInUnreachable, id="userinfo 401"),
        pytest.param([http("200 OK", as_bytes(TOKENS)), http("200 OK", b"{}")], SignInUnreachable, id="nobody"),
        pytest.param([http("200 OK", as_bytes(TOKENS)), http("200 OK", as_bytes(PERSON))], SignInRefused, id="no role"),
        pytest.param(
            [http("200 OK", as_bytes(TOKENS)), http("200 OK", as_bytes({**PERSON, "nhsid_useruid": DOCTOR}))],
            SignInUnreachable,
            id="somebody else",
        ),
    ],
)
def test_answers_that_are_none_are_said_in_words(answers, error):
    with raw_server(answering(*answers)) as server, pytest.raises(error) as told:
        sign_in_at(server.url)
    assert told.value.__suppress_context__ or told.value.__context__ is None
    shown = f"{told.value!r} {told.value.__cause__!r}"
    for secret in (PASSCODE, "an-access-token", "a-refresh-token", "Marsh", server.url):
        assert secret not in shown


def test_a_service_that_does_not_say_it_is_simulated_is_not():
    role = {"person_roleid": "1", "role_name": "Nurse", "role_code": "S8000:G8000:R8001"}
    person = {**PERSON, "nhsid_nrbac_roles": [role]}
    with raw_server(answering(http("200 OK", as_bytes(TOKENS)), http("200 OK", as_bytes(person)))) as server:
        settings = SpineSettings(spine_url=server.url, auth_url=server.url)
        service = SignInService(settings, SystemClock())
        service.sign_in(ADMINISTRATOR, PASSCODE)
        assert not service.simulated


def test_neither_passcode_nor_tokens_are_logged_or_shown(settings, caplog):
    with caplog.at_level(logging.DEBUG):
        service = SignInService(settings, SystemClock())
        service.sign_in(ADMINISTRATOR, PASSCODE)
    token = service.credentials(soon()).token
    shown = f"{service!r} {service.credentials(soon())!r} {vars(service)!r} {caplog.text}"
    assert PASSCODE not in shown
    assert token not in shown
    assert "Marsh" not in shown


# No sign-in.


def test_the_sandbox_needs_no_sign_in(connect, spine_file):
    with raw_server(answering(http("404 No"))) as real:
        assert not is_simulated(real.url)
    with samples.running_simulator("--rate", "0", "--sandbox", load=spine_file) as spine:
        assert is_simulated(spine.spine)
        settings = SpineSettings(spine_url=spine.spine, auth_url="none")
        assert not settings.needs_sign_in
        reader = NoSignIn(SystemClock(), {"B0380"})
        assert reader.current() is None
        session = reader.sign_in("")
        assert session.role.role_id == SANDBOX_ROLE_ID == "555254240100"
        assert missing_launch_right(session.role, {"B0380"}) is None
        with new_connection(settings, reader) as connection:
            assert read(connection).kind is K.CONSENT
            assert write(connection).kind is K.ACCEPTED
        reader.remove_card()
        assert reader.ended_because() is StopReason.CARD_REMOVED
        assert {entry["path"].rsplit("/", 1)[1] for entry in spine.history()} == {
            "healthcheck",
            "DocumentReference",
            "$setPermission",
        }


def test_the_sandboxs_session_ends_too(settings):
    clock = SystemClock()
    reader = NoSignIn(clock, {"B0062"})
    session = reader.sign_in("", "555000000001")
    assert session.role.role_id == "555000000001"
    assert session.ends_at - session.signed_in_at == timedelta(hours=10)
    clock.move_to_offset(timedelta(hours=10, seconds=1))
    assert reader.current() is None
    assert reader.ended_because() is StopReason.CARD_EXPIRED
    with pytest.raises(SessionOver):
        reader.credentials(soon())
    with pytest.raises(KnownError, match="digits"):
        reader.sign_in("", "nurse\r\nX: y")


def test_an_account_without_a_name_works_in_the_sandbox(monkeypatch):
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.setattr("getpass.getuser", nameless)
    assert NoSignIn(SystemClock(), ()).sign_in("").user_name == "unnamed account"


def test_a_spine_that_wants_a_token_after_all_stops_the_run(connect, simulator):
    answer = read(connect(simulator.spine, deadline=10))
    assert answer.kind is K.UNAUTHENTICATED
    assert answer.session_ended is StopReason.CONFIGURATION
