"""The window over fakes: what can be pressed in each situation, what is said, and what happens when things go wrong."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QMessageBox
from pytestqt.qtbot import QtBot

from app.domain.actions import Action
from app.domain.errors import Refused, StorageFault
from app.domain.states import RunStatus, StopReason
from app.engine.control import StopToken
from app.engine.operator import Press
from app.engine.ports import GroupView, RunView
from app.engine.progress import ProgressBoard
from app.engine.rows import Counts
from tests.ui.conftest import Staged
from tests.ui.fakes import TWO_ROLES, run_view, snapshot, until_stopped
from tests.ui.hands import Hands

SOME_LEFT = Counts(unprocessed=10, failed=3, sent=7)
FLAWLESS = Counts(sent=20)


def at_work(staged: Staged, qtbot: QtBot) -> Hands:
    """A run under way that works until it is stopped."""

    def carry_out(press: Press, token: StopToken, board: ProgressBoard) -> RunView:
        board.publish(snapshot(SOME_LEFT))
        until_stopped(token)
        return run_view(RunStatus.STOPPED, SOME_LEFT, token.reason)

    return started(staged, qtbot, carry_out)


def started(staged: Staged, qtbot: QtBot, carry_out: object) -> Hands:
    staged.practice.carry_out = carry_out
    staged.reader.begin()
    hands = Hands(staged.open(), qtbot)
    hands.press(Action.RUN)
    hands.click(hands.middle.options.ok_button)
    hands.until(lambda: hands.middle.running.meter.value() > 0 or not hands.screen.runs.is_live)
    return hands


def test_a_refusal_at_the_last_moment_is_told_and_nothing_has_begun(staged: Staged, qtbot: QtBot):
    def refuse(press: Press, token: StopToken, board: ProgressBoard) -> RunView:
        raise Refused("Sam Reception has begun one on BACK-OFFICE. Wait until it has ended.")

    hands = started(staged, qtbot, refuse)
    assert "Sam Reception" in hands.message().text()
    hands.answer(QMessageBox.StandardButton.Ok)
    assert hands.middle.choose.isVisible()


def test_an_unexpected_error_in_the_worker_is_told_and_the_window_lives(staged: Staged, qtbot: QtBot, tmp_path):
    def fail(press: Press, token: StopToken, board: ProgressBoard) -> RunView:
        raise ZeroDivisionError("9991234567")

    hands = started(staged, qtbot, fail)
    hands.until(lambda: hands.screen.messages.error is not None and hands.screen.messages.error.isVisible())
    dialog = hands.screen.messages.error
    dialog.save_to(str(tmp_path / "report.txt"))
    assert (tmp_path / "report.txt").read_text(encoding="utf-8") == "ZeroDivisionError at somewhere"
    assert "Saved" in dialog.saved.words
    dialog.save_to(str(tmp_path / "no such folder" / "report.txt"))
    assert "could not be written" in dialog.saved.words
    hands.click(dialog.close_button)
    hands.until(lambda: hands.screen.messages.error is None)
    assert hands.middle.choose.isVisible()
    assert hands.middle.choose.buttons[Action.RUN].isEnabled()


@pytest.mark.fault_row(45)
def test_a_worker_that_ends_without_a_word_is_spoken_of(staged: Staged, qtbot: QtBot, monkeypatch):
    # What a fault of Qt's or of the interpreter would look like: the thread is over and has told nothing.
    monkeypatch.setattr("app.ui.background.BackgroundCall.on_told", lambda call, told: call._thread.quit())
    hands = started(staged, qtbot, lambda *_: run_view(RunStatus.COMPLETED, FLAWLESS))
    assert "without telling how" in hands.message().text()


def test_a_database_that_cannot_be_read_leaves_the_window_usable(staged: Staged):
    staged.practice.fault = StorageFault("The practice database is locked by another program. Try again in a minute.")
    screen = staged.open()
    page = screen.window.middle.choose
    assert "locked by another program" in page.history.words
    assert not any(button.isEnabled() for button in page.buttons.values())
    staged.practice.fault = None
    screen.runs.go_back()
    assert page.buttons[Action.RUN].isEnabled()


def test_a_refused_check_is_told_in_words(staged: Staged, qtbot: QtBot):
    staged.reader.begin()
    hands = Hands(staged.open(), qtbot)
    staged.practice.fault = Refused("This practice has no active patients.")
    hands.screen.runs.step.choose(Action.RUN)
    assert hands.message().text() == "This practice has no active patients."


def test_the_options_follow_the_card_and_the_group(staged: Staged, qtbot: QtBot):
    staged.reader.begin()
    staged.practice.group_views = [GroupView("Trial run", 50, 48)]
    staged.practice.carry_out = lambda *_: run_view(RunStatus.COMPLETED, FLAWLESS, group="Trial run")
    hands = Hands(staged.open(), qtbot)
    hands.press(Action.RUN)
    page = hands.middle.options
    page.group.setCurrentIndex(1)
    page.group.activated.emit(1)
    assert "48 patients will be checked" in page.summary.words
    staged.reader.remove_card()
    hands.screen.runs.on_tick()
    assert not page.ok_button.isEnabled()
    assert "Nobody is signed in" in page.obstacle.words
    staged.reader.begin()
    hands.screen.runs.on_tick()
    hands.click(page.ok_button)
    hands.answer(QMessageBox.StandardButton.Ok)
    assert staged.practice.pressed == [Press("consent-migration", Action.RUN, "Trial run")]


def test_escape_leaves_the_options_and_nothing_has_happened(staged: Staged, qtbot: QtBot):
    staged.reader.begin()
    hands = Hands(staged.open(), qtbot)
    hands.press(Action.RUN)
    hands.until_focus(hands.middle.options.ok_button)
    hands.key(Qt.Key.Key_Escape)
    hands.until_page(hands.middle.choose)
    assert staged.practice.pressed == []


def test_a_stray_enter_does_not_stop_a_run(staged: Staged, qtbot: QtBot):
    hands = at_work(staged, qtbot)
    hands.window.side.close_button.setFocus()
    qtbot.keyClick(hands.middle.running, Qt.Key.Key_Return)
    assert hands.screen.runs.is_live
    assert hands.middle.status.text() == "Running"


def test_a_second_enter_on_stop_presses_nothing_else(staged: Staged, qtbot: QtBot):
    let_go = threading.Event()

    def carry_out(press: Press, token: StopToken, board: ProgressBoard) -> RunView:
        board.publish(snapshot(SOME_LEFT))
        assert let_go.wait(30)
        return run_view(RunStatus.STOPPED, SOME_LEFT, token.reason)

    hands = started(staged, qtbot, carry_out)
    try:
        hands.until_focus(hands.middle.running.stop_button)
        hands.key(Qt.Key.Key_Return)
        assert hands.middle.status.text() == "Stopping"
        hands.key(Qt.Key.Key_Return)
        assert hands.middle.running.isVisible()
    finally:
        let_go.set()
    hands.until(hands.middle.running.resume_button.isVisible)


def test_closing_while_nothing_runs_asks_and_closes(staged: Staged, qtbot: QtBot):
    hands = Hands(staged.open(), qtbot)
    hands.click(hands.window.side.close_button)
    box = hands.message()
    assert box.text() == "Are you sure you want to exit the application?"
    assert box.informativeText() == ""
    assert box.defaultButton() is box.button(QMessageBox.StandardButton.No)
    with qtbot.waitSignal(hands.screen.closed):
        hands.answer(QMessageBox.StandardButton.Yes)
    assert not hands.window.isVisible()


def test_a_second_wish_to_close_while_stopping_asks_nothing_more(staged: Staged, qtbot: QtBot):
    hands = at_work(staged, qtbot)
    hands.screen.leaving.go()
    hands.window.close()
    assert hands.screen.messages.box is None
    assert "closes" in hands.middle.running.note.words
    hands.until(lambda: not hands.window.isVisible())


def test_a_window_that_is_to_close_does_not_stay_for_an_answer_that_never_comes(
    staged: Staged, qtbot: QtBot, monkeypatch
):
    # Faults page, row 44: stop requested, wait a few seconds at most, then exit; the protocol covers the rest.
    monkeypatch.setattr("app.ui.leaving._PATIENCE_MS", 50)
    answered = threading.Event()

    def carry_out(press: Press, token: StopToken, board: ProgressBoard) -> RunView:
        board.publish(snapshot(SOME_LEFT))
        assert answered.wait(30)
        return run_view(RunStatus.STOPPED, SOME_LEFT, token.reason)

    hands = started(staged, qtbot, carry_out)
    try:
        with qtbot.waitSignal(hands.screen.closed):
            hands.screen.leaving.go()
        assert not hands.window.isVisible()
        assert hands.screen.runs.is_live
    finally:
        answered.set()
    hands.until(lambda: not hands.screen.runs.is_live)


def test_a_run_without_a_sign_of_life_is_shown(staged: Staged, qtbot: QtBot):
    hands = at_work(staged, qtbot)
    staged.clock.advance(121)
    hands.until(lambda: hands.middle.status.text() == "Not responding")
    assert "has not reported for 2 min" in hands.middle.running.note.words
    assert "Not responding" in hands.window.status_texts()[0]
    hands.click(hands.middle.running.stop_button)
    hands.until(hands.middle.running.resume_button.isVisible)


def test_a_sign_in_given_up_leaves_nobody_signed_in(staged: Staged, qtbot: QtBot):
    staged.reader.allowed.clear()
    hands = Hands(staged.open(), qtbot)
    hands.press(Action.RUN)
    hands.sign_in()
    hands.until(lambda: not hands.screen.sign_in.dialog.ok_button.isEnabled())
    hands.click(hands.screen.sign_in.dialog.cancel_button)
    staged.reader.allowed.set()
    hands.until(lambda: staged.reader.because is StopReason.CARD_REMOVED)
    hands.until(lambda: not hands.screen.card.is_busy)
    assert staged.reader.session is None
    assert hands.middle.choose.isVisible(), "and what waited for the sign-in is forgotten"


def test_the_dialog_asks_for_what_is_missing(staged: Staged, qtbot: QtBot):
    hands = Hands(staged.open(cards=()), qtbot)
    hands.click(hands.window.side.card.sign_in_button)
    dialog = hands.screen.sign_in.dialog
    assert isinstance(dialog.card, QLineEdit)
    hands.click(dialog.ok_button)
    assert "number of your Smartcard" in dialog.message.words
    dialog.card.setText(TWO_ROLES)
    hands.click(dialog.ok_button)
    assert "passcode" in dialog.message.words
    assert dialog.passcode.echoMode() is QLineEdit.EchoMode.Password


def test_roles_of_one_name_are_told_apart(staged: Staged, qtbot: QtBot):
    hands = Hands(staged.open(), qtbot)
    hands.click(hands.window.side.card.sign_in_button)
    session = staged.reader.begin()
    hands.screen.sign_in.dialog.show_roles([session.role, replace(session.role, role_id="555")])
    names = [hands.screen.sign_in.dialog.role.itemText(at) for at in range(2)]
    assert len(set(names)) == 2


def test_a_spine_without_cards_asks_for_none(staged: Staged, qtbot: QtBot, monkeypatch):
    monkeypatch.setattr(staged.reader, "sign_in", lambda *_: staged.reader.begin())
    hands = Hands(staged.open(needs_card=False), qtbot)
    hands.press(Action.RUN)
    hands.until_page(hands.middle.options)
    assert hands.screen.sign_in.dialog is None


def test_the_card_is_removed_with_one_click(staged: Staged, qtbot: QtBot):
    staged.reader.begin()
    hands = Hands(staged.open(), qtbot)
    assert "Smartcard: 10 h 0 min left" in hands.window.status_texts()
    hands.click(hands.window.side.card.remove_button)
    hands.until(hands.window.side.card.sign_in_button.isVisible)
    assert "Smartcard: nobody signed in" in hands.window.status_texts()
    assert hands.screen.messages.box is None


def test_about_says_what_this_is(staged: Staged, qtbot: QtBot):
    hands = Hands(staged.open(), qtbot)
    hands.window.help_menu.about_wanted.emit()
    assert "version 0.1.0" in hands.message().text()
