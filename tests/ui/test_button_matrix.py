"""What can be pressed in every state there is: the rules written out once more.

"Run when no run of the family is unfinished; Resume when one is paused or interrupted; Rerun when any run exists and
none is live; Failed when the latest run has failed patients and none is live. A disabled button says why."
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QMessageBox
from pytestqt.qtbot import QtBot

from app.domain.actions import Action
from app.domain.errors import StorageFault
from app.domain.states import RUN_TRANSITIONS, RunStatus, StopReason
from app.engine.control import StopToken
from app.engine.operator import Press
from app.engine.ports import RunView
from app.engine.progress import ProgressBoard
from app.engine.rows import Counts
from app.ui.running_model import Stage, starting_model
from app.ui.running_page import RunningPage
from app.ui.screen import Screen
from tests.ui.conftest import Staged
from tests.ui.fakes import run_view, snapshot, until_stopped
from tests.ui.hands import Hands

ELSEWHERE = "This practice is being worked on by Sam Reception on BACK-OFFICE. Wait until that has ended."
UNFINISHED = {RunStatus.SCHEDULED, RunStatus.RUNNING, RunStatus.STOPPED}


@dataclass(frozen=True)
class Case:
    """The latest run as it stands, and who is at work."""

    status: RunStatus | None
    failed: int = 0
    unprocessed: int = 0
    elsewhere: bool = False

    def __str__(self) -> str:
        run = "no run" if self.status is None else f"{self.status}, {self.failed} failed, {self.unprocessed} left"
        return f"{run}{', at work elsewhere' if self.elsewhere else ''}"

    @property
    def can_be_pressed(self) -> set[Action]:
        """By the page's own words, with the transition table for which run may be taken up again."""
        if self.elsewhere:
            return set()
        if self.status is None:
            return {Action.RUN}
        # Nobody is at work, so one that is called running was interrupted.
        resumable = self.status in {RunStatus.STOPPED, RunStatus.RUNNING}
        taken_up_again = resumable or RunStatus.RUNNING in RUN_TRANSITIONS[self.status]
        return {
            action
            for action, may in {
                Action.RUN: self.status not in UNFINISHED,
                Action.RESUME: resumable,
                Action.RERUN: True,
                Action.FAILED: self.failed > 0 and taken_up_again,
            }.items()
            if may
        }

    @property
    def suggested(self) -> Action | None:
        """Run on a new practice, Resume on a paused run, Failed when some failed; nothing at the end."""
        can = self.can_be_pressed
        if Action.RESUME in can or Action.FAILED in can:
            return Action.RESUME if Action.RESUME in can else Action.FAILED
        return Action.RUN if Action.RUN in can and self.status is not RunStatus.COMPLETED else None


CASES = [
    Case(None),
    Case(None, elsewhere=True),
    *(
        Case(status, failed, unprocessed, elsewhere)
        for status in RunStatus
        for failed in (0, 3)
        for unprocessed in (0, 10)
        for elsewhere in (False, True)
        # Nobody of a scheduled run has failed yet, and nobody of a completed one is left.
        if not (status is RunStatus.SCHEDULED and (failed or not unprocessed))
        and not (status is RunStatus.COMPLETED and unprocessed)
    ),
]


def stage(staged: Staged, case: Case) -> Screen:
    if case.status is not None:
        counts = Counts(unprocessed=case.unprocessed, failed=case.failed, sent=7)
        reason = StopReason.USER if case.status is RunStatus.STOPPED else None
        staged.practice.run_view = run_view(case.status, counts, reason)
    staged.practice.live_elsewhere = ELSEWHERE if case.elsewhere else None
    return staged.open()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_action_can_be_pressed_where_the_page_says_so_and_nowhere_else(staged: Staged, case: Case):
    window = stage(staged, case).window
    page = window.middle.choose
    assert {action for action, button in page.buttons.items() if button.isEnabled()} == case.can_be_pressed
    assert page.default_button() is (page.buttons[case.suggested] if case.suggested else None)
    for action, button in page.buttons.items():
        says_why(button, window.menu_action(action), barred=action not in case.can_be_pressed)
        row = page.rows[action]
        if action in case.can_be_pressed:
            assert row.reason_row.isHidden()
        else:
            # In place and in words, or once above all four.
            assert row.reason_row.isVisible() or row.reason.text() in page.history.words


def says_why(button: QAbstractButton, entry: QAction, *, barred: bool) -> None:
    """Window and menu agree, and both tell the reason."""
    assert button.isEnabled() is entry.isEnabled() is not barred
    assert button.toolTip() == entry.toolTip()
    assert button.toolTip() in button.accessibleDescription()
    assert button.toolTip().endswith(".")


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_results_offer_what_they_call_for_and_only_if_it_can_be_pressed(staged: Staged, case: Case):
    screen = stage(staged, case)
    screen.runs.show_results()
    page = screen.window.middle.results
    if case.status is None:
        assert not page.isVisible()
        return
    called_for = set()
    if case.unprocessed and case.status in UNFINISHED:
        called_for.add(Action.RESUME)
    if case.failed:
        called_for.add(Action.FAILED)
    shown = {action: button for action, button in page.buttons.items() if button.isVisible()}
    assert set(shown) == called_for
    for action, button in shown.items():
        says_why(button, screen.window.menu_action(action), barred=action not in case.can_be_pressed)


def test_without_a_readable_database_nothing_can_be_pressed(staged: Staged):
    staged.practice.fault = StorageFault("The practice database is locked by another program. Try again in a minute.")
    window = staged.open().window
    for action, button in window.middle.choose.buttons.items():
        says_why(button, window.menu_action(action), barred=True)


# --- this window's own execution --------------------------------------------------------------------------------------


SOME_LEFT = Counts(unprocessed=10, failed=3, sent=7)

# For each stage of an execution: what is to be seen of Stop, Stop and Close, Resume and the way back, and what of that
# can be pressed (Stop once asked for is not asked for again).
STAGES = {
    Stage.LIVE: ({"stop", "stop_and_close"}, {"stop", "stop_and_close"}),
    Stage.SILENT: ({"stop", "stop_and_close"}, {"stop", "stop_and_close"}),
    Stage.STOPPING: ({"stop", "stop_and_close"}, set()),
    Stage.PAUSED: ({"resume", "leave"}, {"resume", "leave"}),
    Stage.FINISHED: (set(), set()),
}


def at_work(staged: Staged, qtbot: QtBot) -> Hands:
    """An execution that works until it is stopped, and then until it is let go."""

    def carry_out(press: Press, token: StopToken, board: ProgressBoard) -> RunView:
        board.publish(snapshot(SOME_LEFT))
        until_stopped(token)
        return run_view(RunStatus.STOPPED, SOME_LEFT, token.reason)

    staged.practice.carry_out = carry_out
    staged.reader.begin()
    hands = Hands(staged.open(), qtbot)
    hands.press(Action.RUN)
    hands.click(hands.middle.options.ok_button)
    hands.until(lambda: hands.middle.running.meter.value() > 0)
    return hands


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.value)
def test_every_stage_of_a_run_has_its_buttons(qtbot: QtBot, stage: Stage):
    assert set(STAGES) == set(Stage)
    page = RunningPage()
    qtbot.addWidget(page)
    page.show()
    page.show_model(replace(starting_model(Action.RUN), stage=stage))
    buttons = {
        "stop": page.stop_button,
        "stop_and_close": page.stop_and_close_button,
        "resume": page.resume_button,
        "leave": page.leave_button,
    }
    visible, enabled = STAGES[stage]
    assert {name for name, button in buttons.items() if button.isVisible()} == visible
    assert {name for name in visible if buttons[name].isEnabled()} == enabled
    for name in visible - enabled:
        assert buttons[name].toolTip().endswith(".")


def test_while_it_runs_the_menu_offers_stop_and_no_action(staged: Staged, qtbot: QtBot):
    hands = at_work(staged, qtbot)
    assert not any(hands.window.menu_action(action).isEnabled() for action in Action)
    assert hands.window.stop_action.isEnabled()
    assert "Running: 10 of 20" in hands.window.status_texts()
    hands.window.stop_action.trigger()
    hands.until(hands.middle.running.resume_button.isVisible)
    assert not hands.window.stop_action.isEnabled()
    assert hands.middle.running.resume_button.hasFocus()
    assert {action for action in Action if hands.window.menu_action(action).isEnabled()} == {
        Action.RESUME, Action.RERUN, Action.FAILED
    }  # fmt: skip


def test_a_paused_run_that_somebody_else_goes_on_with_cannot_be_resumed_here(staged: Staged, qtbot: QtBot):
    hands = at_work(staged, qtbot)
    hands.click(hands.middle.running.stop_button)
    hands.until(hands.middle.running.resume_button.isVisible)
    staged.practice.live_elsewhere = ELSEWHERE
    for _ in range(5):
        hands.screen.runs.on_tick()
    says_why(hands.middle.running.resume_button, hands.window.menu_action(Action.RESUME), barred=True)
    assert hands.middle.running.resume_button.toolTip() == ELSEWHERE


def test_what_runs_elsewhere_is_stopped_from_here_by_somebody_who_is_signed_in(staged: Staged, qtbot: QtBot):
    staged.practice.run_view = run_view(RunStatus.RUNNING, Counts(unprocessed=10, sent=7))
    staged.practice.live_elsewhere = ELSEWHERE
    screen = staged.open()
    hands, choose = Hands(screen, qtbot), screen.window.middle.choose
    hands.click(choose.stop_there_button)
    hands.sign_in()
    hands.answer(QMessageBox.StandardButton.No)
    assert choose.stop_there_button.isVisible(), "asked, and not meant"
    hands.click(choose.stop_there_button)
    hands.answer(QMessageBox.StandardButton.Yes)
    hands.until(lambda: "It was asked to stop" in choose.history.words)
    assert choose.stop_there_button.isHidden(), "once is enough"


def test_what_may_not_be_stopped_elsewhere_says_why(staged: Staged, qtbot: QtBot):
    staged.practice.run_view = run_view(RunStatus.RUNNING, Counts(unprocessed=10, sent=7))
    staged.practice.live_elsewhere, staged.practice.refusal = ELSEWHERE, "Only a System Administrator may do this."
    staged.reader.begin()
    screen = staged.open()
    hands = Hands(screen, qtbot)
    hands.click(screen.window.middle.choose.stop_there_button)
    hands.answer(QMessageBox.StandardButton.Yes)
    hands.until(lambda: screen.messages.box is not None and "System Administrator" in screen.messages.box.text())


@pytest.mark.parametrize("status", [None, RunStatus.STOPPED, RunStatus.COMPLETED])
def test_where_no_run_is_under_way_elsewhere_there_is_none_to_stop(staged: Staged, status: RunStatus | None):
    """Somebody there imports a list, or reads dissents back."""
    if status is not None:
        reason = StopReason.USER if status is RunStatus.STOPPED else None
        staged.practice.run_view = run_view(status, Counts(sent=7), reason)
    staged.practice.live_elsewhere = ELSEWHERE
    assert staged.open().window.middle.choose.stop_there_button.isHidden()
