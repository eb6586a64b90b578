"""What each page says of a situation, without a widget."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.actions import CONSENT_MIGRATION, Action, RunSituation
from app.domain.session import SESSION_LENGTH, CardSession
from app.domain.states import STOP_WORDS, RunStatus, StopReason
from app.engine.lists import OfWorklist, Worklist
from app.engine.ports import GroupView, RunView
from app.engine.progress import Phase, Waiting
from app.engine.rows import Counts
from app.engine.worklists import WorklistCount
from app.ui.card_model import CardState, card_model
from app.ui.choose_model import IN_USE_HERE, action_models, choose_model
from app.ui.counter_words import on_the_way
from app.ui.exit_words import exit_detail
from app.ui.frame_model import state_segment, status_of, window_title
from app.ui.options_model import OptionsModel, Plan, options_model
from app.ui.presenter import Showing, WindowState, window_model
from app.ui.results_model import ResultsModel, results_model, steps_with
from app.ui.running_model import (
    MAY_STOP,
    BarLook,
    RequestRate,
    Stage,
    finished_model,
    paused_model,
    running_model,
    stopping,
)
from app.ui.tones import Tone
from tests.helpers.clocks import ManualClock
from tests.ui.fakes import (
    ADMINISTRATOR,
    CARD,
    EVENING,
    FakePractice,
    FakeReader,
    demonstration,
    run_view,
    services,
    snapshot,
)

HALFWAY = Counts(unprocessed=6_175, sending=2, sent=97, failed=3, not_required=4_110)
DONE = Counts(sent=117, failed=3, not_required=10_267)
FLAWLESS = replace(DONE, sent=120, failed=0)


def situation(status: RunStatus, counts: Counts, **changes: object) -> RunSituation:
    return RunSituation(status, False, counts.failed, counts.unprocessed + counts.sending, **changes)


def session(ago: timedelta = timedelta(0)) -> CardSession:
    since = EVENING - ago
    return CardSession("s", CARD, "Alison Marsh", ADMINISTRATOR, since, since + SESSION_LENGTH)


# --- choosing ---------------------------------------------------------------------------------------------------


def test_a_paused_run_says_how_many_are_left_and_what_to_press():
    run = run_view(RunStatus.STOPPED, HALFWAY, StopReason.CARD_EXPIRED)
    model = choose_model(CONSENT_MIGRATION, situation(run.status, HALFWAY), run)
    assert model.history == "Paused: 6,177 of 10,387 patients left."
    assert STOP_WORDS[StopReason.CARD_EXPIRED] in model.advice
    assert "24/11/2026 at 16:17" in model.advice
    assert "Alison Marsh" in model.advice
    assert [one.action for one in model.actions if one.is_default] == [Action.RESUME]


def test_a_run_found_running_with_nobody_at_it_was_interrupted():
    run = run_view(RunStatus.RUNNING, HALFWAY)
    model = choose_model(CONSENT_MIGRATION, situation(run.status, HALFWAY), run)
    assert model.history.startswith("Interrupted: 6,177 of 10,387 patients left")
    assert model.advice == STOP_WORDS[StopReason.INTERRUPTED]
    assert [one.action for one in model.actions if one.is_default] == [Action.RESUME]


def test_failed_is_suggested_with_its_number():
    run = run_view(RunStatus.COMPLETED, DONE)
    model = choose_model(CONSENT_MIGRATION, situation(run.status, DONE), run)
    failed = next(one for one in model.actions if one.action is Action.FAILED)
    assert failed.is_default
    assert failed.label == "Failed (3)"
    assert "117 sent, 3 failed, 10,267 not required" in model.advice


def test_nothing_is_suggested_when_all_is_done():
    run = run_view(RunStatus.COMPLETED, FLAWLESS)
    model = choose_model(CONSENT_MIGRATION, situation(run.status, FLAWLESS), run)
    assert not [one for one in model.actions if one.is_default]
    assert model.tone is Tone.DONE


def test_a_run_elsewhere_is_told_once():
    holder = "Sam Reception is working on this practice on BACK-OFFICE."
    run = run_view(RunStatus.RUNNING, HALFWAY)
    held = RunSituation(run.status, True, 3, 6_177, live_elsewhere=holder)
    model = choose_model(CONSENT_MIGRATION, held, run)
    assert {one.why_not for one in model.actions} == {holder}
    assert model.advice == holder
    assert model.history.endswith("started by Alison Marsh on FRONT-DESK: 4,212 of 10,387 patients checked so far.")
    assert not model.has_results


@pytest.mark.parametrize(
    ("status", "history"),
    [
        (RunStatus.COMPLETED, "Completed"),
        (RunStatus.ABANDONED, "The last one was abandoned"),
        (RunStatus.STOPPED, "Paused: "),
        (RunStatus.SCHEDULED, "Scheduled on "),
    ],
)
@pytest.mark.parametrize("holder", ["Sam Reception is working on this practice, since 24/11/2026 at 16:20.", None])
def test_a_practice_in_use_without_a_run_says_so_and_what_the_last_run_came_to(status, history, holder):
    """A list is brought in there, or dissents are read back."""
    run = run_view(status, HALFWAY, StopReason.USER if status is RunStatus.STOPPED else None)
    model = choose_model(CONSENT_MIGRATION, RunSituation(status, True, 3, 6_177, holder), run)
    assert model.history.startswith(history)
    assert model.advice == (holder or IN_USE_HERE)
    assert model.tone is Tone.ACCENT


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (RunStatus.RUNNING, "Running"),
        (RunStatus.COMPLETED, "In use"),
        (RunStatus.ABANDONED, "In use"),
        (None, "Running"),
    ],
)
def test_while_dissents_are_read_back_no_run_is_said_to_be_running(status, word):
    assert status_of(RunSituation(status, live=True), None)[0] == word


@pytest.mark.parametrize("status", [RunStatus.STOPPED, RunStatus.SCHEDULED])
def test_a_run_that_nobody_goes_on_with_is_not_running_because_somebody_else_is_at_work(status):
    held = RunSituation(status, live=True, live_elsewhere="Sam Reception is working on this practice.")
    assert status_of(held, None)[0] == "In use"


def test_before_anything_is_read_it_is_not_said_that_there_was_no_run():
    clock = ManualClock(EVENING)
    over = services(clock, FakePractice(), FakeReader(clock))
    model = window_model(over, WindowState(trouble="Not yet."), card_model(CardState(), clock.now()), None)
    assert (model.frame.status, model.frame.segments[0]) == ("Not known yet", "Not known yet")


def test_a_database_that_cannot_be_read_bars_everything_with_its_reason():
    model = choose_model(CONSENT_MIGRATION, RunSituation(), None, trouble="The disk is gone.")
    assert {one.why_not for one in model.actions} == {"The disk is gone."}
    assert model.tone is Tone.FAILED


@pytest.mark.parametrize("status", RunStatus)
def test_every_kind_of_last_run_has_its_line(status):
    run = replace(run_view(status, HALFWAY), started_at=None, ended_at=None)
    model = choose_model(CONSENT_MIGRATION, situation(status, HALFWAY), run)
    assert model.history
    assert "None" not in model.history + model.advice


# --- the step before OK -----------------------------------------------------------------------------------------


def plan(action: Action, **changes: object) -> Plan:
    groups = [GroupView("Trial run", members=50, active=48), GroupView("Left us", members=4, active=0)]
    at_hand = Plan(action, RunSituation(), None, groups, 10_387, None, 5.0)
    return replace(at_hand, **changes)


def test_run_says_how_many_how_long_and_until_when():
    model = options_model(CONSENT_MIGRATION, plan(Action.RUN), session(timedelta(hours=2)), EVENING)
    said = " ".join(model.summary)
    assert "10,387 patients will be checked" in said
    assert "At 5 requests a second this takes about 35 min: until 17:06." in said
    assert "ends at 00:31 on 25/11/2026, in 8 h 0 min" in said
    assert model.warning == ""
    assert model.why_not is None
    assert model.prompt.startswith("This action will update ACS")


def test_it_warns_when_the_estimate_runs_past_the_session():
    nearly_over = session(SESSION_LENGTH - timedelta(minutes=20))
    model = options_model(CONSENT_MIGRATION, plan(Action.RUN), nearly_over, EVENING)
    # 20 minutes less the last 90 seconds, at 5 a second, do 5,550 of 10,387.
    assert "session ends at 16:51: about 4,840 patients will be left for Resume." in model.warning
    assert model.why_not is None


def paused_plan(action: Action, measured: float | None) -> Plan:
    return plan(action, measured=measured, situation=situation(RunStatus.STOPPED, HALFWAY))


def test_a_resume_is_foreseen_at_the_pace_the_run_went_at_here():
    """6,177 patients at 2 a second, where 5 requests a second are set."""
    model = options_model(CONSENT_MIGRATION, paused_plan(Action.RESUME, 2.0), session(), EVENING)
    assert "At the pace it went at before, 2.0 patients a second, this takes about 51 min:" in model.summary[1]
    assert model.forecast is not None
    assert model.forecast.per_second == 2.0


@pytest.mark.parametrize(
    ("action", "measured"), [(Action.RESUME, None), (Action.RESUME, 0.01), (Action.RERUN, 2.0), (Action.FAILED, 2.0)]
)
def test_what_the_measured_pace_does_not_tell_is_foreseen_at_the_one_that_is_set(action, measured):
    model = options_model(CONSENT_MIGRATION, paused_plan(action, measured), session(), EVENING)
    assert "At 5 requests a second this takes" in model.summary[1]


def test_the_measured_pace_of_another_run_does_not_count():
    clock = ManualClock(EVENING)
    over = services(clock, FakePractice(), FakeReader(clock))
    run = run_view(RunStatus.STOPPED, HALFWAY, StopReason.USER)
    page = running_model(Action.RUN, snapshot(HALFWAY, per_second=2.0), None, EVENING, 0.0)
    told = []
    for of in (run.run_id, run.run_id + 1):
        stored = situation(run.status, HALFWAY)
        state = WindowState(Showing.OPTIONS, stored, run, action=Action.RESUME, running=page, running_of=of)
        model = window_model(over, state, card_model(CardState(), clock.now()), None)
        assert isinstance(model.page, OptionsModel)
        told.append(model.page.summary[1])
    assert "2.0 patients a second" in told[0]
    assert "5 requests a second" in told[1]


def test_without_a_pace_no_time_is_made_up():
    model = options_model(CONSENT_MIGRATION, plan(Action.RUN, requests_per_second=0.0), session(), EVENING)
    assert "min" not in " ".join(model.summary[:2])
    assert model.warning == ""


def test_a_group_counts_its_active_patients_and_an_empty_one_bars_ok():
    some = options_model(CONSENT_MIGRATION, plan(Action.RUN, group="Trial run"), session(), EVENING)
    assert "48 patients will be checked" in some.summary[0]
    assert some.summary[1] == "2 of the group's 50 patients are not active."
    assert [choice.text for choice in some.groups] == ["Everyone (10,387)", "Trial run (48)", "Left us (0)"]
    nobody = options_model(CONSENT_MIGRATION, plan(Action.RUN, group="Left us"), session(), EVENING)
    assert nobody.why_not == "No active patient is in this group. Choose another one."


@pytest.mark.parametrize(("action", "number"), [(Action.RESUME, "6,177"), (Action.FAILED, "3")])
def test_resume_and_failed_keep_the_group_the_run_was_begun_with(action, number):
    paused = situation(RunStatus.STOPPED, HALFWAY)
    model = options_model(CONSENT_MIGRATION, plan(action, situation=paused, run_group="Trial run"), session(), EVENING)
    assert number in model.summary[0]
    assert model.group == "Trial run"
    assert model.group_note


def test_rerun_of_an_unfinished_run_says_that_it_is_given_up():
    paused = situation(RunStatus.STOPPED, HALFWAY)
    model = options_model(CONSENT_MIGRATION, plan(Action.RERUN, situation=paused), session(), EVENING)
    assert "abandoned" in model.prompt


def test_ok_waits_for_a_session():
    model = options_model(CONSENT_MIGRATION, plan(Action.RUN), None, EVENING)
    assert model.why_not == "Nobody is signed in. Insert your Smartcard and sign in first."


# --- running ----------------------------------------------------------------------------------------------------


def test_a_run_under_way_says_how_far_how_fast_and_how_long():
    model = running_model(Action.RUN, snapshot(HALFWAY), 5.1, EVENING, silent_for=0.1)
    assert model.headline == "4,212 of 10,387 patients checked"
    assert model.percent == "40 %"
    assert model.left == "about 21 min left (until 16:52)"
    assert (model.average, model.patient_rate, model.request_rate) == ("0.20 s", "5.0", "5.1")
    assert model.elapsed == "14:02"
    assert model.bar is BarLook.MOVING
    assert model.note is None


def test_nothing_is_foretold_before_it_means_something():
    early = snapshot(HALFWAY, per_second=None, seconds_left=None, checked_now=0)
    model = running_model(Action.RUN, early, None, EVENING, 0.0)
    assert model.left == ""
    assert (model.average, model.patient_rate, model.request_rate) == ("–", "–", "–")


def test_a_hundred_per_cent_is_for_the_end():
    last_under_way = Counts(sending=1, sent=9)
    model = running_model(Action.RUN, snapshot(last_under_way), None, EVENING, 0.0)
    assert model.percent == "99 %"
    assert finished_model(model, run_view(RunStatus.COMPLETED, Counts(sent=10))).percent == "100 %"


def test_failed_counts_its_own_patients():
    again = snapshot(Counts(failed=2, sent=98), in_scope=3, checked_now=1)
    model = running_model(Action.FAILED, again, None, EVENING, 0.0)
    assert model.headline == "1 of 3 failed patients tried again"
    assert (model.done, model.total) == (1, 3)


def test_an_outage_says_what_is_waited_for_and_when_it_is_tried_again():
    waiting = Waiting(StopReason.NO_CONNECTION, EVENING + timedelta(minutes=2))
    model = running_model(Action.RUN, snapshot(HALFWAY, Phase.WAITING, waiting=waiting), None, EVENING, 0.0)
    assert model.note.text == ("Waiting: The Spine cannot be reached. It goes on by itself; the next try is at 16:33.")
    assert model.bar is BarLook.HELD
    assert model.left == ""


@pytest.mark.fault_row(15)
def test_a_pause_that_the_spine_asked_for_is_no_outage():
    waiting = Waiting(StopReason.SPINE_UNAVAILABLE, EVENING + timedelta(minutes=10), was_asked_for=True)
    model = running_model(Action.RUN, snapshot(HALFWAY, Phase.WAITING, waiting=waiting), None, EVENING, 0.0)
    assert model.note.text == (
        "Waiting: The Spine is busy and asks for a pause. It goes on by itself; the next try is at 16:41."
    )


@pytest.mark.fault_row(45)
def test_a_run_that_does_not_report_is_spoken_of():
    model = running_model(Action.RUN, snapshot(HALFWAY), None, EVENING, silent_for=25.0)
    assert "has not reported for 25 seconds" in model.note.text


def test_a_run_that_is_silent_for_two_minutes_is_no_longer_called_running():
    # Faults page, row 45: a heartbeat older than 120 s is shown; never "Running" for ever.
    held = RunSituation(RunStatus.RUNNING, live=True)
    almost = running_model(Action.RUN, snapshot(HALFWAY), None, EVENING, silent_for=119.0)
    assert status_of(held, almost)[0] == "Running"
    silent = running_model(Action.RUN, snapshot(HALFWAY), None, EVENING, silent_for=121.0)
    assert status_of(held, silent) == ("Not responding", Tone.FAILED)
    assert "not reported for 2 min. Press Stop" in silent.note.text
    assert silent.stage in MAY_STOP
    asked = stopping(silent, closing=False)
    assert status_of(held, asked)[0] == "Not responding"
    assert "open it again" in asked.note.text


@pytest.mark.parametrize(("left", "who"), [(1, "1 patient is"), (3, "3 patients are")])
def test_when_only_patients_put_off_are_left_it_says_until_when(left, who):
    counts = Counts(sending=left, sent=100, not_required=900)
    resting = snapshot(counts, in_scope=1_000 + left, checked_now=1_000, put_off_until=EVENING, seconds_left=None)
    model = running_model(Action.RUN, resting, None, EVENING, 0.0)
    assert f"{who} waited for" in model.note.text
    assert "asked again at 16:31" in model.note.text
    assert model.left == ""


TWO_ON_THE_WAY = (
    "2 messages were on their way: Resume first finds out which arrived, and sends again only those that did not."
)


def test_one_message_on_its_way_is_told_of_as_one():
    assert on_the_way(1).startswith("1 message was on its way: Resume first finds out whether it arrived")
    assert on_the_way(0) == ""


def test_stopping_and_paused():
    live = running_model(Action.RUN, snapshot(HALFWAY), 5.0, EVENING, 0.0)
    assert stopping(live, closing=False).stage is Stage.STOPPING
    assert "closes" in stopping(live, closing=True).note.text
    run = run_view(RunStatus.STOPPED, HALFWAY, StopReason.SPINE_UNAVAILABLE)
    paused = paused_model(live, run)
    assert paused.note.text == f"{STOP_WORDS[StopReason.SPINE_UNAVAILABLE]} {TWO_ON_THE_WAY}"
    assert (paused.headline, paused.left) == ("4,210 of 10,387 patients checked", "6,177 patients left")
    assert paused.done + HALFWAY.unprocessed + HALFWAY.sending == paused.total, "the two numbers add up to everybody"
    settled = replace(HALFWAY, sending=0)
    note = paused_model(live, replace(run, counts=settled)).note
    assert note.text == STOP_WORDS[StopReason.SPINE_UNAVAILABLE]
    assert paused.bar is BarLook.HELD


def test_requests_a_second_are_those_of_the_last_seconds():
    rate = RequestRate()
    assert rate.update(snapshot(Counts(), elapsed=0.0, reads=1_000, writes=50)) is None
    assert rate.update(snapshot(Counts(), elapsed=2.0, reads=1_009, writes=51)) == pytest.approx(5.0)
    assert rate.update(snapshot(Counts(), elapsed=20.0, reads=1_045, writes=51)) == pytest.approx(2.0)
    for second in range(21, 30):
        latest = rate.update(snapshot(Counts(), elapsed=float(second), reads=1_045 + (second - 20) * 20, writes=51))
    assert latest == pytest.approx(20.0)


# --- results ----------------------------------------------------------------------------------------------------


def results_of(run: RunView) -> ResultsModel:
    return results_model(CONSENT_MIGRATION, run, action_models(CONSENT_MIGRATION, situation(run.status, run.counts)))


def test_results_are_good_only_when_nobody_is_left():
    done = results_of(run_view(RunStatus.COMPLETED, DONE))
    assert done.tone is Tone.DONE
    assert [(one.action, one.is_default) for one in done.actions] == [(Action.FAILED, True)]
    assert any("3 patients failed" in step and "press Failed" in step for step in done.next_steps)


def test_results_of_an_unfinished_run_warn_and_say_how_to_go_on():
    paused = results_of(run_view(RunStatus.STOPPED, HALFWAY, StopReason.USER))
    assert paused.tone is Tone.ATTENTION
    assert "6,177 patients" in paused.heading
    assert STOP_WORDS[StopReason.USER] in paused.next_steps
    assert [(one.action, one.is_default) for one in paused.actions] == [(Action.RESUME, True), (Action.FAILED, False)]


def test_flawless_results_say_that_nothing_is_left_to_do():
    done = results_of(run_view(RunStatus.COMPLETED, FLAWLESS, group="Trial run"))
    assert done.actions == ()
    assert "You may take your Smartcard out now." in done.next_steps
    assert "Trial run" in done.detail


def standing(not_sent: int = 0, mismatched: int = 0) -> list[WorklistCount]:
    return [
        WorklistCount(OfWorklist(Worklist.DISSENT_NOT_SENT), not_sent, 0),
        WorklistCount(OfWorklist(Worklist.MISMATCH), mismatched, 4),
        WorklistCount(OfWorklist(Worklist.FAILED), 3, 0),
    ]


def test_what_to_do_next_begins_with_the_dissents_that_are_not_on_both_sides():
    done = results_of(run_view(RunStatus.COMPLETED, DONE))
    steps = steps_with(done, standing(not_sent=2, mismatched=7))
    assert [step.split(".")[0] for step in steps] == [
        "The dissents of 2 patients have not reached the Spine",
        "The Spine holds dissents of 7 patients that the records here do not",
        "3 patients failed",
    ]
    assert steps_with(done, standing()) == done.next_steps


def test_where_nobody_failed_nothing_is_in_order_before_the_dissents_are():
    done = results_of(run_view(RunStatus.COMPLETED, FLAWLESS))
    assert "nothing to put right" in steps_with(done, standing())[0]
    assert "1 patient that" in steps_with(done, standing(mismatched=1))[0]
    assert "The dissent of 1 patient has" in steps_with(done, standing(not_sent=1))[0]
    for not_in_order in (standing(not_sent=1), standing(mismatched=1), []):
        assert not any("nothing to put right" in step for step in steps_with(done, not_in_order))


def test_an_unfinished_run_is_gone_on_with_before_its_dissents_are_looked_at():
    paused = results_of(run_view(RunStatus.STOPPED, HALFWAY, StopReason.USER))
    steps = steps_with(paused, standing(not_sent=2))
    assert steps[0] == STOP_WORDS[StopReason.USER]
    assert "The dissents of 2 patients" in steps[1]


# --- closing ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("held", "words"),
    [
        (RunSituation(), ""),
        (situation(RunStatus.COMPLETED, DONE), ""),
        (replace(situation(RunStatus.STOPPED, HALFWAY), live=True), "It is stopped first and keeps its place"),
        (situation(RunStatus.STOPPED, HALFWAY), "not finished: 6,175 patients Unprocessed, 2 patients still Sending."),
        (situation(RunStatus.STOPPED, HALFWAY, live_elsewhere="Sam is at work."), "Sam is at work. That goes on"),
    ],
)
def test_the_question_before_closing_says_what_is_not_finished(held, words):
    latest = run_view(held.status, HALFWAY) if held.status else None
    told = exit_detail(CONSENT_MIGRATION, held, latest)
    assert words in told if words else told == ""


# --- frame and card ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (None, "Not run yet"),
        (RunStatus.SCHEDULED, "Scheduled"),
        (RunStatus.RUNNING, "Paused"),
        (RunStatus.STOPPED, "Paused"),
        (RunStatus.COMPLETED, "Stopped"),
        (RunStatus.ABANDONED, "Stopped"),
    ],
)
def test_the_status_word_of_a_run_nobody_works_on(status, word):
    assert status_of(RunSituation(status), None)[0] == word


def test_the_status_word_of_a_live_run():
    live = running_model(Action.RUN, snapshot(HALFWAY), None, EVENING, 0.0)
    held = RunSituation(RunStatus.RUNNING, live=True)
    assert status_of(held, live)[0] == "Running"
    assert status_of(held, stopping(live, closing=False))[0] == "Stopping"
    assert status_of(held, None)[0] == "Running"
    assert state_segment("Running", held, live) == "Running: 4,212 of 10,387"


def test_of_a_scheduled_run_nobody_is_said_to_be_left_since_nobody_is_in_it_yet():
    assert state_segment("Scheduled", RunSituation(RunStatus.SCHEDULED), None) == "Scheduled"
    assert state_segment("Paused", RunSituation(RunStatus.STOPPED, unfinished=7), None) == "Paused: 7 patients left"


def test_the_title_names_the_practice():
    assert window_title(demonstration()) == "GP Summary Bulk Transmission - Demonstration Practice, Y12345"
    assert window_title(replace(demonstration(), name="", ods_code="")) == "GP Summary Bulk Transmission"
    shared = replace(demonstration(), shared_in="the database practice on the server db1")
    assert window_title(shared).endswith("Y12345 - shared in the database practice on the server db1")
