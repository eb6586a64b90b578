"""The program's clock follows a Spine that says it is simulated, and no other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.clock import MovableClock, SystemClock
from app.domain.errors import Refused
from app.domain.states import StopReason
from app.engine.simulation import Disturbance
from app.engine.spine_port import AnswerKind
from app.spine.client import RequestsSpine
from app.spine.exchange import Reply
from app.spine.probe import is_simulated
from app.spine.settings import SpineSettings
from app.spine.sign_in import SignInService
from app.spine.simulated_time import SimulatedTime
from app.spine.simulation import SimulatedSpineControls
from tests.helpers.clocks import ManualClock
from tests.helpers.raw_server import answering, http, raw_server
from tests.integration.spine.conftest import ADMINISTRATOR, PASSCODE, read, write

HOUR = timedelta(hours=1)


@pytest.fixture
def clock() -> SystemClock:
    return SystemClock()


@pytest.fixture
def rehearsal_time(clock: SystemClock) -> SimulatedTime:
    return SimulatedTime(clock)


@pytest.fixture
def controls(settings, simulator, clock, rehearsal_time) -> SimulatedSpineControls:
    return SimulatedSpineControls(settings, simulator.simulation, clock, rehearsal_time.hear_move)


def ahead(clock: SystemClock) -> timedelta:
    """How far the clock runs ahead of the machine's, to the minute."""
    return timedelta(minutes=round((clock.now() - datetime.now(UTC)) / timedelta(minutes=1)))


def told(offset: str, simulated: str = "true") -> Reply:
    return Reply(200, {"X-Simulated-Spine": simulated, "X-Simulated-Offset-Seconds": offset})


def test_only_the_products_own_clock_can_be_moved():
    assert isinstance(SystemClock(), MovableClock)
    assert not isinstance(ManualClock(), MovableClock)


def test_whatever_the_simulated_spine_answers_the_clock_keeps_its_time(settings, simulator, clock, rehearsal_time):
    simulator.move_clock(3600)
    service = SignInService(settings, clock, rehearsal_time.hear)
    session = service.sign_in(ADMINISTRATOR, PASSCODE)
    assert ahead(clock) == HOUR
    simulator.move_clock(7200)
    connection = RequestsSpine(settings, service, clock, rehearsal_time.hear).connect(session.session_id)
    assert read(connection).kind is AnswerKind.UNAUTHENTICATED, "the token has lapsed there, unheard of here"
    assert ahead(clock) == 2 * HOUR
    assert read(connection).kind is AnswerKind.CONSENT
    simulator.move_clock(-3600)
    write(connection)
    connection.close()
    assert ahead(clock) == -HOUR


def test_the_question_whether_it_is_simulated_brings_its_time(simulator, clock, rehearsal_time):
    simulator.move_clock(3600)
    assert is_simulated(simulator.spine, clock=clock, hear=rehearsal_time.hear)
    assert ahead(clock) == HOUR


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(told("3600", simulated="false"), id="not simulated"),
        pytest.param(Reply(200, {"X-Simulated-Offset-Seconds": "3600"}), id="does not say that it is simulated"),
        pytest.param(Reply(200, {"X-Simulated-Spine": "true"}), id="tells no offset"),
        pytest.param(Reply(None), id="no answer"),
        *(pytest.param(told(text), id=text) for text in ("", "soon", "nan", "inf", "1e9", "99999999999", "3600s", "٣")),
    ],
)
def test_nothing_else_moves_it(reply, clock, rehearsal_time):
    rehearsal_time.hear(reply, clock.monotonic())
    assert ahead(clock) == timedelta(0)


def test_a_spine_that_is_not_simulated_moves_nothing_by_its_header(clock, rehearsal_time):
    answer = http("404 No", b"", "X-Simulated-Offset-Seconds: 36000")
    with raw_server(answering(answer)) as server:
        assert not is_simulated(server.url, clock=clock, hear=rehearsal_time.hear)
    assert ahead(clock) == timedelta(0)


def test_an_answer_asked_for_before_the_move_does_not_move_it_back(clock, rehearsal_time):
    before = clock.monotonic()
    rehearsal_time.hear_move(told("3600"), before)
    rehearsal_time.hear(told("0"), before)
    assert ahead(clock) == HOUR
    rehearsal_time.hear(told("7200"), clock.monotonic())
    assert ahead(clock) == 2 * HOUR


def test_time_is_let_pass_for_both(settings, simulator, clock, rehearsal_time, controls):
    service = SignInService(settings, clock, rehearsal_time.hear)
    service.sign_in(ADMINISTRATOR, PASSCODE)
    controls.let_time_pass(3600)
    assert ahead(clock) == HOUR
    controls.let_time_pass(1800.5)
    assert simulator.http.get(f"{simulator.simulation}/clock", timeout=10).json()["offset_seconds"] == 5400.5
    assert service.current() is not None
    controls.let_time_pass(10 * 3600)
    assert service.current() is None
    assert service.ended_because() is StopReason.CARD_EXPIRED


def test_a_session_revoked_at_the_service_is_noticed_when_it_is_used(settings, clock, controls):
    service = SignInService(settings, clock)
    session = service.sign_in(ADMINISTRATOR, PASSCODE)
    controls.revoke_session(session.card_uid)
    assert service.current() == session, "nobody was told"
    connection = RequestsSpine(settings, service, clock).connect(session.session_id)
    answer = read(connection)
    connection.close()
    assert (answer.kind, answer.session_ended) == (AnswerKind.UNAUTHENTICATED, StopReason.CARD_REMOVED)


@pytest.mark.parametrize(
    ("disturbance", "kind"),
    [(Disturbance.FAILING, AnswerKind.UNAVAILABLE), (Disturbance.UNREACHABLE, AnswerKind.UNAVAILABLE)],
)
def test_a_troubled_spine_and_its_end(disturbance, kind, connection, controls):
    controls.disturb(disturbance, 300)
    assert read(connection).kind is kind
    controls.clear_disturbance()
    assert read(connection).kind is AnswerKind.CONSENT


def test_a_slow_spine_answers_all_the_same(connection, controls, simulator, monkeypatch):
    monkeypatch.setattr("app.spine.simulation._ACTIONS", {Disturbance.SLOW: {"delay_seconds": 0.3}})
    controls.disturb(Disturbance.SLOW, 300)
    assert read(connection).kind is AnswerKind.CONSENT
    assert simulator.faults()["rules"][0]["fired"] == 1


@pytest.mark.parametrize(
    "answer",
    [
        http("404 No"),
        http("200 OK", b'{"offset_seconds": 0}'),
        http("200 OK", b"<html>", "X-Simulated-Spine: true"),
        http("200 OK", b'{"offset_seconds": "none"}', "X-Simulated-Spine: true"),
    ],
    ids=["404", "not simulated", "HTML", "no number"],
)
def test_controls_without_a_simulated_spine_change_nothing_and_say_so(answer, clock, rehearsal_time):
    with raw_server(answering(answer)) as server:
        settings = SpineSettings(spine_url=server.url, auth_url=server.url)
        with pytest.raises(Refused, match="did not answer"):
            SimulatedSpineControls(settings, server.url, clock, rehearsal_time.hear_move).let_time_pass(60)
    assert ahead(clock) == timedelta(0)
