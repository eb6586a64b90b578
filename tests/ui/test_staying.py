"""Closing with something scheduled, staying in the background, and what the tray tells meanwhile."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from PySide6.QtWidgets import QMessageBox, QSystemTrayIcon, QWidget
from pytestqt.qtbot import QtBot

from app.domain.actions import CONSENT_MIGRATION, Action
from app.domain.session import SESSION_LENGTH
from app.domain.states import RunStatus, StopReason
from app.domain.windows import Plan
from app.engine.rows import Counts
from app.engine.schedule_rows import ActiveSchedule, ScheduleView
from app.ui.card_foresight import foretold
from app.ui.icons import program_icon
from app.ui.leaving import STAY
from app.ui.news import begun_by_itself, ended_words
from app.ui.running_model import running_model
from app.ui.tray import Tray
from tests.ui.conftest import OFFSCREEN_ONLY, Staged
from tests.ui.fakes import EVENING, FakeReader, FakeTimes, run_view, snapshot
from tests.ui.hands import Hands

HALF = Counts(unprocessed=500, sent=10, not_required=490)


def scheduled(staged: Staged, qtbot: QtBot) -> Hands:
    plan = Plan(EVENING + timedelta(hours=2))
    view = ScheduleView(1, 1, CONSENT_MIGRATION.key, Action.RUN, None, plan, EVENING, "Alison Marsh", None, None)
    times = FakeTimes()
    times.held = ActiveSchedule(view, {}, RunStatus.SCHEDULED, None, None, 0)
    return Hands(staged.open(times=times), qtbot)


def answer_of(box: QMessageBox, text: str) -> object:
    return next(button for button in box.buttons() if button.text() == text)


def test_closing_says_what_it_means_for_what_is_scheduled_and_offers_to_stay(staged: Staged, qtbot: QtBot):
    hands = scheduled(staged, qtbot)
    hands.click(hands.window.side.close_button)
    box = hands.message()
    assert box.text() == "Are you sure you want to exit the application?"
    assert "It is to start by itself today at 18:31." in box.informativeText()
    assert "Nothing begins while the program is closed" in box.informativeText()
    assert box.defaultButton() is box.button(QMessageBox.StandardButton.No)
    hands.click(answer_of(box, STAY))
    hands.until(lambda: hands.window.isMinimized() or not hands.window.isVisible())
    assert not hands.screen.runs.is_live
    hands.screen.tray.on_clicked()
    hands.until(lambda: hands.window.isVisible() and not hands.window.isMinimized())


def test_nothing_scheduled_offers_nothing_more(staged: Staged, qtbot: QtBot):
    hands = Hands(staged.open(), qtbot)
    hands.click(hands.window.side.close_button)
    assert STAY not in [button.text() for button in hands.message().buttons()]


class HeardIcon(QSystemTrayIcon):
    """A tray's icon that remembers what it told: there is no tray where tests run."""

    def __init__(self) -> None:
        super().__init__(program_icon())
        self.heard: list[str] = []

    def showMessage(self, title: str, words: str, *_: object) -> None:  # noqa: N802 - Qt's name
        self.heard.append(f"{title}: {words}")


@pytest.mark.qt_log_ignore(OFFSCREEN_ONLY, "No such signal QPlatformNativeInterface", extend=True)
def test_the_tray_tells_while_nobody_looks_and_a_click_opens_the_window(qtbot: QtBot):
    window, icon = QWidget(), HeardIcon()
    qtbot.addWidget(window)
    tray = Tray(window, icon, window)
    tray.tell("Consent Migration: process completed.")
    assert icon.heard == ["GP Summary Bulk Transmission: Consent Migration: process completed."]
    window.show()
    tray.put_away()
    assert not window.isVisible()
    icon.messageClicked.emit()
    assert window.isVisible()
    with qtbot.waitActive(window):
        window.activateWindow()
    tray.tell("Somebody sees this anyway.")
    assert len(icon.heard) == 1
    tray.dispose()


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (Action.RUN, "Consent Migration has started by itself, at its set time."),
        (Action.RESUME, "Consent Migration has gone on by itself, at its set time."),
    ],
)
def test_what_begins_by_itself_is_told(action: Action, words: str):
    assert begun_by_itself(CONSENT_MIGRATION, action) == words


def test_an_end_is_told_with_its_reason():
    paused = run_view(RunStatus.STOPPED, HALF, StopReason.WINDOW_CLOSED)
    assert "is paused. The stop time was reached." in ended_words(CONSENT_MIGRATION, paused)
    assert ended_words(CONSENT_MIGRATION, run_view(RunStatus.COMPLETED, HALF)).endswith("process completed.")


def test_a_run_that_stops_before_the_card_does_is_not_warned_of_it(staged: Staged):
    reader = FakeReader(staged.clock)
    session = reader.begin(ago=SESSION_LENGTH - timedelta(hours=1))
    # 490 of 200,490 done, at 5 a second: eleven hours of work, one hour of card.
    seen = snapshot(Counts(unprocessed=200_000, not_required=490))
    page = running_model(Action.RUN, seen, 5.0, EVENING, 0.0)
    assert "will be left for Resume" in foretold(page, seen, session, EVENING).note.text
    assert foretold(page, seen, session, EVENING, Plan(EVENING, time(17))).note is None
