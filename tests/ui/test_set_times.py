"""The fields Start, Stop and Resume by mouse and keyboard, what is scheduled on the choosing page, and how it is told.

Faults page, row 31.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from app.domain.actions import CONSENT_MIGRATION, Action
from app.domain.occurrences import Outcome, Why
from app.domain.planning import StartAt
from app.domain.states import RunStatus, StopReason
from app.domain.windows import OccurrenceKind, Plan
from app.engine.rows import Counts
from app.engine.schedule_rows import ActiveSchedule, OccurrenceView, ScheduleView
from app.ui.times_model import Times
from tests.ui.conftest import Staged
from tests.ui.fakes import EVENING, FakeTimes, run_view
from tests.ui.hands import Hands

HALF = Counts(unprocessed=500, sent=10, sending=0, failed=0, not_required=490)


def at_the_step(staged: Staged, qtbot: QtBot, action: Action = Action.RUN, **changes: object) -> Hands:
    staged.reader.begin()
    hands = Hands(staged.open(**changes), qtbot)
    hands.press(action)
    hands.until_page(hands.middle.options)
    return hands


def typed(hands: Hands, field: object, digits: str) -> None:
    field.setFocus()
    field.setSelectedSection(field.sectionAt(0))
    qtbot = hands.qtbot
    qtbot.keyClicks(field, digits)


def test_the_fields_offer_what_staff_know_and_none_of_it_is_set(staged: Staged, qtbot: QtBot):
    hands = at_the_step(staged, qtbot)
    fields = hands.middle.options.times
    assert fields.immediately.isChecked()
    assert not fields.at.isChecked()
    assert fields.when.text() == "24/11/2026 16:31"
    assert (fields.stop.text(), fields.resume.text()) == ("00:00", "23:59")
    assert not fields.stops.isChecked()
    assert not fields.resumes.isChecked()
    assert fields.times() == Times()


def test_a_start_by_keyboard_is_kept_and_told(staged: Staged, qtbot: QtBot):
    times = FakeTimes()
    hands = at_the_step(staged, qtbot, times=times)
    page = hands.middle.options
    typed(hands, page.times.when, "241120261830")
    assert page.times.at.isChecked(), "whoever changes the time means it"
    typed(hands, page.times.stop, "0800")
    typed(hands, page.times.resume, "1830")
    assert page.times.times() == Times(StartAt(date(2026, 11, 24), time(18, 30)), time(8), time(18, 30))
    assert "It starts today at 18:30." in page.summary.words
    assert "It pauses every day at 08:00 and goes on at 18:30, until it is done." in page.summary.words
    hands.click(page.ok_button)
    hands.until_page(hands.middle.choose)
    ((press, plan),) = times.kept
    assert press.action is Action.RUN
    assert plan == Plan(EVENING + timedelta(hours=1, minutes=59), time(8), time(18, 30))
    panel = hands.middle.choose.schedule
    assert "starts by itself today at 18:30" in panel.notice.words
    assert "Start: today at 18:30, Stop: 08:00, Resume: 18:30" in hands.window.status_texts()


def test_boxes_are_ticked_by_mouse_and_equal_times_are_refused_in_words(staged: Staged, qtbot: QtBot):
    hands = at_the_step(staged, qtbot)
    page = hands.middle.options
    hands.click(page.times.resumes)
    assert "needs a Stop time" in page.obstacle.words
    assert not page.ok_button.isEnabled()
    hands.click(page.times.stops)
    assert page.ok_button.isEnabled()
    typed(hands, page.times.stop, "2359")
    assert "same time" in page.obstacle.words
    assert not page.ok_button.isEnabled()
    hands.click(page.times.resumes)
    assert page.ok_button.isEnabled()
    assert "then waits until somebody presses Resume" in page.summary.words


def test_the_night_the_clocks_change_is_told_and_any_hour_can_be_typed(staged: Staged, qtbot: QtBot):
    staged.clock.jump((datetime(2026, 10, 24, 15, 0, tzinfo=UTC) - EVENING).total_seconds())
    hands = at_the_step(staged, qtbot)
    page = hands.middle.options
    typed(hands, page.times.when, "251020260130")
    assert "01:30 comes twice on 25/10/2026" in page.summary.words
    typed(hands, page.times.when, "280320270130")
    assert page.times.when.text() == "28/03/2027 01:30"
    assert "There is no 01:30 on 28/03/2027" in page.summary.words


def test_a_start_that_has_passed_counts_as_now(staged: Staged, qtbot: QtBot):
    hands = at_the_step(staged, qtbot)
    typed(hands, hands.middle.options.times.when, "231120261830")
    assert "has passed, so it counts as now" in hands.middle.options.summary.words


def test_a_second_later_nothing_that_was_typed_has_changed_and_a_new_step_begins_afresh(staged: Staged, qtbot: QtBot):
    hands = at_the_step(staged, qtbot)
    fields = hands.middle.options.times
    typed(hands, fields.when, "251120261830")
    typed(hands, fields.stop, "0645")
    staged.clock.advance(120)
    hands.screen.runs.on_tick()
    assert fields.when.text() == "25/11/2026 18:30"
    assert fields.stop.text() == "06:45"
    hands.click(hands.middle.options.cancel_button)
    hands.press(Action.RUN)
    assert fields.times() == Times()
    assert fields.when.text() == "24/11/2026 16:33"
    assert fields.stop.text() == "00:00"


def test_whoever_types_the_time_that_stands_there_means_it_too(staged: Staged, qtbot: QtBot):
    hands = at_the_step(staged, qtbot)
    fields = hands.middle.options.times
    typed(hands, fields.stop, "0000")
    typed(hands, fields.resume, "2359")
    assert fields.times() == Times(None, time(0), time(23, 59))


def test_going_through_the_fields_by_keyboard_sets_nothing(staged: Staged, qtbot: QtBot):
    hands = at_the_step(staged, qtbot)
    fields = hands.middle.options.times
    for field in (fields.when, fields.stop, fields.resume):
        field.setFocus()
        hands.key(Qt.Key.Key_Right)
        hands.key(Qt.Key.Key_Tab)
    assert fields.times() == Times()


def test_the_wheel_sets_no_times(staged: Staged, qtbot: QtBot):
    hands = at_the_step(staged, qtbot)
    field = hands.middle.options.times.stop
    at = QPointF(field.rect().center())
    turned = QWheelEvent(
        at,
        QPointF(field.mapToGlobal(at.toPoint())),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(field, turned)
    assert hands.middle.options.times.times() == Times()


def schedule(plan: Plan, action: Action = Action.RUN) -> ScheduleView:
    return ScheduleView(1, 1, CONSENT_MIGRATION.key, action, None, plan, EVENING, "Alison Marsh", None, None)


def held(plan: Plan, status: RunStatus, reason: StopReason | None = None) -> ActiveSchedule:
    return ActiveSchedule(schedule(plan), {}, status, reason, None, 0)


def test_cancelling_is_asked_first(staged: Staged, qtbot: QtBot):
    times = FakeTimes()
    times.held = held(Plan(EVENING + timedelta(hours=2)), RunStatus.SCHEDULED)
    hands = Hands(staged.open(times=times), qtbot)
    panel = hands.middle.choose.schedule
    hands.click(panel.cancel_button)
    hands.answer(QMessageBox.StandardButton.No)
    assert times.cancelled == 0
    hands.click(panel.cancel_button)
    hands.answer(QMessageBox.StandardButton.Yes)
    hands.until(lambda: not panel.isVisible())
    assert times.cancelled == 1
    assert "Stop and Resume times: not set" in hands.window.status_texts()


def test_a_missed_start_is_told_with_its_reason_and_made_up_for(staged: Staged, qtbot: QtBot):
    times = FakeTimes()
    begins = EVENING - timedelta(hours=3)
    times.told = [OccurrenceView(1, OccurrenceKind.START, begins, Outcome.MISSED, Why.NO_CARD, "", EVENING)]
    staged.practice.run_view = run_view(RunStatus.ABANDONED, HALF)
    staged.reader.begin()
    hands = Hands(staged.open(times=times), qtbot)
    panel = hands.middle.choose.schedule
    assert "Missed: nobody was signed in with a Smartcard." in panel.notice.words
    assert "Start of 24/11/2026 at 13:31" in panel.notice.words
    assert not panel.cancel_button.isVisible()
    hands.click(panel.run_button)
    hands.until_page(hands.middle.options)


def test_a_missed_time_is_not_told_for_ever(staged: Staged, qtbot: QtBot):
    times = FakeTimes()
    missed_at = EVENING - timedelta(hours=3)
    times.told = [OccurrenceView(1, OccurrenceKind.START, missed_at, Outcome.MISSED, Why.NO_CARD, "", missed_at)]
    staged.practice.run_view = run_view(RunStatus.STOPPED, HALF, StopReason.USER)
    hands = Hands(staged.open(times=times), qtbot)
    assert not hands.middle.choose.schedule.isVisible(), "somebody has begun a run since"


def test_a_missed_resume_is_over_once_somebody_went_on_by_hand(staged: Staged, qtbot: QtBot):
    """The run was begun long before; what counts is when somebody began to work on it last."""
    times = FakeTimes()
    missed_at = EVENING - timedelta(hours=1)
    times.told = [OccurrenceView(1, OccurrenceKind.RESUME, missed_at, Outcome.MISSED, Why.NO_CARD, "", missed_at)]
    begun_at = EVENING - timedelta(days=1)
    run = replace(run_view(RunStatus.COMPLETED, HALF), started_at=begun_at, last_begun_at=begun_at)
    staged.practice.run_view = run
    hands = Hands(staged.open(times=times), qtbot)
    assert hands.middle.choose.schedule.isVisible()
    staged.practice.run_view = replace(run, last_begun_at=missed_at + timedelta(minutes=5))
    hands.screen.runs.refresh()
    assert not hands.middle.choose.schedule.isVisible()


def test_what_was_begun_in_time_needs_no_panel(staged: Staged, qtbot: QtBot):
    times = FakeTimes()
    times.told = [OccurrenceView(1, OccurrenceKind.START, EVENING, Outcome.FIRED, None, "", EVENING)]
    hands = Hands(staged.open(times=times), qtbot)
    assert not hands.middle.choose.schedule.isVisible()


@pytest.mark.parametrize("action", [Action.RESUME, Action.RERUN])
def test_times_may_be_set_for_a_run_that_was_paused(staged: Staged, qtbot: QtBot, action: Action):
    times = FakeTimes()
    staged.practice.run_view = run_view(RunStatus.STOPPED, HALF, StopReason.USER)
    hands = at_the_step(staged, qtbot, action, times=times)
    hands.click(hands.middle.options.times.at)
    typed(hands, hands.middle.options.times.when, "241120261900")
    hands.click(hands.middle.options.ok_button)
    hands.until(lambda: len(times.kept) == 1)
    assert times.kept[0][0].action is action


def test_going_on_by_hand_keeps_the_times_and_says_what_is_replaced(staged: Staged, qtbot: QtBot):
    times = FakeTimes()
    times.held = held(Plan(EVENING - timedelta(days=1), time(8), time(16)), RunStatus.STOPPED, StopReason.CARD_EXPIRED)
    missed_at = EVENING - timedelta(minutes=31)
    times.told = [OccurrenceView(1, OccurrenceKind.RESUME, missed_at, Outcome.MISSED, Why.SESSION_ENDED, "", missed_at)]
    begun_at = EVENING - timedelta(days=1)
    staged.practice.run_view = replace(
        run_view(RunStatus.STOPPED, HALF, StopReason.CARD_EXPIRED), started_at=begun_at, last_begun_at=begun_at
    )
    staged.reader.begin()
    hands = Hands(staged.open(times=times), qtbot)
    hands.click(hands.middle.choose.schedule.run_button)
    page = hands.middle.options
    hands.until_page(page)
    assert page.times.times() == Times(None, time(8), time(16))
    assert "What is scheduled already is at an end with OK" in page.summary.words


def test_a_missed_start_that_comes_again_tomorrow_is_made_up_for_with_its_times(staged: Staged, qtbot: QtBot):
    times = FakeTimes()
    times.held = held(Plan(EVENING - timedelta(hours=1), time(8), time(16)), RunStatus.SCHEDULED)
    missed_at = EVENING - timedelta(hours=1)
    times.told = [OccurrenceView(1, OccurrenceKind.START, missed_at, Outcome.MISSED, Why.NO_CARD, "", missed_at)]
    waits = replace(run_view(RunStatus.SCHEDULED, HALF), started_at=None, last_begun_at=None)
    staged.practice.run_view = waits
    staged.reader.begin()
    hands = Hands(staged.open(times=times), qtbot)
    hands.click(hands.middle.choose.schedule.run_button)
    page = hands.middle.options
    hands.until_page(page)
    assert "The Consent Migration that is scheduled will be cancelled." in page.prompt.text()
    assert page.times.times() == Times(None, time(8), time(16))
    hands.click(page.cancel_button)
    hands.press(Action.RERUN)
    assert page.times.times() == Times(), "only what was missed brings its times along"
