"""The Simulation menu: over fakes what it asks for and when, over a real simulated Spine what comes of it."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.bootstrap import practice_database
from app.domain.actions import Action
from app.domain.errors import Refused
from app.domain.states import STOP_WORDS, RunStatus, StopReason
from app.engine.simulation import Disturbance
from app.ui.simulation_menu import SimulationMenu
from tests.ui.conftest import Staged
from tests.ui.fakes import CARD
from tests.ui.hands import Hands


class FakeControls:
    """`SimulationControls` that notes what it was asked for, once it is allowed to."""

    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []
        self.fault: Exception | None = None
        self.allowed = threading.Event()
        self.allowed.set()

    def let_time_pass(self, seconds: float) -> None:
        self._note("time", seconds)

    def revoke_session(self, card_uid: str) -> None:
        self._note("revoke", card_uid)

    def disturb(self, disturbance: Disturbance, seconds: float) -> None:
        self._note(disturbance, seconds)

    def clear_disturbance(self) -> None:
        self._note("usual")

    def _note(self, *what: object) -> None:
        assert self.allowed.wait(30)
        if self.fault is not None:
            raise self.fault
        self.asked.append(what)


@pytest.fixture
def controls() -> FakeControls:
    return FakeControls()


@pytest.fixture
def hands(staged: Staged, controls: FakeControls, qtbot: QtBot) -> Hands:
    staged.reader.begin(ago=timedelta(hours=4))
    return Hands(staged.open(simulation=controls), qtbot)


def choose(hands: Hands, menu: SimulationMenu, action: QAction) -> None:
    """Open the menu, choose this and wait until it is done."""
    menu.aboutToShow.emit()
    assert action.isEnabled(), action.toolTip()
    action.trigger()
    hands.until(lambda: not hands.screen.simulation.is_busy)


def test_a_real_spine_has_no_such_menu(staged: Staged):
    window = staged.open().window
    assert "Si&mulation" not in [action.text() for action in window.menuBar().actions()]


def test_it_stands_before_help(hands: Hands):
    texts = [action.text() for action in hands.window.menuBar().actions()]
    assert texts[-2:] == ["Si&mulation", "&Help"]


@pytest.mark.parametrize(
    ("entry", "asked"),
    [
        ("one_hour", ("time", 3600.0)),
        ("near_the_end", ("time", 6 * 3600.0 - 300.0)),
        ("ten_hours", ("time", 36_000.0)),
        ("revoke", ("revoke", CARD)),
        ("slow", (Disturbance.SLOW, 60.0)),
        ("failing", (Disturbance.FAILING, 60.0)),
        ("unreachable", (Disturbance.UNREACHABLE, 60.0)),
        ("usual", ("usual",)),
    ],
)
def test_each_entry_asks_for_its_own_and_says_that_it_is_done(hands: Hands, controls: FakeControls, entry, asked):
    menu = hands.screen.simulation_menu
    choose(hands, menu, getattr(menu, entry))
    assert controls.asked == [asked]
    assert hands.window.statusBar().currentMessage()
    assert QApplication.activeModalWidget() is None


def test_the_card_is_removed_as_by_its_own_button(hands: Hands, staged: Staged):
    menu = hands.screen.simulation_menu
    choose(hands, menu, menu.remove_card)
    hands.until(lambda: staged.reader.card() is None and not hands.screen.card.is_busy)


def test_every_entry_has_a_mnemonic_of_its_own(hands: Hands):
    letters = [
        text[text.index("&") + 1].lower()
        for text in (a.text() for a in hands.screen.simulation_menu.actions())
        if "&" in text
    ]
    assert len(letters) == len(set(letters)) == 9


def test_what_cannot_be_done_says_why(hands: Hands, staged: Staged, controls: FakeControls):
    menu = hands.screen.simulation_menu
    assert "24/11/2026 16:31" in menu.time.text()
    staged.clock.advance(timedelta(hours=5, minutes=56).total_seconds())
    menu.aboutToShow.emit()
    assert "24/11/2026 22:27" in menu.time.text()
    assert not menu.near_the_end.isEnabled()
    assert "within 5 minutes already" in menu.near_the_end.toolTip()
    staged.reader.remove_card()
    menu.aboutToShow.emit()
    cannot = {action.toolTip() for action in (menu.near_the_end, menu.revoke, menu.remove_card)}
    assert cannot == {"Nobody is signed in.", "There is no card in the reader."}
    assert not any(action.isEnabled() for action in (menu.near_the_end, menu.revoke, menu.remove_card))
    menu.near_the_end.triggered.emit()
    menu.revoke.triggered.emit()
    assert controls.asked == []


def test_one_thing_at_a_time(hands: Hands, controls: FakeControls):
    menu = hands.screen.simulation_menu
    controls.allowed.clear()
    menu.one_hour.trigger()
    menu.aboutToShow.emit()
    assert not menu.ten_hours.isEnabled()
    assert "being asked" in menu.ten_hours.toolTip()
    menu.ten_hours.triggered.emit()
    controls.allowed.set()
    hands.until(lambda: not hands.screen.simulation.is_busy)
    assert controls.asked == [("time", 3600.0)]


def test_a_spine_that_does_not_answer_is_said(hands: Hands, controls: FakeControls):
    controls.fault = Refused("The simulated Spine did not answer, so nothing was changed. Try again.")
    menu = hands.screen.simulation_menu
    choose(hands, menu, menu.slow)
    assert "did not answer" in hands.message().text()


def test_an_error_nobody_expected_is_shown_as_one(hands: Hands, controls: FakeControls):
    controls.fault = ValueError("odd")
    menu = hands.screen.simulation_menu
    choose(hands, menu, menu.usual)
    hands.until(lambda: hands.screen.messages.error is not None and hands.screen.messages.error.isVisible())


# --- with a real simulated Spine --------------------------------------------------------------------------------


def at_work(real, qtbot: QtBot) -> tuple[object, Hands]:
    """A run under way, slow enough to be caught."""
    opened = real(latency_ms=40, SETTLE_SECONDS="1")
    hands = Hands(opened.screen, qtbot)
    hands.signed_in()
    hands.press(Action.RUN)
    hands.until_page(hands.middle.options)
    hands.click(hands.middle.options.ok_button)
    hands.until(lambda: hands.middle.running.meter.value() > 0)
    return opened, hands


THEIR_OWN = {"record_in_use", "nhs_number_invalid", "pds_mismatch", "spine_rejected"}
"""Why patients of the demonstration fail in any case."""


def why_failed(opened, run_id: int) -> set[str]:
    with practice_database(opened.product.settings, check=False) as files:
        return {row.reason for row in files.store.export_outcomes(run_id) if row.outcome == "failed"}


def paused(opened, hands: Hands, reason: StopReason):
    hands.until(lambda: hands.middle.status.text() == "Paused")
    assert STOP_WORDS[reason] in hands.middle.running.note.words
    run = opened.product.queries.latest_run(opened.product.family.key)
    assert (run.status, run.stop_reason) == (RunStatus.STOPPED, reason)
    assert run.counts.unprocessed > 0
    assert why_failed(opened, run.run_id) <= THEIR_OWN
    return run


def test_ten_hours_pass_in_a_second_and_the_run_pauses_with_the_session(real, qtbot: QtBot):
    opened, hands = at_work(real, qtbot)
    menu = hands.screen.simulation_menu
    choose(hands, menu, menu.ten_hours)
    run = paused(opened, hands, StopReason.CARD_EXPIRED)
    panel = hands.window.side.card
    hands.until(lambda: "Your Smartcard session ended at" in panel.note.words)
    assert "Card in the reader" in panel.accessibleDescription()
    hands.click(hands.middle.running.resume_button)
    hands.sign_in()
    hands.until_page(hands.middle.options)
    hands.click(hands.middle.options.ok_button)
    hands.message()
    done = opened.product.queries.latest_run(opened.product.family.key)
    assert (done.run_id, done.status, done.counts.unprocessed) == (run.run_id, RunStatus.COMPLETED, 0)


def test_five_minutes_before_the_end_it_is_said(real, qtbot: QtBot):
    hands = Hands(real().screen, qtbot)
    hands.signed_in()
    menu = hands.screen.simulation_menu
    with qtbot.waitSignal(hands.screen.card.ends_soon) as told:
        choose(hands, menu, menu.near_the_end)
    assert "ends in 5 minutes" in told.args[0]
    assert hands.window.side.card.left.text() in {"4 min left", "5 min left"}


def test_a_session_ended_at_the_service_pauses_the_run(real, qtbot: QtBot):
    opened, hands = at_work(real, qtbot)
    menu = hands.screen.simulation_menu
    choose(hands, menu, menu.revoke)
    paused(opened, hands, StopReason.CARD_REMOVED)
    assert "ended at the sign-in service" in hands.window.side.card.note.words


def test_a_spine_gone_for_a_while_is_waited_for_and_nobody_fails_by_it(real, qtbot: QtBot):
    opened, hands = at_work(real, qtbot)
    menu = hands.screen.simulation_menu
    choose(hands, menu, menu.unreachable)
    hands.until(lambda: "Waiting" in hands.middle.running.note.words)
    choose(hands, menu, menu.usual)
    hands.message()
    run = opened.product.queries.latest_run(opened.product.family.key)
    assert run.status is RunStatus.COMPLETED
    assert why_failed(opened, run.run_id) <= THEIR_OWN
