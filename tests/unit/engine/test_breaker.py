"""The circuit breaker: faults page, row 8."""

from __future__ import annotations

from app.domain.states import StopReason
from app.engine.breaker import Breaker, Circuit
from tests.helpers.clocks import ManualClock


def test_three_connections_in_a_row_open_the_circuit_even_for_one_patient():
    breaker = Breaker(ManualClock().monotonic)
    assert [breaker.failed(1, connected=False) for _ in range(3)] == [False, False, True]
    assert breaker.circuit is Circuit.OPEN
    assert breaker.outage is StopReason.NO_CONNECTION


def test_five_different_patients_without_an_understood_answer_open_it():
    breaker = Breaker(ManualClock().monotonic)
    assert [breaker.failed(patient, connected=True) for patient in (1, 2, 2, 1, 3, 4, 5)] == [False] * 6 + [True]
    assert breaker.outage is StopReason.SPINE_UNAVAILABLE


def test_one_understood_answer_begins_the_count_anew():
    breaker = Breaker(ManualClock().monotonic)
    for patient in range(4):
        breaker.failed(patient, connected=True)
    assert breaker.understood() is False
    assert [breaker.failed(patient, connected=True) for patient in range(4)] == [False] * 4


def test_probes_come_after_5_15_60_seconds_and_then_every_five_minutes():
    clock = ManualClock()
    breaker = Breaker(clock.monotonic)
    for patient in range(5):
        breaker.failed(patient, connected=True)
    for delay in (5, 15, 60, 300, 300):
        clock.advance(delay - 0.5)
        assert not breaker.may_probe()
        clock.advance(0.5)
        assert breaker.may_probe()
        breaker.begin_probe()
        assert not breaker.may_probe(), "only one exchange goes out to see"
        breaker.failed(9, connected=True)
    assert breaker.open_for() == 680


def test_an_understood_probe_ends_the_outage_and_the_next_one_begins_from_the_first_delay():
    clock = ManualClock()
    breaker = Breaker(clock.monotonic)
    for _ in range(2):
        for patient in range(5):
            breaker.failed(patient, connected=True)
        assert breaker.seconds_to_probe() == 5
        clock.advance(5)
        breaker.begin_probe()
        assert breaker.understood() is True
        assert breaker.circuit is Circuit.CLOSED
        assert breaker.open_for() == 0


def test_a_probe_that_told_nothing_either_way_may_be_made_again_at_once():
    clock = ManualClock()
    breaker = Breaker(clock.monotonic)
    for patient in range(5):
        breaker.failed(patient, connected=True)
    clock.advance(5)
    breaker.begin_probe()
    breaker.probe_not_made()
    assert breaker.may_probe()


def test_answers_that_were_under_way_when_the_circuit_opened_change_nothing():
    clock = ManualClock()
    breaker = Breaker(clock.monotonic)
    for patient in range(5):
        breaker.failed(patient, connected=True)
    assert breaker.failed(6, connected=True) is False
    assert breaker.seconds_to_probe() == 5


def test_an_answer_of_any_kind_breaks_a_row_of_failed_connections():
    breaker = Breaker(ManualClock().monotonic)
    tries = [(1, False), (1, False), (1, True), (1, False), (1, False)]
    assert not any(breaker.failed(patient, connected=connected) for patient, connected in tries)
    assert breaker.failed(1, connected=False)


def test_time_in_an_outage_counts_from_when_it_was_found():
    clock = ManualClock()
    breaker = Breaker(clock.monotonic)
    assert breaker.open_for() == 0
    for patient in range(5):
        clock.advance(1)
        breaker.failed(patient, connected=True)
    clock.advance(7)
    assert breaker.open_for() == 7


def test_being_turned_away_is_no_outage_but_no_answer_either():
    clock = ManualClock()
    breaker = Breaker(clock.monotonic)
    clock.advance(5)
    breaker.turned_away()
    clock.advance(20)
    breaker.turned_away()
    assert (breaker.circuit, breaker.open_for(), breaker.unanswered_for()) == (Circuit.CLOSED, 0, 20)
    assert breaker.why_unanswered is StopReason.SPINE_UNAVAILABLE
    assert not breaker.understood(), "there was no outage to end"
    assert breaker.unanswered_for() == 0


def test_in_an_outage_it_is_the_outage_that_counts():
    clock = ManualClock()
    breaker = Breaker(clock.monotonic)
    breaker.turned_away()
    clock.advance(10)
    for _ in range(3):
        breaker.failed(1, connected=False)
    clock.advance(10)
    assert breaker.unanswered_for() == 20
    assert breaker.why_unanswered is StopReason.NO_CONNECTION
