"""The simulated reader: cards in and out, passcodes, the lock, roles (issue "The Smartcard session", item 1)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.clock import SystemClock
from app.domain.errors import RoleChoiceNeeded, SignInRefused, SignInUnreachable, WrongPasscode
from app.domain.states import StopReason
from app.engine.ports import InsertedCard
from app.spine.sign_in import SignInService
from app.spine.simulated_reader import SimulatedReader
from tests.integration.spine.conftest import ADMINISTRATOR, DOCTOR, EXPIRED, PASSCODE, TWO_ROLES, calls

WRONG = "000000"


@pytest.fixture
def clock() -> SystemClock:
    return SystemClock()


@pytest.fixture
def reader(settings, clock) -> SimulatedReader:
    return SimulatedReader(SignInService(settings, clock))


def test_an_empty_reader(reader: SimulatedReader, simulator):
    assert reader.card() is None
    assert (reader.current(), reader.ended_because()) == (None, StopReason.CARD_REMOVED)
    before = len(simulator.history())
    with pytest.raises(SignInRefused, match="no card in the reader"):
        reader.sign_in(PASSCODE)
    reader.remove_card()
    assert len(simulator.history()) == before


def test_a_card_is_in_before_anybody_is_signed_in_and_out_when_it_is_removed(reader: SimulatedReader):
    reader.insert(f" {ADMINISTRATOR} ")
    assert reader.card() == InsertedCard(ADMINISTRATOR, 3)
    assert reader.current() is None
    session = reader.sign_in(PASSCODE)
    assert (session.card_uid, reader.current(), reader.ended_because()) == (ADMINISTRATOR, session, None)
    reader.remove_card()
    assert (reader.card(), reader.current()) == (None, None)
    assert reader.ended_because() is StopReason.CARD_REMOVED


def test_a_card_whose_session_has_ended_is_still_in_and_signs_in_again(reader: SimulatedReader, clock: SystemClock):
    reader.insert(ADMINISTRATOR)
    first = reader.sign_in(PASSCODE)
    clock.move_to_offset(timedelta(hours=10))
    assert reader.current() is None
    assert reader.card() == InsertedCard(ADMINISTRATOR, 3)
    again = reader.sign_in(PASSCODE)
    assert again.session_id != first.session_id
    assert reader.current() == again


def test_another_card_in_the_reader_ends_the_first_ones_session_for_good(reader: SimulatedReader, simulator):
    reader.insert(ADMINISTRATOR)
    reader.sign_in(PASSCODE)
    removals = len(calls(simulator, "/revoke"))
    reader.insert(ADMINISTRATOR)
    assert reader.current() is not None, "the same card was in already"
    reader.insert(DOCTOR)
    assert reader.card() == InsertedCard(DOCTOR, 3)
    assert reader.current() is None
    assert len(calls(simulator, "/revoke")) == removals + 1


def test_three_wrong_passcodes_lock_a_card(reader: SimulatedReader, simulator):
    reader.insert(ADMINISTRATOR)
    with pytest.raises(WrongPasscode, match="2 tries are left"):
        reader.sign_in(WRONG)
    with pytest.raises(WrongPasscode, match="1 try is left"):
        reader.sign_in(WRONG)
    with pytest.raises(SignInRefused, match="is locked") as told:
        reader.sign_in(WRONG)
    assert WRONG not in str(told.value)
    assert reader.card() == InsertedCard(ADMINISTRATOR, 0)
    assert reader.card().is_locked
    tries = len(calls(simulator, "/simulated-smartcard"))
    with pytest.raises(SignInRefused, match="Registration Authority agent"):
        reader.sign_in(PASSCODE)
    assert len(calls(simulator, "/simulated-smartcard")) == tries, "a locked card asks nobody"


def test_taking_a_locked_card_out_does_not_unlock_it_and_another_card_is_not_locked(reader: SimulatedReader):
    reader.insert(ADMINISTRATOR)
    for _ in range(3):
        with pytest.raises(SignInRefused):
            reader.sign_in(WRONG)
    reader.remove_card()
    reader.insert(DOCTOR)
    assert reader.sign_in(PASSCODE).card_uid == DOCTOR
    reader.insert(ADMINISTRATOR)
    with pytest.raises(SignInRefused, match="is locked"):
        reader.sign_in(PASSCODE)


def test_the_right_passcode_forgets_the_wrong_ones(reader: SimulatedReader):
    reader.insert(ADMINISTRATOR)
    for _ in range(3):
        for _ in range(2):
            with pytest.raises(WrongPasscode):
                reader.sign_in(WRONG)
        assert reader.card() == InsertedCard(ADMINISTRATOR, 1)
        reader.sign_in(PASSCODE)
        assert reader.card() == InsertedCard(ADMINISTRATOR, 3)


def test_a_service_that_does_not_answer_costs_no_try(reader: SimulatedReader, simulator):
    reader.insert(ADMINISTRATOR)
    simulator.put_faults({"operation": "signin", "action": {"answer": "503_html"}})
    for _ in range(4):
        with pytest.raises(SignInUnreachable):
            reader.sign_in(WRONG)
    assert reader.card() == InsertedCard(ADMINISTRATOR, 3)


def test_an_expired_card_is_refused_and_not_locked(reader: SimulatedReader):
    reader.insert(EXPIRED)
    for _ in range(4):
        with pytest.raises(SignInRefused, match="has expired"):
            reader.sign_in(PASSCODE)


def test_a_card_with_several_roles_has_one_chosen(reader: SimulatedReader):
    reader.insert(TWO_ROLES)
    with pytest.raises(WrongPasscode):
        reader.sign_in(WRONG)
    with pytest.raises(RoleChoiceNeeded) as told:
        reader.sign_in(PASSCODE)
    assert reader.card() == InsertedCard(TWO_ROLES, 3), "the passcode was right"
    assert reader.current() is None
    session = reader.choose_role(told.value.roles[1].role_id)
    assert (session.role.name, reader.current()) == ("System Administrator", session)
    assert reader.sign_in(PASSCODE, told.value.roles[0].role_id).role.name == "General Practitioner"
