"""Pictures of every state, taken of the real window; SCR_BULK_WRITE_SCREENSHOTS=1 makes them the program's own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from app.domain.actions import Action
from app.domain.outcomes import ItemState
from app.domain.session import missing_launch_right
from app.domain.states import RunStatus, StopReason
from app.engine.control import StopToken
from app.engine.operator import Press
from app.engine.ports import GroupView, RunView
from app.engine.progress import Phase, ProgressBoard, Snapshot, Waiting
from app.engine.rows import Counts
from app.resources import resources_folder
from app.ui.colours import DARK, LIGHT
from app.ui.theme import Theme
from tests.ui.conftest import Staged
from tests.ui.fakes import EVENING, PRACTITIONER, TWO_ROLES, run_view, snapshot, until_stopped
from tests.ui.hands import Hands

SIZE = QSize(1080, 720)
SCHEMES = {"light": LIGHT, "dark": DARK}

EARLIER = Counts(unprocessed=6_195, sending=2, sent=97, failed=3, not_required=4_090)
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


def choose_role(staged: Staged, qtbot: QtBot) -> Hands:
    hands = sign_in(staged, qtbot)
    hands.sign_in(uid=TWO_ROLES)
    hands.until(hands.screen.sign_in.role.isVisible)
    return hands


def refused(staged: Staged, qtbot: QtBot) -> Hands:
    staged.reader.begin(PRACTITIONER)
    staged.practice.refusal = missing_launch_right(PRACTITIONER, {"B0062"})
    hands = Hands(staged.open(), qtbot)
    hands.press(Action.RUN)
    hands.message()
    return hands


def ten_minutes_left(staged: Staged, qtbot: QtBot) -> Hands:
    hands = running(staged, qtbot)
    staged.reader.begin(ago=timedelta(hours=9, minutes=50))
    hands.screen.card.on_tick()
    hands.screen.runs.on_tick()
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
    outage = Waiting(StopReason.NO_CONNECTION, EVENING + timedelta(minutes=3))
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
        board.publish(snapshot(EARLIER))
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


def results_joined(staged: Staged, qtbot: QtBot) -> Hands:
    staged.viewer.joined = 12
    hands = results(staged, qtbot)
    hands.until(hands.middle.results.joined.isVisible)
    return hands


def patients_failed(staged: Staged, qtbot: QtBot) -> Hands:
    hands = results(staged, qtbot)
    hands.click(hands.middle.results.counters.button_of(ItemState.FAILED))
    hands.until(hands.screen.patients.list.open_button.isEnabled)
    hands.until_focus(hands.screen.patients.list.browser.view)
    return hands


def patients_signed_out(staged: Staged, qtbot: QtBot) -> Hands:
    staged.practice.run_view = run_view(RunStatus.COMPLETED, DONE)
    hands = Hands(staged.open(), qtbot)
    hands.screen.patients.show_counter(ItemState.FAILED)
    hands.until(hands.screen.patients.list.browser.sign_in_button.isVisible)
    return hands


def patient_story(staged: Staged, qtbot: QtBot) -> Hands:
    hands = patients_failed(staged, qtbot)
    hands.click(hands.screen.patients.list.open_button)
    hands.until(lambda: bool(hands.screen.patients.story.texts()))
    return hands


def patient_story_details(staged: Staged, qtbot: QtBot) -> Hands:
    hands = patient_story(staged, qtbot)
    hands.click(hands.screen.patients.story.details_button)
    return hands


def opened(staged: Staged, qtbot: QtBot) -> Hands:
    staged.reader.begin(ago=timedelta(hours=3, minutes=48))
    return Hands(staged.open(), qtbot)


def working(
    staged: Staged, qtbot: QtBot, phase: Phase, ends_by: StopReason = StopReason.USER, **changes: object
) -> Hands:
    """A run caught in the middle, with every moment before it seen, so that its course is known."""
    boards: list[ProgressBoard] = []

    def carry_out(press: Press, token: StopToken, board: ProgressBoard) -> RunView:
        boards.append(board)
        until_stopped(token)
        return run_view(RunStatus.STOPPED, PAUSED, ends_by)

    staged.practice.carry_out = carry_out
    hands = opened(staged, qtbot)
    hands.press(Action.RUN)
    hands.click(hands.middle.options.ok_button)
    hands.until(lambda: bool(boards))
    elapsed = 0.0
    for moment in course(HALFWAY):
        elapsed = moment.elapsed
        see(staged, hands, boards[0], moment)
    see(staged, hands, boards[0], snapshot(HALFWAY, phase, **{"elapsed": elapsed + 6.0, **changes}))
    return hands


def course(until: Counts) -> Iterator[Snapshot]:
    """An evening's run up to here: dissenters first, slow for a while in the middle, then back to full pace."""
    elapsed, steps = 0.0, 120
    for step in range(steps):
        share = step / steps
        sent = min(until.sent, round(until.checked * share))
        failed = round(until.failed * share)
        counts = Counts(
            unprocessed=until.total - round(until.checked * share),
            sending=until.sending,
            sent=sent,
            failed=failed,
            not_required=max(0, round(until.checked * share) - sent - failed - until.sending),
        )
        counts = replace(counts, unprocessed=until.total - (counts.total - counts.unprocessed))
        elapsed += until.checked / steps / (2.5 if 0.4 < share < 0.55 else 5.0)
        yield snapshot(counts, elapsed=elapsed)


def see(staged: Staged, hands: Hands, board: ProgressBoard, moment: Snapshot) -> None:
    """Have the window look at a moment of the run."""
    board.publish(moment)
    staged.clock.advance(0.5)
    hands.screen.runs.on_poll()


STATES: tuple[Callable[[Staged, QtBot], Hands], ...] = (
    choose_new,
    signed_out,
    sign_in,
    choose_role,
    refused,
    ten_minutes_left,
    session_ended,
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
    results_joined,
    patients_failed,
    patients_signed_out,
    patient_story,
    patient_story_details,
)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_a_picture_of_every_state(staged: Staged, qtbot: QtBot, theme: Theme, tmp_path: Path, state, scheme):
    theme.dress(SCHEMES[scheme])
    try:
        picture = taken_of(state(staged, qtbot))
    finally:
        theme.dress(LIGHT)
    assert picture.size() == SIZE
    assert len(colours_in(picture)) > 20, "a picture with something on it"
    writes = os.environ.get("SCR_BULK_WRITE_SCREENSHOTS") == "1"
    folder = resources_folder() / "screenshots" if writes else tmp_path
    assert picture.save(str(folder / f"{state.__name__.replace('_', '-')}-{scheme}.png"))


def taken_of(hands: Hands) -> QImage:
    """The window, and whatever dialog stands before it in its place."""
    hands.window.resize(SIZE)
    hands.until(lambda: hands.window.size() == SIZE)
    picture = at_rest(hands)
    dialog = QApplication.activeModalWidget()
    if dialog is not None:
        painter = QPainter(picture)
        at = QRect(QPoint(0, 0), dialog.size())
        at.moveCenter(picture.rect().center())
        painter.fillRect(at.adjusted(-1, -1, 1, 1), dialog.palette().mid())
        painter.drawPixmap(at.topLeft(), dialog.grab())
        painter.end()
    return picture


def at_rest(hands: Hands) -> QImage:
    """The window's picture, once laying out what was shown or resized changes nothing more."""
    last = QImage()

    def is_at_rest() -> bool:
        nonlocal last
        before, last = last, hands.window.grab().toImage()
        return before == last

    hands.until(is_at_rest)
    return last


def colours_in(picture: QImage) -> set[int]:
    """The colours on a grid of points."""
    return {picture.pixel(x, y) for x in range(0, picture.width(), 3) for y in range(0, picture.height(), 3)}
