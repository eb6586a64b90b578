"""Who may launch, see names and record consent (faults page, rows 34 and 35)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.domain.errors import Refused
from app.domain.session import LAUNCH_ROLE_NAME, SESSION_LENGTH, CardSession, Role
from app.domain.states import StopReason
from app.engine.rights import Right, Rights
from tests.helpers.clocks import ManualClock

EVERYTHING = ("B0062", "B0011", "B0020")


class Holder:
    """Whoever is signed in, if anybody is."""

    def __init__(self, session: CardSession | None, reason: StopReason | None = None) -> None:
        self.session, self.reason = session, reason

    def current(self) -> CardSession | None:
        return self.session

    def ended_because(self) -> StopReason | None:
        return self.reason

    def confirm_rights(self) -> None:
        raise AssertionError("asking for rights asks nobody else")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def of(clock: ManualClock, *codes: str, name: str = LAUNCH_ROLE_NAME, accepted: tuple[str, ...] = ("B0062",)) -> Rights:
    """The rights of somebody who has just signed in."""
    now = clock.now()
    role = Role("555001", name, "R8015", frozenset(codes))
    session = CardSession("session-1", "910000000001", "Pat Example", role, now, now + SESSION_LENGTH)
    return Rights(Holder(session), accepted, clock)


def agreed(rights: Rights, right: Right) -> str | None:
    """The answer to the question, which the demand gives as well."""
    words = rights.why_not(right)
    if words is None:
        assert rights.require(right).user_name == "Pat Example"
        return None
    with pytest.raises(Refused) as refused:
        rights.require(right)
    assert str(refused.value) == words
    assert "Pat Example" not in words
    return words


@pytest.mark.parametrize("right", Right)
def test_with_every_activity_everything_may_be_done(right: Right, clock: ManualClock):
    assert agreed(of(clock, *EVERYTHING), right) is None


@pytest.mark.parametrize(
    ("right", "codes", "missing"),
    [
        (Right.LAUNCH, ("B0011", "B0020"), "B0062"),
        (Right.SEE_NAMES, ("B0020",), "B0011 or B0062"),
        (Right.RECORD_CONSENT, ("B0062", "B0011"), "B0020"),
    ],
)
def test_a_missing_activity_is_named_with_who_can_give_it(right, codes, missing, clock):
    words = str(agreed(of(clock, *codes), right))
    assert missing in words
    assert "Registration Authority agent can add it" in words


def test_only_launching_asks_for_the_role(clock: ManualClock):
    practitioner = of(clock, *EVERYTHING, name="General Practitioner")
    words = str(agreed(practitioner, Right.LAUNCH))
    assert "System Administrator" in words
    assert "signed in as General Practitioner" in words
    assert agreed(practitioner, Right.SEE_NAMES) is None
    assert agreed(practitioner, Right.RECORD_CONSENT) is None


def test_the_accepted_activities_are_those_of_the_setting(clock: ManualClock):
    newer = ("B0380", "B8028", "B8029")
    assert agreed(of(clock, "B8028", accepted=newer), Right.LAUNCH) is None
    assert agreed(of(clock, "B8028", accepted=newer), Right.SEE_NAMES) is None
    assert "B0380 or B8028 or B8029" in str(agreed(of(clock, "B0062", accepted=newer), Right.LAUNCH))


@pytest.mark.parametrize("right", Right)
@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (StopReason.CARD_REMOVED, "Nobody is signed in. Insert your Smartcard and sign in first."),
        (StopReason.CARD_EXPIRED, "Your Smartcard session has ended. Sign in again first."),
        (None, "Nobody is signed in. Insert your Smartcard and sign in first."),
    ],
)
def test_with_no_session_nothing_may_be_done(right, reason, words, clock):
    assert agreed(Rights(Holder(None, reason), ("B0062",), clock), right) == words


@pytest.mark.parametrize("right", Right)
def test_a_session_whose_time_is_over_gives_no_right_even_if_the_reader_still_holds_it(right, clock):
    rights = of(clock, *EVERYTHING)
    clock.advance(SESSION_LENGTH.total_seconds())
    assert "has ended" in str(agreed(rights, right))


def test_nothing_is_launched_in_a_session_too_short_for_one_message(clock: ManualClock):
    rights = of(clock, *EVERYTHING)
    clock.advance((SESSION_LENGTH - timedelta(seconds=90)).total_seconds())
    assert agreed(rights, Right.LAUNCH) is None
    clock.advance(1)
    assert "about to end" in str(agreed(rights, Right.LAUNCH))
    assert agreed(rights, Right.SEE_NAMES) is None
    assert agreed(rights, Right.RECORD_CONSENT) is None
