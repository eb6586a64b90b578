"""Signing in, staying signed in and being signed out, against the simulated sign-in (design, sections 2 and 8)."""

from __future__ import annotations

import logging
import threading
import time
from datetime import timedelta

import pytest

from app.clock import SystemClock
from app.domain.errors import KnownError, RoleChoiceNeeded, SignInRefused, SignInUnreachable
from app.domain.session import missing_launch_right
from app.domain.states import StopReason
from app.engine.spine_port import AnswerKind
from app.spine.client import RequestsSpine
from app.spine.credentials import SessionOver
from app.spine.probe import is_simulated
from app.spine.sandbox import SANDBOX_ROLE_ID, NoSignIn
from app.spine.settings import SpineSettings
from app.spine.sign_in import SignInService
from tests.helpers.raw_server import answering, http, raw_server
from tests.helpers.spine_answers import as_bytes
from tests.integration.spine import conftest as samples
from tests.integration.spine.conftest import read, write

K = AnswerKind
ADMINISTRATOR, DOCTOR, RECEPTIONIST, EXPIRED, TWO_ROLES = (f"91000000000{number}" for number in range(1, 6))
PASSCODE = "123456"
SOON = 30.0


def soon() -> float:
    return time.monotonic() + SOON


def wait_until(condition) -> None:
    give_up_at = time.monotonic() + SOON
    while not condition():
        assert time.monotonic() < give_up_at
        time.sleep(0.01)


def calls(simulator, path: str) -> list[dict]:
    return [entry for entry in simulator.history() if entry["path"].endswith(path)]


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
    assert before <= session.signed_in_at <= clock.now()
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


# Staying signed in.


def test_the_session_is_refreshed_before_its_token_lapses(settings, simulator):
    clock = SystemClock()
    service = SignInService(settings, clock)
    service.sign_in(ADMINISTRATOR, PASSCODE)
    first = service.credentials(soon()).token
    clock.move_to_offset(timedelta(seconds=545))
    second = service.credentials(soon()).token
    assert second != first
    assert service.credentials(soon()).token == second
    with RunningConnection(settings, service) as connection:
        assert read(connection).kind is K.CONSENT


class RunningConnection:
    """A connection closed at the end of a block."""

    def __init__(self, settings, source) -> None:
        self._connection = RequestsSpine(settings, source, SystemClock()).connect()

    def __enter__(self):
        return self._connection

    def __exit__(self, *_: object) -> None:
        self._connection.close()


def test_a_401_is_refreshed_once_and_the_caller_repeats(connection, simulator):
    """Row 18. Here the Spine's clock alone is moved, so that the token has lapsed there and not here."""
    simulator.move_clock(700)
    refreshes = len(calls(simulator, "/token"))
    for call in (read, write):
        answer = call(connection)
        if call is read:
            assert answer.kind is K.UNAUTHENTICATED
            assert answer.http_status == 401
            assert answer.session_ended is None
            assert call(connection).kind is K.CONSENT
        else:
            assert answer.kind is K.ACCEPTED
    assert len(calls(simulator, "/token")) == refreshes + 1


def test_a_401_to_a_write_was_not_applied(connection, simulator):
    simulator.move_clock(700)
    answer = write(connection)
    assert (answer.kind, answer.session_ended) == (K.UNAUTHENTICATED, None)
    assert not simulator.writes(samples.WRITTEN)[-1]["applied"]


def test_when_many_get_a_401_one_refreshes(settings, sign_in, simulator):
    """Each sender had its request under the old token; the first to learn of it refreshes for all."""
    simulator.put_faults({"operation": "read", "first": 6, "action": {"answer": "401_expired", "delay_seconds": 0.3}})
    refreshes = len(calls(simulator, "/token"))
    answers = []

    def send() -> None:
        with RunningConnection(settings, sign_in) as connection:
            answers.append(read(connection))

    senders = [threading.Thread(target=send) for _ in range(6)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join(20)
    assert {(answer.kind, answer.session_ended) for answer in answers} == {(K.UNAUTHENTICATED, None)}
    assert len(answers) == 6
    assert len(calls(simulator, "/token")) == refreshes + 1


def test_when_the_sign_in_service_is_gone_the_spine_counts_as_not_reached(connection, sign_in, simulator, monkeypatch):
    for action in ({"answer": "503_html"}, {"reset_before": True}, {"status": 200, "body": "<html>"}):
        simulator.put_faults(
            {"operation": "token", "action": action},
            {"operation": ["read", "write"], "action": {"answer": "401_expired"}},
        )
        assert read(connection).kind is K.NO_CONNECTION
        assert write(connection).kind is K.NO_CONNECTION
        assert sign_in.current() is not None
    simulator.clear_faults()
    assert read(connection).kind is K.CONSENT


# Being signed out.


def test_a_card_removed_at_the_service_ends_the_session(connection, sign_in, simulator):
    """As when it is taken out at another place: only the refused refresh tells."""
    simulator.http.post(f"{simulator.auth}/revoke", json={"uid": ADMINISTRATOR}, timeout=10)
    answer = read(connection)
    assert answer.kind is K.UNAUTHENTICATED
    assert answer.session_ended is StopReason.CARD_REMOVED
    assert sign_in.current() is None
    assert sign_in.ended_because() is StopReason.CARD_REMOVED
    again = write(connection)
    assert (again.kind, again.session_ended) == (K.UNAUTHENTICATED, StopReason.CARD_REMOVED)


def test_the_session_ends_after_ten_hours_by_our_clock(settings):
    clock = SystemClock()
    service = SignInService(settings, clock)
    service.sign_in(ADMINISTRATOR, PASSCODE)
    clock.move_to_offset(timedelta(hours=10))
    assert service.current() is None
    assert service.ended_because() is StopReason.CARD_EXPIRED
    with RunningConnection(settings, service) as connection:
        answer = read(connection)
        assert (answer.kind, answer.session_ended) == (K.UNAUTHENTICATED, StopReason.CARD_EXPIRED)
        assert answer.http_status is None


def test_the_session_ends_after_ten_hours_by_the_services_clock(connection, sign_in, simulator):
    simulator.move_clock(36_000)
    answer = write(connection)
    assert (answer.kind, answer.session_ended) == (K.UNAUTHENTICATED, StopReason.CARD_EXPIRED)
    assert sign_in.ended_because() is StopReason.CARD_EXPIRED


def test_removing_the_card_ends_the_session_here_and_there(sign_in, simulator, settings):
    token = sign_in.credentials(soon()).token
    sign_in.remove_card()
    assert sign_in.current() is None
    assert sign_in.ended_because() is StopReason.CARD_REMOVED
    with pytest.raises(SessionOver) as over:
        sign_in.credentials(soon())
    assert over.value.reason is StopReason.CARD_REMOVED
    told = simulator.http.get(f"{simulator.auth}/userinfo", headers={"Authorization": f"Bearer {token}"}, timeout=10)
    assert told.status_code == 401
    removals = len(calls(simulator, "/revoke"))
    sign_in.remove_card()
    assert len(calls(simulator, "/revoke")) == removals


def test_a_card_taken_out_during_sign_in_is_not_signed_in(settings, simulator):
    simulator.put_faults({"operation": "signin", "action": {"delay_seconds": 0.5}})
    service = SignInService(settings, SystemClock())
    sign_ins = len(calls(simulator, "/simulated-smartcard"))
    refusals = []

    def sign_in() -> None:
        with pytest.raises(SignInRefused, match="taken out") as told:
            service.sign_in(ADMINISTRATOR, PASSCODE)
        refusals.append(told)

    signing_in = threading.Thread(target=sign_in)
    signing_in.start()
    wait_until(lambda: len(calls(simulator, "/simulated-smartcard")) > sign_ins)
    service.remove_card()
    signing_in.join(20)
    assert refusals
    assert service.current() is None
    assert calls(simulator, "/revoke")


def test_another_persons_card_sends_nothing_on_this_connection(connection, sign_in, simulator):
    assert read(connection).kind is K.CONSENT
    sign_in.sign_in(DOCTOR, PASSCODE)
    before = len(simulator.history())
    for call in (read, write):
        answer = call(connection)
        assert (answer.kind, answer.session_ended) == (K.UNAUTHENTICATED, StopReason.CARD_REMOVED)
    assert len(simulator.history()) == before


def test_removing_the_card_needs_no_service(settings, sign_in, simulator):
    stranded = SpineSettings(spine_url=settings.spine_url, auth_url="http://127.0.0.1:9")
    sign_in._settings = stranded
    sign_in.remove_card()
    assert sign_in.current() is None


def test_what_comes_late_from_an_earlier_session_says_nothing_about_this_one(sign_in, simulator):
    """The old session's tokens are refused; this one's are not touched."""
    old = sign_in.credentials(soon())
    sign_in.remove_card()
    session = sign_in.sign_in(ADMINISTRATOR, PASSCODE)
    refreshes = len(calls(simulator, "/token"))
    sign_in.refused(old, soon())
    assert sign_in.current() == session
    assert len(calls(simulator, "/token")) == refreshes


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
        session = reader.sign_in("", "")
        assert session.role.role_id == SANDBOX_ROLE_ID == "555254240100"
        assert missing_launch_right(session.role, {"B0380"}) is None
        with RunningConnection(settings, reader) as connection:
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
    session = reader.sign_in("", "", "555000000001")
    assert session.role.role_id == "555000000001"
    assert session.ends_at - session.signed_in_at == timedelta(hours=10)
    clock.move_to_offset(timedelta(hours=10, seconds=1))
    assert reader.current() is None
    assert reader.ended_because() is StopReason.CARD_EXPIRED
    with pytest.raises(SessionOver):
        reader.credentials(soon())
    with pytest.raises(KnownError, match="digits"):
        reader.sign_in("", "", "nurse\r\nX: y")


def test_a_spine_that_wants_a_token_after_all_stops_the_run(connect, simulator):
    answer = read(connect(simulator.spine, deadline=10))
    assert answer.kind is K.UNAUTHENTICATED
    assert answer.session_ended is StopReason.CONFIGURATION
