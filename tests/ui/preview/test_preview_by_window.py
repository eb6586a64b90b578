"""A preview by keyboard and mouse: over fakes for its states, over engine, database and Spine for what it does."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from app.domain.actions import Action
from app.domain.errors import Refused
from app.domain.states import StopReason
from app.engine.ports import GroupView
from app.engine.preview import Depth
from app.engine.preview_lists import DISSENT_NOT_SENT
from tests.ui.conftest import PATIENTS, Real, Staged
from tests.ui.fakes import FakeAwake
from tests.ui.hands import Hands
from tests.ui.preview.fakes import FakePreviews
from tests.ui.preview.staging import (
    preview_asking,
    preview_found,
    preview_list,
    preview_short,
    preview_signed_out,
    preview_working,
    results_otherwise,
)
from tests.ui.times_states import scheduled


def previews_of(hands: Hands) -> FakePreviews:
    found = hands.screen._services.previews
    assert isinstance(found, FakePreviews)
    return found


# --- over everything real ---


def test_what_is_foreseen_is_what_the_run_then_does(real: Callable[..., Real], qtbot: QtBot):
    one = real()
    hands = Hands(one.screen, qtbot)
    hands.click(hands.middle.choose.preview_button)
    page = hands.screen.preview.page
    hands.until_page(page)
    hands.click(page.records_button)
    hands.until(page.press_button.isVisible)
    assert "The Spine was not asked." in page.left_open.text()
    assert one.spine.history(method="GET", path="/summary-care-record/FHIR/R4/DocumentReference") == []

    hands.click(page.again_button)
    hands.click(page.spine_button)
    hands.sign_in()
    hands.until(lambda: page.press_button.isVisible() and not page.left_open.isVisible())
    assert one.spine.writes() == []
    foreseen = {words.split(" (")[0]: number for number, words in page.numbers.texts()}
    assert one.product.queries.latest_run(one.product.family.key) is None

    hands.click(page.not_sent_button)
    rows = hands.screen.preview.list
    hands.until(rows.open_button.isEnabled)
    assert str(rows.browser.total) in page.not_sent.words
    qtbot.keyClick(rows, Qt.Key.Key_Escape)
    hands.until_page(page)
    assert rows.browser.query is None, "no name stays behind a page that is left"

    hands.click(page.press_button)
    hands.until_page(hands.middle.options)
    hands.click(hands.middle.options.ok_button)
    hands.answer(QMessageBox.StandardButton.Ok)
    hands.until_page(hands.middle.results)
    told = hands.middle.results.foreseen
    hands.until(told.isVisible)
    view = one.product.queries.latest_run(one.product.family.key)
    assert view is not None
    refused = int(foreseen["Dissents to be sent"]) - view.counts.sent
    assert f"{view.counts.not_required:,}" == foreseen["Not required"]
    assert view.counts.failed == int(foreseen["Likely to fail"]) + refused
    assert str(view.counts.total - refused) in told.words
    assert view.counts.total < PATIENTS


# --- over fakes ---


def test_from_the_step_before_ok_it_is_of_the_group_that_is_chosen(staged: Staged, qtbot: QtBot):
    staged.practice.group_views = [GroupView("Trial run", 50, 48)]
    hands = preview_asking(staged, qtbot)
    page = hands.screen.preview.page
    assert page.title.text() == "Preview of Run for everyone"
    assert page.spine_meaning.text().endswith("It takes about 35 min for 10,387 patients.")
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    hands.until_page(hands.middle.options)
    hands.screen.runs.step.choose_group("Trial run")
    hands.click(hands.middle.options.preview_button)
    assert page.title.text() == "Preview of Run for the group Trial run"
    hands.click(page.records_button)
    hands.until(page.press_button.isVisible)
    [wish] = previews_of(hands).taken
    assert (wish.press.action, wish.press.group, wish.depth) == (Action.RUN, "Trial run", Depth.RECORDS)
    hands.click(page.press_button)
    hands.until_page(hands.middle.options)
    assert hands.screen.runs.step.chosen_press() == wish.press


def test_without_a_card_the_spine_waits_for_the_sign_in(staged: Staged, qtbot: QtBot):
    hands = preview_signed_out(staged, qtbot)
    page = hands.screen.preview.page
    assert page.press_button.isVisible(), "what was found before is shown"
    hands.click(page.again_button)
    hands.click(page.spine_button)
    hands.sign_in()
    hands.until(lambda: [wish.depth for wish in previews_of(hands).taken] == [Depth.SPINE])


def test_a_sign_in_for_something_else_begins_no_preview(staged: Staged, qtbot: QtBot):
    hands = preview_signed_out(staged, qtbot)
    page = hands.screen.preview.page
    hands.click(page.again_button)
    hands.click(page.spine_button)
    hands.screen.preview.on_back_wanted()
    hands.sign_in()
    hands.until(lambda: hands.screen.card.session is not None)
    assert previews_of(hands).taken == []


def test_stop_keeps_what_was_found_and_go_on_looks_at_the_rest(staged: Staged, qtbot: QtBot):
    hands = preview_working(staged, qtbot)
    page, previews = hands.screen.preview.page, previews_of(hands)
    assert page.doing.text() == "4,212 of 10,387 patients looked at, about 21 min left"
    hands.click(page.stop_button)
    hands.until(page.go_on_button.isVisible)
    assert page.note.words.startswith("Stop was pressed. 6,239 patients not looked at")
    previews.waits = False
    hands.click(page.go_on_button)
    hands.until(lambda: not page.go_on_button.isVisible() and page.press_button.isVisible())
    assert (previews.gone_on, page.note.words) == (1, "")


def test_a_run_that_begins_goes_before(staged: Staged, qtbot: QtBot):
    hands = preview_working(staged, qtbot)
    qtbot.keyClick(hands.screen.preview.page, Qt.Key.Key_Escape)
    assert hands.screen.preview.page.isVisible(), "while it works there is Stop, and no way back"
    hands.screen.runs.step.accept()
    hands.until(lambda: not hands.screen.preview.is_busy)
    assert previews_of(hands).stopped_by is StopReason.USER


def test_its_end_is_read_aloud_with_the_warnings(staged: Staged, qtbot: QtBot):
    hands = preview_asking(staged, qtbot)
    with qtbot.waitSignal(hands.screen.preview.told) as told:
        hands.click(hands.screen.preview.page.spine_button)
    [words] = told.args
    assert words.startswith("What Run would do for 10,387 patients: the Spine was asked. The consent of 412 patients")
    assert "9 dissents would not be sent" in words


def test_the_computer_is_kept_awake_while_it_is_taken(staged: Staged, qtbot: QtBot):
    awake = FakeAwake(agrees=True)
    hands = preview_asking(staged, qtbot, FakePreviews(waits=True), awake=awake)
    hands.click(hands.screen.preview.page.spine_button)
    hands.until(lambda: awake.is_on)
    hands.click(hands.screen.preview.page.stop_button)
    hands.until(lambda: not hands.screen.preview.is_busy)
    assert not awake.is_on


def test_what_is_refused_is_said_and_leaves_the_choice(staged: Staged, qtbot: QtBot):
    hands = preview_asking(staged, qtbot)
    previews_of(hands).refusal = Refused("Not now.")
    hands.click(hands.screen.preview.page.spine_button)
    assert hands.message().text() == "Not now."
    hands.answer(QMessageBox.StandardButton.Ok)
    assert hands.screen.preview.page.spine_button.isVisible()
    assert previews_of(hands).taken == []


def test_an_error_nobody_expected_is_shown_and_leaves_the_choice(staged: Staged, qtbot: QtBot, monkeypatch):
    hands = preview_asking(staged, qtbot)

    def broken(*_: object) -> None:
        raise RuntimeError("odd")

    monkeypatch.setattr(previews_of(hands), "take", broken)
    hands.click(hands.screen.preview.page.records_button)
    hands.until(lambda: hands.screen.messages.error is not None)
    assert hands.screen.preview.page.spine_button.isVisible()


def test_the_numbers_lead_to_their_lists_and_back(staged: Staged, qtbot: QtBot):
    hands = preview_found(staged, qtbot)
    page = hands.screen.preview.page
    assert ("117", "Dissents to be sent") in page.numbers.texts()
    hands.click(page.numbers.button_of("mismatch"))
    rows = hands.screen.preview.list
    hands.until_page(rows)
    assert rows.title.text() == "Dissent on the Spine, not here"
    hands.until(rows.open_button.isEnabled)
    assert not rows.group_button.isEnabled()
    hands.click(rows.leave_button)
    hands.until_page(page)
    hands.click(page.leave_button)
    hands.until_page(hands.middle.options)


def test_a_list_of_a_preview_says_that_nothing_has_been_done_yet(staged: Staged, qtbot: QtBot):
    hands = preview_list(staged, qtbot)
    browser = hands.screen.preview.list.browser
    assert hands.screen.preview.list.meaning.text() == DISSENT_NOT_SENT.meaning
    who, what, _ = browser.chosen.texts
    assert who.text().startswith("Abdi, Ann")
    assert what.text() == "Likely to fail. The record is not linked with PDS. Link it before the run."
    headings = [browser.table.headerData(at, Qt.Orientation.Horizontal) for at in range(browser.table.columnCount())]
    assert "Time" not in headings
    assert {"Here then", "Spine then"} <= set(headings)


def test_signing_in_elsewhere_leaves_the_page_where_it_is(staged: Staged, qtbot: QtBot):
    hands = preview_found(staged, qtbot)
    hands.screen.patients.on_look()
    assert hands.screen.preview.page.isVisible()


def test_the_session_that_ends_midway_is_said(staged: Staged, qtbot: QtBot):
    hands = preview_short(staged, qtbot)
    assert hands.screen.preview.page.note.words.startswith("Smartcard session ended. 6,239 patients not looked at")


def test_results_tell_what_came_otherwise(staged: Staged, qtbot: QtBot):
    hands = results_otherwise(staged, qtbot)
    words = hands.middle.results.foreseen.words
    assert words.startswith("As foreseen: 10,370 patients. Otherwise: 17 patients.")
    assert "12 patients: The Spine refused the dissent" in words
    hands.click(hands.middle.results.foreseen_button)
    rows = hands.screen.preview.list
    hands.until(rows.open_button.isEnabled)
    assert rows.title.text() == "Came otherwise than foreseen"
    hands.click(rows.leave_button)
    hands.until_page(hands.middle.results)


def test_without_a_preview_of_it_results_say_nothing(staged: Staged, qtbot: QtBot):
    hands = results_otherwise(staged, qtbot)
    hands.screen.runs.go_back()
    previews_of(hands).current = None
    hands.screen.runs.show_results()
    assert not hands.middle.results.foreseen.isVisible()


def test_what_is_scheduled_is_previewed_as_the_rerun_that_would_take_its_place(staged: Staged, qtbot: QtBot):
    hands = scheduled(staged, qtbot)
    hands.click(hands.middle.choose.preview_button)
    assert hands.screen.preview.page.title.text() == "Preview of Rerun for everyone"
