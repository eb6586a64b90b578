"""Whole nights with a watchman: stop and resume day after day, what is missed, what is late, what is refused.

Screen page, section 3; faults page, rows 29 to 33. Every send is judged by the witness beside the Spine.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from app.domain.actions import Action
from app.domain.errors import Refused, StorageFault
from app.domain.occurrences import Outcome, Why
from app.domain.session import LAUNCH_ROLE_NAME, Role
from app.domain.states import RunStatus, StopReason
from app.domain.windows import Plan
from app.engine.operator import Press
from app.engine.schedule_rows import ScheduledBy, ScheduleEnd, ScheduleView
from app.engine.spine_port import AnswerKind, SpineAnswer
from app.storage.sqlite.lock import PracticeFileLock
from app.storage.tables import audit_event, run
from tests.helpers.bench import FAMILY, Person, consenter, dissenter
from tests.helpers.failing_store import FailingStore, Killed
from tests.helpers.night import Night
from tests.helpers.practice import reception_changes
from tests.helpers.scripted_spine import Call, Holding
from tests.integration.engine.conftest import MakeBench
from tests.unit.domain.times import shown, wall

BY = ScheduledBy("root", "root", "FRONT-DESK")


def people(count: int) -> list[Person]:
    """Every fifth objects, among them the last."""
    return [dissenter(f"P{n}") if n % 5 == 4 else consenter(f"P{n}") for n in range(count)]


def a_night(make_bench: MakeBench, count: int = 12, **how: float) -> Night:
    """It is 18:30 on Monday 02/11/2026; the card was signed in with just now."""
    return Night(make_bench(*people(count), groups=[("Clinic", "P0"), ("Clinic", "P1")]), **how)


# --- day after day ------------------------------------------------------------------------------------------------


def test_three_days_with_a_stop_in_the_morning_and_a_resume_in_the_evening(make_bench: MakeBench):
    night = a_night(make_bench, 120, seconds_a_call=600.0)
    night.plan("02/11/2026 19:00", "04:00", "19:00")
    night.until("03/11/2026 05:00")
    for day in ("03", "04"):
        night.evening(f"{day}/11/2026 18:50")
        night.until(f"{int(day) + 1:02}/11/2026 05:00")
    assert night.told() == [
        ("02/11/2026 19:00", "fired", None),
        ("03/11/2026 19:00", "fired", None),
        ("04/11/2026 19:00", "fired", None),
    ]
    assert [(view.status, view.stop_reason) for view in night.views[:2]] == [
        (RunStatus.STOPPED, StopReason.WINDOW_CLOSED)
    ] * 2
    assert night.run.status is RunStatus.COMPLETED
    assert night.run.counts.sent == 24
    for day in ("03", "04", "05"):
        assert night.calls_between(f"{day}/11/2026 04:00", f"{day}/11/2026 19:00") == []
    assert night.active is None
    latest = night.store.latest()
    assert latest is not None
    assert latest.end is ScheduleEnd.DONE


def test_the_run_is_one_and_the_cohort_that_of_its_start(make_bench: MakeBench):
    night = a_night(make_bench, 3)
    view = night.plan("02/11/2026 20:00")
    assert isinstance(view, ScheduleView)
    assert (night.run.status, night.run.counts.total) == (RunStatus.SCHEDULED, 0)
    night.bench.add(dissenter("NEW"))
    night.until("02/11/2026 21:00")
    assert (night.run.run_id, night.run.status, night.run.counts.total) == (view.run_id, RunStatus.COMPLETED, 4)
    assert night.bench.holds("NEW") is not None
    assert len(night.bench.rows(select(run))) == 1


def test_a_group_is_scheduled_as_it_is_pressed(make_bench: MakeBench):
    night = a_night(make_bench, 6)
    night.plan("02/11/2026 20:00", group="Clinic")
    night.until("02/11/2026 21:00")
    assert (night.run.group, night.run.counts.total) == ("Clinic", 2)


def test_pressed_within_the_pause_it_waits_for_the_resume_time(make_bench: MakeBench):
    night = a_night(make_bench, 3)
    view = night.plan("now", "18:00", "19:00")
    assert isinstance(view, ScheduleView)
    night.until("02/11/2026 18:59")
    assert night.bench.spine.calls == []
    night.until("02/11/2026 19:01")
    assert night.run.status is RunStatus.COMPLETED


def test_times_set_with_a_press_that_begins_at_once(make_bench: MakeBench):
    night = a_night(make_bench, 20)
    night.plan("now", "20:00", "21:00")
    assert night.run.stop_reason is StopReason.WINDOW_CLOSED
    assert night.time_of_day() == "20:00"
    night.until("03/11/2026 00:30")
    assert night.told() == [("02/11/2026 18:30", "fired", None), ("02/11/2026 21:00", "fired", None)]
    assert night.run.status is RunStatus.COMPLETED


def test_without_times_a_press_is_what_it_always_was(make_bench: MakeBench):
    night = a_night(make_bench, 3)
    night.plan()
    assert night.run.status is RunStatus.COMPLETED
    assert (night.told(), night.store.latest()) == ([], None)


def test_stop_alone_waits_for_a_person(make_bench: MakeBench):
    night = a_night(make_bench, 20)
    night.plan("now", "20:00")
    night.evening("03/11/2026 18:00")
    night.until("03/11/2026 20:30")
    assert (night.run.status, night.run.stop_reason) == (RunStatus.STOPPED, StopReason.WINDOW_CLOSED)
    assert night.told() == [("02/11/2026 18:30", "fired", None)]
    night.plan(action=Action.RESUME)
    assert night.run.status is RunStatus.COMPLETED


# --- a person's word ----------------------------------------------------------------------------------------------


def stop_by_hand(night: Night, after: int) -> None:
    """Somebody presses Stop while the Spine answers its so-manyeth call."""

    def stop(holding: Holding, call: Call) -> None:
        night.clock.advance(night.seconds_a_call)
        if len(night.bench.spine.calls) + 1 == after:
            night.token.stop(StopReason.USER)

    night.bench.spine.always = stop


def test_a_stop_by_a_person_is_not_undone_by_the_resume_time(make_bench: MakeBench):
    night = a_night(make_bench, 20)
    stop_by_hand(night, 3)
    night.plan("now", "20:00", "21:00")
    night.until("03/11/2026 00:30")
    assert (night.run.status, night.run.stop_reason) == (RunStatus.STOPPED, StopReason.USER)
    assert len(night.bench.spine.calls) == 3
    assert night.told()[1:] == [("02/11/2026 21:00", "skipped", "stopped_by_person")]
    night.bench.card.sign_in()
    night.plan("now", "03:00", "03:30", action=Action.RESUME)
    assert night.run.stop_reason is StopReason.WINDOW_CLOSED
    night.until("03/11/2026 04:30")
    assert night.run.status is RunStatus.COMPLETED


def test_a_resume_that_is_scheduled_after_a_stop_goes_on(make_bench: MakeBench):
    night = a_night(make_bench, 6)
    stop_by_hand(night, 2)
    night.plan()
    assert night.run.stop_reason is StopReason.USER
    night.plan("02/11/2026 22:00", action=Action.RESUME)
    night.until("02/11/2026 23:30")
    assert night.told() == [("02/11/2026 22:00", "fired", None)]
    assert night.run.status is RunStatus.COMPLETED


def test_failed_is_scheduled_on_the_completed_run_and_done_once(make_bench: MakeBench):
    night = a_night(make_bench, 6)
    night.bench.script("read", "P0", SpineAnswer(AnswerKind.REJECTED, 400, "430"))
    night.plan()
    assert night.run.counts.failed == 1
    night.plan("02/11/2026 22:00", "04:00", "22:00", action=Action.FAILED)
    assert night.run.status is RunStatus.COMPLETED
    night.until("02/11/2026 23:00")
    assert (night.run.status, night.run.counts.failed) == (RunStatus.COMPLETED, 0)
    assert night.active is None
    assert night.told() == [("02/11/2026 22:00", "fired", None)]


def test_failed_that_the_stop_cuts_goes_on_with_what_is_left(make_bench: MakeBench):
    night = a_night(make_bench, 12)
    for n in range(8):
        night.bench.script("read", f"P{n}", SpineAnswer(AnswerKind.REJECTED, 400, "430"))
    night.plan()
    assert night.run.counts.failed == 8
    night.plan("02/11/2026 22:00", "22:30", "23:30", action=Action.FAILED)
    night.until("02/11/2026 23:00")
    assert night.run.status is RunStatus.STOPPED
    assert 0 < night.run.counts.failed < 8
    night.until("03/11/2026 08:00")
    assert (night.run.status, night.run.counts.failed) == (RunStatus.COMPLETED, 0)


def test_a_rerun_is_scheduled_and_gives_up_the_run_before(make_bench: MakeBench):
    night = a_night(make_bench, 6)
    stop_by_hand(night, 2)
    night.plan()
    first = night.run.run_id
    night.bench.spine.always = None
    night.plan("02/11/2026 22:00", action=Action.RERUN)
    earlier = night.bench.queries.run(first)
    assert earlier is not None
    assert earlier.status is RunStatus.ABANDONED
    night.until("02/11/2026 22:10")
    assert night.run.run_id != first
    assert night.run.status is RunStatus.COMPLETED


def test_a_press_without_times_ends_what_was_scheduled(make_bench: MakeBench):
    night = a_night(make_bench, 20)
    night.plan("now", "20:00", "22:00")
    night.plan(action=Action.RESUME)
    assert night.run.status is RunStatus.COMPLETED
    latest = night.store.latest()
    assert latest is not None
    assert latest.end is ScheduleEnd.REPLACED
    night.until("03/11/2026 00:30")
    assert night.told() == [("02/11/2026 18:30", "fired", None)]


def test_cancelled_it_does_not_begin(make_bench: MakeBench):
    night = a_night(make_bench, 3)
    night.plan("02/11/2026 20:00")
    assert night.schedules.cancel(BY).plan.start_at == wall("02/11/2026 20:00")
    night.until("02/11/2026 21:00")
    assert night.run.status is RunStatus.ABANDONED
    assert night.bench.spine.calls == []
    with pytest.raises(Refused, match="nothing to cancel"):
        night.schedules.cancel(BY)
    night.plan()
    assert night.run.status is RunStatus.COMPLETED


def test_cancelled_between_the_order_and_its_beginning(make_bench: MakeBench):
    night = a_night(make_bench, 3)
    night.plan("02/11/2026 18:31")
    night.clock.advance(60)
    night.watchman.look()
    [order] = night.orders
    night.schedules.cancel(BY)
    with pytest.raises(Refused, match="cancelled"):
        night.carry_out(order)
    assert night.run.status is RunStatus.ABANDONED
    assert (night.told(), night.notices) == ([("02/11/2026 18:31", "skipped", "changed")], [])


def test_what_may_not_be_pressed_is_not_scheduled(make_bench: MakeBench):
    night = a_night(make_bench, 3)
    night.plan("02/11/2026 20:00")
    with pytest.raises(Refused, match="is scheduled"):
        night.plan("02/11/2026 22:00")
    with pytest.raises(Refused, match="No Consent Migration is paused"):
        night.plan(action=Action.RESUME)
    with pytest.raises(Refused, match="no patient group"):
        night.schedules.add(Press(FAMILY, Action.RERUN, "Unknown"), night.active.schedule.plan, BY)
    night.bench.card.sign_in(Role("1", "Receptionist", "R8010", frozenset()))
    with pytest.raises(Refused, match="Only a System Administrator"):
        night.plan("02/11/2026 22:00", action=Action.RERUN)
    night.bench.scr_enabled = False
    night.start_program()
    with pytest.raises(Refused, match="switched off"):
        night.schedules.add(Press(FAMILY, Action.RERUN), night.active.schedule.plan, BY)


# --- nobody there -------------------------------------------------------------------------------------------------


def test_a_start_with_no_card_is_recorded_and_the_run_button_is_there_again(make_bench: MakeBench):
    night = a_night(make_bench, 3)
    night.plan("02/11/2026 20:00")
    night.bench.card.end()
    night.until("02/11/2026 20:02")
    assert night.told() == [("02/11/2026 20:00", "missed", "no_card")]
    [notice] = night.notices
    assert (notice.settled.outcome, notice.settled.why) == (Outcome.MISSED, Why.NO_CARD)
    assert night.run.status is RunStatus.ABANDONED
    latest = night.store.latest()
    assert latest is not None
    assert latest.end is ScheduleEnd.LAPSED
    night.bench.card.sign_in()
    night.plan()
    assert night.run.status is RunStatus.COMPLETED


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda card: card.end(), "no_card"),
        (lambda card: card.end(StopReason.CARD_EXPIRED), "session_ended"),
        (lambda card: card.sign_in(length=timedelta(minutes=91)), "session_ended"),
        (lambda card: card.sign_in(Role("1", LAUNCH_ROLE_NAME, "R8000", frozenset({"B0011"}))), "no_right"),
        (lambda card: card.sign_in(Role("1", "Receptionist", "R8010", frozenset({"B0062"}))), "no_right"),
    ],
)
def test_a_night_missed_for_the_card_is_told_and_the_next_one_begins(make_bench: MakeBench, spoil, why: str):
    night = a_night(make_bench, 3)
    night.plan("02/11/2026 20:00", "04:00", "20:00")
    spoil(night.bench.card)
    night.until("02/11/2026 20:05")
    assert night.told() == [("02/11/2026 20:00", "missed", why)]
    assert night.run.status is RunStatus.SCHEDULED
    night.evening("03/11/2026 19:50")
    night.until("03/11/2026 20:05")
    assert night.told()[1:] == [("03/11/2026 20:00", "fired", None)]
    assert night.run.status is RunStatus.COMPLETED


def test_the_session_is_renewed_where_somebody_has_provided_for_it_once(make_bench: MakeBench):
    night = a_night(make_bench, 3)
    night.plan("02/11/2026 20:00", "04:00", "20:00")
    night.bench.card.end(StopReason.CARD_EXPIRED)
    night.until("02/11/2026 20:05")
    assert (night.renewals, night.told()) == (1, [("02/11/2026 20:00", "missed", "session_ended")])
    night.renews = True
    night.sleep_until("03/11/2026 19:50")
    night.until("03/11/2026 20:05")
    assert (night.renewals, night.told()[1:]) == (2, [("03/11/2026 20:00", "fired", None)])


@pytest.mark.parametrize("renews", [True, False])
def test_a_session_of_which_only_the_press_shows_that_it_is_over_is_renewed_as_well(
    make_bench: MakeBench, renews: bool
):
    """Revoked elsewhere: the sign-in service says so when it is asked for the rights."""
    night = a_night(make_bench, 3)
    night.renews = renews
    night.plan("02/11/2026 20:00", "04:00", "20:00")
    once = [night.bench.card.end]
    night.bench.card.confirm_rights = lambda: once.pop()() if once else None  # type: ignore[method-assign]
    night.until("02/11/2026 20:05")
    assert night.renewals == 1
    assert night.told() == [("02/11/2026 20:00", *(("fired", None) if renews else ("missed", "no_card")))]


def test_a_renewal_that_is_refused_is_a_session_that_ended(make_bench: MakeBench):
    night = a_night(make_bench, 3)
    night.plan("02/11/2026 20:00")
    night.bench.card.end(StopReason.CARD_EXPIRED)

    def refuse() -> None:
        raise Refused("The passcode is wrong.")

    night._renew = refuse  # type: ignore[method-assign]
    night.start_program()
    night.until("02/11/2026 20:05")
    assert [row[1:] for row in night.told()] == [("missed", "session_ended")]


def test_rights_taken_away_while_it_was_asked_for_them(make_bench: MakeBench):
    """The card could launch when the watchman looked, and cannot by the time the service is asked anew."""
    night = a_night(make_bench, 3)
    night.plan("02/11/2026 20:00")

    def withdrawn() -> None:
        night.bench.card.sign_in(Role("1", "Receptionist", "R8010", frozenset()))

    night.bench.card.confirm_rights = withdrawn  # type: ignore[method-assign]
    night.until("02/11/2026 20:05")
    assert night.told() == [("02/11/2026 20:00", "missed", "no_right")]
    [told] = night.store.history(1)
    assert "Only a System Administrator" in told.detail


def test_what_is_refused_when_it_is_to_begin_is_told_in_its_own_words(make_bench: MakeBench):
    night = a_night(make_bench, 3)
    night.plan("02/11/2026 20:00", group="Clinic")
    for ref in ("P0", "P1"):
        reception_changes(night.bench.database, ref, registration="deceased")
    night.until("02/11/2026 20:05")
    assert night.told() == [("02/11/2026 20:00", "missed", "refused")]
    [notice] = night.notices
    assert "Nobody in this group is an active patient" in notice.settled.detail
    assert night.run.status is RunStatus.ABANDONED
    assert night.refusals


# --- asleep, closed, elsewhere ------------------------------------------------------------------------------------


@pytest.mark.fault_row(32)
def test_a_computer_that_sleeps_through_the_stop_time_sends_nothing_after(make_bench: MakeBench):
    night = a_night(make_bench, 20)

    def sleep(holding: Holding, call: Call) -> None:
        if len(night.bench.spine.calls) == 2:
            night.clock.jump(10 * 3600)
        else:
            night.clock.advance(600)

    night.bench.spine.always = sleep
    night.plan("now", "20:00", "21:00")
    assert night.run.stop_reason is StopReason.WINDOW_CLOSED
    assert len(night.bench.spine.calls) == 3
    assert night.calls_between("02/11/2026 20:00", "03/11/2026 12:00") == []


@pytest.mark.fault_row(32, 33)
def test_a_computer_that_sleeps_through_stop_and_resume_stops_and_goes_on_late(make_bench: MakeBench):
    night = a_night(make_bench, 20)

    def sleep(holding: Holding, call: Call) -> None:
        if len(night.bench.spine.calls) == 2:
            night.sleep_until("02/11/2026 23:00")
            night.bench.spine.always = night._slowly

    night.bench.spine.always = sleep
    night.plan("now", "20:00", "21:00")
    assert night.run.stop_reason is StopReason.WINDOW_CLOSED
    night.look()
    assert len(night.views) == 1, "it settles first"
    night.until("02/11/2026 23:05")
    assert night.told()[1:] == [("02/11/2026 21:00", "late", "asleep")]
    assert night.asked_spine == 1
    assert night.calls_between("02/11/2026 20:00", "02/11/2026 23:00") == []


@pytest.mark.fault_row(33)
def test_a_computer_that_sleeps_through_the_start_begins_late_once_the_spine_answers(make_bench: MakeBench):
    night = a_night(make_bench, 3)
    night.plan("02/11/2026 20:00", "04:00", "20:00")
    night.spine_reachable = False
    night.sleep_until("02/11/2026 22:00")
    night.until("02/11/2026 22:10")
    assert night.told() == []
    waiting = night.watchman.waiting
    assert waiting is not None
    assert (waiting.why, waiting.until) == (Why.SPINE_UNREACHABLE, wall("03/11/2026 04:00"))
    night.spine_reachable = True
    night.until("02/11/2026 22:12")
    assert night.told() == [("02/11/2026 20:00", "late", "asleep")]
    assert night.run.status is RunStatus.COMPLETED
    assert night.watchman.waiting is None


@pytest.mark.fault_row(33)
def test_the_program_opened_too_late_tells_what_it_missed(make_bench: MakeBench):
    night = a_night(make_bench, 3)
    night.plan("02/11/2026 20:00", "04:00", "20:00")
    night.close_program()
    night.clock.advance(15 * 3600)
    night.start_program()
    night.look()
    assert night.told() == [("02/11/2026 20:00", "missed", "program_closed")]
    assert [notice.settled.why for notice in night.notices] == [Why.PROGRAM_CLOSED]


@pytest.mark.fault_row(33)
def test_the_program_opened_within_the_window_waits_for_somebody_to_sign_in(make_bench: MakeBench):
    night = a_night(make_bench, 3)
    night.plan("02/11/2026 20:00", "04:00", "20:00")
    night.close_program()
    night.bench.card.end()
    night.clock.advance(2 * 3600)
    night.start_program()
    night.until("02/11/2026 20:35")
    assert night.told() == []
    night.bench.card.sign_in()
    night.until("02/11/2026 20:37")
    assert night.told() == [("02/11/2026 20:00", "late", "program_closed")]


def test_after_a_restart_the_schedule_is_there_again(make_bench: MakeBench):
    night = a_night(make_bench, 20)
    night.plan("now", "20:00", "21:00")
    night.close_program()
    night.start_program()
    night.until("02/11/2026 23:59")
    assert night.told()[1:] == [("02/11/2026 21:00", "fired", None)]


def test_a_night_in_which_the_program_died_is_not_begun_again_but_the_next_is(make_bench: MakeBench):
    night = a_night(make_bench, 60)

    def die(holding: Holding, call: Call) -> None:
        night.clock.advance(600)
        if len(night.bench.spine.calls) == 3:
            raise Killed

    night.bench.spine.always = die
    with pytest.raises(Killed):
        night.plan("now", "20:00", "21:00")
    night.bench.spine.always = night._slowly
    night.close_program()
    night.start_program()
    assert night.run.stop_reason is StopReason.INTERRUPTED
    night.until("02/11/2026 20:30")
    assert len(night.views) == 0
    night.until("02/11/2026 21:01")
    assert night.told()[1:] == [("02/11/2026 21:00", "fired", None)]


@pytest.mark.parametrize("dies_at", ["begin_run", "begin_execution"])
@pytest.mark.parametrize("after", [False, True])
def test_a_program_that_dies_as_it_begins_leaves_no_start_unrecorded(make_bench: MakeBench, dies_at: str, after: bool):
    """An occurrence counts as begun exactly when there is an execution; else it is made up for."""
    night = a_night(make_bench, 3)
    night.plan("02/11/2026 20:00", "04:00", "20:00")

    def die(name: str, arguments: object) -> None:
        if name == dies_at:
            raise Killed

    real = night.bench.store
    night.bench.store = FailingStore(real, **{"after" if after else "before": die})  # type: ignore[assignment]
    night.start_program()
    with pytest.raises(Killed):
        night.until("02/11/2026 20:05")
    night.bench.store = real
    night.close_program()
    night.start_program()
    begun = dies_at == "begin_execution" and after
    assert bool(night.told()) is begun
    assert len(night.bench.executions()) == int(begun)
    night.until("02/11/2026 20:10")
    if begun:
        assert night.run.stop_reason is StopReason.INTERRUPTED
        assert len(night.bench.executions()) == 1
    else:
        assert night.told() == [("02/11/2026 20:00", "late", "program_closed")] or night.told()[0][1] == "fired"
        assert night.run.status is RunStatus.COMPLETED
    assert len(night.told()) == 1


def test_while_somebody_else_works_on_the_practice_it_waits(make_bench: MakeBench):
    night = a_night(make_bench, 3)
    night.plan("02/11/2026 20:00", "04:00", "20:00")
    other = PracticeFileLock(night.bench.database.path, night.clock, "BACK-OFFICE")
    other.acquire("Sam Other")
    night.until("02/11/2026 20:30")
    assert night.told() == []
    assert night.watchman.waiting is not None
    assert night.watchman.waiting.why is Why.ANOTHER_RUN
    other.release()
    night.until("02/11/2026 20:32")
    assert night.told() == [("02/11/2026 20:00", "late", "another_run")]


def test_another_copy_that_keeps_watch_is_left_alone_until_it_is_closed(make_bench: MakeBench):
    night = a_night(make_bench, 3)
    night.plan("02/11/2026 20:00", "04:00", "20:00")
    other = night.another_watch()
    other.acquire("the other copy")
    night.until("02/11/2026 20:30")
    assert (night.told(), night.views) == ([], [])
    other.release()
    night.look()
    night.until("02/11/2026 20:32")
    assert night.told() == [("02/11/2026 20:00", "late", "program_closed")]


def test_the_watch_is_given_up_once_nothing_is_scheduled(make_bench: MakeBench):
    night = a_night(make_bench, 3)
    night.plan("02/11/2026 20:00")
    night.look()
    assert night.watch_lock.held_here
    night.schedules.cancel(BY)
    night.look()
    assert not night.watch_lock.held_here


def test_an_order_is_given_once_until_it_is_carried_out_or_forgotten(make_bench: MakeBench):
    night = a_night(make_bench, 3)
    night.plan("02/11/2026 18:31")
    night.clock.advance(60)
    for _ in range(3):
        night.watchman.look()
        night.clock.advance(15)
    assert len(night.orders) == 1
    night.clock.advance(30)
    night.watchman.look()
    assert len(night.orders) == 2, "whoever had it has forgotten it"
    first, second = night.orders
    night.orders.clear()
    night.carry_out(first)
    with pytest.raises(Refused):
        night.carry_out(second)
    assert night.told() == [("02/11/2026 18:31", "fired", None)]


@pytest.mark.fault_row(29)
def test_a_jump_of_the_clock_is_audited_once_whether_or_not_something_runs(make_bench: MakeBench):
    night = a_night(make_bench, 6)

    def jumps() -> int:
        return len(night.bench.rows(select(audit_event).where(audit_event.c.action == "clock_jumped")))

    night.look()
    night.clock.jump(3600)
    night.look()
    assert jumps() == 1

    def jump(holding: Holding, call: Call) -> None:
        if len(night.bench.spine.calls) == 2:
            night.clock.jump(3600)

    night.bench.spine.always = jump
    night.plan()
    night.look()
    assert jumps() == 2


@pytest.mark.fault_row(29, 30)
@pytest.mark.parametrize("jump", [3600.0, -3600.0, 86_400.0, -86_400.0, 31_536_000.0, -31_536_000.0])
def test_the_clock_is_set_in_the_middle_of_a_night_and_put_right(make_bench: MakeBench, jump: float):
    night = a_night(make_bench, 40)

    def set_clock(holding: Holding, call: Call) -> None:
        night.clock.advance(600)
        if len(night.bench.spine.calls) == 3:
            night.clock.jump(jump)

    night.bench.spine.always = set_clock
    night.plan("now", "22:00", "23:00")
    for _ in range(5):
        night.clock.advance(30)
        night.look()
    night.clock.jump(-jump)
    night.bench.spine.always = night._slowly
    while night.run.status is not RunStatus.COMPLETED and night.clock.now() < wall("07/11/2026 12:00"):
        night.evening(f"{shown(night.clock.now())[:10]} 22:50")
        night.until(shown(night.clock.now() + timedelta(hours=2)))
        night.clock.advance(12 * 3600)
    assert night.run.status is RunStatus.COMPLETED
    days = [row[0] for row in night.told()]
    assert len(set(days)) == len(days)


def test_a_database_that_fails_is_looked_at_again(make_bench: MakeBench):
    night = a_night(make_bench, 3)
    night.plan("02/11/2026 18:31")
    night.clock.advance(60)
    path = night.bench.database.path
    moved = path.rename(path.with_name("elsewhere.db"))
    with pytest.raises(StorageFault):
        night.look()
    moved.rename(path)
    night.look()
    assert night.told() == [("02/11/2026 18:31", "fired", None)]


def test_begun_exactly_when_planned(make_bench: MakeBench):
    night = a_night(make_bench, 3)
    night.plan("02/11/2026 20:00")
    night.until("02/11/2026 20:00", step=15.0)
    started: datetime | None = night.run.started_at
    assert started == wall("02/11/2026 20:00")


# --- the watchman while something runs ----------------------------------------------------------------------------


def look_during_the_call(night: Night, number: int) -> None:
    """The watchman looks, as the ticker has him do, while the Spine answers its so-manyeth call."""

    def during(holding: Holding, call: Call) -> None:
        night.clock.advance(night.seconds_a_call)
        if len(night.bench.spine.calls) + 1 == number:
            night.watchman.look()

    night.bench.spine.always = during


def test_a_look_at_the_stop_time_stops_an_execution_by_its_token(make_bench: MakeBench):
    """Besides the gate: should an execution not notice, the wish reaches it all the same."""
    night = a_night(make_bench, 20)
    look_during_the_call(night, 9)
    night.plan("now", "20:00", "21:00")
    assert night.time_of_day() == "20:00"
    assert night.token.reason is StopReason.WINDOW_CLOSED
    assert night.run.stop_reason is StopReason.WINDOW_CLOSED


def test_a_look_while_it_runs_and_nothing_is_due_changes_nothing(make_bench: MakeBench):
    night = a_night(make_bench, 9)
    look_during_the_call(night, 3)
    night.plan("now", "22:00", "23:00")
    assert night.run.status is RunStatus.COMPLETED
    assert night.token.reason is None


def test_another_copy_that_takes_the_watch_an_instant_before(make_bench: MakeBench):
    night = a_night(make_bench, 3)
    night.plan("02/11/2026 18:31")
    other = night.another_watch()
    real = night.watch_lock.holder

    def holder() -> str | None:
        told = real()
        other.acquire("the other copy")
        return told

    night.watch_lock.holder = holder  # type: ignore[method-assign]
    night.clock.advance(60)
    night.look()
    assert (night.told(), night.views) == ([], [])
    other.release()


def test_what_is_refused_because_somebody_is_at_work_is_not_held_against_it(make_bench: MakeBench):
    night = a_night(make_bench, 3)
    night.plan("02/11/2026 18:31", "04:00", "18:31")
    night.clock.advance(60)
    night.watchman.look()
    other = PracticeFileLock(night.bench.database.path, night.clock, "BACK-OFFICE")
    other.acquire("Sam Other")
    with pytest.raises(Refused, match="Sam Other"):
        night.carry_out(night.orders.popleft())
    assert night.told() == []
    other.release()
    night.look()
    assert night.told() == [("02/11/2026 18:31", "fired", None)]


def test_what_is_asked_of_schedules_beside_pressing(make_bench: MakeBench):
    night = a_night(make_bench, 20)
    assert (night.schedules.active(), night.schedules.latest(), night.schedules.history()) == (None, None, [])
    night.plan("now", "20:00", "21:00")
    active = night.schedules.active()
    assert active is not None
    assert night.schedules.latest() == active.schedule
    assert [told.outcome for told in night.schedules.history()] == [Outcome.FIRED]
    session = night.bench.card.current()
    assert session is not None
    by = night.timed.by(session)
    assert by == ScheduledBy("Pat Manager", "Pat Manager (System Administrator, card 910000000001)", "FRONT-DESK")


def test_a_schedule_is_added_with_no_card_in_the_reader(make_bench: MakeBench):
    night = a_night(make_bench, 3)
    night.bench.card.end()
    view = night.schedules.add(Press(FAMILY, Action.RUN), Plan(wall("02/11/2026 20:00")), BY)
    assert view.created_by == "root"
    assert not night.bench.lock.held_here
    with pytest.raises(Refused, match="Nobody is signed in"):
        night.plan("02/11/2026 22:00", action=Action.RERUN)
    night.bench.card.sign_in()
    night.until("02/11/2026 20:02")
    assert night.run.status is RunStatus.COMPLETED
