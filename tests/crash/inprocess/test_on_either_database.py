"""Of every suite of deaths and evenings a small part, on a file and on a server, with every commit.

The suites themselves run on a file; `packaging/dev.py test --database postgresql` has all of each run on a server.
"""

from __future__ import annotations

import random

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.crash.inprocess import test_every_write as every_write
from tests.crash.inprocess import test_kill_points as kill_points
from tests.crash.inprocess import test_random_schedules as evenings
from tests.helpers.kill_points import KillPoint
from tests.helpers.templates import Templates
from tests.stateful import test_lifecycle as lifecycle
from tests.stateful import test_night_machine as nights

pytestmark = pytest.mark.both_databases

CASES = 3
"""Of each kill point."""
EVENINGS = range(20)
EXAMPLES, STEPS = 4, 20
NIGHTS, DEEDS = 3, 30


@pytest.mark.fault_row(1, 2, 3, 4, 5, 6)
@pytest.mark.parametrize("point", KillPoint, ids=lambda point: point.name.lower())
def test_a_death_at_every_point(point: KillPoint, practices: Templates):
    every = [case for case in kill_points.cases(point) if case.is_reached and case.kind.is_sent]
    for case in every[:: len(every) // CASES][:CASES]:
        with kill_points.told(case):
            bench = kill_points.begin(practices, case)
            kill_points.go_on_to_the_end(bench)
            kill_points.check_the_end(bench, case)


@pytest.mark.fault_row(1, 2, 3, 4, 5, 6)
def test_a_death_at_every_write(practices: Templates):
    every_write.test_dying_at_any_write_loses_nobody_and_sends_nothing_twice_unknowingly(
        "lost after it was applied", True, practices
    )


@pytest.mark.fault_row(1, 2, 3, 4, 5, 6, 37, 41, 43, 47)
def test_evenings(practices: Templates):
    evenings.test_whatever_happens_nobody_is_lost_and_nothing_is_sent_without_reason(EVENINGS, practices)


@pytest.mark.fault_row(1, 2, 3, 4, 5, 6, 32, 35, 36, 37, 41, 43, 44, 47)
def test_any_order_of_buttons_and_interruptions(practices: Templates):
    run_state_machine_as_test(
        lambda: lifecycle.Lifecycle(practices),
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=STEPS, phases=lifecycle.PHASES, report_multiple_bugs=False
        ),
    )


@pytest.mark.fault_row(29, 30, 31, 32, 33)
def test_nights(practices: Templates):
    nights.made.append(lambda: practices.bench(*nights.PEOPLE))
    try:
        for seed in range(NIGHTS):
            machine = nights.NightMachine()
            nights.wander(machine, random.Random(seed), steps=DEEDS)
            machine.teardown()
    finally:
        nights.made.pop()
