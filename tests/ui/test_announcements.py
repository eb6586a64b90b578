"""What a screen reader is told without being asked: issue 4, item 9 (status changes, progress every few seconds)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytestqt.qtbot import QtBot

from app.domain.actions import CONSENT_MIGRATION, Action, RunSituation
from app.domain.states import STOP_WORDS, RunStatus, StopReason
from app.engine.control import StopToken
from app.engine.operator import Press
from app.engine.ports import RunView
from app.engine.progress import Phase, ProgressBoard, Waiting
from app.engine.rows import Counts
from app.ui.announcer import Announcer
from app.ui.card_model import CardState, card_model
from app.ui.counter_words import on_the_way
from app.ui.presenter import Showing, WindowState, window_model
from app.ui.running_model import RunningModel, paused_model, running_model
from tests.helpers.clocks import ManualClock
from tests.ui.conftest import Staged
from tests.ui.fakes import EVENING, FakePractice, FakeReader, run_view, services, snapshot, until_stopped
from tests.ui.hands import Hands

HALFWAY = Counts(unprocessed=6_175, sending=2, sent=97, failed=3, not_required=4_110)


class Heard:
    """An announcer and the window it hears of."""

    def __init__(self) -> None:
        self.clock = ManualClock(EVENING)
        self.reader = FakeReader(self.clock)
        self.services = services(self.clock, FakePractice(), self.reader)
        self.announcer = Announcer(self.clock)
        self.last = None

    def shows(self, page: RunningModel, *, live: bool = True) -> str:
        """What is said when the running page looks like this; empty for nothing."""
        status = RunStatus.RUNNING if live else RunStatus.STOPPED
        state = WindowState(Showing.RUNNING, RunSituation(status, live), running=page, is_live=live)
        card = card_model(CardState(self.reader.card(), self.reader.session), self.clock.now())
        model = window_model(self.services, state, card, self.reader.session)
        self.last = self.announcer.hear(model)
        return self.last.words if self.last else ""


@pytest.fixture
def heard() -> Heard:
    return Heard()


def at_work(counts: Counts = HALFWAY, silent_for: float = 0.0, **changes: object) -> RunningModel:
    return running_model(Action.RUN, snapshot(counts, **changes), 5.0, EVENING, silent_for)


def test_a_new_status_is_told_at_once_and_once(heard: Heard):
    assert heard.shows(at_work()) == "Consent Migration: Running."
    assert heard.last.urgent
    assert heard.shows(at_work()) == ""


def test_progress_is_told_every_few_seconds_and_not_more_often(heard: Heard):
    heard.shows(at_work())
    told = []
    for _ in range(600):
        heard.clock.advance(0.125)
        told.append(heard.shows(at_work()))
    said = [words for words in told if words]
    assert len(said) == 7, "in 75 seconds"
    assert said[0] == "4,212 of 10,387 patients checked. about 21 min left (until 16:52)."
    assert not heard.last or not heard.last.urgent


def test_why_a_run_waits_or_has_paused_is_told_with_what_ends_it(heard: Heard):
    heard.shows(at_work())
    outage = Waiting(StopReason.NO_CONNECTION, EVENING + timedelta(minutes=2))
    assert "The Spine cannot be reached" in heard.shows(at_work(phase=Phase.WAITING, waiting=outage))
    paused = paused_model(at_work(), run_view(RunStatus.STOPPED, HALFWAY, StopReason.CARD_EXPIRED))
    words = heard.shows(paused, live=False)
    assert words == f"Consent Migration: Paused. {STOP_WORDS[StopReason.CARD_EXPIRED]} {on_the_way(HALFWAY.sending)}"
    heard.clock.advance(60)
    assert heard.shows(paused, live=False) == "", "nothing goes on, so nothing is told"


def test_a_remark_that_only_counts_on_is_no_news(heard: Heard):
    heard.shows(at_work())
    assert "25 seconds" in heard.shows(at_work(silent_for=25.0))
    assert heard.shows(at_work(silent_for=26.0)) == ""


def test_the_window_hands_it_to_the_screen_reader(staged: Staged, qtbot: QtBot, monkeypatch):
    said: list[str] = []
    # Qt's own way to the reader ends in the platform, which has none here.
    monkeypatch.setattr("app.ui.spoken.QAccessible.updateAccessibility", lambda event: said.append(event.message()))

    def carry_out(press: Press, token: StopToken, board: ProgressBoard) -> RunView:
        board.publish(snapshot(HALFWAY))
        until_stopped(token)
        return run_view(RunStatus.STOPPED, HALFWAY, token.reason)

    staged.practice.carry_out = carry_out
    staged.reader.begin()
    hands = Hands(staged.open(), qtbot)
    hands.press(Action.RUN)
    hands.click(hands.middle.options.ok_button)
    hands.click(hands.middle.running.stop_button)
    hands.until(lambda: any("Paused" in words for words in said))
    assert [words.split(".")[0] for words in said if words.startswith(CONSENT_MIGRATION.title)] == [
        "Consent Migration: Not run yet",
        "Consent Migration: Running",
        "Consent Migration: Stopping",
        "Consent Migration: Paused",
    ]
