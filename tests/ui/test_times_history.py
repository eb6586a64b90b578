"""Every set time with what became of it: shown, told in words, and made up for where it was missed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.domain.actions import Action
from app.domain.errors import StorageFault
from app.domain.occurrences import Outcome, Why
from app.domain.states import RunStatus
from app.domain.windows import OccurrenceKind
from app.engine.schedule_rows import OccurrenceView
from app.ui.times_history import NOT_MISSED, NOTHING_YET, HistoryPage
from app.ui.times_model import makes_up_for
from tests.ui.conftest import Staged
from tests.ui.fakes import EVENING, FakeTimes
from tests.ui.hands import Hands
from tests.ui.times_states import scheduled, start_missed, times_history, times_history_none


def texts(page: HistoryPage) -> list[list[str]]:
    table = page.view.model()
    return [[table.index(row, at).data() for at in range(table.columnCount())] for row in range(table.rowCount())]


def choose(hands: Hands, row: int) -> HistoryPage:
    page = hands.screen.times_history.page
    page.view.choose(row)
    return page


def test_each_time_stands_there_with_outcome_reason_and_who_set_it(staged: Staged, qtbot: QtBot):
    page = times_history(staged, qtbot).screen.times_history.page
    assert [page.view.model().headerData(at, Qt.Orientation.Horizontal) for at in range(5)] == [
        "Time",
        "What",
        "Outcome",
        "Set by",
        "Why",
    ]
    rows = texts(page)
    assert rows[0] == [
        "23/11/2026 at 18:31",
        "Run, resume",
        "Missed",
        "Alison Marsh",
        "the Smartcard session had ended",
    ]
    assert [row[2] for row in rows] == ["Missed", "Left out", "Begun late", "Begun in time", "Begun in time", "Missed"]
    assert rows[3][4] == ""
    assert page.chosen.text() == "Resume of 23/11/2026 at 18:31. Missed: the Smartcard session had ended."


def test_a_missed_time_is_made_up_for_and_no_other(staged: Staged, qtbot: QtBot):
    hands = times_history(staged, qtbot)
    for row in (1, 2, 3, 4):
        assert not choose(hands, row).run_button.isEnabled()
        assert hands.screen.times_history.page.run_button.toolTip() == NOT_MISSED
    # Missed too, but a run was begun after it.
    assert not choose(hands, 5).run_button.isEnabled()
    page = choose(hands, 0)
    hands.click(page.run_button)
    hands.until_page(hands.middle.options)
    assert hands.middle.options.title.text() == "Resume"


def test_the_same_by_keyboard(staged: Staged, qtbot: QtBot):
    hands = times_history(staged, qtbot)
    page = hands.screen.times_history.page
    assert page.view.hasFocus()
    qtbot.keyClick(page.view, Qt.Key.Key_Down)
    assert "Left out" in page.chosen.text()
    qtbot.keyClick(page.view, Qt.Key.Key_Up)
    qtbot.keyClick(hands.window, Qt.Key.Key_N, Qt.KeyboardModifier.AltModifier)
    hands.until_page(hands.middle.options)


def test_escape_leads_back(staged: Staged, qtbot: QtBot):
    hands = times_history(staged, qtbot)
    qtbot.keyClick(hands.screen.times_history.page.view, Qt.Key.Key_Escape)
    hands.until_page(hands.middle.choose)


def test_why_it_cannot_be_made_up_for_is_said(staged: Staged, qtbot: QtBot):
    hands = times_history(staged, qtbot)
    staged.practice.run_view = replace(staged.practice.run_view, status=RunStatus.RUNNING)
    staged.practice.live_elsewhere = "Sam Okafor is at it."
    hands.screen.times_history.refresh()
    button = choose(hands, 0).run_button
    assert not button.isEnabled()
    assert button.toolTip() not in {"", NOT_MISSED}


def test_what_comes_in_meanwhile_is_shown_and_the_choice_stays(staged: Staged, qtbot: QtBot):
    times = FakeTimes()
    one = OccurrenceView(1, OccurrenceKind.START, EVENING, Outcome.MISSED, Why.NO_CARD, "", EVENING)
    times.told = [one]
    hands = Hands(staged.open(times=times), qtbot)
    hands.window.times_action.trigger()
    page = choose(hands, 0)
    later = EVENING + timedelta(minutes=20)
    times.told = [OccurrenceView(1, OccurrenceKind.RESUME, later, Outcome.FIRED, None, "", later), one]
    hands.screen.schedule.changed.emit()
    assert len(texts(page)) == 2
    assert page.chosen_time == one


def test_with_no_time_yet_it_says_so(staged: Staged, qtbot: QtBot):
    page = times_history_none(staged, qtbot).screen.times_history.page
    assert page.message.words == NOTHING_YET
    assert not page.view.isVisible(), "an empty table says nothing"
    assert not page.run_button.isVisible()
    assert page.leave_button.hasFocus()


def test_from_the_panel_on_the_first_page(staged: Staged, qtbot: QtBot):
    hands = start_missed(staged, qtbot)
    hands.click(hands.middle.choose.schedule.history_button)
    hands.until_page(hands.screen.times_history.page)
    assert len(texts(hands.screen.times_history.page)) == 2


def test_a_database_that_cannot_be_read_is_told(staged: Staged, qtbot: QtBot):
    hands = scheduled(staged, qtbot)
    staged.practice.fault = StorageFault("The disk is gone.")
    hands.window.times_action.trigger()
    assert "The disk is gone." in hands.message().text()


@pytest.mark.parametrize("action", list(Action))
def test_a_start_that_was_missed_is_made_up_for_by_what_was_scheduled(action: Action):
    missed = OccurrenceView(1, OccurrenceKind.START, EVENING, Outcome.MISSED, Why.NO_CARD, "", EVENING, action)
    assert makes_up_for(missed, None) is action
