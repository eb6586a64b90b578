"""The patients behind the counters through the window: with the real engine, SQLite and the simulated Spine."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QMessageBox
from pytestqt.qtbot import QtBot

from app.domain.actions import Action
from app.domain.outcomes import REASON_LABELS, ItemState, Reason
from app.domain.states import RunStatus
from app.engine.lists import ListQuery, OfPractice, OfRun
from app.engine.run_lists import COUNTER_LISTS
from app.ui.patients.browser import PatientBrowser
from tests.ui.conftest import Real
from tests.ui.hands import Hands

At = Callable[..., tuple[Real, Hands]]


@pytest.fixture
def at(real: Callable[..., Real], qtbot: QtBot) -> At:
    """Somebody sits down at the window, and signs in unless told otherwise."""

    def sit_down(latency_ms: int = 0, *, signs_in: bool = True) -> tuple[Real, Hands]:
        product = real(latency_ms)
        hands = Hands(product.screen, qtbot)
        if signs_in:
            hands.signed_in()
        return product, hands

    return sit_down


def run_to_the_end(hands: Hands) -> None:
    hands.press(Action.RUN)
    hands.until_page(hands.middle.options)
    hands.click(hands.middle.options.ok_button)
    hands.answer(QMessageBox.StandardButton.Ok)
    hands.until_page(hands.middle.results)


def browser_of(hands: Hands) -> PatientBrowser:
    return hands.screen.patients.list.browser


def see(hands: Hands, state: ItemState) -> None:
    """Press a counter of the results, and wait until its first rows are there."""
    hands.click(hands.middle.results.counters.button_of(state))
    hands.until(lambda: browser_of(hands).chosen_line is not None)


def shown_rows(hands: Hands) -> list[str]:
    """The surnames that are shown, scrolled through from the first to the last."""
    view, table = browser_of(hands).view, browser_of(hands).table
    found = []
    for row in range(table.rowCount()):
        view.scrollTo(table.index(row, 0))
        table.data(table.index(row, 0))
        hands.until(lambda row=row: table.line(row) is not None)
        found.append(table.data(table.index(row, 0)))
    return found


@pytest.mark.parametrize("state", [ItemState.FAILED, ItemState.SENT, ItemState.NOT_REQUIRED])
def test_each_counter_opens_the_patients_behind_it(at: At, state: ItemState):
    real, hands = at()
    run_to_the_end(hands)
    see(hands, state)
    run = real.product.queries.latest_run(real.product.family.key)
    wanted = real.product.patients.page(ListQuery(OfRun(run.run_id, COUNTER_LISTS[state])), None, 0, 10_000)
    assert len(wanted) == getattr(run.counts, state.value) > 0
    assert shown_rows(hands) == [line.surname for line in wanted]
    assert hands.screen.patients.list.title.text() == COUNTER_LISTS[state].title
    assert browser_of(hands).count.text().startswith(f"{len(wanted):,} patient")
    hands.click(hands.screen.patients.list.leave_button)
    hands.until_focus(hands.middle.results.counters.button_of(state))


def test_searching_filtering_and_sorting_by_mouse(at: At):
    _, hands = at()
    run_to_the_end(hands)
    see(hands, ItemState.FAILED)
    browser = browser_of(hands)
    everybody = browser.total
    at_reason = browser.fields.reason.findData(Reason.PDS_MISMATCH)
    assert REASON_LABELS[Reason.PDS_MISMATCH] in browser.fields.reason.itemText(at_reason)
    browser.fields.reason.setCurrentIndex(at_reason)
    browser.fields.reason.activated.emit(at_reason)
    hands.until(lambda: browser.found < everybody and browser.chosen_line is not None)
    assert browser.count.text() == f"{browser.found} of {everybody} patients"
    assert {browser.table.line(row).outcome.reason for row in range(browser.found)} == {Reason.PDS_MISMATCH}
    headings = browser.view.horizontalHeader()
    place = headings.sectionViewportPosition(0) + 20
    hands.qtbot.mouseClick(headings.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(place, 8))
    hands.until(lambda: browser.query.descending and browser.chosen_line is not None and not browser.table.is_reading)
    names = shown_rows(hands)
    assert names[0].casefold() >= names[-1].casefold()
    assert browser.fields.reverse.isChecked()


def test_a_patient_is_found_and_opened_with_the_keyboard_alone(at: At):
    real, hands = at(signs_in=False)
    hands.until_focus(hands.middle.choose.buttons[Action.RUN])
    hands.key(Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    hands.until_focus(browser_of(hands).sign_in_button)
    hands.key(Qt.Key.Key_Return)
    hands.until(lambda: hands.screen.sign_in.dialog is not None and hands.screen.sign_in.dialog.passcode.hasFocus())
    hands.type("123456")
    hands.key(Qt.Key.Key_Return)
    hands.until(lambda: browser_of(hands).chosen_line is not None)
    someone = real.product.patients.page(ListQuery(OfPractice()), None, 200, 1)[0]
    hands.until_focus(browser_of(hands).view)
    hands.key(Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    hands.until_focus(browser_of(hands).fields.search)
    number = someone.nhs_number
    hands.type(f"{number[:3]}-{number[3:6]} {number[6:]}")
    hands.key(Qt.Key.Key_Return)
    hands.until_focus(browser_of(hands).view)
    hands.until(lambda: browser_of(hands).found == 1 and browser_of(hands).chosen_line is not None)
    hands.key(Qt.Key.Key_Return)
    story = hands.screen.patients.story
    hands.until(lambda: bool(story.texts()))
    assert story.texts()[0] == f"{someone.surname}, {someone.forename}"
    hands.until_focus(story.leave_button)
    hands.key(Qt.Key.Key_Escape)
    hands.until_focus(browser_of(hands).view)
    assert browser_of(hands).found == 1
    hands.key(Qt.Key.Key_Escape)
    hands.until_focus(hands.middle.choose.buttons[Action.RUN])
    assert browser_of(hands).table.rowCount() == 0, "no name stays behind"


def test_the_story_of_a_dissent_that_was_sent(at: At):
    real, hands = at()
    run_to_the_end(hands)
    see(hands, ItemState.SENT)
    line = browser_of(hands).chosen_line
    hands.click(hands.screen.patients.list.open_button)
    story = hands.screen.patients.story
    hands.until(lambda: bool(story.texts()))
    words = "\n".join(story.texts())
    assert "The Spine accepted it." in words
    assert "Recorded here before" in words
    [sent] = [entry for entry in real.spine.writes() if entry["nhs_number"] == line.nhs_number]
    assert sent["request_id"] not in words
    hands.click(story.details_button)
    words = "\n".join(story.texts())
    assert sent["request_id"] in words
    assert sent["correlation_id"] in words
    assert "HTTP 201" in words


def test_the_patients_are_looked_at_while_the_run_goes_on(at: At):
    real, hands = at(latency_ms=40)
    hands.press(Action.RUN)
    hands.until_page(hands.middle.options)
    hands.click(hands.middle.options.ok_button)
    hands.until(lambda: hands.middle.running.meter.value() > 0)
    hands.click(hands.middle.running.counters.button_of(ItemState.UNPROCESSED))
    hands.until(lambda: browser_of(hands).chosen_line is not None)
    before = browser_of(hands).found
    assert hands.middle.status.text() == "Running"
    hands.until(lambda: hands.middle.running.meter.value() > 40)
    hands.click(hands.screen.patients.list.refresh_button)
    hands.until(lambda: browser_of(hands).found < before)
    hands.click(hands.screen.patients.list.leave_button)
    hands.until_page(hands.middle.running)
    hands.click(hands.middle.running.stop_button)
    hands.until(lambda: hands.middle.status.text() == "Paused")
    assert real.product.queries.latest_run(real.product.family.key).status is RunStatus.STOPPED


def test_the_end_of_the_run_shows_the_results_over_the_list(at: At):
    _, hands = at(latency_ms=2)
    hands.press(Action.RUN)
    hands.until_page(hands.middle.options)
    hands.click(hands.middle.options.ok_button)
    hands.until(lambda: hands.middle.running.meter.value() > 0)
    hands.click(hands.middle.running.counters.button_of(ItemState.NOT_REQUIRED))
    hands.until_page(hands.screen.patients.list)
    hands.answer(QMessageBox.StandardButton.Ok)
    hands.until_page(hands.middle.results)
    hands.until(lambda: browser_of(hands).table.rowCount() == 0)


def test_the_card_taken_out_takes_every_name_with_it(at: At):
    _, hands = at()
    run_to_the_end(hands)
    see(hands, ItemState.FAILED)
    name = browser_of(hands).chosen_line.surname
    assert [one for one in hands.window.findChildren(QLabel) if name in one.text()]
    hands.click(hands.window.side.card.remove_button)
    hands.until(browser_of(hands).sign_in_button.isVisible)
    assert browser_of(hands).table.rowCount() == 0
    assert not [one for one in hands.window.findChildren(QLabel) if name in one.text()]
    assert "patient" in browser_of(hands).count.text()
    assert browser_of(hands).by_reason.words.count("patient") >= 2
    hands.click(browser_of(hands).sign_in_button)
    hands.sign_in()
    hands.until(lambda: browser_of(hands).chosen_line is not None)
    assert browser_of(hands).chosen_line.surname == name


def test_a_story_is_hidden_with_the_card_and_back_with_it(at: At):
    _, hands = at()
    run_to_the_end(hands)
    see(hands, ItemState.SENT)
    hands.click(hands.screen.patients.list.open_button)
    story = hands.screen.patients.story
    hands.until(lambda: bool(story.texts()))
    name = story.texts()[0]
    hands.click(hands.window.side.card.remove_button)
    hands.until(story.sign_in_button.isVisible)
    assert story.texts() == ()
    hands.click(story.sign_in_button)
    hands.sign_in()
    hands.until(lambda: bool(story.texts()))
    assert story.texts()[0] == name


def test_a_receptionist_sees_counts_and_no_names(at: At):
    _, hands = at()
    run_to_the_end(hands)
    hands.click(hands.window.side.card.remove_button)
    sign_in = hands.window.side.card.sign_in_button
    hands.until(lambda: sign_in.isVisible() and sign_in.isEnabled())
    hands.click(sign_in)
    hands.sign_in(uid="910000000003")
    hands.until(lambda: hands.screen.sign_in.dialog is None)
    hands.click(hands.middle.results.counters.button_of(ItemState.FAILED))
    hands.until(browser_of(hands).message.isVisible)
    assert "B0011" in browser_of(hands).message.words
    assert browser_of(hands).table.rowCount() == 0
    assert browser_of(hands).by_reason.isVisible()


def test_the_menu_leads_to_the_same_lists(at: At):
    _, hands = at()
    menu = hands.screen.patients_menu
    menu.entry_of(ItemState.FAILED).trigger()
    assert "has not been run yet" in hands.message().text()
    hands.answer(QMessageBox.StandardButton.Ok)
    run_to_the_end(hands)
    for state in ItemState:
        menu.entry_of(state).trigger()
        hands.until_page(hands.screen.patients.list)
        hands.until(lambda: hands.screen.patients.list.title.text() == COUNTER_LISTS[state].title)  # noqa: B023
        hands.until(lambda: not browser_of(hands).table.is_reading)
    letters = [entry.text()[entry.text().index("&") + 1].lower() for entry in menu.actions() if entry.text()]
    assert len(letters) == len(set(letters))
