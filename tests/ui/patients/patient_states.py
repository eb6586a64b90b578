"""The window over patients: lists of them, a story, and the groups they are put in."""

from __future__ import annotations

from dataclasses import replace

from pytestqt.qtbot import QtBot

from app.domain.outcomes import ItemState
from app.domain.states import RunStatus
from app.engine.ports import GroupView
from tests.ui.conftest import Staged
from tests.ui.fakes import run_view
from tests.ui.hands import Hands
from tests.ui.running_states import running
from tests.ui.staging import DONE, EARLIER, HALFWAY, State, opened


def patients_failed(staged: Staged, qtbot: QtBot) -> Hands:
    staged.practice.run_view = run_view(RunStatus.COMPLETED, replace(DONE, failed=staged.viewer.total))
    hands = opened(staged, qtbot)
    hands.screen.runs.show_results()
    hands.until_page(hands.middle.results)
    hands.click(hands.middle.results.counters.button_of(ItemState.FAILED))
    hands.until(hands.screen.patients.list.open_button.isEnabled)
    hands.until_focus(hands.screen.patients.list.browser.view)
    return hands


def patients_overtaken(staged: Staged, qtbot: QtBot) -> Hands:
    staged.viewer.total = EARLIER.not_required
    hands = running(staged, qtbot)
    staged.practice.run_view = run_view(RunStatus.RUNNING, HALFWAY)
    hands.click(hands.middle.running.counters.button_of(ItemState.NOT_REQUIRED))
    browser = hands.screen.patients.list.browser
    hands.until(lambda: bool(browser.moved.text()) and browser.chosen_line is not None)
    hands.until_focus(browser.view)
    return hands


def patients_signed_out(staged: Staged, qtbot: QtBot) -> Hands:
    staged.practice.run_view = run_view(RunStatus.COMPLETED, DONE)
    hands = Hands(staged.open(), qtbot)
    hands.screen.patients.show_counter(ItemState.FAILED)
    hands.until(hands.screen.patients.list.browser.sign_in_button.isVisible)
    return hands


def patient_story(staged: Staged, qtbot: QtBot) -> Hands:
    hands = patients_failed(staged, qtbot)
    hands.click(hands.screen.patients.list.open_button)
    hands.until(lambda: bool(hands.screen.patients.story.texts()))
    return hands


def patient_story_details(staged: Staged, qtbot: QtBot) -> Hands:
    hands = patient_story(staged, qtbot)
    hands.click(hands.screen.patients.story.details_button)
    return hands


def groups_none(staged: Staged, qtbot: QtBot) -> Hands:
    hands = opened(staged, qtbot)
    hands.screen.patients_menu.groups_entry.trigger()
    hands.until_page(hands.screen.patients.groups)
    return hands


def groups(staged: Staged, qtbot: QtBot) -> Hands:
    staged.practice.group_views = [GroupView("Care home residents", 31, 29), GroupView("Trial run", 50, 50)]
    hands = groups_none(staged, qtbot)
    hands.until(hands.screen.patients.groups.open_button.isEnabled)
    return hands


def group_new(staged: Staged, qtbot: QtBot) -> Hands:
    hands = groups(staged, qtbot)
    hands.click(hands.screen.patients.groups.new_button)
    return hands


def group_new_faults(staged: Staged, qtbot: QtBot) -> Hands:
    hands = group_new(staged, qtbot)
    sheet = hands.screen.patients.group_changes.sheet
    sheet.name.setText("Second trial")
    sheet.whom.numbers.setPlainText("\n".join(f"999 000 {at:04}" for at in range(52)))
    hands.until(sheet.whom.faults.isVisible)
    return hands


def group_members(staged: Staged, qtbot: QtBot) -> Hands:
    hands = groups(staged, qtbot)
    hands.click(hands.screen.patients.groups.members_button)
    sheet = hands.screen.patients.group_changes.sheet
    sheet.whom.numbers.setPlainText("\n".join(f"999 000 {at:04}" for at in range(3)))
    hands.until(sheet.ok_button.isEnabled)
    return hands


def group_removal(staged: Staged, qtbot: QtBot) -> Hands:
    hands = groups(staged, qtbot)
    hands.click(hands.screen.patients.groups.removal_button)
    return hands


def group_keep(staged: Staged, qtbot: QtBot) -> Hands:
    hands = patients_failed(staged, qtbot)
    hands.click(hands.screen.patients.list.group_button)
    hands.until(lambda: "48 patients" in hands.screen.patients.group_changes.sheet.sizes.text())
    return hands


def group_rename(staged: Staged, qtbot: QtBot) -> Hands:
    hands = groups(staged, qtbot)
    hands.click(hands.screen.patients.groups.rename_button)
    return hands


def group_delete(staged: Staged, qtbot: QtBot) -> Hands:
    hands = groups(staged, qtbot)
    hands.click(hands.screen.patients.groups.delete_button)
    return hands


PATIENT_STATES: tuple[State, ...] = (
    patients_failed,
    patients_overtaken,
    patients_signed_out,
    patient_story,
    patient_story_details,
    groups_none,
    groups,
    group_new,
    group_new_faults,
    group_members,
    group_removal,
    group_keep,
    group_rename,
    group_delete,
)
