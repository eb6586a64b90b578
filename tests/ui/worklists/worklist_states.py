"""The window over the worklists."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from app.engine.ports import GroupView
from tests.ui.conftest import Staged
from tests.ui.hands import Hands
from tests.ui.staging import State, opened


def worklists(staged: Staged, qtbot: QtBot) -> Hands:
    """The patients whose dissent the Spine holds and the record does not."""
    staged.worklists.leave()
    staged.viewer.total = 7
    hands = opened(staged, qtbot)
    hands.screen.patients_menu.worklists_entry.trigger()
    page = hands.screen.worklists.page
    hands.until(lambda: page.list.count() > 0)
    page.list.setCurrentRow(1)
    hands.until(page.record_button.isEnabled)
    hands.until(page.open_button.isEnabled)
    return hands


def worklists_signed_out(staged: Staged, qtbot: QtBot) -> Hands:
    staged.worklists.leave()
    hands = Hands(staged.open(), qtbot)
    hands.screen.patients_menu.worklists_entry.trigger()
    hands.until(hands.screen.worklists.page.browser.sign_in_button.isVisible)
    return hands


def worklist_told(staged: Staged, qtbot: QtBot) -> Hands:
    hands = worklists(staged, qtbot)
    hands.click(hands.screen.worklists.page.check_button)
    hands.until(lambda: "holds a dissent" in hands.screen.worklists.page.news.words)
    hands.until(hands.screen.worklists.page.check_button.isEnabled)
    return hands


def worklist_mark(staged: Staged, qtbot: QtBot) -> Hands:
    hands = worklists(staged, qtbot)
    hands.screen.worklists.page.browser.view.choose(1)
    hands.click(hands.screen.worklists.page.mark_button)
    return hands


def worklist_group(staged: Staged, qtbot: QtBot) -> Hands:
    staged.practice.group_views = [GroupView("Care home residents", 31, 29), GroupView("Trial run", 50, 50)]
    hands = worklists(staged, qtbot)
    hands.click(hands.screen.worklists.page.add_button)
    hands.until(lambda: hands.screen.worklists.grouping.sheet is not None)
    hands.screen.worklists.grouping.sheet.group.setCurrentIndex(2)
    return hands


def worklist_record(staged: Staged, qtbot: QtBot) -> Hands:
    hands = worklists(staged, qtbot)
    hands.click(hands.screen.worklists.page.record_button)
    return hands


WORKLIST_STATES: tuple[State, ...] = (
    worklists,
    worklists_signed_out,
    worklist_told,
    worklist_mark,
    worklist_group,
    worklist_record,
)
