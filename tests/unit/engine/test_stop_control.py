"""Stopping: the token, the gate (faults rows 32, 34 and 35), and the one end there is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.domain.states import StopReason
from app.engine.control import AlwaysOpen, Ending, Gate, StopToken
from app.engine.rows import ExecutionEnd
from app.engine.senders import Operation
from tests.helpers.card import Card
from tests.helpers.clocks import ManualClock


class TimedWindow:
    def __init__(self) -> None:
        self.over = False

    def closed(self) -> bool:
        return self.over


class Surroundings:
    """A gate and everything it looks at."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.token = StopToken()
        self.window = TimedWindow()
        self.card = Card(self.clock)
        session = self.card.current()
        assert session is not None
        self.gate = Gate(self.token, self.window, self.card, session.session_id, self.clock)


@pytest.fixture
def around() -> Surroundings:
    return Surroundings()


def test_the_first_reason_to_stop_stands():
    token = StopToken()
    assert (token.is_set, token.reason) == (False, None)
    token.stop(StopReason.USER)
    token.stop(StopReason.SHUTDOWN)
    assert (token.is_set, token.reason) == (True, StopReason.USER)


def test_everybody_who_waits_is_woken_once_and_late_comers_at_once():
    token, woken = StopToken(), []
    token.on_stop(lambda: woken.append("early"))
    token.stop(StopReason.USER)
    token.stop(StopReason.USER)
    token.on_stop(lambda: woken.append("late"))
    assert woken == ["early", "late"]


def test_an_open_gate(around: Surroundings):
    assert around.gate.closed_because(Operation.SEND) is None
    assert not AlwaysOpen().closed()


def test_a_stop_closes_the_gate(around: Surroundings):
    around.token.stop(StopReason.SHUTDOWN)
    assert around.gate.closed_because(Operation.SEND) is StopReason.SHUTDOWN


def test_the_end_of_the_window_closes_the_gate(around: Surroundings):
    around.window.over = True
    assert around.gate.closed_because(Operation.SEND) is StopReason.WINDOW_CLOSED


@pytest.mark.parametrize(("left", "reason"), [(90.0, None), (89.9, StopReason.CARD_EXPIRED)])
def test_nothing_is_begun_with_less_than_ninety_seconds_of_the_session_left(around: Surroundings, left, reason):
    around.clock.jump(timedelta(hours=10).total_seconds() - left)
    assert around.gate.closed_because(Operation.SEND) is reason


@pytest.mark.parametrize(
    ("why", "reason"),
    [
        (StopReason.CARD_REMOVED, StopReason.CARD_REMOVED),
        (StopReason.CARD_EXPIRED, StopReason.CARD_EXPIRED),
        (None, StopReason.CARD_REMOVED),
    ],
)
def test_without_a_session_nothing_is_begun(around: Surroundings, why, reason):
    around.card.end(why)
    assert around.gate.closed_because(Operation.SEND) is reason


def test_where_a_practice_lets_it_questions_go_on_without_a_card_and_dissents_never(around: Surroundings):
    session = around.card.current()
    assert session is not None
    gate = Gate(around.token, around.window, around.card, session.session_id, around.clock, reads_need_card=False)

    def closed() -> tuple[StopReason | None, StopReason | None]:
        return gate.closed_because(Operation.READ), gate.closed_because(Operation.SEND)

    assert closed() == (None, None)
    around.card.end(StopReason.CARD_EXPIRED)
    assert closed() == (None, StopReason.CARD_EXPIRED)
    around.card.sign_in()
    assert closed() == (None, StopReason.CARD_REMOVED), "another sign-in does not go on with it"
    around.window.over = True
    assert closed() == (StopReason.WINDOW_CLOSED, StopReason.WINDOW_CLOSED)
    around.token.stop(StopReason.USER)
    assert closed() == (StopReason.USER, StopReason.USER)


def test_another_sign_in_does_not_go_on_with_this_execution(around: Surroundings):
    around.card.end()
    around.card.sign_in()
    assert around.gate.closed_because(Operation.SEND) is StopReason.CARD_REMOVED


def test_an_execution_that_is_to_end_lets_nothing_more_out(around: Surroundings):
    ending = Ending(around.gate)
    assert ending.result is None
    ending.stop(StopReason.CONFIGURATION, "a certificate")
    assert around.gate.closed_because(Operation.SEND) is StopReason.CONFIGURATION
    ending.stop(StopReason.USER)
    ending.complete()
    assert ending.result == ExecutionEnd(False, StopReason.CONFIGURATION, "a certificate")


def test_a_complete_execution_is_not_stopped_afterwards(around: Surroundings):
    ending = Ending(around.gate)
    ending.complete()
    ending.stop(StopReason.USER)
    assert ending.result == ExecutionEnd(completed=True)
