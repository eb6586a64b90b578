"""The window before anything runs: signing in, choosing an action, the step before OK."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from pytestqt.qtbot import QtBot

from app.domain.actions import Action
from app.domain.session import missing_launch_right
from app.domain.states import RunStatus, StopReason
from app.engine.ports import GroupView
from tests.ui.conftest import Staged
from tests.ui.fakes import PRACTITIONER, TWO_ROLES, run_view
from tests.ui.hands import Hands
from tests.ui.staging import DONE, HALFWAY, PAUSED, State, opened

ELSEWHERE = (
    "This practice is being worked on by Sam Okafor on BACK-OFFICE, since 24/11/2026 16:17. Wait until that has ended."
)


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
    hands.until(hands.screen.sign_in.dialog.role.isVisible)
    return hands


def refused(staged: Staged, qtbot: QtBot) -> Hands:
    staged.reader.begin(PRACTITIONER)
    staged.practice.refusal = missing_launch_right(PRACTITIONER, {"B0062"})
    hands = Hands(staged.open(), qtbot)
    hands.press(Action.RUN)
    hands.message()
    return hands


def choose_elsewhere(staged: Staged, qtbot: QtBot) -> Hands:
    staged.practice.run_view = replace(
        run_view(RunStatus.RUNNING, HALFWAY), operator="Sam Okafor", workstation="BACK-OFFICE"
    )
    staged.practice.live_elsewhere = ELSEWHERE
    return opened(staged, qtbot)


def choose_interrupted(staged: Staged, qtbot: QtBot) -> Hands:
    staged.practice.run_view = run_view(RunStatus.STOPPED, PAUSED, StopReason.INTERRUPTED)
    return opened(staged, qtbot)


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


def options_rerun(staged: Staged, qtbot: QtBot) -> Hands:
    hands = choose_paused(staged, qtbot)
    hands.press(Action.RERUN)
    return hands


def options_resume(staged: Staged, qtbot: QtBot) -> Hands:
    staged.practice.run_view = run_view(RunStatus.STOPPED, PAUSED, StopReason.USER, group="Trial run")
    hands = opened(staged, qtbot)
    hands.press(Action.RESUME)
    return hands


BEGINNING_STATES: tuple[State, ...] = (
    choose_new,
    signed_out,
    sign_in,
    choose_role,
    refused,
    choose_elsewhere,
    choose_interrupted,
    choose_paused,
    choose_completed,
    options,
    options_warning,
    options_rerun,
    options_resume,
)
