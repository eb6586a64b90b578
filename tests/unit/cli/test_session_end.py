"""What a command says of the session's end while it works."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.cli.session_end import SessionEnd
from app.domain.states import StopReason
from app.engine.progress import Phase, ProgressBoard, Snapshot
from app.engine.rows import Counts
from tests.helpers.card import Card
from tests.helpers.clocks import ManualClock

NOTICES = [f"Your Smartcard session ends in {minutes} minutes, at 04:30 on 03/11/2026." for minutes in (29, 10, 2)]


def test_each_notice_is_said_once(capsys: pytest.CaptureFixture[str]):
    clock = ManualClock()
    card = Card(clock)
    end = SessionEnd(card, ProgressBoard(), clock)
    for minutes in (0, 569, 2, 19, 1, 7, 1, 0.5):
        clock.advance(timedelta(minutes=minutes).total_seconds())
        end.look()
        end.look()
    told = capsys.readouterr()
    assert told.out == ""
    assert [line.split(", at")[0] for line in told.err.splitlines()] == [line.split(", at")[0] for line in NOTICES]


def test_a_run_that_outlasts_the_session_is_foretold_once(capsys: pytest.CaptureFixture[str]):
    clock, board = ManualClock(), ProgressBoard()
    card = Card(clock)
    end = SessionEnd(card, board, clock)
    end.look()
    counts = Counts(unprocessed=100_000)
    board.publish(Snapshot(1, 1, Phase.RUNNING, counts, 0, 0, 10.0, 100_000, 0))
    end.look()
    assert capsys.readouterr().err == "", "without a pace nothing is foretold"
    board.publish(Snapshot(1, 1, Phase.RUNNING, counts, 0, 0, 10.0, 100_000, 0, per_second=1.0))
    end.look()
    end.look()
    assert capsys.readouterr().err.count("patients will be left for Resume.") == 1
    card.end(StopReason.CARD_EXPIRED)
    end.look()
    assert capsys.readouterr().err == ""
