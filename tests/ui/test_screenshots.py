"""Pictures of every state, taken of the real window. With SCR_BULK_WRITE_SCREENSHOTS=1 they become the program's own."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QSize
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from app.domain.actions import Action
from app.domain.states import RunStatus, StopReason
from app.engine.control import StopToken
from app.engine.operator import Press
from app.engine.ports import GroupView, RunView
from app.engine.progress import Phase, ProgressBoard, Waiting
from app.engine.rows import Counts
from app.resources import resources_folder
from app.ui.colours import DARK, LIGHT
from app.ui.theme import Theme
from tests.ui.conftest import Staged
from tests.ui.fakes import EVENING, run_view, snapshot, until_stopped
from tests.ui.hands import Hands

SIZE = QSize(1080, 720)
SCHEMES = {"light": LIGHT, "dark": DARK}

BEGUN = Counts(unprocessed=6_201, sending=2, sent=97, failed=3, not_required=4_084)
HALFWAY = Counts(unprocessed=6_175, sending=2, sent=97, failed=3, not_required=4_110)
PAUSED = Counts(unprocessed=6_175, sent=99, failed=3, not_required=4_110)
DONE = Counts(sent=117, failed=3, not_required=10_267)


def choose_new(staged: Staged, qtbot: QtBot) -> Hands:
    return opened(staged, qtbot)


def signed_out(staged: Staged, qtbot: QtBot) -> Hands:
    return Hands(staged.open(), qtbot)


def sign_in(staged: Staged, qtbot: QtBot) -> Hands:
    hands = signed_out(staged, qtbot)
    hands.click(hands.window.side.card.sign_in_button)
    return hands


def choose_paused(staged: Staged, qtbot: QtBot) -> Hands:
    staged.practice.run_view = run_view(RunStatus.STOPPED, PAUSED, StopReason.CARD_EXPIRED)
    return opened(staged, qtbot)


def choose_completed(staged: Staged, qtbot: QtBot) -> Hands:
    staged.practice.run_view = run_view(RunStatus.COMPLETED, DONE)
    return opened(staged, qtbot)


def options(staged: Staged, qtbot: QtBot) -> Hands:
    staged.practice.group_views = [GroupView("Trial run", 50, 48)]
    hands = opened(staged, qtbot)
    hands.press(Action.RUN)
    return hands


def options_warning(staged: Staged, qtbot: QtBot) -> Hands:
    hands = options(staged, qtbot)
    staged.reader.begin(ago=timedelta(hours=9, minutes=40))
    hands.screen.runs.on_tick()
    return hands


def running(staged: Staged, qtbot: QtBot) -> Hands:
    return working(staged, qtbot, Phase.RUNNING)


def waiting(staged: Staged, qtbot: QtBot) -> Hands:
    outage = Waiting(StopReason.NO_CONNECTION, EVENING + timedelta(minutes=2))
    return working(staged, qtbot, Phase.WAITING, waiting=outage, seconds_left=None)


def paused(staged: Staged, qtbot: QtBot) -> Hands:
    hands = running(staged, qtbot)
    hands.click(hands.middle.running.stop_button)
    hands.until(hands.middle.running.resume_button.isVisible)
    return hands


def exit_question(staged: Staged, qtbot: QtBot) -> Hands:
    hands = running(staged, qtbot)
    hands.window.close()
    hands.message()
    return hands


def completed(staged: Staged, qtbot: QtBot) -> Hands:
    def carry_out(press: Press, token: StopToken, board: ProgressBoard) -> RunView:
        board.publish(snapshot(BEGUN))
        return run_view(RunStatus.COMPLETED, DONE)

    staged.practice.carry_out = carry_out
    hands = opened(staged, qtbot)
    hands.press(Action.RUN)
    hands.click(hands.middle.options.ok_button)
    hands.message()
    return hands


def results(staged: Staged, qtbot: QtBot) -> Hands:
    hands = completed(staged, qtbot)
    hands.answer(QMessageBox.StandardButton.Ok)
    hands.until_page(hands.middle.results)
    return hands


def opened(staged: Staged, qtbot: QtBot) -> Hands:
    staged.reader.begin(ago=timedelta(hours=3, minutes=48))
    return Hands(staged.open(), qtbot)


def working(staged: Staged, qtbot: QtBot, phase: Phase, **changes: object) -> Hands:
    """A run caught in the middle, five seconds after an earlier look at it, so that its pace is known."""
    shown_once = False

    def carry_out(press: Press, token: StopToken, board: ProgressBoard) -> RunView:
        board.publish(snapshot(BEGUN))
        qtbot.waitUntil  # noqa: B018
        until_stopped(token)
        return run_view(RunStatus.STOPPED, PAUSED, StopReason.USER)

    del shown_once
    staged.practice.carry_out = carry_out
    hands = opened(staged, qtbot)
    hands.press(Action.RUN)
    hands.click(hands.middle.options.ok_button)
    hands.until(lambda: hands.middle.running.meter.value() > 0)
    return hands


STATES: tuple[Callable[[Staged, QtBot], Hands], ...] = (
    choose_new,
    signed_out,
    sign_in,
    choose_paused,
    choose_completed,
    options,
    options_warning,
    running,
    waiting,
    paused,
    exit_question,
    completed,
    results,
)
