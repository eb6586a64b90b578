"""What is done about a plan, case by case: faults page, rows 29 to 33."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.domain.occurrences import WHY_WORDS, Outcome, Recorded, Why, outcome_words
from app.domain.schedule import (
    CARD_PATIENCE,
    IN_TIME,
    LATEST_WITHOUT_STOP,
    SETTLE,
    Decision,
    Record,
    Resume,
    RunFacts,
    Start,
    Stop,
    Wait,
    WatchFacts,
    decide,
    following,
)
from app.domain.states import RunStatus
from app.domain.windows import OccurrenceKey, Plan
from tests.unit.domain.times import plan, wall

NIGHTLY = plan("02/11/2026 18:30", "08:00", "18:30")
SCHEDULED = RunFacts(RunStatus.SCHEDULED)
PAUSED = RunFacts(RunStatus.STOPPED)
LONG_AWAKE = WatchFacts(wall("01/11/2026 09:00"), Why.PROGRAM_CLOSED, card=None)

Recordings = dict[OccurrenceKey, Recorded]


def began(one: Plan, until: str) -> Recordings:
    """Every occurrence up to a moment was begun in time."""
    return {
        occurrence.key: Recorded(Outcome.FIRED, None, occurrence.begins_at)
        for occurrence in one.occurrences(one.start_at, wall(until))
    }


def decided(
    now: str | datetime,
    one: Plan = NIGHTLY,
    recorded: Recordings | None = None,
    run: RunFacts = SCHEDULED,
    watch: WatchFacts = LONG_AWAKE,
) -> tuple[Decision, ...]:
    return decide(wall(now) if isinstance(now, str) else now, one, recorded or {}, run, watch)


def the_one(*how: Any, **more: Any) -> Any:
    [decision] = decided(*how, **more)
    return decision


def woke(text: str, before: Why = Why.ASLEEP, card: Why | None = None, spine: bool | None = True) -> WatchFacts:
    return WatchFacts(wall(text), before, card, spine)


# --- in time ------------------------------------------------------------------------------------------------------


def test_before_its_time_nothing_is_done():
    assert decided("02/11/2026 18:29") == ()


@pytest.mark.parametrize("seconds", [0, 15, 120])
def test_at_its_time_the_scheduled_run_starts(seconds: int):
    decision = the_one(wall("02/11/2026 18:30") + timedelta(seconds=seconds))
    assert decision == Start(NIGHTLY.first(), Outcome.FIRED, None)


def test_what_was_begun_is_left_alone():
    assert decided("02/11/2026 18:31", recorded=began(NIGHTLY, "02/11/2026 18:30"), run=PAUSED) == ()


def test_at_the_stop_time_it_stops():
    live = RunFacts(RunStatus.RUNNING, live_since=wall("02/11/2026 18:30"))
    recorded = began(NIGHTLY, "02/11/2026 18:30")
    assert decided("03/11/2026 07:59", recorded=recorded, run=live) == ()
    assert decided("03/11/2026 08:00", recorded=recorded, run=live) == (Stop(),)


def test_begun_long_before_an_instant_of_work_it_still_has_to_stop_first():
    """Asleep from before the stop to after the resume: the stop comes first, whatever time it is."""
    live = RunFacts(RunStatus.RUNNING, live_since=wall("03/11/2026 07:00"))
    assert decided("03/11/2026 21:00", recorded=began(NIGHTLY, "02/11/2026 18:30"), run=live) == (Stop(),)


def test_at_the_resume_time_it_goes_on():
    decision = the_one("03/11/2026 18:30", recorded=began(NIGHTLY, "02/11/2026 18:30"), run=PAUSED)
    assert isinstance(decision, Resume)
    assert decision.outcome is Outcome.FIRED


def test_a_stop_by_a_person_is_not_undone():
    run = RunFacts(RunStatus.STOPPED, stopped_by_person=True)
    decision = the_one("03/11/2026 18:30", recorded=began(NIGHTLY, "02/11/2026 18:30"), run=run)
    assert (decision.outcome, decision.why) == (Outcome.SKIPPED, Why.STOPPED_BY_PERSON)
    assert {one.why for one in decided("09/11/2026 12:00", run=run) if isinstance(one, Record)} == {
        Why.STOPPED_BY_PERSON
    }


def test_a_stop_without_a_resume_waits_for_a_person():
    one = plan("02/11/2026 18:30", "08:00")
    assert decided("09/11/2026 18:30", one, began(one, "02/11/2026 18:30"), PAUSED) == ()


def test_a_run_never_begun_is_started_by_the_next_resume_time():
    recorded = {NIGHTLY.first().key: Recorded(Outcome.MISSED, Why.NO_CARD, wall("02/11/2026 18:30"))}
    assert isinstance(the_one("03/11/2026 18:30", recorded=recorded), Start)


def test_a_run_of_a_program_that_died_goes_on():
    dead = RunFacts(RunStatus.RUNNING)
    assert isinstance(the_one("03/11/2026 18:30", recorded=began(NIGHTLY, "02/11/2026 18:30"), run=dead), Resume)


def test_already_running_at_its_time():
    live = RunFacts(RunStatus.RUNNING, live_since=wall("03/11/2026 18:29"))
    decision = the_one("03/11/2026 18:30", recorded=began(NIGHTLY, "02/11/2026 18:30"), run=live)
    assert (decision.outcome, decision.why) == (Outcome.SKIPPED, Why.ALREADY_RUNNING)


def test_nothing_left_to_do_at_its_time():
    over = RunFacts(RunStatus.COMPLETED, is_over=True)
    decision = the_one("03/11/2026 18:30", recorded=began(NIGHTLY, "02/11/2026 18:30"), run=over)
    assert (decision.outcome, decision.why) == (Outcome.SKIPPED, Why.RUN_OVER)


# --- what is in the way -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("card", [Why.NO_CARD, Why.SESSION_ENDED, Why.NO_RIGHT])
def test_nobody_who_may_start_it_at_its_time_is_told_at_once(card: Why):
    decision = the_one("02/11/2026 18:30", watch=replace(LONG_AWAKE, card=card))
    assert decision == Record(NIGHTLY.first(), Outcome.MISSED, card)


def test_while_somebody_else_works_on_the_practice_it_waits_and_starts_late():
    busy = replace(SCHEDULED, live_elsewhere=True)
    waits = the_one("02/11/2026 18:30", run=busy)
    assert (waits.why, waits.until) == (Why.ANOTHER_RUN, wall("03/11/2026 08:00"))
    assert the_one("02/11/2026 20:00") == Start(NIGHTLY.first(), Outcome.LATE, Why.ANOTHER_RUN)
    assert the_one("03/11/2026 08:00", run=busy) == Record(NIGHTLY.first(), Outcome.MISSED, Why.ANOTHER_RUN)


# --- made up for --------------------------------------------------------------------------------------------------


@pytest.mark.fault_row(33)
@pytest.mark.parametrize("before", [Why.ASLEEP, Why.PROGRAM_CLOSED])
def test_after_waking_it_settles_and_starts_late(before: Why):
    awake = woke("02/11/2026 21:00", before)
    waits = the_one("02/11/2026 21:00", watch=awake)
    assert isinstance(waits, Wait)
    assert (waits.why, waits.until) == (None, awake.awake_since + SETTLE)
    assert timedelta(seconds=30) <= SETTLE <= timedelta(seconds=60)
    assert the_one(awake.awake_since + SETTLE, watch=awake) == Start(NIGHTLY.first(), Outcome.LATE, before)


@pytest.mark.fault_row(33)
def test_after_waking_the_spine_is_asked_first_and_waited_for_until_the_stop():
    at = wall("02/11/2026 21:00") + SETTLE
    asks = the_one(at, watch=woke("02/11/2026 21:00", spine=None))
    assert (asks.why, asks.asks_spine) == (Why.SPINE_UNREACHABLE, True)
    waits = the_one(at, watch=woke("02/11/2026 21:00", spine=False))
    assert (waits.why, waits.asks_spine, waits.until) == (Why.SPINE_UNREACHABLE, False, wall("03/11/2026 08:00"))
    gone = the_one("03/11/2026 08:00", watch=woke("02/11/2026 21:00", spine=False))
    assert (gone.outcome, gone.why) == (Outcome.MISSED, Why.SPINE_UNREACHABLE)


@pytest.mark.fault_row(33)
@pytest.mark.parametrize("card", [Why.NO_CARD, Why.SESSION_ENDED, Why.NO_RIGHT])
def test_after_waking_somebody_has_a_while_to_sign_in(card: Why):
    awake = woke("02/11/2026 21:00", card=card)
    waits = the_one("02/11/2026 21:05", watch=awake)
    assert (waits.why, waits.until) == (card, awake.awake_since + CARD_PATIENCE)
    assert the_one("02/11/2026 21:10", watch=awake) == Record(NIGHTLY.first(), Outcome.MISSED, card)
    assert isinstance(the_one("02/11/2026 21:05", watch=replace(awake, card=None)), Start)


@pytest.mark.fault_row(33)
@pytest.mark.parametrize("before", [Why.ASLEEP, Why.PROGRAM_CLOSED])
def test_woken_after_the_stop_it_is_missed(before: Why):
    decision = the_one("03/11/2026 09:00", watch=woke("03/11/2026 08:30", before))
    assert decision == Record(NIGHTLY.first(), Outcome.MISSED, before)


@pytest.mark.fault_row(33)
def test_woken_just_before_the_stop_there_is_no_time_left():
    awake = WatchFacts(wall("03/11/2026 08:00") - timedelta(seconds=20), Why.ASLEEP, None, spine=True)
    waits = the_one(awake.awake_since, watch=awake)
    assert waits.until == wall("03/11/2026 08:00")
    assert the_one("03/11/2026 08:00", watch=awake).why is Why.WINDOW_OVER


def test_another_run_that_outlasts_the_window_after_waking():
    busy = replace(SCHEDULED, live_elsewhere=True)
    assert the_one("03/11/2026 08:00", run=busy, watch=woke("02/11/2026 21:00")).why is Why.ANOTHER_RUN


def test_several_nights_asleep_each_has_its_outcome_and_the_last_is_made_up_for():
    *gone, last = decided("05/11/2026 21:00", watch=woke("05/11/2026 20:00"))
    assert [(one.occurrence.day.day, one.outcome, one.why) for one in gone if isinstance(one, Record)] == [
        (day, Outcome.MISSED, Why.ASLEEP) for day in (2, 3, 4)
    ]
    assert isinstance(last, Start)
    assert last.outcome is Outcome.LATE


def test_a_little_after_its_time_is_not_late():
    awake = WatchFacts(wall("02/11/2026 18:30") + timedelta(seconds=10), Why.PROGRAM_CLOSED, None, spine=True)
    decision = the_one(wall("02/11/2026 18:30") + IN_TIME, watch=awake)
    assert decision == Start(NIGHTLY.first(), Outcome.FIRED, None)


def test_without_a_stop_it_is_made_up_for_within_the_length_of_a_session():
    one = plan("02/11/2026 18:30")
    start = wall("02/11/2026 18:30")
    just = start + LATEST_WITHOUT_STOP - timedelta(seconds=1)
    awake = woke("03/11/2026 04:00")
    assert isinstance(the_one(just, one, watch=awake), Start)
    missed = the_one(start + LATEST_WITHOUT_STOP, one, watch=woke("03/11/2026 08:30"))
    assert (missed.outcome, missed.why) == (Outcome.MISSED, Why.ASLEEP)


# --- what is recorded ---------------------------------------------------------------------------------------------


def test_what_a_wrong_clock_wrote_counts_only_where_work_was_begun():
    later = wall("02/12/2026 18:30")
    missed = {NIGHTLY.first().key: Recorded(Outcome.MISSED, Why.ASLEEP, later)}
    assert isinstance(the_one("02/11/2026 18:30", recorded=missed), Start)
    fired = {NIGHTLY.first().key: Recorded(Outcome.LATE, Why.ASLEEP, later)}
    assert decided("02/11/2026 18:30", recorded=fired) == ()


def test_what_begins_next_is_the_first_that_is_neither_settled_nor_given_up():
    first, second = NIGHTLY.first(), next(NIGHTLY.occurrences(wall("03/11/2026 18:30"), wall("03/11/2026 18:31")))
    assert following(NIGHTLY, {}, wall("01/11/2026 12:00")) == first
    assert following(NIGHTLY, {}, wall("02/11/2026 20:00")) == first, "due, and may still be made up for"
    assert following(NIGHTLY, began(NIGHTLY, "02/11/2026 18:30"), wall("02/11/2026 20:00")) == second
    once = plan("02/11/2026 18:30", "08:00")
    assert following(once, {}, wall("02/11/2026 18:00")) == once.first()
    assert following(once, began(once, "02/11/2026 18:30"), wall("03/11/2026 09:00")) is None


def test_every_reason_has_its_words():
    assert set(WHY_WORDS) == set(Why)
    assert all(words and words[0].islower() and not words.endswith(".") for words in WHY_WORDS.values())


@pytest.mark.parametrize(
    ("outcome", "why", "detail", "words"),
    [
        (Outcome.FIRED, None, "", "Begun in time."),
        (Outcome.LATE, Why.PROGRAM_CLOSED, "", "Begun late: the program was not open."),
        (Outcome.MISSED, Why.NO_CARD, "", "Missed: nobody was signed in with a Smartcard."),
        (Outcome.SKIPPED, Why.ALREADY_RUNNING, "", "Left out: it was already running."),
        (Outcome.MISSED, Why.REFUSED, "The disk is nearly full.", "Missed. The disk is nearly full."),
    ],
)
def test_an_outcome_in_words(outcome: Outcome, why: Why | None, detail: str, words: str):
    assert outcome_words(outcome, why, detail) == words


def test_only_what_fired_or_was_late_began():
    assert {outcome for outcome in Outcome if outcome.began} == {Outcome.FIRED, Outcome.LATE}
