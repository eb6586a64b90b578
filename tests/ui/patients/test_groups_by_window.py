"""Patient groups through the window: with the real engine, SQLite and the simulated Spine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QListWidget, QMessageBox
from pytestqt.qtbot import QtBot

from app.domain.actions import Action
from app.domain.outcomes import ItemState
from app.engine.groups import GroupDraft
from app.engine.lists import ListQuery, OfGroup, OfPractice
from app.engine.ports import GroupView
from app.storage.tables import audit_event
from app.ui.patients.group_sheets import KeepSheet, MembersSheet, NewGroupSheet, RenameSheet
from app.ui.patients.groups_page import GroupsPage
from tests.ui.conftest import Real
from tests.ui.hands import Hands
from tests.ui.patients.test_patients_by_window import browser_of, run_to_the_end, see

At = Callable[..., tuple[Real, Hands]]


@pytest.fixture
def at(real: Callable[..., Real], qtbot: QtBot) -> At:
    """Somebody sits down, signs in and opens the groups."""

    def sit_down() -> tuple[Real, Hands]:
        product = real()
        hands = Hands(product.screen, qtbot)
        hands.signed_in()
        open_groups(hands)
        return product, hands

    return sit_down


def open_groups(hands: Hands) -> None:
    hands.screen.patients_menu.groups_entry.trigger()
    hands.until(lambda: page_of(hands).list.count() > 0)


def page_of(hands: Hands) -> GroupsPage:
    return hands.screen.patients.groups


def sheet_of(hands: Hands) -> NewGroupSheet:
    sheet = hands.screen.patients.group_changes.sheet
    assert isinstance(sheet, NewGroupSheet)
    return sheet


def until_done(hands: Hands) -> None:
    hands.until(lambda: hands.screen.patients.group_changes.sheet is None)


def names(listed: QListWidget) -> list[str]:
    return [listed.item(row).text().split("\n")[0] for row in range(listed.count())]


def numbers_of(real: Real, count: int) -> list[str]:
    lines = real.product.patients.page(ListQuery(OfPractice()), None, 0, 200)
    return [line.nhs_number for line in lines if line.nhs_number and line.registration.is_active][:count]


def members(real: Real, name: str) -> list[str | None]:
    return [line.nhs_number for line in real.product.patients.page(ListQuery(OfGroup(name)), None, 0, 500)]


def test_the_groups_are_shown_with_who_of_them_is_left_out(at: At):
    real, hands = at()
    page = page_of(hands)
    groups = real.product.queries.groups()
    assert names(page.list) == [group.name for group in groups]
    hands.until(lambda: page.browser.chosen_line is not None)
    for row, group in enumerate(groups):
        page.list.setCurrentRow(row)
        hands.until(lambda group=group: page.browser.query.source == OfGroup(group.name) and page.browser.found > 0)
        assert page.browser.found == group.members
        left_out = group.members - group.active
        assert (f"{left_out} patient" in page.note.text()) if left_out else ("Everybody" in page.note.text())


def test_a_group_of_pasted_numbers_is_made_and_run(at: At):
    real, hands = at()
    wanted = numbers_of(real, 3)
    hands.click(page_of(hands).new_button)
    sheet = sheet_of(hands)
    assert not sheet.ok_button.isEnabled()
    sheet.name.setText("Trial run")
    sheet.whom.numbers.setPlainText(
        f"{wanted[0]}\nnot a number\n{wanted[1][:3]} {wanted[1][3:]}\n9990000000\n{wanted[2]}\n"
    )
    hands.until(sheet.whom.faults.isVisible)
    assert "3 patients, all active. 2 lines lead to nobody" in sheet.whom.found.text()
    assert [line.split(":")[0] for line in sheet.whom.faults.toPlainText().splitlines()] == ["Line 2", "Line 4"]
    hands.click(sheet.ok_button)
    until_done(hands)
    hands.until(lambda: "Trial run" in names(page_of(hands).list))
    assert page_of(hands).chosen == GroupView("Trial run", 3, 3)
    assert sorted(members(real, "Trial run")) == sorted(wanted)

    hands.click(page_of(hands).leave_button)
    hands.press(Action.RUN)
    hands.until_page(hands.middle.options)
    choice = hands.middle.options.group
    at_group = choice.findData("Trial run")
    assert "(3)" in choice.itemText(at_group)
    choice.setCurrentIndex(at_group)
    choice.activated.emit(at_group)
    hands.click(hands.middle.options.ok_button)
    hands.answer(QMessageBox.StandardButton.Ok)
    assert real.product.queries.latest_run(real.product.family.key).counts.total == 3


def test_a_group_is_made_with_the_keyboard_alone(at: At):
    real, hands = at()
    [wanted] = numbers_of(real, 1)
    hands.until_focus(page_of(hands).list)
    hands.key(Qt.Key.Key_N, Qt.KeyboardModifier.AltModifier)
    hands.until(lambda: hands.screen.patients.group_changes.sheet is not None)
    sheet = sheet_of(hands)
    hands.until(sheet.name.hasFocus)
    hands.type("By keyboard")
    for _ in range(2):
        hands.key(Qt.Key.Key_Tab)
    hands.until(sheet.whom.numbers.hasFocus)
    hands.type(wanted)
    hands.until(sheet.ok_button.isEnabled)
    hands.key(Qt.Key.Key_M, Qt.KeyboardModifier.AltModifier)
    until_done(hands)
    hands.until(lambda: "By keyboard" in names(page_of(hands).list))
    assert members(real, "By keyboard") == [wanted]


def test_a_group_of_a_file_and_of_a_search(at: At, tmp_path: Path):
    real, hands = at()
    path = tmp_path / "numbers.csv"
    path.write_text("surname,nhs_number\n" + "".join(f"x,{number}\n" for number in numbers_of(real, 4)))
    hands.click(page_of(hands).new_button)
    sheet = sheet_of(hands)
    sheet.name.setText("From a file")
    hands.click(sheet.whom.by_file)
    sheet.whom.file.set_path(path)
    hands.until(sheet.ok_button.isEnabled)
    hands.click(sheet.ok_button)
    until_done(hands)
    hands.until(lambda: page_of(hands).chosen is not None and page_of(hands).chosen.name == "From a file")
    assert len(members(real, "From a file")) == 4

    hands.click(page_of(hands).new_button)
    sheet = sheet_of(hands)
    sheet.name.setText("Smiths")
    hands.click(sheet.whom.by_search)
    sheet.whom.search.setText("smi")
    hands.until(sheet.ok_button.isEnabled)
    wanted = real.product.patients.count(ListQuery(OfPractice(), search="smi"))
    assert sheet.whom.found.text().startswith(f"{wanted} patient")
    hands.click(sheet.ok_button)
    until_done(hands)
    hands.until(lambda: "Smiths" in names(page_of(hands).list))
    assert len(members(real, "Smiths")) == wanted


def test_a_file_that_cannot_be_read_is_told_in_the_dialog(at: At, tmp_path: Path):
    _, hands = at()
    hands.click(page_of(hands).new_button)
    sheet = sheet_of(hands)
    hands.click(sheet.whom.by_file)
    sheet.whom.file.set_path(tmp_path / "nothing.csv")
    hands.until(sheet.message.isVisible)
    assert "cannot be read" in sheet.message.words
    assert not sheet.ok_button.isEnabled()
    hands.click(sheet.cancel_button)
    until_done(hands)


def test_a_name_that_is_taken_keeps_everything_typed(at: At):
    real, hands = at()
    taken = real.product.queries.groups()[0].name
    hands.click(page_of(hands).new_button)
    sheet = sheet_of(hands)
    text = "\n".join(numbers_of(real, 2))
    sheet.name.setText(taken.upper())
    sheet.whom.numbers.setPlainText(text)
    hands.until(sheet.ok_button.isEnabled)
    hands.click(sheet.ok_button)
    hands.until(sheet.message.isVisible)
    assert "already" in sheet.message.words
    assert sheet.whom.numbers.toPlainText() == text
    sheet.name.setText("Another name")
    hands.click(sheet.ok_button)
    until_done(hands)
    hands.until(lambda: "Another name" in names(page_of(hands).list))


def test_what_was_typed_last_is_what_counts(at: At, qtbot: QtBot):
    real, hands = at()
    first, second = numbers_of(real, 2)
    hands.click(page_of(hands).new_button)
    sheet = sheet_of(hands)
    sheet.name.setText("Last")
    sheet.whom.text_given.emit(first)
    sheet.whom.text_given.emit(second)
    hands.until(sheet.ok_button.isEnabled)
    changes = hands.screen.patients.group_changes
    hands.until(lambda: not changes.is_busy)
    hands.click(sheet.ok_button)
    until_done(hands)
    hands.until(lambda: "Last" in names(page_of(hands).list))
    assert members(real, "Last") == [second]


def test_a_group_is_renamed_and_deleted_after_a_question(at: At):
    real, hands = at()
    page = page_of(hands)
    old = page.chosen.name
    hands.click(page.rename_button)
    sheet = hands.screen.patients.group_changes.sheet
    assert isinstance(sheet, RenameSheet)
    assert sheet.name.text() == old
    sheet.name.setText("Renamed")
    hands.click(sheet.ok_button)
    until_done(hands)
    hands.until(lambda: page.chosen is not None and page.chosen.name == "Renamed")
    assert old not in names(page.list)

    changes = hands.screen.patients.group_changes
    for answer in (QMessageBox.StandardButton.No, QMessageBox.StandardButton.Yes):
        hands.click(page.delete_button)
        hands.until(lambda: changes.question is not None and changes.question.isVisible())
        assert "Renamed" in changes.question.informativeText()
        hands.click(changes.question.button(answer))
        hands.until(lambda: changes.question is None)
        if answer is QMessageBox.StandardButton.No:
            assert "Renamed" in names(page.list)
    hands.until(lambda: "Renamed" not in names(page.list))
    assert "Renamed" not in [group.name for group in real.product.queries.groups()]


def test_the_members_of_a_group_are_changed_by_numbers(at: At):
    real, hands = at()
    page, changes = page_of(hands), hands.screen.patients.group_changes
    name = page.chosen.name
    before = members(real, name)
    new = [number for number in numbers_of(real, 100) if number not in before][:2]
    hands.click(page.members_button)
    sheet = changes.sheet
    assert isinstance(sheet, MembersSheet)
    assert not sheet.ok_button.isEnabled()
    sheet.whom.numbers.setPlainText("\n".join([*new, "nonsense"]))
    hands.until(sheet.ok_button.isEnabled)
    assert "1 line leads to nobody" in sheet.whom.found.text()
    hands.click(sheet.ok_button)
    until_done(hands)
    hands.until(lambda: page.chosen is not None and page.chosen.members == len(before) + 2)
    hands.until(lambda: page.browser.found == len(before) + 2)
    assert sorted(members(real, name)) == sorted([*before, *new])

    hands.click(page.members_button)
    sheet = changes.sheet
    hands.click(sheet.removes)
    sheet.whom.numbers.setPlainText("\n".join(new))
    hands.until(sheet.ok_button.isEnabled)
    hands.click(sheet.ok_button)
    until_done(hands)
    hands.until(lambda: page.chosen is not None and page.chosen.members == len(before))
    assert sorted(members(real, name)) == sorted(before)


def test_a_refused_change_of_members_keeps_everything_typed(at: At):
    real, hands = at()
    page, changes = page_of(hands), hands.screen.patients.group_changes
    everybody = "\n".join(members(real, page.chosen.name))
    hands.click(page.members_button)
    sheet = changes.sheet
    sheet.whom.numbers.setPlainText(everybody)
    for way, words in ((sheet.adds, "already"), (sheet.removes, "Delete the group instead")):
        hands.click(way)
        hands.until(sheet.ok_button.isEnabled)
        hands.click(sheet.ok_button)
        hands.until(sheet.message.isVisible)
        assert words in sheet.message.words
        assert sheet.whom.numbers.toPlainText() == everybody
        hands.until(lambda: not changes.is_busy)


def test_the_chosen_patient_is_taken_out_after_a_question_by_keyboard(at: At):
    real, hands = at()
    page, changes = page_of(hands), hands.screen.patients.group_changes
    name = "Trial run"
    real.product.groups.make(name, ListQuery(OfPractice(), search="smi"))
    hands.screen.patients.show_groups()
    hands.until(lambda: name in names(page.list))
    page.list.setCurrentRow(names(page.list).index(name))
    size = page.chosen.members
    assert size > 3
    hands.until(lambda: page.browser.found == size and page.browser.chosen_line is not None)
    hands.until_focus(page.list)
    page.browser.view.setFocus()
    for _ in range(2):
        hands.key(Qt.Key.Key_Down)
    hands.until(lambda: page.browser.view.currentIndex().row() == 2)
    wanted = page.browser.chosen_line
    for answer in (Qt.Key.Key_N, Qt.Key.Key_Y):
        hands.key(Qt.Key.Key_K, Qt.KeyboardModifier.AltModifier)
        hands.until(lambda: changes.question is not None and changes.question.isActiveWindow())
        assert name in changes.question.informativeText()
        assert wanted.surname not in changes.question.text() + changes.question.windowTitle()
        hands.qtbot.keyClick(changes.question, answer, Qt.KeyboardModifier.AltModifier)
        hands.until(lambda: changes.question is None)
        hands.until_focus(page.browser.view)
    hands.until(lambda: page.chosen is not None and page.chosen.members == size - 1)
    hands.until(lambda: page.browser.found == size - 1)
    assert page.browser.view.currentIndex().row() == 2, "one stays where one was"
    assert wanted.nhs_number not in members(real, name)


def test_a_list_is_kept_as_a_group(at: At):
    real, hands = at()
    hands.click(page_of(hands).leave_button)
    run_to_the_end(hands)
    see(hands, ItemState.FAILED)
    hands.click(hands.screen.patients.list.group_button)
    sheet = hands.screen.patients.group_changes.sheet
    assert isinstance(sheet, KeepSheet)
    hands.until(lambda: str(browser_of(hands).found) in sheet.sizes.text())
    sheet.name.setText("Failed on the first evening")
    hands.click(sheet.ok_button)
    until_done(hands)
    assert len(members(real, "Failed on the first evening")) == browser_of(hands).found


def test_without_the_right_nothing_is_changed_and_counts_are_shown(at: At):
    real, hands = at()
    hands.until(lambda: page_of(hands).browser.chosen_line is not None)
    hands.click(hands.window.side.card.remove_button)
    hands.until(page_of(hands).browser.sign_in_button.isVisible)
    assert page_of(hands).browser.table.rowCount() == 0
    assert "patient" in page_of(hands).list.item(0).text()
    page = page_of(hands)
    assert not page.removal_button.isEnabled()
    for pressed in (page.new_button, page.members_button, page.rename_button, page.delete_button):
        hands.click(pressed)
        assert "sign in" in hands.message().text()
        hands.answer(QMessageBox.StandardButton.Ok)
    assert real.product.queries.groups() != []


def test_names_with_markup_are_shown_as_they_are(at: At):
    real, hands = at()
    draft = real.product.groups.draft_of_text("\n".join(numbers_of(real, 2)))
    assert isinstance(draft, GroupDraft)
    real.product.groups.make("<b>Bold</b> & <img src=x>", draft)
    open_groups(hands)
    hands.until(lambda: "<b>Bold</b> & <img src=x>" in names(page_of(hands).list))
    page_of(hands).list.setCurrentRow(names(page_of(hands).list).index("<b>Bold</b> & <img src=x>"))
    changes = hands.screen.patients.group_changes
    hands.click(page_of(hands).delete_button)
    hands.until(lambda: changes.question is not None)
    assert "<b>Bold</b> & <img src=x>" in changes.question.informativeText()
    labels = [one for one in (*hands.window.findChildren(QLabel), *changes.question.findChildren(QLabel)) if one.text()]
    assert not [one.text() for one in labels if one.textFormat() is not Qt.TextFormat.PlainText]
    hands.click(changes.question.button(QMessageBox.StandardButton.No))


def test_every_change_is_in_the_audit_trail_with_the_person(at: At):
    real, hands = at()
    hands.click(page_of(hands).new_button)
    sheet = sheet_of(hands)
    sheet.name.setText("Audited")
    sheet.whom.numbers.setPlainText(numbers_of(real, 1)[0])
    hands.until(sheet.ok_button.isEnabled)
    hands.click(sheet.ok_button)
    until_done(hands)
    database = real.product.groups._store._database  # type: ignore[attr-defined]
    with database.reading() as connection:
        rows = connection.execute(audit_event.select().where(audit_event.c.action == "group_made")).all()
    [row] = [row for row in rows if row.after == "Audited"]
    assert row.actor.startswith(hands.screen.card.session.user_name)
