"""The states of the pages that look back, staged over fakes."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from app.ui.page import Page
from tests.ui.conftest import Staged
from tests.ui.hands import Hands
from tests.ui.history.fake_history import FakeHistory, FakeTrail
from tests.ui.staging import State, opened


def history_none(staged: Staged, qtbot: QtBot) -> Hands:
    empty = FakeHistory()
    empty.views = []
    return _runs(opened(staged, qtbot, history=empty), lambda page: page.message.isVisible())


def history_runs(staged: Staged, qtbot: QtBot) -> Hands:
    return _runs(opened(staged, qtbot), lambda page: page.open_button.isEnabled())


def history_run(staged: Staged, qtbot: QtBot) -> Hands:
    hands = history_runs(staged, qtbot)
    page = hands.screen.history.run
    hands.click(hands.screen.history.runs.open_button)
    hands.until(page.view.isVisible)
    page.view.choose(0)
    hands.until(lambda: "checked" not in page.chart.accessibleDescription())
    hands.until(lambda: page.chart.accessibleDescription().startswith("After"))
    return hands


def history_compare(staged: Staged, qtbot: QtBot) -> Hands:
    hands = opened(staged, qtbot)
    hands.screen.history_menu.compare_entry.trigger()
    hands.until(hands.screen.history.compare.view.isVisible)
    return hands


def history_compare_one(staged: Staged, qtbot: QtBot) -> Hands:
    one = FakeHistory()
    one.views = one.views[1:]
    hands = opened(staged, qtbot, history=one)
    hands.screen.history_menu.compare_entry.trigger()
    hands.until(lambda: "only one run" in hands.screen.history.compare.message.words)
    return hands


def history_difference(staged: Staged, qtbot: QtBot) -> Hands:
    hands = history_compare(staged, qtbot)
    hands.click(hands.screen.history.compare.open_button)
    hands.until(hands.screen.patients.list.open_button.isEnabled)
    return hands


def history_trail(staged: Staged, qtbot: QtBot) -> Hands:
    return _trail(opened(staged, qtbot))


def history_trail_none(staged: Staged, qtbot: QtBot) -> Hands:
    hands = history_trail(staged, qtbot)
    page = hands.screen.history.trail
    page.kind.setCurrentIndex(1)
    page.kind.activated.emit(1)
    hands.until(page.message.isVisible)
    return hands


def history_trail_whole(staged: Staged, qtbot: QtBot) -> Hands:
    return _verified(history_trail(staged, qtbot))


def history_trail_broken(staged: Staged, qtbot: QtBot) -> Hands:
    trail = FakeTrail()
    trail.broken_at = 4_711
    return _verified(_trail(opened(staged, qtbot, trail=trail)))


def _runs(hands: Hands, ready: object) -> Hands:
    hands.screen.history_menu.runs_entry.trigger()
    page: Page = hands.screen.history.runs
    hands.until(lambda: ready(page))  # type: ignore[operator]
    return hands


def _trail(hands: Hands) -> Hands:
    hands.screen.history_menu.trail_entry.trigger()
    page = hands.screen.history.trail
    hands.until(lambda: page.chosen is not None and page.kind.count() > 1)
    return hands


def _verified(hands: Hands) -> Hands:
    page = hands.screen.history.trail
    hands.click(page.verify_button)
    hands.until(page.verdict.isVisible)
    return hands


HISTORY_STATES: tuple[State, ...] = (
    history_none,
    history_runs,
    history_run,
    history_compare,
    history_compare_one,
    history_difference,
    history_trail,
    history_trail_none,
    history_trail_whole,
    history_trail_broken,
)
