"""Night after night by set times: what is begun, paused and gone on with, and what a person's word does to it.

Every send is judged by the witness beside the Spine.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from app.domain.actions import Action
from app.domain.states import RunStatus, StopReason
from app.engine.schedule_rows import ScheduleEnd, ScheduleView
from app.storage.tables import run
from tests.helpers.bench import dissenter
from tests.helpers.night import a_night
from tests.integration.engine.conftest import MakeBench
from tests.unit.domain.times import wall


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


def test_begun_exactly_when_planned(make_bench: MakeBench):
    night = a_night(make_bench, 3)
    night.plan("02/11/2026 20:00")
    night.until("02/11/2026 20:00", step=15.0)
    started: datetime | None = night.run.started_at
    assert started == wall("02/11/2026 20:00")
