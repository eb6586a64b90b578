"""Less common ways through the window, with the real engine, SQLite and the simulated Spine in its own process.

The stories everybody knows are in `test_stories`.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from app.domain.actions import Action
from app.domain.states import STOP_WORDS, StopReason
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


def test_stop_and_close_goes_back_to_the_actions(at):
    real, hands = at()
    real.spine.slow_down()
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
def test_a_wrong_passcode_is_told_in_the_dialog_and_the_right_one_goes_on(at):
    _, hands = at()
    hands.press(Action.RUN)
    hands.sign_in(passcode="000000")
    hands.until(
        lambda: hands.screen.sign_in.dialog.message.isVisible() and hands.screen.sign_in.dialog.ok_button.isEnabled()
    )
    assert "passcode" in hands.screen.sign_in.dialog.message.words
    assert hands.screen.sign_in.dialog.passcode.text() == ""
    assert hands.screen.card.session is None
    hands.sign_in()
    hands.until_page(hands.middle.options)


def test_a_card_with_two_roles_asks_which(at):
    _, hands = at()
    hands.click(hands.window.side.card.sign_in_button)
    hands.sign_in(uid=TWO_ROLES)
    dialog = hands.screen.sign_in.dialog
    hands.until(dialog.role.isVisible)
    dialog.role.setCurrentIndex(dialog.role.findText("System Administrator"))
    assert not dialog.passcode.isEnabled(), "it was right, and is not asked for again"
    hands.click(dialog.ok_button)
    hands.until(lambda: hands.screen.sign_in.dialog is None)
    assert hands.window.side.card.role.text() == "System Administrator"


@pytest.mark.parametrize(("uid", "words"), [("910000000003", "Receptionist"), ("910000000004", "expired")])
def test_a_card_that_may_not_run_this_is_refused_with_the_reason(at, uid, words):
    real, hands = at()
    hands.press(Action.RUN)
    hands.sign_in(uid=uid)
    shown = []

    def told() -> bool:
        dialog, box = hands.screen.sign_in.dialog, hands.screen.messages.box
        shown[:] = [
            dialog.message.words if dialog and dialog.message.isVisible() and dialog.ok_button.isEnabled() else ""
        ]
        shown.append(box.text() if box is not None else "")
        return any(words in one for one in shown)

    hands.until(told)
    assert not hands.screen.runs.is_live
    assert real.product.queries.latest_run(real.product.family.key) is None


def test_the_card_taken_out_pauses_the_run(at):
    real, hands = at()
    real.spine.slow_down()
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
