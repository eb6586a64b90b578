"""The Smartcard at the window: the reader's panel, notices of the session's end, who is told of its changes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain.errors import SignInRefused
from app.domain.states import StopReason
from app.engine.ports import InsertedCard
from tests.ui.conftest import Staged
from tests.ui.fakes import CARD, TWO_ROLES
from tests.ui.hands import Hands


def test_the_panel_shows_a_card_in_and_out(staged: Staged, qtbot: QtBot):
    hands = Hands(staged.open(), qtbot)
    panel = hands.window.side.card
    assert "No card in the reader" in panel.accessibleDescription()
    assert panel.sign_in_button.text() == "&Insert card…"
    assert not panel.remove_button.isVisible()
    staged.reader.insert(CARD)
    hands.screen.runs.on_tick()
    assert "Card in the reader. Nobody is signed in." in panel.accessibleDescription()
    assert panel.sign_in_button.text() == "Sign &in…"
    hands.click(panel.remove_button)
    hands.until(lambda: staged.reader.card() is None and not hands.screen.card.is_busy)
    assert "No card in the reader" in panel.accessibleDescription()


def test_the_session_is_shown_with_its_times(staged: Staged, qtbot: QtBot):
    staged.reader.begin(ago=timedelta(hours=3, minutes=48))
    panel = Hands(staged.open(), qtbot).window.side.card
    shown = (panel.name.text(), panel.role.text(), panel.since.text(), panel.ends.text(), panel.left.text())
    assert shown == (
        "Alison Marsh",
        "System Administrator",
        "Signed in at 12:43",
        "Ends at 22:43",
        "6 h 12 min left",
    )


def test_signing_in_again_offers_the_card_that_is_in(staged: Staged, qtbot: QtBot):
    staged.reader.insert(TWO_ROLES)
    hands = Hands(staged.open(), qtbot)
    hands.click(hands.window.side.card.sign_in_button)
    assert hands.screen.sign_in.dialog.card.currentData() == TWO_ROLES
    hands.until(hands.screen.sign_in.dialog.passcode.hasFocus)


def test_a_role_refused_has_the_passcode_typed_again(staged: Staged, qtbot: QtBot, monkeypatch):
    def refuse(_: str) -> None:
        raise SignInRefused("No sign-in waits for a role.")

    monkeypatch.setattr(staged.reader, "choose_role", refuse)
    hands = Hands(staged.open(), qtbot)
    hands.click(hands.window.side.card.sign_in_button)
    hands.sign_in(uid=TWO_ROLES)
    dialog = hands.screen.sign_in.dialog
    hands.until(dialog.role.isVisible)
    hands.click(dialog.ok_button)
    hands.until(lambda: dialog.passcode.isEnabled() and not dialog.role.isVisible())
    assert "No sign-in waits" in dialog.message.words


def test_a_locked_card_is_said_in_the_panel(staged: Staged, qtbot: QtBot):
    staged.reader.inside = InsertedCard(CARD, 0)
    panel = Hands(staged.open(), qtbot).window.side.card
    assert "is locked" in panel.note.words
    assert panel.remove_button.isVisible()


@pytest.fixture
def aloud(monkeypatch) -> list[str]:
    """What a screen reader was told."""
    said: list[str] = []
    monkeypatch.setattr(QAccessible, "updateAccessibility", lambda event: said.append(event.message()))
    return said


def test_the_end_of_the_session_is_announced_three_times_and_stands_in_nobodys_way(
    staged: Staged, qtbot: QtBot, aloud: list[str]
):
    staged.reader.begin(ago=timedelta(hours=9, minutes=29))
    hands = Hands(staged.open(), qtbot)
    aloud.clear()

    def after(**passed: float) -> list[str]:
        aloud.clear()
        staged.clock.advance(timedelta(**passed).total_seconds())
        for _ in range(2):
            hands.screen.card.on_tick()
            hands.screen.runs.on_tick()
        return [words for words in aloud if "session" in words]

    assert after(seconds=59) == []
    assert after(seconds=1) == ["Your Smartcard session ends in 30 minutes, at 17:02."]
    assert "The session ends soon" in hands.window.side.card.note.words
    assert after(minutes=19) == []
    assert after(minutes=1) == ["Your Smartcard session ends in 10 minutes, at 17:02."]
    assert after(minutes=8) == ["Your Smartcard session ends in 2 minutes, at 17:02."]
    assert after(minutes=1) == []
    assert QApplication.activeModalWidget() is None
    staged.reader.because = StopReason.CARD_EXPIRED
    assert after(minutes=1) == ["Your Smartcard session ended at 17:02. Sign in again."]
    assert "Your Smartcard session ended at 17:02. Sign in again." in hands.window.side.card.note.words


def test_whoever_shows_names_is_told_when_somebody_signs_in_and_out(staged: Staged, qtbot: QtBot):
    hands = Hands(staged.open(), qtbot)
    card = hands.screen.card
    with qtbot.waitSignal(card.session_changed):
        hands.signed_in()
    with qtbot.waitSignal(card.session_changed):
        hands.click(hands.window.side.card.remove_button)


def test_whoever_shows_names_is_told_once_the_session_has_ended_by_itself(staged: Staged, qtbot: QtBot):
    staged.reader.begin()
    card = Hands(staged.open(), qtbot).screen.card
    card.on_tick()
    staged.clock.advance(timedelta(hours=10).total_seconds())
    with qtbot.waitSignal(card.session_changed):
        card.on_tick()
