"""Noticing sleep without help of the operating system: a gap between two looks at the wall clock."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.domain.occurrences import Why
from app.engine.wakefulness import Wakefulness
from tests.helpers.clocks import START

SECOND = timedelta(seconds=1)


def test_before_the_first_look_the_program_was_closed():
    awake = Wakefulness(START)
    assert (awake.since, awake.before) == (START, Why.PROGRAM_CLOSED)


def test_ticks_in_time_are_no_gap():
    awake = Wakefulness(START)
    for step in range(100):
        awake.look(START + step * 120 * SECOND)
    assert (awake.since, awake.before) == (START, Why.PROGRAM_CLOSED)


@pytest.mark.fault_row(29, 30, 33)
@pytest.mark.parametrize("gap", [121, 3600, 86_400, -121, -3600, -31_536_000])
def test_a_gap_either_way_begins_anew(gap: float):
    awake = Wakefulness(START)
    awake.look(START + 15 * SECOND)
    awake.look(START + 15 * SECOND + gap * SECOND)
    assert (awake.since, awake.before) == (START + 15 * SECOND + gap * SECOND, Why.ASLEEP)


def test_taking_the_watch_over_begins_anew():
    awake = Wakefulness(START)
    awake.look(START + 86_400 * SECOND)
    later = START + 86_415 * SECOND
    awake.begin_anew(later)
    awake.look(later + 15 * SECOND)
    assert (awake.since, awake.before) == (later, Why.PROGRAM_CLOSED)
