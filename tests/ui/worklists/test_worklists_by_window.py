"""Worklists through the window: with the real engine, SQLite and the simulated Spine; over fakes what is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from app.domain.errors import Refused, StorageFault
from app.engine.lists import ListQuery, OfWorklist, Worklist
from app.engine.worklists import WorklistCount, words_of
from app.ui.tones import Tone
from app.ui.worklists.page import WorklistsPage
from app.ui.worklists.words import ONLY_MISMATCH, standing_words
from tests.helpers.simulator import SimulatorProcess
from tests.ui.beginning_states import choose_completed
from tests.ui.conftest import Real, Staged
from tests.ui.hands import Hands
from tests.ui.patients.test_patients_by_window import run_to_the_end
from tests.ui.running_states import paused, results, results_worklists, running
from tests.ui.worklists.worklist_states import worklist_group, worklist_mark, worklists, worklists_signed_out

CLINICIAN = "910000000001"
"""The built-in card that may record consent (B0020)."""


def page_of(hands: Hands) -> WorklistsPage:
    return hands.screen.worklists.page


def left(real: Real, worklist: Worklist, *, dealt_with: bool = False) -> int:
    return real.product.patients.count(ListQuery(OfWorklist(worklist, dealt_with=dealt_with)))


def choose(hands: Hands, worklist: Worklist) -> None:
    """Choose a worklist that has somebody on it, and wait until somebody is chosen in it."""
    page = page_of(hands)
    sources = [one.source for one in page._counts]
    page.list.setCurrentRow(sources.index(OfWorklist(worklist)))
    hands.until(lambda: page.browser.query is not None and page.browser.query.source.worklist is worklist)
    hands.until(lambda: page.chosen_patient is not None)


def until_quiet(hands: Hands) -> None:
    hands.until(lambda: not hands.screen.worklists.is_busy and not page_of(hands).browser.table.is_reading)


@pytest.fixture
def after_a_run(real: Callable[..., Real], qtbot: QtBot) -> tuple[Real, Hands]:
    product = real()
    hands = Hands(product.screen, qtbot)
    hands.signed_in()
    run_to_the_end(hands)
    return product, hands


def messages_received(spine: SimulatorProcess) -> int:
    return sum(request["method"] == "POST" and "setPermission" in request["path"] for request in spine.history())


def test_a_mismatch_is_settled_here_and_the_worklists_empty(after_a_run: tuple[Real, Hands]):
    real, hands = after_a_run
    notice = hands.middle.results.worklists
    hands.until(notice.isVisible)
    hands.click(notice.open_button)
    page = page_of(hands)
    hands.until(lambda: page.list.count() > 0)
    assert [page.list.item(row).text().split("\n")[0] for row in range(2)] == [
        words_of(OfWorklist(one)).title for one in (Worklist.DISSENT_NOT_SENT, Worklist.MISMATCH)
    ]
    mismatched, sent = left(real, Worklist.MISMATCH), messages_received(real.spine)
    assert mismatched > 1
    choose(hands, Worklist.MISMATCH)
    whose = page.chosen_patient.patient_id

    hands.click(page.check_button)
    hands.until(lambda: "holds a dissent" in page.news.words)
    until_quiet(hands)
    hands.click(page.record_button)
    hands.until(lambda: hands.screen.worklists.question is not None)
    hands.click(hands.screen.worklists.question.button(QMessageBox.StandardButton.Yes))
    hands.until(lambda: "recorded here too" in page.news.words)
    until_quiet(hands)
    assert left(real, Worklist.MISMATCH) == mismatched - 1
    assert real.product.patients.story(whose).now[-1].code == "9Ndo."
    assert f"{mismatched - 1} patient" in page.list.currentItem().text()

    hands.click(page.mark_button)
    sheet = hands.screen.worklists.sheet
    sheet.note.setText("Letter on Monday")
    hands.click(sheet.ok_button)
    hands.until(lambda: hands.screen.worklists.sheet is None)
    until_quiet(hands)
    assert (left(real, Worklist.MISMATCH), left(real, Worklist.MISMATCH, dealt_with=True)) == (mismatched - 2, 1)
    page.dealt_with.click()
    hands.until(lambda: page.chosen_patient is not None and page.chosen_patient.handling is not None)
    assert page.chosen_patient.handling.note == "Letter on Monday"
    assert messages_received(real.spine) == sent


def test_what_to_do_next_names_the_dissents_first(staged: Staged, qtbot: QtBot):
    hands = results_worklists(staged, qtbot)
    told = hands.middle.results.steps.accessibleName()
    assert told.startswith("The dissents of 2 patients have not reached the Spine.")
    assert "The Spine holds dissents of 7 patients" in told


def test_whoever_may_not_record_is_told_why(staged: Staged, qtbot: QtBot):
    staged.mismatches.why_not = "Your role lacks the activity B0020 that allows recording consent."
    staged.worklists.leave()
    hands = open_mismatch(staged, qtbot)
    button = page_of(hands).record_button
    assert not button.isEnabled()
    assert "B0020" in button.toolTip()
    assert "B0020" in button.accessibleDescription()


def open_mismatch(staged: Staged, qtbot: QtBot) -> Hands:
    staged.reader.begin()
    hands = Hands(staged.open(), qtbot)
    hands.screen.patients_menu.worklists_entry.trigger()
    hands.until(lambda: page_of(hands).list.count() > 0)
    choose(hands, Worklist.MISMATCH)
    return hands


def test_a_dissent_is_recorded_only_where_the_spine_holds_one(staged: Staged, qtbot: QtBot):
    hands = worklists(staged, qtbot)
    choose(hands, Worklist.FAILED)
    button = page_of(hands).record_button
    assert not button.isEnabled()
    assert ONLY_MISMATCH in button.accessibleDescription()


def test_no_records_nothing(staged: Staged, qtbot: QtBot):
    hands = worklists(staged, qtbot)
    hands.click(page_of(hands).record_button)
    hands.click(hands.screen.worklists.question.button(QMessageBox.StandardButton.No))
    hands.until(lambda: hands.screen.worklists.question is None)
    assert staged.mismatches.asked == []


def test_a_refusal_is_told_where_one_looks(staged: Staged, qtbot: QtBot):
    hands = worklists(staged, qtbot)
    staged.mismatches.fault = Refused("The Spine did not answer. Try again in a moment.")
    hands.click(page_of(hands).check_button)
    hands.until(lambda: "did not answer" in page_of(hands).news.words)


def test_pressing_again_while_the_spine_is_asked_asks_once(staged: Staged, qtbot: QtBot):
    hands = worklists(staged, qtbot)
    staged.mismatches.may_go_on.clear()
    page = page_of(hands)
    hands.click(page.check_button)
    hands.click(page.check_button)
    assert "Asking" in page.news.words
    staged.mismatches.may_go_on.set()
    hands.until(lambda: "holds a dissent" in page.news.words)
    assert len(staged.mismatches.asked) == 1


def test_a_mark_that_is_refused_keeps_what_was_typed(staged: Staged, qtbot: QtBot):
    hands = worklist_mark(staged, qtbot)
    sheet = hands.screen.worklists.sheet
    sheet.note.setText("Second letter")
    staged.worklists.fault = Refused("Nobody is signed in.")
    hands.click(sheet.ok_button)
    hands.until(lambda: "Nobody is signed in" in sheet.message.words)
    assert sheet.note.text() == "Second letter"
    staged.worklists.fault = None
    hands.click(sheet.ok_button)
    hands.until(lambda: hands.screen.worklists.sheet is None)
    assert staged.worklists.changes == [(Worklist.MISMATCH, 2, "Second letter", False)]


def test_a_mark_is_taken_away(staged: Staged, qtbot: QtBot):
    hands = worklist_mark(staged, qtbot)
    hands.click(hands.screen.worklists.sheet.unmark_button)
    hands.until(lambda: hands.screen.worklists.sheet is None)
    assert staged.worklists.changes == [(Worklist.MISMATCH, 2, None)]


def test_counts_are_for_everybody_and_names_are_not(staged: Staged, qtbot: QtBot):
    hands = worklists_signed_out(staged, qtbot)
    page = page_of(hands)
    assert "2 patients left" in page.list.item(0).text()
    assert page.chosen_patient is None
    for one in (page.mark_button, page.check_button, page.record_button):
        assert not one.isEnabled()


@pytest.mark.parametrize(
    ("unsent", "dealt_with", "tone", "told"),
    [
        (0, 0, Tone.ACCENT, "Every dissent held here has reached the Spine. 1 worklist has patients to look at."),
        (1, 0, Tone.FAILED, "The dissent of 1 patient has not reached the Spine yet, as far as is known. "),
        (2, 1, Tone.FAILED, "The dissents of 3 patients have not reached the Spine yet, as far as is known. "),
        (0, 4, Tone.FAILED, "The dissents of 4 patients have not"),
    ],
)
def test_it_is_said_whether_every_dissent_has_reached_the_spine(unsent, dealt_with, tone, told):
    counts = [
        WorklistCount(OfWorklist(Worklist.DISSENT_NOT_SENT), unsent, dealt_with),
        WorklistCount(OfWorklist(Worklist.MISMATCH), 3, 0),
    ]
    found, *words = standing_words(counts)
    assert (found, " ".join(words)[: len(told)]) == (tone, told)


@pytest.mark.parametrize("state", [choose_completed, paused, results])
def test_how_the_dissents_stand_is_told_wherever_a_run_is_told_of(staged: Staged, qtbot: QtBot, state):
    staged.worklists.leave()
    hands = state(staged, qtbot)
    middle = hands.middle
    [shown] = [page for page in (middle.choose, middle.running, middle.results) if page.isVisible()]
    hands.until(shown.worklists.isVisible)
    assert shown.worklists.words.startswith("The dissents of 2 patients have not reached the Spine yet")
    hands.click(shown.worklists.open_button)
    hands.until_page(page_of(hands))


def test_nothing_is_said_of_the_dissents_while_a_run_is_under_way_or_before_any(staged: Staged, qtbot: QtBot):
    staged.worklists.leave()
    hands = running(staged, qtbot)
    assert not hands.middle.running.worklists.isVisible()
    assert not hands.middle.choose.worklists.words


def test_where_the_worklists_cannot_be_read_the_line_stays_away(staged: Staged, qtbot: QtBot):
    staged.worklists.fault = StorageFault("The practice database could not be read.")
    hands = choose_completed(staged, qtbot)
    hands.until(lambda: not hands.screen.worklists.is_busy)
    assert not hands.middle.choose.worklists.isVisible()
    assert hands.screen.messages.box is None


def test_the_menu_tells_how_many_worklists_have_somebody_left(staged: Staged, qtbot: QtBot):
    hands = results_worklists(staged, qtbot)
    assert "3 worklists have patients" in hands.middle.results.worklists.words
    assert "(3)" in hands.screen.patients_menu.worklists_entry.text()
    assert page_of(hands).list.count() == 0, "nothing is read for a page that nobody sees"


def test_a_patient_is_added_to_a_group_there_is(staged: Staged, qtbot: QtBot):
    hands = worklist_group(staged, qtbot)
    sheet = hands.screen.worklists.grouping.sheet
    sheet.group.setCurrentIndex(1)
    assert not sheet.name.isVisible()
    hands.click(sheet.ok_button)
    hands.until(lambda: "added to the group Trial run" in page_of(hands).news.words)
    assert [one.members for one in staged.practice.group_views] == [31, 51]


def test_a_patient_begins_a_new_group_and_a_refusal_keeps_the_name(staged: Staged, qtbot: QtBot):
    hands = worklist_group(staged, qtbot)
    sheet = hands.screen.worklists.grouping.sheet
    sheet.name.setText("To ask")
    sheet.refuse("There is a group of this name already. Choose another name.")
    assert sheet.name.text() == "To ask"
    hands.click(sheet.ok_button)
    hands.until(lambda: "To ask was made" in page_of(hands).news.words)
    assert staged.practice.group_views[-1].members == 1
