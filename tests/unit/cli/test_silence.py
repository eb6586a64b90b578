"""A run that gives no sign of life is spoken of at the terminal: faults page, row 45."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.cli.silence import LONGEST_SILENCE, Silence
from app.engine.progress import Phase, ProgressBoard, Snapshot
from app.engine.rows import Counts
from tests.helpers.clocks import ManualClock

SNAPSHOT = Snapshot(
    run_id=1,
    execution_id=1,
    phase=Phase.RUNNING,
    counts=Counts(),
    reads=0,
    writes=0,
    elapsed=0.0,
    in_scope=10,
    checked_now=0,
)


@pytest.mark.fault_row(45)
def test_each_silence_of_two_minutes_is_spoken_of_once(capsys):
    clock, board = ManualClock(), ProgressBoard()
    silence = Silence(board, clock)

    def said_after(seconds: float) -> str:
        clock.advance(seconds)
        silence.look()
        return capsys.readouterr().err

    assert said_after(LONGEST_SILENCE - 1) == ""
    board.publish(SNAPSHOT)
    assert said_after(2) == ""
    assert said_after(LONGEST_SILENCE - 1) == ""
    words = said_after(1)
    assert "has not reported for two minutes" in words
    assert "resume" in words
    assert said_after(LONGEST_SILENCE) == ""
    board.publish(replace(SNAPSHOT, reads=1))
    assert said_after(1) == ""
    assert "has not reported" in said_after(LONGEST_SILENCE)
