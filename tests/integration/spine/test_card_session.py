"""Staying signed in and being signed out (faults page, rows 18, 29 and 35)."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from app.clock import SystemClock
from app.domain.errors import SignInRefused
from app.domain.states import StopReason
from app.engine.spine_port import AnswerKind
from app.spine.auth_service import AuthService
from app.spine.credentials import SessionOver
from app.spine.exchange import hear_nothing
from app.spine.settings import SpineSettings
from app.spine.sign_in import SignInService
from tests.helpers.clocks import ManualClock
from tests.helpers.simulator import SimulatorProcess
from tests.integration.spine import conftest as samples
from tests.integration.spine.conftest import (
    ADMINISTRATOR,
    DOCTOR,
    PASSCODE,
    calls,
    new_connection,
    read,
    soon,
    wait_until,
    write,
)

K = AnswerKind
TOKENS = {"access_token": "an-access-token", "expires_in": "599", "refresh_token": "a-refresh-token"}


def withdraw(simulator: SimulatorProcess, *codes: str) -> None:
    """Take activities from the administrator's card; without any it has all of its own."""
    document = {"withdrawn": {ADMINISTRATOR: list(codes)} if codes else {}}
    simulator.http.put(f"{simulator.simulation}/rights", json=document, timeout=10).raise_for_status()


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
    with new_connection(settings, service) as connection:
        assert read(connection).kind is K.CONSENT


@pytest.mark.fault_row(18)
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


@pytest.mark.fault_row(18, 34)
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
        with new_connection(settings, sign_in) as connection:
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


def test_without_a_token_that_lasts_nothing_is_sent(settings, simulator):
    clock = SystemClock()
    service = SignInService(settings, clock)
    service.sign_in(ADMINISTRATOR, PASSCODE)
    clock.move_to_offset(timedelta(seconds=600))
    simulator.put_faults({"operation": "token", "action": {"answer": "503_html"}})
    reads = len(calls(simulator, "/DocumentReference"))
    with new_connection(settings, service) as connection:
        answer = read(connection)
        assert (answer.kind, answer.http_status) == (K.NO_CONNECTION, None)
        assert len(calls(simulator, "/DocumentReference")) == reads
        simulator.clear_faults()
        assert read(connection).kind is K.CONSENT


# Being signed out.


def test_a_card_removed_at_the_service_ends_the_session(connection, sign_in, simulator):
    """As when it is taken out at another place: only the refused refresh tells."""
    simulator.http.post(f"{simulator.auth}/revoke", json={"uid": ADMINISTRATOR}, timeout=10)
    answer = read(connection)
    assert (answer.kind, answer.http_status) == (K.UNAUTHENTICATED, 401)
    assert answer.session_ended is StopReason.CARD_REMOVED
    assert sign_in.current() is None
    assert sign_in.ended_because() is StopReason.CARD_REMOVED
    again = write(connection)
    assert (again.kind, again.session_ended) == (K.UNAUTHENTICATED, StopReason.CARD_REMOVED)


@pytest.mark.fault_row(29)
def test_the_session_ends_after_ten_hours_by_our_clock(settings):
    clock = SystemClock()
    service = SignInService(settings, clock)
    service.sign_in(ADMINISTRATOR, PASSCODE)
    with new_connection(settings, service) as connection:
        clock.move_to_offset(timedelta(hours=10))
        assert service.current() is None
        assert service.ended_because() is StopReason.CARD_EXPIRED
        answer = read(connection)
        assert (answer.kind, answer.session_ended) == (K.UNAUTHENTICATED, StopReason.CARD_EXPIRED)
        assert answer.http_status is None


def test_the_session_ends_after_ten_hours_by_the_services_clock(connection, sign_in, simulator):
    simulator.move_clock(36_000)
    answer = write(connection)
    assert (answer.kind, answer.session_ended) == (K.UNAUTHENTICATED, StopReason.CARD_EXPIRED)
    assert sign_in.ended_because() is StopReason.CARD_EXPIRED


def test_removing_the_card_ends_the_session_here_and_there(sign_in, simulator, settings):
    before = sign_in.credentials(soon())
    sign_in.remove_card()
    assert sign_in.current() is None
    assert sign_in.ended_because() is StopReason.CARD_REMOVED
    for ask in (lambda: sign_in.credentials(soon()), lambda: sign_in.refused(before, soon())):
        with pytest.raises(SessionOver) as over:
            ask()
        assert over.value.reason is StopReason.CARD_REMOVED
    told = simulator.http.get(
        f"{simulator.auth}/userinfo", headers={"Authorization": f"Bearer {before.token}"}, timeout=10
    )
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


@pytest.mark.fault_row(35)
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
    sign_in._service = AuthService(stranded, SystemClock(), hear_nothing)
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


# The clock, and the service's word.


def test_a_clock_put_back_makes_no_session_longer(settings):
    """Row 29: the age is whichever clock says more, and what is left is told by the clock as it goes now."""
    clock = ManualClock()
    service = SignInService(settings, clock)
    ends_at = service.sign_in(ADMINISTRATOR, PASSCODE).ends_at
    clock.advance(5 * 3600)
    clock.jump(-2 * 3600)
    session = service.current()
    assert session is not None
    assert timedelta(seconds=-2) <= session.ends_at - (ends_at - timedelta(hours=2)) <= timedelta(seconds=2)
    assert session.time_left(clock.now()) <= timedelta(hours=5)
    clock.advance(5 * 3600)
    assert service.current() is None
    assert service.ended_because() is StopReason.CARD_EXPIRED


def test_a_computer_that_slept_has_an_older_session(settings):
    """In a sleep the monotonic clock stands still and the other goes on."""
    clock = ManualClock()
    service = SignInService(settings, clock)
    service.sign_in(ADMINISTRATOR, PASSCODE)
    clock.jump(9.99 * 3600)
    session = service.current()
    assert session is not None
    assert not session.may_begin_send(clock.now())
    clock.jump(3600)
    assert service.current() is None


def test_the_services_word_ends_a_session_earlier_and_never_later(settings, sign_in, simulator):
    """What it says at a refresh counts, as far as it is less than what our clock says."""

    def refreshed(seconds: int) -> timedelta:
        body = {**TOKENS, "refresh_token_expires_in": str(seconds)}
        simulator.put_faults({"operation": "token", "action": {"status": 200, "body": body}})
        sign_in.refused(sign_in.credentials(soon()), soon())
        simulator.clear_faults()
        session = sign_in.current()
        assert session is not None
        return session.time_left(SystemClock().now())

    near = timedelta(seconds=5)
    assert abs(refreshed(39_000) - timedelta(hours=10)) < near
    assert abs(refreshed(3_600) - timedelta(hours=1)) < near
    assert abs(refreshed(30_000) - timedelta(hours=1)) < near


# Rights, asked anew.


def test_rights_withdrawn_since_the_sign_in_are_gone_when_asked_anew(settings, sign_in, simulator):
    session = sign_in.current()
    withdraw(simulator, "B0062")
    assert sign_in.current() == session
    sign_in.confirm_rights()
    now = sign_in.current()
    assert now.role.activity_codes == {"B0011", "B0020"}
    assert (now.session_id, now.ends_at) == (session.session_id, session.ends_at), "the session is the same"
    withdraw(simulator)
    sign_in.confirm_rights()
    assert sign_in.current() == session


def test_where_the_service_cannot_be_asked_what_it_said_last_stands(settings, sign_in, simulator):
    session = sign_in.current()
    withdraw(simulator, "B0062")
    for action in ({"answer": "503_html"}, {"reset_before": True}, {"status": 200, "body": "<html>"}):
        simulator.put_faults({"operation": "any", "action": action})
        sign_in.confirm_rights()
        assert sign_in.current() == session
    simulator.clear_faults()
    withdraw(simulator)


def test_a_session_revoked_elsewhere_is_over_when_its_rights_are_asked_for(sign_in, simulator):
    simulator.remove_card()
    sign_in.confirm_rights()
    assert sign_in.current() is None
    assert sign_in.ended_because() is StopReason.CARD_REMOVED


def test_a_token_that_lapsed_is_replaced_for_the_question(sign_in, simulator):
    session = sign_in.current()
    simulator.move_clock(700)
    sign_in.confirm_rights()
    assert sign_in.current().session_id == session.session_id


def test_a_role_that_is_gone_allows_nothing(settings, sign_in, simulator):
    roles = [{"person_roleid": "555000000009", "role_name": "Nurse", "role_code": "R8001", "activity_codes": ["B0062"]}]
    person = {"nhsid_useruid": ADMINISTRATOR, "name": "Alison Marsh", "nhsid_nrbac_roles": roles}
    simulator.put_faults({"method": "GET", "action": {"status": 200, "body": person}})
    sign_in.confirm_rights()
    now = sign_in.current()
    assert (now.role.name, now.role.activity_codes) == ("System Administrator", frozenset())


def test_tokens_that_turn_out_to_be_somebody_elses_allow_nothing(settings, sign_in, simulator):
    """The service names another person for them, who carries the very same role."""
    role = sign_in.current().role
    found = {"person_roleid": role.role_id, "role_name": role.name, "role_code": role.code, "activity_codes": ["B0062"]}
    person = {"nhsid_useruid": DOCTOR, "name": "Somebody Else", "nhsid_nrbac_roles": [found]}
    simulator.put_faults({"method": "GET", "action": {"status": 200, "body": person}})
    sign_in.confirm_rights()
    now = sign_in.current()
    assert (now.card_uid, now.role.activity_codes) == (ADMINISTRATOR, frozenset())


def test_with_nobody_signed_in_nobody_is_asked(settings, simulator):
    service = SignInService(settings, SystemClock())
    before = len(simulator.history())
    service.confirm_rights()
    assert len(simulator.history()) == before
