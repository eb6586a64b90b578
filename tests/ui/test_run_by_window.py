"""The main job through the window, with the real engine, SQLite and the simulated Spine in its own process."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from app.domain.actions import Action
from app.domain.outcomes import ItemState
from app.domain.states import STOP_WORDS, RunStatus, StopReason
from tests.ui.conftest import Real
from tests.ui.fakes import TWO_ROLES
from tests.ui.hands import Hands


@pytest.fixture
def at(real: Callable[..., Real], qtbot: QtBot) -> Callable[..., tuple[Real, Hands]]:
    """Somebody sits down at the window."""

    def sit_down(**changes: object) -> tuple[Real, Hands]:
        opened = real(**changes)
        return opened, Hands(opened.screen, qtbot)

    return sit_down


def test_a_practice_is_migrated_by_clicking(at):
    real, hands = at()
    hands.press(Action.RUN)
    hands.sign_in()
    hands.until_page(hands.middle.options)
    active = real.product.queries.active_count()
    assert f"{active:,} patients will be checked" in hands.middle.options.summary.words
    hands.click(hands.middle.options.ok_button)
    assert hands.message().text() == "Process completed."
    assert hands.middle.status.text() == "Stopped"
    hands.answer(QMessageBox.StandardButton.Ok)
    hands.until_page(hands.middle.results)

    run = real.product.queries.latest_run(real.product.family.key)
    assert run.status is RunStatus.COMPLETED
    assert run.counts.unprocessed == run.counts.sending == 0
    assert run.counts.total == active
    assert run.counts.sent > 0
    assert run.counts.failed > 0
    for state in ItemState:
        shown = hands.middle.results.counters.text_of(state)
        assert shown == f"{getattr(run.counts, state.value):,}"
    assert len(real.spine.writes()) == run.writes
    assert "nothing is being sent" in hands.middle.results.heading.words
    assert hands.middle.results.buttons[Action.FAILED].isVisible()


def test_a_practice_is_migrated_with_the_keyboard_alone(at):
    real, hands = at()
    hands.until_focus(hands.middle.choose.buttons[Action.RUN])
    hands.key(Qt.Key.Key_Return)
    hands.until(lambda: hands.screen.sign_in is not None and hands.screen.sign_in.passcode.hasFocus())
    hands.type("123456")
    hands.key(Qt.Key.Key_Return)
    hands.until_focus(hands.middle.options.ok_button)
    hands.key(Qt.Key.Key_Return)
    hands.until(hands.message().isActiveWindow)
    hands.key(Qt.Key.Key_Return)
    hands.until_focus(hands.middle.results.buttons[Action.FAILED])
    hands.key(Qt.Key.Key_Escape)
    hands.until_page(hands.middle.choose)
    run = real.product.queries.latest_run(real.product.family.key)
    assert run.status is RunStatus.COMPLETED
    assert "Completed on" in hands.middle.choose.history.words


def test_a_run_is_stopped_and_resumed_where_it_was(at):
    real, hands = at(latency_ms=40)
    hands.signed_in()
    hands.press(Action.RUN)
    hands.until_page(hands.middle.options)
    hands.click(hands.middle.options.ok_button)
    hands.until(lambda: hands.middle.running.meter.value() > 0)
    assert hands.middle.status.text() == "Running"
    hands.click(hands.middle.running.stop_button)
    hands.until(lambda: hands.middle.status.text() == "Paused")

    stopped = real.product.queries.latest_run(real.product.family.key)
    assert stopped.status is RunStatus.STOPPED
    assert stopped.stop_reason is StopReason.USER
    assert stopped.counts.unprocessed > 0
    assert STOP_WORDS[StopReason.USER] in hands.middle.running.note.words
    for state in ItemState:
        assert hands.middle.running.counters.text_of(state) == f"{getattr(stopped.counts, state.value):,}"

    hands.click(hands.middle.running.resume_button)
    hands.until_page(hands.middle.options)
    left = stopped.counts.unprocessed + stopped.counts.sending
    assert f"{left:,} patients still to be done" in hands.middle.options.summary.words
    hands.click(hands.middle.options.ok_button)
    hands.answer(QMessageBox.StandardButton.Ok)
    finished = real.product.queries.latest_run(real.product.family.key)
    assert finished.run_id == stopped.run_id
    assert finished.status is RunStatus.COMPLETED
    written = [entry["nhs_number"] for entry in real.spine.writes()]
    assert written
    assert len(written) == len(set(written)), "nobody is sent twice"


def test_stop_and_close_goes_back_to_the_actions(at):
    _, hands = at(latency_ms=40)
    hands.signed_in()
    hands.press(Action.RUN)
    hands.until_page(hands.middle.options)
    hands.click(hands.middle.options.ok_button)
    hands.until(lambda: hands.middle.running.meter.value() > 0)
    hands.click(hands.middle.running.stop_and_close_button)
    hands.until_page(hands.middle.choose)
    assert "Paused" in hands.middle.choose.history.words
    assert hands.middle.choose.default_button() is hands.middle.choose.buttons[Action.RESUME]


@pytest.mark.fault_row(44)
def test_closing_during_a_run_asks_stops_it_and_keeps_its_place(at, qtbot):
    real, hands = at(latency_ms=40)
    hands.signed_in()
    hands.press(Action.RUN)
    hands.until_page(hands.middle.options)
    hands.click(hands.middle.options.ok_button)
    hands.until(lambda: hands.middle.running.meter.value() > 0)

    hands.window.close()
    assert hands.message().text() == "Are you sure you want to exit the application?"
    hands.answer(QMessageBox.StandardButton.No)
    assert hands.window.isVisible()
    assert hands.screen.runs.is_live

    hands.window.close()
    with qtbot.waitSignal(hands.screen.closed, timeout=60_000):
        hands.answer(QMessageBox.StandardButton.Yes)
    assert not hands.window.isVisible()
    run = real.product.queries.latest_run(real.product.family.key)
    assert run.status is RunStatus.STOPPED
    assert run.stop_reason is StopReason.SHUTDOWN
    assert run.counts.unprocessed > 0
    assert real.product.operator.situation(run.family).live is False


def test_a_wrong_passcode_is_told_in_the_dialog_and_the_right_one_goes_on(at):
    _, hands = at()
    hands.press(Action.RUN)
    hands.sign_in(passcode="000000")
    hands.until(lambda: hands.screen.sign_in.message.isVisible() and hands.screen.sign_in.ok_button.isEnabled())
    assert "passcode" in hands.screen.sign_in.message.words
    assert hands.screen.sign_in.passcode.text() == ""
    assert hands.screen.card.session is None
    hands.sign_in()
    hands.until_page(hands.middle.options)


def test_a_card_with_two_roles_asks_which(at):
    _, hands = at()
    hands.click(hands.window.side.card.sign_in_button)
    hands.sign_in(uid=TWO_ROLES)
    dialog = hands.screen.sign_in
    hands.until(dialog.role.isVisible)
    dialog.role.setCurrentIndex(dialog.role.findText("System Administrator"))
    assert not dialog.passcode.isEnabled(), "it was right, and is not asked for again"
    hands.click(dialog.ok_button)
    hands.until(lambda: hands.screen.sign_in is None)
    assert hands.window.side.card.role.text() == "System Administrator"


@pytest.mark.parametrize(("uid", "words"), [("910000000003", "Receptionist"), ("910000000004", "expired")])
def test_a_card_that_may_not_run_this_is_refused_with_the_reason(at, uid, words):
    real, hands = at()
    hands.press(Action.RUN)
    hands.sign_in(uid=uid)
    shown = []

    def told() -> bool:
        dialog, box = hands.screen.sign_in, hands.screen.message
        shown[:] = [
            dialog.message.words if dialog and dialog.message.isVisible() and dialog.ok_button.isEnabled() else ""
        ]
        shown.append(box.text() if box is not None else "")
        return any(words in one for one in shown)

    hands.until(told)
    assert not hands.screen.runs.is_live
    assert real.product.queries.latest_run(real.product.family.key) is None


def test_the_card_taken_out_pauses_the_run(at):
    real, hands = at(latency_ms=40)
    hands.signed_in()
    hands.press(Action.RUN)
    hands.until_page(hands.middle.options)
    hands.click(hands.middle.options.ok_button)
    hands.until(lambda: hands.middle.running.meter.value() > 0)
    hands.click(hands.window.side.card.remove_button)
    hands.until(lambda: hands.middle.status.text() == "Paused")
    assert STOP_WORDS[StopReason.CARD_REMOVED] in hands.middle.running.note.words
    run = real.product.queries.latest_run(real.product.family.key)
    assert run.counts.unprocessed > 0
    hands.click(hands.middle.running.resume_button)
    hands.sign_in()
    hands.until_page(hands.middle.options)
    assert hands.middle.options.ok_button.isEnabled()
