"""The pages about patients for people: names like markup, keyboard, screen reader, names gone with the card."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.domain.actions import Action
from app.domain.errors import StorageFault
from app.domain.outcomes import ItemState
from app.domain.states import RunStatus
from app.engine.lists import JoinedSince, OfRun
from app.engine.rows import Counts
from tests.ui.conftest import Staged
from tests.ui.fakes import run_view
from tests.ui.hands import Hands
from tests.ui.patients import fake_lists

DONE = Counts(sent=117, failed=3, not_required=10_267)
MARKUP = "<b>Bold</b> & <img src=x>"


@pytest.fixture
def hands(staged: Staged, qtbot: QtBot) -> Hands:
    """Somebody looks at the patients who failed."""
    staged.reader.begin()
    staged.practice.run_view = run_view(RunStatus.COMPLETED, replace(DONE, failed=staged.viewer.total))
    made = Hands(staged.open(), qtbot)
    made.screen.patients.show_counter(ItemState.FAILED)
    made.until(lambda: made.screen.patients.list.browser.chosen_line is not None)
    return made


def labels(root: QWidget) -> list[QLabel]:
    return [one for one in root.findChildren(QLabel) if one.text()]


def test_no_label_takes_a_patients_data_for_markup(staged: Staged, qtbot: QtBot, monkeypatch):
    monkeypatch.setattr(fake_lists, "SURNAMES", (MARKUP,))
    story = fake_lists.a_story()
    [term] = story.now
    told = replace(story.runs[0].outcome, spine_text=MARKUP, operator=MARKUP)
    staged.viewer.told = replace(
        story,
        person=replace(story.person, surname=MARKUP, forename=MARKUP, groups=(MARKUP,), patient_ref=MARKUP),
        now=(replace(term, term=MARKUP, recorded_by=MARKUP),),
        runs=(replace(story.runs[0], group=MARKUP, outcome=told),),
    )
    staged.reader.begin()
    staged.practice.run_view = run_view(RunStatus.COMPLETED, DONE)
    hands = Hands(staged.open(), qtbot)
    patients = hands.screen.patients
    patients.show_counter(ItemState.FAILED)
    hands.until(lambda: patients.list.browser.chosen_line is not None)
    assert MARKUP in patients.list.browser.chosen.texts[0].text()
    assert patients.list.browser.table.index(0, 0).data() == MARKUP
    hands.click(patients.list.open_button)
    hands.until(lambda: bool(patients.story.texts()))
    hands.click(patients.story.details_button)
    assert sum(MARKUP in text for text in patients.story.texts()) >= 6
    shown = labels(hands.window)
    assert not [one.text() for one in shown if one.textFormat() is not Qt.TextFormat.PlainText]
    # A tooltip that looks like markup would be shown as such.
    assert not [one for one in hands.window.findChildren(QWidget) if "<" in one.toolTip()]


def test_the_table_says_what_it_is_and_how_long(hands: Hands):
    view = hands.screen.patients.list.browser.view
    assert view.accessibleName() == "Patients"
    assert view.accessibleDescription() == "250 patients"


def test_tab_leaves_the_table(hands: Hands):
    browser = hands.screen.patients.list.browser
    hands.until_focus(browser.view)
    hands.key(Qt.Key.Key_Tab)
    assert not browser.view.hasFocus()


def test_end_and_home_go_to_the_ends_of_a_long_list(staged: Staged, hands: Hands):
    staged.viewer.total = 100_000
    browser = hands.screen.patients.list.browser
    browser.refresh()
    hands.until(lambda: browser.found == 100_000)
    hands.until_focus(browser.view)
    hands.key(Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    hands.until(lambda: browser.chosen_line is not None and browser.chosen_line.mark.tie == 99_999)
    hands.key(Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
    hands.until(lambda: browser.chosen_line is not None and browser.chosen_line.mark.tie == 0)
    assert len(staged.viewer.reads) < 10, "the list was never read through"


def test_a_refresh_stays_where_somebody_looks(hands: Hands):
    browser = hands.screen.patients.list.browser
    browser.view.choose(200)
    hands.until(lambda: browser.chosen_line is not None and browser.chosen_line.mark.tie == 200)
    hands.until_focus(browser.view)
    hands.key(Qt.Key.Key_F5)
    hands.until(lambda: browser.table.is_reading)
    hands.until(lambda: browser.chosen_line is not None and browser.chosen_line.mark.tie == 200)


def test_a_search_begins_once_nobody_types(staged: Staged, hands: Hands):
    page = hands.screen.patients.list
    hands.until_focus(page.browser.view)
    hands.key(Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    hands.until_focus(page.browser.fields.search)
    hands.type("smith")
    hands.until(lambda: staged.viewer.reads[-1][0].search == "smith")
    assert not [query for query, *_ in staged.viewer.reads if query.search in {"s", "sm"}]


def test_an_empty_list_says_so(staged: Staged, hands: Hands):
    staged.viewer.total = 0
    browser = hands.screen.patients.list.browser
    browser.refresh()
    hands.until(browser.message.isVisible)
    assert browser.message.words == "Nobody is on this list."
    assert not browser.sign_in_button.isVisible()
    assert not hands.screen.patients.list.open_button.isEnabled()


def test_a_database_that_fails_is_told_in_place_of_the_rows(staged: Staged, hands: Hands):
    staged.viewer.fault = StorageFault("The disk with the practice database has gone.")
    browser = hands.screen.patients.list.browser
    browser.refresh()
    hands.until(browser.message.isVisible)
    assert "disk" in browser.message.words
    staged.viewer.fault = None
    hands.click(hands.screen.patients.list.refresh_button)
    hands.until(lambda: browser.chosen_line is not None)


def test_an_unexpected_error_is_shown_and_the_window_lives(staged: Staged, hands: Hands):
    staged.viewer.fault = ZeroDivisionError()
    hands.screen.patients.list.browser.refresh()
    hands.until(lambda: hands.screen.messages.error is not None)
    hands.click(hands.screen.messages.error.close_button)


def test_a_session_that_ends_by_itself_takes_the_names_with_it(staged: Staged, hands: Hands):
    browser = hands.screen.patients.list.browser
    staged.viewer.refusal = "Your Smartcard session has ended. Sign in again first."
    hands.until(browser.message.isVisible)
    assert browser.table.rowCount() == 0
    assert browser.message.words == staged.viewer.refusal


def test_a_patient_who_is_gone_is_told_so(staged: Staged, hands: Hands):
    staged.viewer.told = None
    hands.click(hands.screen.patients.list.open_button)
    hands.until(hands.screen.patients.story.message.isVisible)
    assert "no longer" in hands.screen.patients.story.message.words


def test_who_joined_is_offered_with_view_and_rerun(staged: Staged, qtbot: QtBot):
    staged.viewer.joined = 12
    staged.reader.begin()
    staged.practice.run_view = run_view(RunStatus.COMPLETED, DONE)
    hands = Hands(staged.open(), qtbot)
    hands.click(hands.middle.choose.results_button)
    joined = hands.middle.results.joined
    hands.until(joined.isVisible)
    assert joined.words.startswith("12 patients have joined")
    staged.viewer.total = 12
    hands.click(joined.view_button)
    browser = hands.screen.patients.list.browser
    hands.until(lambda: browser.chosen_line is not None)
    assert browser.query.source == JoinedSince(1)
    hands.click(hands.screen.patients.list.leave_button)
    hands.click(joined.rerun_button)
    hands.until_page(hands.middle.options)
    assert hands.middle.options.title.text() == "Rerun"


def test_nobody_joined_and_nothing_is_said(staged: Staged, qtbot: QtBot):
    staged.reader.begin()
    staged.practice.run_view = run_view(RunStatus.COMPLETED, DONE)
    hands = Hands(staged.open(), qtbot)
    hands.click(hands.middle.choose.results_button)
    hands.until(lambda: bool(staged.viewer.threads))
    hands.until(lambda: not hands.screen.patients.is_reading)
    assert not hands.middle.results.joined.isVisible()


def test_an_action_from_the_menu_takes_the_place_of_the_list(staged: Staged, hands: Hands):
    hands.window.menu_action(Action.RERUN).trigger()
    hands.until_page(hands.middle.options)
    browser = hands.screen.patients.list.browser
    hands.until(lambda: browser.table.rowCount() == 0)
    assert hands.middle.over is None


def test_sources_are_told_apart_by_their_run(hands: Hands):
    query = hands.screen.patients.list.browser.query
    assert isinstance(query.source, OfRun)
    assert query.source.run_id == 1
