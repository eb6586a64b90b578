"""What an answer means for everybody: faults section 1, rows 8, 15, 17 to 20."""

from __future__ import annotations

import pytest

from app.domain.decision import Permission
from app.domain.states import StopReason
from app.engine.breaker import Breaker, Circuit
from app.engine.control import Ending, Gate, StopToken
from app.engine.pace import Pace
from app.engine.spine_port import AnswerKind, SpineAnswer
from app.engine.watch import RunWatch
from tests.helpers.bench import Card
from tests.helpers.clocks import ManualClock
from tests.unit.engine.samples import FakeDesk, a_task, told
from tests.unit.engine.test_stop_control import TimedWindow

UNDERSTOOD = told(Permission.ASK)
TWENTY = range(1, 21)


class Watched:
    """A watch and everything it acts on."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.desk = FakeDesk()
        self.breaker = Breaker(self.clock.monotonic)
        self.pace = Pace(5.0, self.clock.monotonic)
        self.ending = Ending(Gate(StopToken(), TimedWindow(), Card(self.clock), "session-1", self.clock))
        self.watch = RunWatch(self.desk, self.ending, self.breaker, self.pace)  # type: ignore[arg-type]
        self.tasks = {ordinal: a_task(ordinal) for ordinal in TWENTY}

    def see(self, ordinal: int, answer: SpineAnswer | AnswerKind) -> None:
        self.watch.see(self.tasks[ordinal], SpineAnswer(answer) if isinstance(answer, AnswerKind) else answer)

    @property
    def stopped(self) -> StopReason | None:
        return self.ending.result.reason if self.ending.result else None


@pytest.fixture
def watched() -> Watched:
    return Watched()


@pytest.mark.parametrize("kind", [AnswerKind.UNAVAILABLE, AnswerKind.NOT_UNDERSTOOD, AnswerKind.UNKNOWN])
def test_five_patients_in_a_row_of_whom_nothing_was_told_are_an_outage(watched: Watched, kind: AnswerKind):
    for ordinal in range(1, 5):
        watched.see(ordinal, kind)
    assert watched.breaker.circuit is Circuit.CLOSED
    watched.see(5, kind)
    assert watched.breaker.circuit is Circuit.OPEN
    assert watched.desk.names == ["begin_again"]
    assert watched.stopped is None


def test_three_connections_in_a_row_that_could_not_be_made_are_an_outage(watched: Watched):
    for _ in range(3):
        watched.see(1, AnswerKind.NO_CONNECTION)
    assert watched.breaker.circuit is Circuit.OPEN
    assert watched.breaker.outage is StopReason.NO_CONNECTION


@pytest.mark.parametrize(
    "answer",
    [
        UNDERSTOOD,
        SpineAnswer(AnswerKind.ACCEPTED, 201),
        SpineAnswer(AnswerKind.REJECTED, 400, "35160"),
        SpineAnswer(AnswerKind.ACCESS_REFUSED, 403, "420"),
        SpineAnswer(AnswerKind.UNKNOWN, 400, "401"),
        SpineAnswer(AnswerKind.UNKNOWN, 403, "30418"),
    ],
)
def test_an_understood_answer_clears_everybody_of_an_outage(watched: Watched, answer: SpineAnswer):
    """Also one that leaves open what became of a message: received already, or a dissent is in force."""
    for ordinal in range(1, 5):
        watched.see(ordinal, AnswerKind.UNAVAILABLE)
    watched.see(6, answer)
    for ordinal in range(7, 11):
        watched.see(ordinal, AnswerKind.UNAVAILABLE)
    assert watched.breaker.circuit is Circuit.CLOSED
    assert watched.desk.names == ["judge_suspects"]


@pytest.mark.parametrize("status", [500, 503, None])
def test_a_lost_answer_is_not_an_understood_one_whatever_it_says(watched: Watched, status: int | None):
    for ordinal in range(1, 6):
        watched.see(ordinal, SpineAnswer(AnswerKind.UNKNOWN, status, "502"))
    assert watched.breaker.circuit is Circuit.OPEN


@pytest.mark.parametrize("kind", [AnswerKind.THROTTLED, AnswerKind.NOT_SENT, AnswerKind.UNAUTHENTICATED])
def test_a_refusal_at_the_door_neither_makes_nor_ends_an_outage(watched: Watched, kind: AnswerKind):
    for ordinal in range(1, 5):
        watched.see(ordinal, AnswerKind.UNAVAILABLE)
    watched.see(6, kind)
    watched.see(5, AnswerKind.UNAVAILABLE)
    assert watched.breaker.circuit is Circuit.OPEN
    watched.clock.advance(5)
    watched.breaker.begin_probe()
    watched.see(7, kind)
    assert watched.breaker.circuit is Circuit.OPEN
    assert watched.breaker.may_probe()


def test_too_fast_slows_everybody_down(watched: Watched):
    watched.see(1, SpineAnswer(AnswerKind.THROTTLED, 429, retry_after=12.0))
    assert watched.pace.wait_needed() == pytest.approx(12.0)
    assert watched.stopped is None


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (AnswerKind.NOT_AUTHORISED, StopReason.NOT_AUTHORISED),
        (AnswerKind.CONFIGURATION, StopReason.CONFIGURATION),
    ],
)
def test_rights_and_set_up_stop_the_run(watched: Watched, kind: AnswerKind, reason: StopReason):
    watched.see(1, SpineAnswer(kind, 403, text="why"))
    assert watched.stopped is reason
    assert watched.ending.result is not None
    assert watched.ending.result.detail == "why"
    assert watched.desk.said == []


def test_one_token_refused_is_no_reason_to_stop_but_its_successor_refused_is(watched: Watched):
    watched.see(1, AnswerKind.UNAUTHENTICATED)
    watched.see(2, AnswerKind.UNAUTHENTICATED)
    assert watched.stopped is None
    watched.see(1, AnswerKind.UNAUTHENTICATED)
    assert watched.stopped is StopReason.CARD_REMOVED


def test_a_token_refused_long_after_one_that_was_taken_is_a_first_refusal(watched: Watched):
    watched.see(1, AnswerKind.UNAUTHENTICATED)
    watched.see(1, UNDERSTOOD)
    watched.see(1, AnswerKind.UNAUTHENTICATED)
    assert watched.stopped is None


@pytest.mark.parametrize("reason", [StopReason.CARD_EXPIRED, StopReason.CARD_REMOVED])
def test_a_session_that_gives_no_more_tokens_stops_the_run_at_once(watched: Watched, reason: StopReason):
    watched.see(1, SpineAnswer(AnswerKind.UNAUTHENTICATED, session_ended=reason))
    assert watched.stopped is reason


def test_three_patients_in_a_row_refused_by_access_control_mean_the_user(watched: Watched):
    for ordinal in (1, 1, 2):
        watched.see(ordinal, AnswerKind.ACCESS_REFUSED)
    assert watched.stopped is None
    watched.see(3, AnswerKind.ACCESS_REFUSED)
    assert watched.stopped is StopReason.NOT_AUTHORISED


def test_refusals_by_access_control_with_an_answer_between_them_are_the_patients_own(watched: Watched):
    for ordinal in (1, 2, 4, 5):
        watched.see(ordinal, AnswerKind.ACCESS_REFUSED)
        if ordinal == 2:
            watched.see(3, UNDERSTOOD)
    assert watched.stopped is None
