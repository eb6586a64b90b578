"""The states of runs, patients and messages, and what may follow what."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import pytest

from app.domain.outcomes import ItemState
from app.domain.states import (
    INTENT_TRANSITIONS,
    ITEM_TRANSITIONS,
    RUN_TRANSITIONS,
    IntentState,
    RunStatus,
    StopReason,
    may_become,
)

Table = Mapping[Any, frozenset[Any]]

SETTLED = {IntentState.CONFIRMED, IntentState.REJECTED, IntentState.SUPERSEDED, IntentState.CONFLICT}

TABLES = [
    pytest.param(RUN_TRANSITIONS, RunStatus, id="run"),
    pytest.param(ITEM_TRANSITIONS, ItemState, id="item"),
    pytest.param(INTENT_TRANSITIONS, IntentState, id="intent"),
]


def within_reach(table: Table, *starts: StrEnum) -> set[StrEnum]:
    """Every state that can come after these."""
    found: set[StrEnum] = set()
    waiting = list(starts)
    while waiting:
        for successor in table[waiting.pop()] - found:
            found.add(successor)
            waiting.append(successor)
    return found


def ways_into(table: Table, new: StrEnum) -> set[StrEnum]:
    """Every state that this one may follow."""
    return {old for old, successors in table.items() if new in successors}


@pytest.mark.parametrize(("table", "states"), TABLES)
def test_every_state_has_its_line_and_leads_to_known_states(table: Table, states: type[StrEnum]) -> None:
    assert set(table) == set(states)
    assert set().union(*table.values()) <= set(states)


@pytest.mark.parametrize(("table", "states"), TABLES)
def test_what_may_follow_is_told_from_the_table(table: Table, states: type[StrEnum]) -> None:
    for old in states:
        for new in states:
            assert may_become(table, old, new) is (new in table[old])


@pytest.mark.parametrize(
    ("table", "first"),
    [
        (RUN_TRANSITIONS, RunStatus.SCHEDULED),
        (ITEM_TRANSITIONS, ItemState.UNPROCESSED),
        (INTENT_TRANSITIONS, IntentState.PREPARED),
    ],
)
def test_every_state_can_be_reached_from_the_first(table: Table, first: StrEnum) -> None:
    assert within_reach(table, first) | {first} == set(table)


@pytest.mark.parametrize(
    ("states", "names"),
    [
        (RunStatus, "scheduled running stopped completed abandoned"),
        (ItemState, "unprocessed sending sent failed not_required"),
        (IntentState, "prepared in_flight unknown confirmed rejected superseded conflict"),
        (
            StopReason,
            "user window_closed card_expired card_removed not_authorised no_connection spine_unavailable "
            "configuration database shutdown interrupted error",
        ),
    ],
)
def test_the_words_are_those_of_files_and_database(states: type[StrEnum], names: str) -> None:
    assert [state.value for state in states] == names.split()


# Runs.


def test_open_runs_are_those_with_work_before_them() -> None:
    assert {status for status in RunStatus if status.is_open} == {
        RunStatus.SCHEDULED,
        RunStatus.RUNNING,
        RunStatus.STOPPED,
    }


def test_an_abandoned_run_is_at_its_end_or_paused_again() -> None:
    """Paused again where the scheduled run that was to replace it never began; nothing else takes it up."""
    assert RUN_TRANSITIONS[RunStatus.ABANDONED] == {RunStatus.STOPPED}


def test_a_completed_run_is_taken_up_by_failed_and_by_nothing_else() -> None:
    assert RUN_TRANSITIONS[RunStatus.COMPLETED] == {RunStatus.RUNNING}


def test_a_stopped_run_is_resumed_or_given_up() -> None:
    assert RUN_TRANSITIONS[RunStatus.STOPPED] == {RunStatus.RUNNING, RunStatus.ABANDONED}


def test_a_scheduled_run_begins_or_is_cancelled() -> None:
    assert RUN_TRANSITIONS[RunStatus.SCHEDULED] == {RunStatus.RUNNING, RunStatus.ABANDONED}


def test_only_a_running_run_completes_or_stops() -> None:
    assert ways_into(RUN_TRANSITIONS, RunStatus.COMPLETED) == {RunStatus.RUNNING}
    assert ways_into(RUN_TRANSITIONS, RunStatus.STOPPED) == {RunStatus.RUNNING, RunStatus.ABANDONED}


def test_no_run_goes_back_to_waiting_for_its_start() -> None:
    assert ways_into(RUN_TRANSITIONS, RunStatus.SCHEDULED) == set()


# Patients.


@pytest.mark.parametrize("state", [ItemState.SENT, ItemState.NOT_REQUIRED])
def test_what_is_sent_or_not_required_stays_so(state: ItemState) -> None:
    assert ITEM_TRANSITIONS[state] == frozenset()


@pytest.mark.parametrize("state", [ItemState.UNPROCESSED, ItemState.SENDING, ItemState.FAILED])
def test_a_patient_who_has_not_ended_may_be_put_off_or_end_any_way(state: ItemState) -> None:
    """Put off on a read it stays unprocessed, on a send sending; a failed one may fail again."""
    assert ITEM_TRANSITIONS[state] == set(ItemState)


# Messages.


@pytest.mark.parametrize("state", IntentState)
def test_a_message_is_unsettled_until_one_of_its_four_ends(state: IntentState) -> None:
    assert state.is_unsettled is (state not in SETTLED)


@pytest.mark.parametrize("state", sorted(SETTLED))
def test_a_settled_message_never_comes_back(state: IntentState) -> None:
    assert within_reach(INTENT_TRANSITIONS, state) == set()


@pytest.mark.parametrize("state", sorted(set(IntentState) - SETTLED))
def test_every_unsettled_message_can_be_settled(state: IntentState) -> None:
    assert within_reach(INTENT_TRANSITIONS, state) & SETTLED


def test_a_message_is_sent_only_from_prepared() -> None:
    """In particular never from unknown: it is read back first, and is prepared again only when not applied."""
    assert ways_into(INTENT_TRANSITIONS, IntentState.IN_FLIGHT) == {IntentState.PREPARED}


def test_only_a_message_that_left_can_be_unknown() -> None:
    assert ways_into(INTENT_TRANSITIONS, IntentState.UNKNOWN) == {IntentState.IN_FLIGHT}


def test_a_message_is_confirmed_by_its_answer_or_by_reading_back() -> None:
    assert ways_into(INTENT_TRANSITIONS, IntentState.CONFIRMED) == {IntentState.IN_FLIGHT, IntentState.UNKNOWN}


def test_a_message_is_rejected_only_by_an_answer() -> None:
    assert ways_into(INTENT_TRANSITIONS, IntentState.REJECTED) == {IntentState.IN_FLIGHT}


def test_a_conflict_is_found_only_by_reading_back() -> None:
    assert ways_into(INTENT_TRANSITIONS, IntentState.CONFLICT) == {IntentState.UNKNOWN}


def test_a_newer_wish_supersedes_a_message_that_is_not_in_the_air() -> None:
    assert ways_into(INTENT_TRANSITIONS, IntentState.SUPERSEDED) == {IntentState.PREPARED, IntentState.UNKNOWN}
