"""A walk through every widget of every state: named, reached, readable, not cut off, and nothing taken for markup.

Issue 4, item 9: full keyboard use, accessible names and descriptions on everything, no meaning by colour alone, light
and dark, 100 to 200 % scaling, long names and reasons do not clip, plain text in every label that shows data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow, QPushButton, QWidget
from pytestqt.exceptions import TimeoutError
from pytestqt.qtbot import QtBot

from app.domain.actions import Action
from app.domain.states import RunStatus, StopReason
from app.engine.ports import GroupView
from app.ui.colours import DARK, LIGHT
from app.ui.front.practice_menu import TITLE as PRACTICE
from app.ui.page import Page
from app.ui.simulation_menu import TITLE as SIMULATION
from app.ui.theme import Theme
from app.ui.widgets import label
from tests.ui.beginning_states import ELSEWHERE
from tests.ui.conftest import Staged
from tests.ui.fakes import demonstration, run_view
from tests.ui.hands import Hands
from tests.ui.history.history_states import HISTORY_STATES
from tests.ui.staging import DONE, PAUSED, State
from tests.ui.states import STATES
from tests.ui.walk import Role, cut_off, hard_to_read, out_of_reach, shared_letters, told, unnamed

USUAL = QSize(1080, 720)

# The smallest at 100 %; a full HD screen at 200 %; a small laptop at 200 %.
SMALL = {"900 x 600": QSize(900, 600), "full HD at 200 %": QSize(960, 500), "a laptop at 200 %": QSize(683, 340)}


def in_front(hands: Hands) -> QWidget:
    """The window, or the one that stands before it."""
    return QApplication.activeModalWidget() or QApplication.activeWindow() or hands.window


def resized(hands: Hands, size: QSize) -> None:
    """The window at another size, laid out to its end."""
    hands.window.setMinimumSize(0, 0)
    hands.window.resize(size)
    last: list[object] = []

    def is_at_rest() -> bool:
        before = list(last)
        last[:] = [(one, one.geometry().getRect()) for one in hands.window.findChildren(QWidget)]
        return before == last

    hands.until(is_at_rest)


def cut_off_at(hands: Hands, size: QSize) -> list[str]:
    """What is cut off in the window at this size, and in what stands before it, once nothing moves any more."""
    resized(hands, size)
    roots = {hands.window, in_front(hands)}
    with suppress(TimeoutError):
        # A run that is under way changes its words meanwhile.
        hands.qtbot.waitUntil(lambda: not [fault for root in roots for fault in cut_off(root)], timeout=1_000)
    return [fault for root in roots for fault in cut_off(root)]


@pytest.mark.parametrize("state", [*STATES, *HISTORY_STATES], ids=lambda state: state.__name__)
def test_everything_is_named_reached_readable_and_whole(staged: Staged, qtbot: QtBot, theme: Theme, state: State):
    hands = state(staged, qtbot)
    resized(hands, USUAL)
    front = in_front(hands)
    faults = [fault for root in {hands.window, front} for fault in unnamed(root)]
    faults += [*out_of_reach(front), *shared_letters(front, PRACTICE, SIMULATION)]
    try:
        for name, colours in (("dark", DARK), ("light", LIGHT)):
            theme.dress(colours)
            faults += [f"{name}: {fault}" for fault in hard_to_read(front)]
    finally:
        theme.dress(LIGHT)
    for name, size in {"usual": USUAL, **SMALL}.items():
        faults += [f"{name}: {fault}" for fault in cut_off_at(hands, size)]
    assert not faults, "\n".join(faults)


@pytest.fixture
def large_letters(qapp: QApplication, theme: Theme) -> Iterator[None]:
    """The system's letters at 200 %."""
    usual = QFont(qapp.font())
    large = QFont(usual)
    large.setPointSizeF(usual.pointSizeF() * 2)
    qapp.setFont(large)
    theme.dress(LIGHT)
    yield
    qapp.setFont(usual)
    theme.dress(LIGHT)


@pytest.mark.usefixtures("large_letters")
@pytest.mark.parametrize("state", [*STATES, *HISTORY_STATES], ids=lambda state: state.__name__)
def test_nothing_is_cut_off_with_letters_twice_as_large(staged: Staged, qtbot: QtBot, state: State):
    hands = state(staged, qtbot)
    faults = []
    for name, size in {"usual": USUAL, "900 x 600": SMALL["900 x 600"]}.items():
        faults += [f"{name}: {fault}" for fault in cut_off_at(hands, size)]
        assert hands.window.side.property("folded") == "true"
    assert not faults, "\n".join(faults)


# --- the longest there is ---------------------------------------------------------------------------------------------

LONG = "Dr Bartholomew-Fitzgerald Featherstonehaugh-Cholmondeley of the Riverside and District Partnership"


def with_long_names(staged: Staged, qtbot: QtBot) -> Hands:
    """The longest names that people, computers, groups and practices have."""
    staged.practice.run_view = replace(
        run_view(RunStatus.STOPPED, PAUSED, StopReason.SPINE_UNAVAILABLE, group=LONG),
        operator=LONG,
        workstation="RECEPTION-DESK-IN-THE-OLD-BUILDING",
    )
    staged.practice.group_views = [GroupView(LONG, 50, 48)]
    session = staged.reader.begin()
    staged.reader.session = replace(session, user_name=LONG, role=replace(session.role, name=LONG))
    return Hands(staged.open(practice=replace(demonstration(), name=LONG)), qtbot)


def history(staged: Staged, qtbot: QtBot) -> Hands:
    return with_long_names(staged, qtbot)


def results(staged: Staged, qtbot: QtBot) -> Hands:
    hands = with_long_names(staged, qtbot)
    hands.screen.runs.show_results()
    return hands


def options(staged: Staged, qtbot: QtBot) -> Hands:
    hands = with_long_names(staged, qtbot)
    hands.press(Action.RERUN)
    hands.screen.runs.step.choose_group(LONG)
    return hands


def somebody_elsewhere(staged: Staged, qtbot: QtBot) -> Hands:
    staged.practice.live_elsewhere = f"This practice is being worked on by {LONG}. Wait until that has ended."
    return with_long_names(staged, qtbot)


@pytest.mark.parametrize("state", [history, results, options, somebody_elsewhere], ids=lambda state: state.__name__)
def test_long_names_and_reasons_are_not_cut_off(staged: Staged, qtbot: QtBot, state: Callable[..., Hands]):
    hands = state(staged, qtbot)
    faults = []
    for name, size in {"usual": USUAL, **SMALL}.items():
        faults += [f"{name}: {fault}" for fault in cut_off_at(hands, size)]
    assert not faults, "\n".join(faults)


# --- nothing is markup ------------------------------------------------------------------------------------------------

MARKUP = "<b>Alison</b> & <img src=x>"


def test_no_text_that_shows_data_is_taken_for_markup(staged: Staged, qtbot: QtBot):
    staged.practice.run_view = replace(
        run_view(RunStatus.COMPLETED, DONE, group=MARKUP), operator=MARKUP, workstation=MARKUP
    )
    staged.practice.group_views = [GroupView(MARKUP, 50, 48)]
    session = staged.reader.begin()
    staged.reader.session = replace(session, user_name=MARKUP, role=replace(session.role, name=MARKUP))
    hands = Hands(staged.open(practice=replace(demonstration(), name=MARKUP)), qtbot)
    hands.press(Action.RERUN)
    hands.screen.runs.step.choose_group(MARKUP)
    hands.screen.runs.go_back()
    staged.practice.live_elsewhere = f"{ELSEWHERE} {MARKUP}"
    hands.screen.runs.show_results()
    labels = hands.window.findChildren(QLabel)
    assert sum(MARKUP in one.text() for one in labels) >= 4
    assert not [one.text() for one in labels if one.textFormat() is not Qt.TextFormat.PlainText]
    tips = [one.toolTip() for one in hands.window.findChildren(QWidget)]
    tips += [hands.window.menu_action(action).toolTip() for action in Action]
    assert sum("Alison" in tip for tip in tips) >= 5
    assert not [tip for tip in tips if "<b>" in tip or "<img" in tip]


# --- the walk finds what it is there to find --------------------------------------------------------------------------


def test_pictures_and_progress_are_told_as_such(staged: Staged, qtbot: QtBot):
    running = STATES[[state.__name__ for state in STATES].index("running")](staged, qtbot).middle.running
    assert told(running.meter)[2] is Role.ProgressBar
    name, description, role = told(running.chart)
    assert (name, role) == ("Patients over time", Role.Graphic)
    assert "4,110 not required" in description


@pytest.fixture
def flawed(qtbot: QtBot) -> QMainWindow:
    """A window with one of every fault."""
    window, page = QMainWindow(), Page()
    nameless, low, high = QPushButton(), QPushButton("&Low"), QPushButton("&Look")
    barred, unreached = QPushButton("Barred"), QPushButton("Unreached")
    barred.setEnabled(False)
    unreached.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
    narrow, pale, wide = label("Cut off here"), QLabel("Pale"), QPushButton("Wide")
    narrow.setFixedWidth(20)
    colours = pale.palette()
    colours.setColor(QPalette.ColorRole.WindowText, QColor("#DDDDDD"))
    pale.setPalette(colours)
    for one in (high, low, nameless, barred, unreached, narrow, pale):
        page.content.addWidget(one)
    wide.setParent(page)
    wide.setGeometry(300, 100, 2_000, 30)
    window.setCentralWidget(page)
    QWidget.setTabOrder(low, nameless)
    QWidget.setTabOrder(nameless, high)
    qtbot.addWidget(window)
    window.resize(400, 400)
    window.show()
    return window


def test_the_walk_finds_every_fault(flawed: QMainWindow):
    found = [*unnamed(flawed), *out_of_reach(flawed), *shared_letters(flawed), *hard_to_read(flawed), *cut_off(flawed)]
    for words in (
        "has no name",
        "Barred does not say why",
        "'Pale' may be taken for markup",
        "Tab does not come to Unreached",
        "Tab jumps about",
        "Alt+L stands for ['&Look', '&Low']",
        "'Pale' stands out",
        "'Cut off here' lacks",
        "Wide reaches from",
    ):
        assert any(words in fault for fault in found), f"{words}: {found}"
