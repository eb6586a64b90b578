"""What a command says at its end of the run it worked on or waited for."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.cli.output import PAUSED, REFUSED, code_of
from app.cli.run_commands import tell
from app.domain.states import RunStatus, StopReason
from app.engine.ports import RunView
from app.engine.rows import Counts

NOW = datetime(2026, 11, 26, 18, 30, tzinfo=UTC)


def a_run(status: RunStatus, *, begun: bool = True, reason: StopReason | None = None) -> RunView:
    return RunView(
        run_id=2,
        family="consent-migration",
        status=status,
        stop_reason=reason,
        stop_detail="",
        group=None,
        counts=Counts(),
        reads=0,
        writes=0,
        created_at=NOW,
        started_at=NOW if begun else None,
        ended_at=None,
        operator="Pat Manager",
        workstation="FRONT-DESK",
        stop_requested=False,
    )


@pytest.mark.parametrize(
    ("run", "code", "words"),
    [
        (a_run(RunStatus.ABANDONED, begun=False), REFUSED, "Nothing was begun, and nothing is scheduled any more."),
        (a_run(RunStatus.ABANDONED), REFUSED, "This run was given up for another one."),
        (a_run(RunStatus.STOPPED, reason=StopReason.USER), PAUSED, "Paused. Stop was pressed."),
    ],
)
def test_how_it_ended_is_said_of_that_very_run(capsys: pytest.CaptureFixture[str], run: RunView, code: int, words: str):
    tell(run)
    assert words in capsys.readouterr().err
    assert code_of(run) == code
