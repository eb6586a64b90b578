"""The smoothed limiter: evenly spaced, and slower after a 429."""

from __future__ import annotations

import itertools

import pytest

from app.engine.pace import Pace
from tests.helpers.clocks import ManualClock


def requests_within(pace: Pace, clock: ManualClock, seconds: float) -> list[float]:
    """When requests left, if each leaves as soon as it may."""
    end = clock.monotonic() + seconds
    left = []
    while clock.monotonic() < end:
        wait = pace.wait_needed()
        if wait > 0:
            clock.advance(min(wait, end - clock.monotonic()) + 1e-6)
            continue
        pace.take()
        left.append(clock.monotonic())
        clock.advance(0.001)
    return left


def test_requests_are_evenly_spaced_and_within_the_quota_of_a_minute():
    clock = ManualClock()
    times = requests_within(Pace(5, clock.monotonic), clock, 60)
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert min(gaps) >= 0.2
    assert 285 <= len(times) <= 300


def test_a_long_silence_allows_no_burst():
    clock = ManualClock()
    pace = Pace(5, clock.monotonic)
    clock.advance(600)
    pace.take()
    assert pace.wait_needed() >= 0.2


def test_no_limit_never_waits():
    clock = ManualClock()
    pace = Pace(0, clock.monotonic)
    for _ in range(1000):
        assert pace.wait_needed() == 0
        pace.take()


def test_retry_after_is_waited_for():
    clock = ManualClock()
    pace = Pace(5, clock.monotonic)
    pace.take()
    pace.slow_down(7.0)
    assert pace.wait_needed() == pytest.approx(7.0)


@pytest.mark.parametrize("limit", [5.0, 0.0])
@pytest.mark.fault_row(15)
def test_a_429_halves_the_measured_pace_and_ten_quiet_seconds_bring_it_back(limit: float):
    clock = ManualClock()
    pace = Pace(limit, clock.monotonic)
    for _ in range(40):
        clock.advance(max(pace.wait_needed(), 0.1))
        pace.take()
    pace.slow_down(None)
    before = 5 if limit else 10
    slowed = requests_within(pace, clock, 2.0)
    assert len(slowed) <= 2.0 * before * 0.7, "right after a 429 the pace must be far below what it was"
    requests_within(pace, clock, 11.0)
    pace.take()
    assert pace.wait_needed() <= (0.21 if limit else 0.0)


def test_a_refusal_before_any_request_still_leaves_a_pace():
    clock = ManualClock()
    pace = Pace(5, clock.monotonic)
    pace.slow_down(None)
    assert 0 < pace.wait_needed() <= 6


def test_refusals_of_requests_that_had_left_before_slow_it_down_once():
    """Four senders are refused in one burst: the gateway said once that it was too fast."""
    clock = ManualClock()
    paces = []
    for refusals in (1, 4):
        pace = Pace(5, clock.monotonic)
        for _ in range(20):
            clock.advance(max(pace.wait_needed(), 0.1))
            pace.take()
        for _ in range(refusals):
            pace.slow_down(1.0)
        paces.append(len(requests_within(pace, clock, 4.0)))
    assert paces[0] == paces[1] > 0


def test_the_longest_wait_that_was_asked_for_counts():
    clock = ManualClock()
    pace = Pace(5, clock.monotonic)
    pace.slow_down(30.0)
    pace.slow_down(2.0)
    assert pace.wait_needed() == pytest.approx(30.0)


def test_a_second_refusal_after_the_wait_slows_it_down_further():
    clock = ManualClock()
    pace = Pace(5, clock.monotonic)
    waits = []
    for _ in range(2):
        for _ in range(20):
            clock.advance(max(pace.wait_needed(), 0.1))
            pace.take()
        pace.slow_down(0.0)
        pace.take()
        waits.append(pace.wait_needed())
        clock.advance(0.5)
    assert waits[1] >= waits[0] > 0.2


@pytest.mark.fault_row(15)
def test_the_pause_that_was_asked_for_can_be_told():
    clock = ManualClock()
    pace = Pace(5.0, clock.monotonic)
    pace.take()
    assert pace.asked_pause() == 0, "an even pace is no pause"
    pace.slow_down(30.0)
    clock.advance(10)
    assert pace.asked_pause() == 20
    clock.advance(20)
    assert pace.asked_pause() == 0
