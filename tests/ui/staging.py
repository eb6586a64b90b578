"""What every staged state of the window is made from: the window opened for somebody, and a run caught in the middle.

The states themselves are in the modules of their subjects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

from pytestqt.qtbot import QtBot

from app.domain.actions import Action
from app.domain.states import RunStatus, StopReason
from app.engine.control import StopToken
from app.engine.operator import Press
from app.engine.ports import RunView
from app.engine.progress import Phase, ProgressBoard, Snapshot
from app.engine.rows import Counts
from tests.ui.conftest import Staged
from tests.ui.fakes import FakeTimes, run_view, snapshot, until_stopped
from tests.ui.hands import Hands

State = Callable[[Staged, QtBot], Hands]
"""Brings the window there."""


EARLIER = Counts(unprocessed=6_195, sending=2, sent=97, failed=3, not_required=4_090)


HALFWAY = Counts(unprocessed=6_175, sending=2, sent=97, failed=3, not_required=4_110)


PAUSED = Counts(unprocessed=6_175, sent=99, failed=3, not_required=4_110)


DONE = Counts(sent=117, failed=3, not_required=10_267)


def opened(staged: Staged, qtbot: QtBot, **changes: object) -> Hands:
    staged.reader.begin(ago=timedelta(hours=3, minutes=48))
    return Hands(staged.open(**changes), qtbot)


def working(
    staged: Staged,
    qtbot: QtBot,
    phase: Phase,
    *,
    ends_by: StopReason = StopReason.USER,
    last: Counts = HALFWAY,
    answers: bool = True,
    times: FakeTimes | None = None,
    **changes: object,
) -> Hands:
    """A run caught in the middle, with every moment before it seen, so that its course is known.

    Unless it `answers`, a stop is heard only when the window is taken apart.
    """
    boards: list[ProgressBoard] = []

    def carry_out(press: Press, token: StopToken, board: ProgressBoard) -> RunView:
        boards.append(board)
        until_stopped(token)
        if not answers:
            assert staged.let_go.wait(30)
        return run_view(RunStatus.STOPPED, PAUSED, ends_by)

    staged.practice.carry_out = carry_out
    hands = opened(staged, qtbot, times=times or FakeTimes())
    hands.press(Action.RUN)
    hands.click(hands.middle.options.ok_button)
    hands.until(lambda: bool(boards))
    elapsed = 0.0
    for moment in course(last):
        elapsed = moment.elapsed
        see(staged, hands, boards[0], moment)
    later = [elapsed + 6.0, elapsed + 70.0, elapsed + 130.0] if phase is Phase.WAITING else [elapsed + 6.0]
    for moment_at in later:
        see(staged, hands, boards[0], snapshot(last, phase, **{"elapsed": moment_at, **changes}))
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
