"""Closing with something scheduled, staying in the background, and what the tray tells meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta

import pytest
from PySide6.QtWidgets import QMessageBox, QSystemTrayIcon, QWidget
from pytestqt.qtbot import QtBot

from app.domain.actions import CONSENT_MIGRATION, Action
from app.domain.session import SESSION_LENGTH
from app.domain.states import RunStatus, StopReason, stop_words
from app.domain.windows import Plan
from app.engine.rows import Counts
from app.engine.schedule_rows import ActiveSchedule, ScheduleView
from app.ui.card_foresight import foretold
from app.ui.icons import program_icon
from app.ui.leaving import STAY
from app.ui.news import News, Wanted, begun_by_itself, run_ended
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


def news_of(status: RunStatus, counts: Counts, reason: StopReason | None = None) -> News:
    return run_ended(CONSENT_MIGRATION, run_view(status, counts, reason))


@pytest.fixture
def heard(qtbot: QtBot) -> Callable[[Wanted], tuple[Tray, HeardIcon, QWidget]]:
    """A tray beside a window that nobody sees, and what it tells."""

    def made(wanted: Wanted) -> tuple[Tray, HeardIcon, QWidget]:
        window, icon = QWidget(), HeardIcon()
        qtbot.addWidget(window)
        tray = Tray(window, icon, wanted, window)
        return tray, icon, window

    return made


# Told by the platform without a screen of every icon in its tray.
no_tray = pytest.mark.qt_log_ignore(OFFSCREEN_ONLY, "No such signal QPlatformNativeInterface", extend=True)


@no_tray
def test_the_tray_tells_while_nobody_looks_and_a_click_opens_the_window(qtbot: QtBot, heard):
    tray, icon, window = heard(Wanted())
    tray.warn("A set time was missed.")
    assert icon.heard == ["GP Summary Bulk Transmission: A set time was missed."]
    window.show()
    tray.put_away()
    assert not window.isVisible()
    icon.messageClicked.emit()
    assert window.isVisible()
    with qtbot.waitActive(window):
        window.activateWindow()
    tray.warn("Somebody sees this anyway.")
    assert len(icon.heard) == 1
    tray.dispose()


@no_tray
@pytest.mark.parametrize("trouble", [True, False])
@pytest.mark.parametrize("progress", [True, False])
def test_the_tray_tells_what_the_practice_wants_to_be_told(heard, trouble, progress):
    tray, icon, _ = heard(Wanted(trouble=trouble, progress=progress))
    tray.tell(News("It has begun.", needs_somebody=False))
    tray.tell(News("It has paused.", needs_somebody=True))
    tray.warn("The session ends in 10 minutes.")
    told = [words.split(": ", 1)[1] for words in icon.heard]
    wanted = ["It has begun."] * progress + ["It has paused.", "The session ends in 10 minutes."] * trouble
    assert told == wanted
    tray.dispose()


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, Wanted(trouble=True, progress=False)),
        ({"NOTIFY_TROUBLE": "false", "NOTIFY_PROGRESS": "true"}, Wanted(trouble=False, progress=True)),
    ],
)
def test_the_settings_say_what_the_tray_tells(real, environment, wanted):
    assert real(**environment).screen.tray._wanted == wanted


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (Action.RUN, "Consent Migration has started by itself, at its set time."),
        (Action.RESUME, "Consent Migration has gone on by itself, at its set time."),
    ],
)
def test_what_begins_by_itself_is_told_as_planned(action: Action, words: str):
    assert begun_by_itself(CONSENT_MIGRATION, action) == News(words, needs_somebody=False)


@pytest.mark.parametrize("reason", StopReason)
def test_a_pause_is_told_with_its_reason_and_needs_somebody_unless_somebody_wanted_it(reason: StopReason):
    news = news_of(RunStatus.STOPPED, HALF, reason)
    wanted = reason in {StopReason.USER, StopReason.WINDOW_CLOSED, StopReason.SHUTDOWN}
    assert news == News(f"Consent Migration is paused. {stop_words(reason)}", needs_somebody=not wanted)


@pytest.mark.parametrize(
    ("counts", "more"),
    [
        (Counts(sent=10, not_required=490), ""),
        (Counts(sent=9, failed=1, not_required=490), " 1 patient failed."),
        (Counts(unprocessed=1, sending=1, failed=3, sent=5), " 3 patients failed. 2 patients not settled."),
    ],
)
def test_an_end_needs_somebody_only_where_patients_are_left_over(counts: Counts, more: str):
    news = news_of(RunStatus.COMPLETED, counts)
    assert news == News(f"Consent Migration: process completed.{more}", needs_somebody=bool(more))


def test_a_run_that_stops_before_the_card_does_is_not_warned_of_it(staged: Staged):
    reader = FakeReader(staged.clock)
    session = reader.begin(ago=SESSION_LENGTH - timedelta(hours=1))
    # 490 of 200,490 done, at 5 a second: eleven hours of work, one hour of card.
    seen = snapshot(Counts(unprocessed=200_000, not_required=490))
    page = running_model(Action.RUN, seen, 5.0, EVENING, 0.0)
    assert "will be left for Resume" in foretold(page, seen, session, EVENING).note.text
    assert foretold(page, seen, session, EVENING, Plan(EVENING, time(17))).note is None
