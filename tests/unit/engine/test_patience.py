"""How long a failing database is borne: faults page, rows 24 and 25."""

from __future__ import annotations

import pytest

from app.domain.errors import StorageBusy, StorageFault
from app.engine.patience import Patience
from tests.helpers.clocks import ManualClock


def test_a_fault_with_nothing_at_stake_is_raised_at_once():
    patience = Patience(ManualClock().monotonic)
    fault = StorageBusy("busy")
    with pytest.raises(StorageFault) as raised:
        patience.bear(fault, answer_at_stake=False)
    assert raised.value is fault


def test_for_an_answer_it_is_tried_again_for_a_minute():
    clock = ManualClock()
    patience = Patience(clock.monotonic)
    for _ in range(60):
        patience.bear(StorageBusy("busy"), answer_at_stake=True)
        assert patience.is_strained
        assert patience.is_resting
        clock.advance(0.9)
        assert patience.is_resting
        clock.advance(0.1)
        assert not patience.is_resting
    with pytest.raises(StorageFault):
        patience.bear(StorageBusy("busy"), answer_at_stake=True)


def test_once_the_database_works_the_minute_begins_anew():
    clock = ManualClock()
    patience = Patience(clock.monotonic)
    patience.bear(StorageBusy("busy"), answer_at_stake=True)
    clock.advance(59)
    patience.relieve()
    assert not patience.is_strained
    assert not patience.is_resting
    clock.advance(2)
    patience.bear(StorageBusy("busy"), answer_at_stake=True)
    assert patience.is_resting


def test_a_disk_that_is_full_or_gone_is_not_waited_for():
    patience, fault = Patience(ManualClock().monotonic), StorageFault("The disk is full.")
    with pytest.raises(StorageFault) as raised:
        patience.bear(fault, answer_at_stake=True)
    assert raised.value is fault
