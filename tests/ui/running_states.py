"""The window over a run that is under way, paused or over, and its results."""

from __future__ import annotations

import threading
from datetime import timedelta

from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from app.domain.actions import Action
from app.domain.states import RunStatus, StopReason
from app.engine.control import StopToken
from app.engine.operator import Press
from app.engine.ports import RunView
from app.engine.progress import Phase, ProgressBoard, Waiting
from app.engine.rows import Counts
from tests.ui.beginning_states import choose_paused
from tests.ui.conftest import Staged
from tests.ui.fakes import EVENING, run_view
from tests.ui.hands import Hands
from tests.ui.staging import DONE, State, course, opened, see, working


def running(staged: Staged, qtbot: QtBot) -> Hands:
    return working(staged, qtbot, Phase.RUNNING)


def ten_minutes_left(staged: Staged, qtbot: QtBot) -> Hands:
    hands = running(staged, qtbot)
    staged.reader.begin(ago=timedelta(hours=9, minutes=50))
    hands.screen.card.on_tick()
    hands.screen.runs.on_tick()
    return hands


def waiting(staged: Staged, qtbot: QtBot) -> Hands:
    outage = Waiting(StopReason.NO_CONNECTION, EVENING + timedelta(minutes=3))
    return working(staged, qtbot, Phase.WAITING, waiting=outage, seconds_left=None)


def put_off(staged: Staged, qtbot: QtBot) -> Hands:
    nearly = Counts(sending=2, sent=115, failed=3, not_required=10_267)
    until = EVENING + timedelta(minutes=2)
    return working(
        staged, qtbot, Phase.RUNNING, last=nearly, put_off_until=until, seconds_left=None, checked_now=10_385
    )


def stopping(staged: Staged, qtbot: QtBot) -> Hands:
    hands = working(staged, qtbot, Phase.RUNNING, answers=False)
    hands.click(hands.middle.running.stop_button)
    return hands


def not_responding(staged: Staged, qtbot: QtBot) -> Hands:
    hands = running(staged, qtbot)
    staged.clock.advance(125)
    hands.screen.runs.on_poll()
    return hands


def paused(staged: Staged, qtbot: QtBot) -> Hands:
    hands = running(staged, qtbot)
    hands.click(hands.middle.running.stop_button)
    hands.until(hands.middle.running.resume_button.isVisible)
    return hands


def session_ended(staged: Staged, qtbot: QtBot) -> Hands:
    """The card's time was over in the middle of a run."""
    hands = working(staged, qtbot, Phase.RUNNING, ends_by=StopReason.CARD_EXPIRED)
    staged.reader.begin(ago=timedelta(hours=9, minutes=50))
    hands.screen.runs.on_tick()
    staged.clock.advance(timedelta(minutes=11).total_seconds())
    staged.reader.because = StopReason.CARD_EXPIRED
    hands.click(hands.middle.running.stop_button)
    hands.until(hands.middle.running.resume_button.isVisible)
    hands.screen.runs.on_tick()
    return hands


def exit_question(staged: Staged, qtbot: QtBot) -> Hands:
    hands = running(staged, qtbot)
    hands.window.close()
    hands.message()
    return hands


def completed(staged: Staged, qtbot: QtBot) -> Hands:
    done = threading.Event()
    staged.practice.run_view = None
    boards: list[ProgressBoard] = []

    def carry_out(press: Press, token: StopToken, board: ProgressBoard) -> RunView:
        boards.append(board)
        assert done.wait(30)
        return run_view(RunStatus.COMPLETED, DONE)

    staged.practice.carry_out = carry_out
    hands = opened(staged, qtbot)
    hands.press(Action.RUN)
    hands.click(hands.middle.options.ok_button)
    hands.until(lambda: bool(boards))
    for moment in course(DONE):
        see(staged, hands, boards[0], moment)
    done.set()
    hands.message()
    return hands


def results(staged: Staged, qtbot: QtBot) -> Hands:
    hands = completed(staged, qtbot)
    hands.answer(QMessageBox.StandardButton.Ok)
    hands.until_page(hands.middle.results)
    # How the dissents stand is read beside the window's thread.
    hands.until(hands.middle.results.worklists.isVisible)
    return hands


def results_unfinished(staged: Staged, qtbot: QtBot) -> Hands:
    hands = choose_paused(staged, qtbot)
    hands.screen.runs.show_results()
    return hands


def results_joined(staged: Staged, qtbot: QtBot) -> Hands:
    staged.viewer.joined = 12
    hands = results(staged, qtbot)
    hands.until(hands.middle.results.joined.isVisible)
    return hands


def results_worklists(staged: Staged, qtbot: QtBot) -> Hands:
    staged.worklists.leave()
    return results(staged, qtbot)


RUNNING_STATES: tuple[State, ...] = (
    running,
    ten_minutes_left,
    waiting,
    put_off,
    stopping,
    not_responding,
    paused,
    session_ended,
    exit_question,
    completed,
    results,
    results_unfinished,
    results_joined,
    results_worklists,
)
