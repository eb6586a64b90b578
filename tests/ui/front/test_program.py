"""The program from its first window to its last: welcome, demonstration, one practice after another, closing."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMessageBox
from shiboken6 import isValid

from app.bootstrap import create_demonstration, look_at_list
from app.bootstrap.place import place_of
from app.config import change_config_file, load_settings
from app.desktop.opening import open_folder
from app.domain.actions import Action
from app.domain.errors import Refused
from app.domain.states import RunStatus, StopReason
from app.domain.windows import Plan
from app.engine.press import Press
from app.ui.front.demonstration_sheet import DemonstrationSheet
from app.ui.front.settings_sheet import SettingsSheet
from tests.helpers import databases
from tests.helpers.clocks import ManualClock
from tests.helpers.list_files import written

YES, NO = QMessageBox.StandardButton.Yes, QMessageBox.StandardButton.No
OK = QMessageBox.StandardButton.Ok


def test_without_a_practice_the_welcome_page_shows_and_a_demonstration_is_made(start, tmp_path: Path):
    desk = start(tmp_path / "data")
    page = desk.until_welcome()
    assert not page.trouble.isVisible()
    assert not page.recent.isVisible()
    desk.press(page.demonstration_button)
    sheet = desk.until_sheet(DemonstrationSheet)
    assert sheet.ok_button.text() == "&Make and open"
    sheet.size_field.setValue(50)
    desk.press(sheet.ok_button)
    screen = desk.until_open(tmp_path / "data" / "demonstration")
    assert not desk.welcome.isVisible()
    assert screen.window.windowTitle().endswith("Demonstration Practice, Y12345")
    assert screen.window.status_texts()[-1] == "Spine: simulated"
    assert desk.program.practice.opened.product.queries.patient_count() == 50
    assert screen.window.middle.choose.buttons[Action.RUN].isEnabled()
    screen.window.close()
    desk.answer(YES)
    assert desk.ended() == 0
    assert desk.program.practice is None


def test_the_same_with_the_keyboard_alone(start, tmp_path: Path):
    desk = start(tmp_path / "data")
    page = desk.until_welcome()
    desk.until(page.demonstration_button.hasFocus)
    desk.key(Qt.Key.Key_Return)
    sheet = desk.until_sheet(DemonstrationSheet)
    sheet.size_field.setFocus()
    sheet.size_field.selectAll()
    desk.qtbot.keyClicks(sheet.size_field, "40")
    desk.key(Qt.Key.Key_Return)
    screen = desk.until_open(tmp_path / "data" / "demonstration")
    assert desk.program.practice.opened.product.queries.patient_count() == 40
    desk.qtbot.keyClick(screen.window, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    desk.qtbot.keyClick(desk.message(), Qt.Key.Key_Y, Qt.KeyboardModifier.AltModifier)
    assert desk.ended() == 0


def test_a_practice_that_is_there_opens_at_once_and_is_remembered(start, demo: Path, tmp_path: Path):
    desk = start(demo)
    screen = desk.until_open(demo)
    assert "has not been run" in screen.window.middle.choose.history.words
    # Nothing could be pressed while the database was checked: now the action that makes sense has the keyboard.
    desk.hands().until_focus(screen.window.middle.choose.buttons[Action.RUN])
    desk.program.end()
    assert desk.ended() == 0
    again = start(tmp_path / "nothing")
    page = again.until_welcome()
    [shown] = [page.recent.item(row).text() for row in range(page.recent.count())]
    assert shown.startswith("Demonstration Practice, Y12345, opened on ")
    assert shown.endswith(str(demo))
    again.until(page.recent.hasFocus)
    again.key(Qt.Key.Key_Return)
    again.until_open(demo)


def test_another_practice_takes_its_place_and_the_first_is_closed(start, demo: Path, tmp_path: Path):
    other = tmp_path / "other"
    create_demonstration(load_settings(other, environment={}), 30, seed=9)
    desk = start(demo)
    desk.until_open(demo)
    desk.program.practice.front.menu.other.trigger()
    page = desk.until_welcome()
    desk.press(page.open_button)
    chooser = desk.program.welcome.chooser
    assert chooser.isVisible()
    chooser.reject()
    desk.program.welcome.on_folder_chosen(str(other))
    desk.until_open(other)
    assert desk.program.practice.opened.product.queries.patient_count() == 30
    assert not (demo / "practice.db-wal").exists(), "the first was closed, its log folded in"
    recent = [one.folder for one in desk.program._memory.recent()]
    assert recent == [other, demo]


def test_while_a_run_is_live_no_other_practice_is_opened(start, demo: Path):
    change_config_file(demo, {"REQUESTS_PER_SECOND": "2"})
    desk = start(demo)
    desk.until_open(demo)
    hands = desk.hands()
    hands.signed_in()
    hands.press(Action.RUN)
    hands.until_page(hands.middle.options)
    hands.click(hands.middle.options.ok_button)
    hands.until(lambda: hands.screen.runs.is_live)
    desk.program.practice.front.menu.other.trigger()
    assert "Press Stop" in desk.answer(OK)
    assert hands.screen.runs.is_live
    assert hands.window.isVisible()
    desk.program.on_asked_to_end()
    assert desk.ended() == 0
    opened = open_folder(demo, lambda *_: None)
    run = opened.product.queries.latest_run(opened.product.family.key)
    opened.close()
    assert (run.status, run.stop_reason) == (RunStatus.STOPPED, StopReason.SHUTDOWN)


def test_settings_are_saved_and_the_practice_opened_again_with_them(start, demo: Path):
    desk = start(demo)
    screen = desk.until_open(demo)
    # One that is shared goes at the pace of the real service.
    usual = 20 if databases.under_test is databases.Kind.SQLITE else 5
    assert desk.program.practice.opened.product.loop.per_second == usual
    desk.program.practice.front.menu.settings.trigger()
    sheet = desk.until_sheet(SettingsSheet)
    assert sheet.fields["REQUESTS_PER_SECOND"].control.placeholderText() == str(usual)
    desk.qtbot.keyClicks(sheet.fields["REQUESTS_PER_SECOND"].control, "7")
    desk.press(sheet.reopen_button)
    desk.until(lambda: desk.program.practice is not None and desk.program.practice.screen is not screen)
    desk.until_open(demo)
    assert desk.program.practice.opened.product.loop.per_second == 7


def test_settings_that_cannot_be_used_are_told_where_they_can_be_mended(start, demo: Path):
    with (demo / "config.toml").open("a", encoding="utf-8") as config:
        config.write("concurrency = 99\n")
    desk = start(demo)
    page = desk.until_welcome()
    assert "CONCURRENCY" in page.trouble.words
    assert not page.restore_button.isVisible()
    desk.press(page.settings_button)
    sheet = desk.until_sheet(SettingsSheet)
    control = sheet.fields["CONCURRENCY"].control
    control.selectAll()
    desk.qtbot.keyClicks(control, "2")
    desk.press(sheet.save_button)
    desk.until(lambda: QApplication.activeModalWidget() is None)
    desk.press(page.retry_button)
    desk.until_open(demo)
    assert desk.program.practice.opened.product.loop.senders == 2


def test_a_run_by_a_command_is_told_in_words_and_nothing_can_be_pressed(start, demo: Path):
    lock = databases.lock_at(place_of(load_settings(demo, environment={})), ManualClock(), "BACK-OFFICE")
    lock.acquire("Sam Reception")
    try:
        desk = start(demo)
        screen = desk.until_open(demo)
        choose = screen.window.middle.choose
        assert "Sam Reception on BACK-OFFICE" in choose.history.words + choose.buttons[Action.RUN].toolTip()
        assert not any(button.isEnabled() for button in choose.buttons.values())
    finally:
        lock.release()
    for _ in range(5):
        screen.runs.on_tick()
    desk.until(choose.buttons[Action.RUN].isEnabled)


def test_an_error_while_opening_is_told_and_the_program_stays(start, demo: Path):
    def fail(progress):
        raise ZeroDivisionError

    desk = start(demo, opener=fail)
    desk.until(lambda: desk.program.error is not None and desk.program.error.isVisible())
    desk.press(desk.program.error.close_button)
    page = desk.until_welcome()
    assert "could not be opened" in page.trouble.words
    desk.press(page.retry_button)
    desk.until_open(demo)


def test_a_slow_opening_is_seen_and_can_be_given_up(start, demo: Path):
    go_on = threading.Event()

    def slowly(progress):
        while not go_on.wait(0.01):
            progress("Looking for the Spine")

    desk = start(demo, opener=slowly)
    desk.until(lambda: desk.program.welcome.window.bar.doing.text() == "Looking for the Spine…")
    assert desk.program.welcome.window.subtitle.text() == f"Opening {demo}"
    desk.program.welcome.window.close()
    assert desk.ended() == 0
    assert not go_on.is_set()


def test_what_is_opened_after_nobody_waits_is_closed_again(start, demo: Path):
    reached, go_on = threading.Event(), threading.Event()

    def slowly(progress):
        reached.set()
        assert go_on.wait(30)
        return open_folder(demo, lambda *_: None)

    desk = start(demo, opener=slowly)
    assert reached.wait(30)
    desk.program.end()
    go_on.set()
    assert desk.ended() == 0
    assert desk.program.practice is None
    assert not (demo / "practice.db-wal").exists()


def test_where_nobody_sees_a_window_the_reason_is_written_and_the_program_ends(start, tmp_path: Path, capsys):
    desk = start(tmp_path / "nothing", is_seen=False)
    assert desk.ended() == 4
    assert "There is no practice in the folder" in capsys.readouterr().err


def test_a_second_window_of_the_folder_is_not_opened(start, demo: Path, qtbot):
    desk = start(demo)
    screen = desk.until_open(demo)
    screen.window.showMinimized()
    asked = []

    def ask() -> None:
        from app.desktop.instance import raise_first

        raise_first(demo)
        asked.append(True)

    thread = threading.Thread(target=ask)
    thread.start()
    desk.until(lambda: asked)
    thread.join()
    desk.until(lambda: not screen.window.isMinimized())


def test_the_practice_of_another_window_is_left_to_it(start, demo: Path, tmp_path: Path):
    first = start(demo)
    first.until_open(demo)
    second = start(tmp_path / "nothing")
    second.until_welcome()
    second.program.open(demo)
    assert "open in another window" in second.answer(OK)
    assert second.program.practice is None
    assert first.program.practice.screen.window.isVisible()


def test_a_window_that_does_not_answer_is_told_in_words(start, demo: Path, monkeypatch):
    first = start(demo)
    first.until_open(demo)

    def silent(folder: Path) -> None:
        raise Refused("This program is open on the same folder already, and does not answer.")

    monkeypatch.setattr("app.desktop.program.raise_first", silent)
    second = start(demo)
    assert "does not answer" in second.answer(OK)
    assert second.ended() == 4


@pytest.mark.parametrize("how", ["close", "asked"])
def test_the_welcome_page_closes_the_program(start, tmp_path: Path, how):
    desk = start(tmp_path / "nothing")
    desk.until_welcome()
    if how == "close":
        desk.welcome.close()
    else:
        desk.program.on_asked_to_end()
    assert desk.ended() == 0


def test_whoever_ends_the_program_leaves_no_thread_and_no_window(start, demo: Path):
    before = set(threading.enumerate())
    desk = start(demo)
    screen = desk.until_open(demo)
    desk.program.practice.front.menu.settings.trigger()
    desk.until_sheet(SettingsSheet)
    desk.program.end()
    assert desk.ended() == 0
    desk.program.dispose()
    assert set(threading.enumerate()) <= before
    assert not isValid(screen.window)
    assert not [one for one in QApplication.topLevelWidgets() if one.isVisible()]


def test_a_practice_without_a_spine_is_told_and_rehearsed_on_a_copy(start, tmp_path: Path):
    folder = tmp_path / "own"
    look_at_list(load_settings(folder, environment={}), written(tmp_path / "lists"), update=False).bring_in()
    desk = start(folder)
    page = desk.until_welcome()
    assert "No address of a Spine is set" in page.trouble.words
    desk.until(page.rehearse_button.hasFocus)
    desk.press(page.rehearse_button)
    assert "rehearse on a copy" in desk.answer(NO)
    desk.press(page.rehearse_button)
    assert "Nothing that you do there reaches the real Spine" in desk.answer(YES)
    screen = desk.until_open(folder / "rehearsal")
    assert "Rehearsal" in screen.window.windowTitle()
    assert screen.window.status_texts()[-1] == "Spine: simulated"
    desk.program.practice.front.menu.rehearse.trigger()
    desk.answer(YES)
    desk.until_open(folder / "rehearsal" / "rehearsal")


def test_f1_helps_on_the_welcome_page_and_in_its_dialogs(start, tmp_path: Path):
    desk = start(tmp_path / "data")
    page = desk.until_welcome()
    desk.until(page.demonstration_button.hasFocus)
    desk.key(Qt.Key.Key_F1)
    helper = desk.program.welcome.help
    desk.until(lambda: helper.window is not None and helper.window.isVisible())
    assert "Importing a list" in helper.window.view.toPlainText()
    helper.window.close()
    desk.welcome.activateWindow()
    desk.until(desk.welcome.isActiveWindow)
    desk.press(page.settings_button)
    sheet = desk.until_sheet(SettingsSheet)
    desk.until(lambda: QApplication.focusWidget() is not None and QApplication.focusWidget().window() is sheet)
    desk.key(Qt.Key.Key_F1)
    desk.until(helper.window.isVisible)
    sheet.dismiss()


def test_leaving_a_practice_in_which_something_is_scheduled_is_asked_about(start, demo: Path):
    desk = start(demo)
    desk.until_open(demo)
    desk.hands().signed_in()
    product = desk.program.practice.opened.product
    product.timed.press(Press(product.family.key, Action.RUN), Plan(product.clock.now() + timedelta(hours=3)))
    desk.program.practice.screen.runs.refresh()
    desk.until(lambda: desk.program.practice.screen.runs.has_schedule)
    desk.program.practice.front.menu.other.trigger()
    assert "Nothing begins by itself while another practice is open" in desk.answer(NO)
    assert desk.program.practice is not None
    desk.program.practice.front.menu.other.trigger()
    desk.answer(YES)
    page = desk.until_welcome()
    page.open_wanted.emit(demo)
    desk.until_open(demo)
    assert desk.program.practice.opened.product.schedules.active() is not None
