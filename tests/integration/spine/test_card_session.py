"""Staying signed in and being signed out (design, section 8; faults page, rows 18, 29 and 35)."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from app.clock import SystemClock
from app.domain.errors import SignInRefused
from app.domain.states import StopReason
from app.engine.spine_port import AnswerKind
from app.spine.credentials import SessionOver
from app.spine.settings import SpineSettings
from app.spine.sign_in import SignInService
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
    clock.move_to_offset(timedelta(hours=10))
    assert service.current() is None
    assert service.ended_because() is StopReason.CARD_EXPIRED
    with new_connection(settings, service) as connection:
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
