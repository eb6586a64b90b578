"""The hours to come on the page of a run: drawn where times are set, by the measured pace, and said in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

from pytestqt.qtbot import QtBot

from app.domain.actions import Action
from app.domain.states import RunStatus, StopReason
from app.domain.windows import Plan
from app.engine.progress import Phase
from app.engine.rows import Counts
from app.ui.night_model import NightModel, StretchKind
from app.ui.run_night import with_night
from app.ui.running_model import RunningModel, paused_model, running_model, starting_model
from tests.ui.conftest import Staged
from tests.ui.fakes import EVENING, run_view, snapshot
from tests.ui.running_states import running
from tests.ui.staging import HALFWAY, working
from tests.ui.times_states import paused_night, running_night, under_way

NIGHTS = Plan(EVENING, time(8), time(16))
LONG = Counts(unprocessed=100_000, sent=100)


def page_at(pace: float | None, counts: Counts = LONG) -> RunningModel:
    return running_model(Action.RUN, snapshot(counts, per_second=pace, seconds_left=None), None, EVENING, 0.0)


def line_at(pace: float | None, plan: Plan = NIGHTS) -> NightModel | None:
    return with_night(page_at(pace), under_way(plan).held, None, EVENING, 5.0).night


def done_at(line: NightModel | None) -> str:
    assert line is not None
    return next(event.text for event in line.events if event.text.startswith("done"))


def test_the_line_follows_the_measured_pace():
    # 100,000 at 5 a second are 5 h 33 min 20 s from 16:31, at 2.5 twice that; rounded up to the minute.
    assert done_at(line_at(None)) == done_at(line_at(5.0)) == "done 22:05"
    assert done_at(line_at(2.5)) == "done 03:38"


def test_a_slow_pace_needs_another_night():
    line = line_at(1.5)
    assert line is not None
    kinds = [stretch.kind for stretch in sorted(line.stretches, key=lambda one: one.begins)]
    assert kinds == [StretchKind.NEEDS_CARD, StretchKind.PAUSE, StretchKind.NEEDS_CARD]


def test_the_time_left_reckons_with_the_pauses():
    told = with_night(replace(page_at(1.5), left="about 18 h left"), under_way(NIGHTS).held, None, EVENING, 5.0)
    # 66,666.7 s from 16:31, of which 15 h 29 min fit before 08:00; the rest from 16:00 on.
    assert told.left == "about 18 h 30 min of work (until 19:03 on 25/11/2026)"
    plain = replace(page_at(5.0), left="about 5 h 30 min left (until 22:05)")
    assert with_night(plain, under_way(NIGHTS).held, None, EVENING, 5.0).left == plain.left


def test_without_times_and_before_the_list_is_known_there_is_no_line():
    assert line_at(5.0, Plan(EVENING)) is None
    assert with_night(page_at(5.0), None, None, EVENING, 5.0).night is None
    assert with_night(starting_model(Action.RUN), under_way(NIGHTS).held, None, EVENING, 5.0).night is None


def paused_at(plan: Plan, reason: StopReason) -> NightModel | None:
    held = under_way(plan, RunStatus.STOPPED, reason).held
    assert held is not None
    run = run_view(RunStatus.STOPPED, HALFWAY, reason)
    stop = plan.first().ends_at
    assert stop is not None
    return with_night(paused_model(page_at(2.0), run), held, None, stop, 5.0).night


def test_a_pause_is_drawn_until_it_goes_on_by_itself_and_the_pace_is_kept():
    line = paused_at(Plan(EVENING, time(18), time(22)), StopReason.WINDOW_CLOSED)
    assert line is not None
    assert [stretch.kind for stretch in line.stretches] == [StretchKind.NEEDS_CARD, StretchKind.PAUSE]
    assert line.events[0].text == "goes on"
    assert line.words.startswith("It goes on today at 22:00.")
    # 6,177 at the 2 a second that were measured before the pause.
    assert done_at(line) == "done 22:52"
    assert "signed in with a Smartcard when it goes on, or that time is missed." in line.words


def test_what_a_person_has_to_go_on_with_has_no_line():
    assert paused_at(Plan(EVENING, time(18)), StopReason.WINDOW_CLOSED) is None
    assert paused_at(Plan(EVENING, time(18), time(22)), StopReason.USER) is None


def test_the_page_shows_it_and_says_it_in_words(staged: Staged, qtbot: QtBot):
    line = running_night(staged, qtbot).middle.running.night
    assert line.isVisible()
    assert line.accessibleDescription().startswith("It is running. It pauses every day at 08:00 and goes on at 16:00")


def test_it_is_drawn_anew_as_the_pace_becomes_known(staged: Staged, qtbot: QtBot):
    hands = working(staged, qtbot, Phase.RUNNING, times=under_way(NIGHTS), per_second=1.0)
    line = hands.middle.running.night
    assert "at 1 a second" in line.accessibleDescription()
    # Five seconds on, nobody having been done: the pace that is told counts.
    board = hands.screen.runs._execution._board
    board.publish(snapshot(HALFWAY, elapsed=2_000.0, per_second=4.0))
    hands.screen.runs.on_poll()
    assert "at 4 a second" in line.accessibleDescription()


def test_a_paused_run_shows_the_pause_to_come(staged: Staged, qtbot: QtBot):
    hands = paused_night(staged, qtbot)
    assert hands.middle.running.night.isVisible()
    assert hands.middle.running.night.accessibleDescription().startswith("It goes on today at 22:00.")


def test_a_run_without_times_has_no_line(staged: Staged, qtbot: QtBot):
    assert not running(staged, qtbot).middle.running.night.isVisible()


def test_the_words_take_a_row_more_only_where_they_need_it(staged: Staged, qtbot: QtBot):
    hands = running_night(staged, qtbot)
    line = hands.middle.running.night
    wide = line.sizeHint().height()
    line.resize(200, line.height())
    assert line.sizeHint().height() > wide
