"""Looking back at the window, over fakes: the ways between the pages, by keyboard too, and what is said of faults."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date

import pytest
from PySide6.QtCore import QDate, Qt
from pytestqt.qtbot import QtBot

from app.domain.errors import StorageFault
from app.domain.states import RunStatus, StopReason
from app.engine.audit_trail import TrailQuery, TrailVerdict
from app.engine.lists import ListQuery, OfRun, Was
from app.engine.long_work import Progress
from tests.ui.conftest import Staged
from tests.ui.hands import Hands
from tests.ui.history.fake_history import EXECUTIONS, FIRST, SECOND, FakeHistory, FakeTrail
from tests.ui.history.history_states import (
    history_compare,
    history_difference,
    history_run,
    history_runs,
    history_trail,
)
from tests.ui.staging import opened

UNREADABLE = StorageFault("The practice database cannot be read just now.")


def cell(view, row: int, heading: str) -> str:
    model = view.model()
    headings = [model.headerData(at, Qt.Orientation.Horizontal) for at in range(model.columnCount())]
    return model.data(model.index(row, headings.index(heading)))


def test_to_a_run_and_back_by_keyboard_alone(staged: Staged, qtbot: QtBot):
    hands = opened(staged, qtbot)
    history, below = hands.screen.history, hands.middle.choose
    hands.key(Qt.Key.Key_H, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    hands.until(lambda: history.runs.chosen is not None)
    hands.until_focus(history.runs.view)
    hands.key(Qt.Key.Key_Down)
    assert history.runs.chosen == FIRST
    hands.key(Qt.Key.Key_Up)
    hands.key(Qt.Key.Key_Return)
    hands.until(lambda: history.run.chosen is not None)
    hands.until_focus(history.run.view)
    assert history.run.title.text() == "Run 2: Consent Migration"
    hands.key(Qt.Key.Key_Escape)
    hands.until_focus(history.runs.view)
    hands.key(Qt.Key.Key_Escape)
    hands.until(below.isVisible)


def test_the_counters_of_every_run_are_seen_whole_in_the_usual_window(staged: Staged, qtbot: QtBot):
    hands = history_runs(staged, qtbot)
    hands.window.resize(1080, 720)
    view = hands.screen.history.runs.view
    model = view.model()
    headings = [model.headerData(at, Qt.Orientation.Horizontal) for at in range(model.columnCount())]
    last = headings.index("Not Required")
    hands.until(lambda: view.columnViewportPosition(last) + view.columnWidth(last) <= view.viewport().width())


def test_a_run_tells_its_counters_executions_and_pauses(staged: Staged, qtbot: QtBot):
    hands = history_run(staged, qtbot)
    page = hands.screen.history.run
    assert [
        cell(page.view, 0, heading) for heading in ("Took", "How it ended", "Operator", "Questions", "Messages")
    ] == [*("24 min", "Smartcard session ended", "Alison Marsh", "6,020", "118")]
    assert cell(page.view, 0, "Unprocessed after") == "4,367"
    assert cell(page.view, 1, "Workstation") == "BACK-OFFICE"
    assert page.pauses.words.splitlines() == [
        "Paused for 13 h 16 min from 23/11/2026 at 18:54: Smartcard session ended. "
        "Sam Okafor went on at 24/11/2026 at 08:10."
    ]
    assert "Execution 1" in page.course.text()
    assert page.chart.accessibleDescription().startswith("After 22 min, of 10,387 patients: ")
    page.view.choose(2)
    assert "the failed patients again" in page.course.text()


def test_an_execution_that_is_under_way_has_no_end(staged: Staged, qtbot: QtBot):
    live = FakeHistory()
    live.executions = (replace(EXECUTIONS[0], ended_at=None, end_reason=None),)
    live.views = [replace(SECOND, status=RunStatus.RUNNING, ended_at=None)]
    hands = opened(staged, qtbot, history=live)
    hands.screen.history.show_run(2)
    page = hands.screen.history.run
    hands.until(lambda: page.chosen is not None)
    assert cell(page.view, 0, "How it ended") == "Under way"
    assert cell(page.view, 0, "Took") == "–"
    assert page.state.text() == "Running"


def test_a_run_nobody_worked_on_says_so(staged: Staged, qtbot: QtBot):
    given_up = FakeHistory()
    given_up.executions = ()
    hands = opened(staged, qtbot, history=given_up)
    hands.screen.history.show_run(1)
    hands.until(lambda: "given up before it began" in hands.screen.history.run.message.words)


def test_a_paused_run_says_why(staged: Staged, qtbot: QtBot):
    paused = FakeHistory()
    paused.views = [replace(SECOND, status=RunStatus.STOPPED, stop_reason=StopReason.USER)]
    hands = opened(staged, qtbot, history=paused)
    hands.screen.history.show_runs()
    hands.until(lambda: hands.screen.history.runs.chosen is not None)
    assert cell(hands.screen.history.runs.view, 0, "Status") == "Paused: Stop was pressed"


def test_more_runs_than_are_read_at_once(staged: Staged, qtbot: QtBot, monkeypatch):
    monkeypatch.setattr("app.ui.history.controller._RUNS", 1)
    hands = history_runs(staged, qtbot)
    page = hands.screen.history.runs
    assert page.runs.rowCount() == 1
    hands.click(page.earlier_button)
    hands.until(lambda: page.runs.rowCount() == 2)
    hands.click(page.earlier_button)
    hands.until(lambda: not page.earlier_button.isVisible())
    assert [page.runs.row(at).run_id for at in range(2)] == [2, 1]


def test_one_run_twice_is_told_and_others_can_be_chosen(staged: Staged, qtbot: QtBot):
    hands = history_compare(staged, qtbot)
    page = hands.screen.history.compare
    assert page.chosen == (1, 2)
    page.first.setCurrentIndex(0)
    page.first.activated.emit(0)
    assert "one run twice" in page.message.words
    assert not page.view.isVisible()
    assert not page.open_button.isEnabled()
    page.second.setCurrentIndex(1)
    page.second.activated.emit(1)
    hands.until(page.view.isVisible)
    assert page.compared.first.run_id == 2


def test_behind_a_difference_are_its_patients_and_the_way_back(staged: Staged, qtbot: QtBot):
    hands = history_difference(staged, qtbot)
    asked: ListQuery = staged.viewer.reads[-1][0]
    assert isinstance(asked.source, OfRun)
    assert asked.source.run_id == 2
    assert asked.source.was == Was(1, EXPECTED.before, EXPECTED.before_reason)
    assert asked.source.definition.states == {EXPECTED.after}
    assert asked.source.definition.reasons == {EXPECTED.after_reason}
    patients, compare = hands.screen.patients, hands.screen.history.compare
    hands.click(patients.list.open_button)
    hands.until(lambda: bool(patients.story.texts()))
    hands.key(Qt.Key.Key_Escape)
    hands.until(patients.list.isVisible)
    hands.key(Qt.Key.Key_Escape)
    hands.until(compare.isVisible)
    assert compare.view.isVisible()
    patients.on_look()
    assert compare.isVisible()
    hands.click(compare.leave_button)
    hands.until(hands.middle.choose.isVisible)


EXPECTED = FakeHistory().compare(1, 2).differences[0]


def test_names_behind_a_difference_go_with_the_card(staged: Staged, qtbot: QtBot):
    hands = history_difference(staged, qtbot)
    browser = hands.screen.patients.list.browser
    hands.click(hands.window.side.card.remove_button)
    hands.until(browser.sign_in_button.isVisible)
    assert browser.table.line(0) is None


def test_the_trail_is_filtered_and_turned_round(staged: Staged, qtbot: QtBot):
    trail = FakeTrail(40)
    hands = opened(staged, qtbot, trail=trail)
    hands.screen.history_menu.trail_entry.trigger()
    page = hands.screen.history.trail
    hands.until(lambda: page.chosen is not None and page.kind.count() > 1)
    assert page.count.text() == "40 events"
    assert page.chosen.number == 40
    hands.click(page.oldest_first)
    hands.until(lambda: page.chosen is not None and page.chosen.number == 1)
    page.actor.setCurrentIndex(2)
    page.run.setCurrentIndex(1)
    page.last_day.edit.setDate(QDate(2026, 11, 20))
    hands.until(lambda: trail.asked[-1].last_day is not None)
    assert trail.asked[-1] == TrailQuery(
        "", "Sam Okafor (System Administrator, card 910000000005)", 2, None, date(2026, 11, 20), False
    )
    hands.click(page.last_day.box)
    hands.until(lambda: trail.asked[-1].last_day is None)


def test_any_place_of_a_long_trail_is_a_page_or_two_away(staged: Staged, qtbot: QtBot):
    hands = history_trail(staged, qtbot)
    page = hands.screen.history.trail
    page.view.setFocus()
    hands.key(Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    hands.until(lambda: page.chosen is not None and page.chosen.number == 1)
    hands.key(Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
    hands.until(lambda: page.chosen is not None and page.chosen.number == 1_000_000)
    page.view.choose(500_000)
    hands.until(lambda: page.chosen is not None and page.chosen.number == 500_000)
    assert cell(page.view, 500_000, "Event") == "500,000"


def test_an_event_leads_to_its_patient_and_back(staged: Staged, qtbot: QtBot):
    hands = history_trail(staged, qtbot)
    page = hands.screen.history.trail
    page.view.choose(1)
    assert not page.open_button.isEnabled(), "a report taken is about nobody"
    page.view.choose(0)
    hands.click(page.open_button)
    hands.until(lambda: bool(hands.screen.patients.story.texts()))
    hands.key(Qt.Key.Key_Escape)
    hands.until(page.isVisible)
    hands.key(Qt.Key.Key_Escape)
    hands.until(hands.middle.choose.isVisible)
    assert page.table.rowCount() == 0


def test_without_a_card_the_trail_is_shown_and_its_patient_is_not(staged: Staged, qtbot: QtBot):
    hands = Hands(staged.open(), qtbot)
    hands.screen.history_menu.trail_entry.trigger()
    page = hands.screen.history.trail
    hands.until(lambda: page.chosen is not None)
    hands.click(page.open_button)
    story = hands.screen.patients.story
    hands.until(story.sign_in_button.isVisible)
    assert story.texts() == ()


class SlowTrail(FakeTrail):
    """Checks until it is given up."""

    def __init__(self) -> None:
        super().__init__()
        self.threads: set[int] = set()

    def verify(self, progress: Progress) -> TrailVerdict:
        self.threads.add(threading.get_ident())
        pause = threading.Event()
        while not pause.wait(0.02):
            progress("Checking the audit trail", 250_000, self.total)
        return TrailVerdict(0)


def test_a_check_runs_beside_the_window_tells_how_far_it_is_and_is_given_up(staged: Staged, qtbot: QtBot):
    trail = SlowTrail()
    hands = opened(staged, qtbot, trail=trail)
    hands.screen.history_menu.trail_entry.trigger()
    page = hands.screen.history.trail
    hands.click(page.verify_button)
    hands.until(lambda: hands.screen.history.sheet is not None)
    sheet = hands.screen.history.sheet
    hands.until(lambda: sheet.bar.numbers.text() == "25 %")
    assert threading.get_ident() not in trail.threads
    hands.click(sheet.cancel_button)
    hands.until(lambda: hands.screen.history.sheet is None)
    assert not page.verdict.isVisible()


def test_a_check_under_way_is_given_up_at_the_end_of_the_program(staged: Staged, qtbot: QtBot):
    hands = opened(staged, qtbot, trail=SlowTrail())
    hands.screen.history_menu.trail_entry.trigger()
    hands.click(hands.screen.history.trail.verify_button)
    hands.until(lambda: hands.screen.history.sheet is not None)


@pytest.mark.parametrize("entry", ["runs_entry", "compare_entry", "trail_entry"])
def test_a_database_that_cannot_be_read_is_told_on_the_page(staged: Staged, qtbot: QtBot, entry):
    history, trail = FakeHistory(), FakeTrail()
    history.fault = trail.fault = UNREADABLE
    hands = opened(staged, qtbot, history=history, trail=trail)
    getattr(hands.screen.history_menu, entry).trigger()
    page = {
        "runs_entry": hands.screen.history.runs,
        "compare_entry": hands.screen.history.compare,
        "trail_entry": hands.screen.history.trail,
    }[entry]
    hands.until(lambda: str(UNREADABLE) in page.message.words)


def test_an_error_nobody_expected_is_shown_as_one(staged: Staged, qtbot: QtBot):
    history = FakeHistory()
    history.fault = RuntimeError("a bug")
    hands = opened(staged, qtbot, history=history)
    hands.screen.history_menu.runs_entry.trigger()
    hands.until(lambda: hands.screen.messages.error is not None)
