"""The window for people: plain texts, names for those who cannot see it, nothing out of reach, nothing out of date."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.domain.actions import Action
from app.domain.states import RunStatus, StopReason
from app.engine.rows import Counts
from app.ui.dialogs import tell
from tests.ui.conftest import Staged
from tests.ui.fakes import run_view
from tests.ui.hands import Hands

SOME_LEFT = Counts(unprocessed=10, failed=3, sent=7)
ALL_DONE = Counts(failed=3, sent=17)


def test_no_text_is_taken_for_markup(staged: Staged, qtbot: QtBot):
    session = staged.reader.begin()
    staged.reader.session = replace(session, user_name="<b>Alison</b> & <img src=x>")
    staged.practice.run_view = replace(run_view(RunStatus.COMPLETED, ALL_DONE), operator="<i>Sam</i>")
    hands = Hands(staged.open(), qtbot)
    hands.screen.sign_in.ask()
    hands.screen.messages.box = tell(hands.window, "Title", "<b>No</b>", detail="<i>Because</i>")
    labels = [one for one in hands.window.findChildren(QLabel) if one.text()]
    assert {"<b>No</b>", "<i>Because</i>", "&Passcode"} <= {one.text() for one in labels}
    assert not [one.text() for one in labels if one.textFormat() is not Qt.TextFormat.PlainText]
    assert hands.window.side.card.name.text() == "<b>Alison</b> & <img src=x>"


@pytest.mark.parametrize("height", [480, 599, 600])
@pytest.mark.parametrize("width", [640, 899, 900, 1600])
def test_nothing_is_out_of_reach_at_any_size(staged: Staged, qtbot: QtBot, width, height):
    staged.reader.begin()
    screen = staged.open()
    screen.window.setMinimumSize(0, 0)
    screen.window.resize(width, height)
    qtbot.waitUntil(lambda: (screen.window.width(), screen.window.height()) == (width, height))
    side, middle, choose = screen.window.side, screen.window.middle, screen.window.middle.choose
    # A screen of 1,920 by 1,080 has 960 by 540 at 200 %: there the column gives its width to the page.
    folded = width < 900 or height < 600
    assert side.property("folded") == ("true" if folded else "false")
    beside, below = side.geometry().right() < middle.x(), side.geometry().bottom() < middle.y()
    assert (below, beside) == (folded, not folded)
    assert side.height() == side.parentWidget().height() or folded
    controls = (side.close_button, side.card.remove_button, *choose.buttons.values())
    for control in controls:
        assert control.isVisible()
        left = control.mapTo(screen.window, control.rect().topLeft()).x()
        assert left >= 0
        assert left + control.width() <= width


def test_the_status_bar_tells_everything_at_a_glance(staged: Staged):
    staged.practice.run_view = run_view(RunStatus.STOPPED, SOME_LEFT, StopReason.USER)
    texts = staged.open().window.status_texts()
    assert texts == (
        "Paused: 10 patients left",
        "Stop and Resume times: not set",
        "Smartcard: nobody signed in",
        "Spine: simulated",
    )


def test_another_computers_run_is_noticed_by_itself(staged: Staged):
    screen = staged.open()
    assert screen.window.middle.choose.buttons[Action.RUN].isEnabled()
    staged.practice.live_elsewhere = "Sam Reception is working on this practice on BACK-OFFICE."
    for _ in range(5):
        screen.runs.on_tick()
    assert not screen.window.middle.choose.buttons[Action.RUN].isEnabled()
