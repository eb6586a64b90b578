"""The application's own access: for questions, once the card session is over, and never for a message."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from app.clock import SystemClock
from app.domain.errors import SignInUnreachable
from app.domain.states import StopReason
from app.engine.spine_port import AnswerKind
from app.spine.application_access import ApplicationAccess
from app.spine.auth_service import AuthService
from app.spine.client import RequestsConnection, RequestsSpine
from app.spine.credentials import Credentials, SessionOver
from app.spine.exchange import hear_nothing
from app.spine.settings import SpineSettings
from app.spine.sign_in import SignInService
from tests.helpers.raw_server import Peer, raw_server
from tests.integration.spine.conftest import ADMINISTRATOR, PASSCODE, WRITTEN, calls, new_ids, read, soon, write

K = AnswerKind


@pytest.fixture
def clock() -> SystemClock:
    return SystemClock()


@pytest.fixture
def access(settings, clock) -> ApplicationAccess:
    return ApplicationAccess(AuthService(settings, clock, hear_nothing), clock)


@pytest.fixture
def service(settings, clock) -> SignInService:
    return SignInService(settings, clock)


@pytest.fixture
def connection(settings, service, clock, access) -> Iterator[RequestsConnection]:
    """Of a session, with the application's access behind it."""
    session = service.sign_in(ADMINISTRATOR, PASSCODE)
    made = RequestsSpine(settings, service, clock, hear_nothing, access).connect(session.session_id)
    yield made
    made.close()


def test_with_a_session_nothing_is_asked_of_it(connection, simulator):
    before = len(calls(simulator, "/token"))
    assert read(connection).kind is K.CONSENT
    assert write(connection).kind is K.ACCEPTED
    assert len(calls(simulator, "/token")) == before


def test_when_the_session_is_over_questions_go_on_and_messages_do_not(connection, service, simulator):
    service.remove_card()
    assert read(connection).kind is K.CONSENT
    before = len(simulator.history())
    answer = write(connection)
    assert (answer.kind, answer.session_ended) == (K.UNAUTHENTICATED, StopReason.CARD_REMOVED)
    assert len(simulator.history()) == before, "not even tried"


def test_a_session_revoked_elsewhere_is_told_by_a_401_and_the_repeat_goes_on(connection, service, simulator):
    simulator.remove_card()
    first = read(connection)
    assert (first.kind, first.session_ended) == (K.UNAUTHENTICATED, None), "the caller repeats it"
    assert read(connection).kind is K.CONSENT
    assert service.current() is None
    assert write(connection).session_ended is StopReason.CARD_REMOVED


def test_the_gateway_takes_no_message_under_it(settings, clock, access, simulator):
    """Should anybody ever try."""

    class Forged:
        def credentials(self, give_up_at: float) -> Credentials:
            own = access.credentials(give_up_at)
            return Credentials("forged", None, own.token, own.simulated)

        def refused(self, credentials: Credentials, give_up_at: float) -> None:
            raise SessionOver(StopReason.CARD_REMOVED)

    connection = RequestsSpine(settings, Forged(), clock).connect("forged")
    answer = connection.send_dissent(WRITTEN, new_ids())
    connection.close()
    assert (answer.kind, answer.http_status) == (K.UNAUTHENTICATED, 401)
    assert not simulator.writes(WRITTEN)[-1]["applied"]


def test_it_names_no_person_and_no_role(clock):
    requests: list[bytes] = []

    def script(peer: Peer) -> None:
        while request := peer.receive():
            requests.append(bytes(request))
            peer.send(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")

    class Own:
        def credentials(self, give_up_at: float) -> Credentials:
            return Credentials(None, None, "a-token", None)

        def refused(self, credentials: Credentials, give_up_at: float) -> None:
            return

    class Over:
        def credentials(self, give_up_at: float) -> Credentials:
            raise SessionOver(StopReason.CARD_EXPIRED)

        def refused(self, credentials: Credentials, give_up_at: float) -> None:
            return

    with raw_server(script) as server:
        settings = SpineSettings(spine_url=server.url, auth_url="none")
        connection = RequestsSpine(settings, Over(), clock, hear_nothing, Own()).connect("session-1")
        read(connection)
        connection.close()
    [request] = requests
    assert b"authorization: bearer a-token" in request.lower()
    assert b"nhsd-session-urid" not in request.lower()


def test_a_token_is_used_until_it_is_about_to_lapse(access, clock, simulator):
    before = len(calls(simulator, "/token"))
    first = access.credentials(soon())
    clock.move_to_offset(timedelta(seconds=3_000))
    assert access.credentials(soon()) is first
    clock.move_to_offset(timedelta(seconds=3_300))
    second = access.credentials(soon())
    assert second.token != first.token
    assert len(calls(simulator, "/token")) == before + 2
    assert first.token not in repr(first) + repr(access) + repr(vars(access))


def test_a_token_refused_is_replaced_once_however_many_complain(access, simulator):
    old = access.credentials(soon())
    before = len(calls(simulator, "/token"))
    for _ in range(3):
        access.refused(old, soon())
    assert len(calls(simulator, "/token")) == before + 1
    assert access.credentials(soon()).token != old.token


def test_where_none_is_given_the_reason_is_the_cards_own(connection, service, simulator):
    service.remove_card()
    simulator.put_faults({"operation": "token", "action": {"status": 401, "body": {"error": "invalid_client"}}})
    answer = read(connection)
    assert (answer.kind, answer.session_ended) == (K.UNAUTHENTICATED, StopReason.CARD_REMOVED)


@pytest.mark.parametrize(
    "action", [{"answer": "503_html"}, {"reset_before": True}, {"status": 200, "body": "<html>"}], ids=str
)
def test_a_service_out_of_reach_is_an_outage_and_no_end(connection, service, simulator, action):
    service.remove_card()
    simulator.put_faults({"operation": "token", "action": action})
    assert read(connection).kind is K.NO_CONNECTION
    simulator.clear_faults()
    assert read(connection).kind is K.CONSENT


def test_nobody_waits_for_ever_for_another_ones_token(access):
    assert access._making.acquire()
    with pytest.raises(SignInUnreachable):
        access.credentials(0.0)
    access._making.release()
