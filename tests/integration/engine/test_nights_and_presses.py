"""Set times and what a person presses: Stop, Resume, Rerun, Failed, another press, a cancelled schedule."""

from __future__ import annotations

import pytest

from app.domain.actions import Action
from app.domain.errors import Refused
from app.domain.occurrences import Outcome
from app.domain.session import Role
from app.domain.states import RunStatus, StopReason
from app.domain.windows import Plan
from app.engine.operator import Press
from app.engine.schedule_rows import ScheduledBy, ScheduleEnd
from app.engine.spine_port import AnswerKind, SpineAnswer
from tests.helpers.bench import FAMILY
from tests.helpers.night import BY, a_night
from tests.integration.engine.conftest import MakeBench
from tests.unit.domain.times import wall


def test_a_stop_by_a_person_is_not_undone_by_the_resume_time(make_bench: MakeBench):
    night = a_night(make_bench, 20)
    night.stops_by_hand(during=3)
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
    night.stops_by_hand(during=2)
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
    night.stops_by_hand(during=2)
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
    assert night.given_up
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
    assert night.given_up
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
