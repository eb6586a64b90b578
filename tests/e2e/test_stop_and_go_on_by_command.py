"""Stop, Resume, Rerun and Failed by commands: judged by the Spine's own history."""

from __future__ import annotations

import signal
import socket
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from app.clock import LONDON
from tests.helpers.expected import Expected, expected_outcomes, rows
from tests.helpers.program import Program, ended, started, wait_until
from tests.helpers.simulator import SimulatorProcess, running_simulator

PATIENTS = 500
QUICK = {"SCR_BULK_SETTLE_SECONDS": "0.5", "SCR_BULK_RETRY_DELAYS_SECONDS": "0.1,0.2"}


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[tuple[Program, SimulatorProcess]]:
    program = Program(tmp_path / "practice")
    program.make_demonstration(PATIENTS, seed=3)
    program("practice", "export", "--out", tmp_path / "before")
    with running_simulator("--rate", "0", load=tmp_path / "practice" / "spine.csv") as spine:
        program.spine = spine
        yield program, spine


def reads(spine: SimulatorProcess) -> Counter[str]:
    return Counter(call["nhs_number"] for call in spine.history() if call["path"].endswith("/DocumentReference"))


def expected_of(program: Program) -> dict[str, Expected]:
    today = datetime.now(LONDON).date()
    return expected_outcomes(program.folder.parent / "before", program.folder / "spine.csv", today)


def final_outcomes(program: Program, name: str) -> dict[str, dict[str, str]]:
    out = program.folder.parent / name
    assert program("practice", "export", "--out", out).code == 0
    return {row["patient_ref"]: row for row in rows(out / "outcomes.csv")}


@pytest.mark.fault_row(44)
@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_asked_to_stop_pauses_and_resume_repeats_nobody(
    practice: tuple[Program, SimulatorProcess], asked: signal.Signals
):
    program, spine = practice
    run = started(program, "run", {**QUICK, "SCR_BULK_REQUESTS_PER_SECOND": "100"})
    wait_until(lambda: len(spine.history()) > 120, run)
    run.send_signal(asked)
    stopped = ended(run)
    assert stopped.code == 3, stopped.err
    assert (stopped.result["status"], stopped.result["reason"]) == ("paused", "user")
    assert stopped.result["counts"]["unprocessed"] > 0
    assert sum(stopped.result["counts"].values()) == len(expected_of(program))
    assert program("status", "--json").result["status"] == "paused"

    refused = program.press("run")
    assert refused.code == 4
    assert "Resume" in refused.err

    resumed = program.press("resume")
    assert resumed.code == 0, resumed.err
    assert resumed.result["run"] == stopped.result["run"]
    assert max(reads(spine).values()) == 1, "nobody who was finished is asked about again"
    assert max(Counter(call["nhs_number"] for call in spine.writes()).values()) == 1
    outcomes = final_outcomes(program, "after")
    assert {ref: (row["outcome"], row["reason"]) for ref, row in outcomes.items()} == {
        ref: (row.outcome, row.reason) for ref, row in expected_of(program).items()
    }


def test_rerun_of_an_unchanged_practice_sends_nothing_and_failed_touches_the_failed_alone(
    practice: tuple[Program, SimulatorProcess],
):
    program, spine = practice
    first = program.press("run", environment=QUICK)
    assert first.code == 0, first.err
    again = program.press("rerun", environment=QUICK)
    assert again.code == 0, again.err
    assert again.result["run"] != first.result["run"]
    assert again.result["requests"]["write"] == 0

    before = len(spine.history())
    failed = program.press("failed", environment=QUICK)
    assert failed.code == 0, failed.err
    assert failed.result["run"] == again.result["run"]
    numbers = {row["nhs_number"] for row in final_outcomes(program, "after").values() if row["outcome"] == "failed"}
    touched = {call["nhs_number"] for call in spine.history()[before:] if call["nhs_number"]}
    assert touched
    assert touched <= numbers


@pytest.mark.fault_row(36, 40)
def test_a_second_press_while_a_run_is_live_is_refused_with_who_where_and_since_when(
    practice: tuple[Program, SimulatorProcess],
):
    program, spine = practice
    run = started(program, "run", {**QUICK, "SCR_BULK_REQUESTS_PER_SECOND": "10"})
    wait_until(lambda: len(spine.history()) > 20, run)
    for action in ("run", "resume", "rerun", "failed"):
        second = program.press(action)
        assert second.code == 4
        assert "Alison Marsh" in second.err
        assert socket.gethostname() in second.err
        assert datetime.now(LONDON).strftime("%d/%m/%Y") in second.err
    assert program("report", "outcomes", *program.pressing("report")[1:-1]).code == 0
    # The live run goes on under its card, which is the one that was used for all of these.
    seen = len(reads(spine))
    wait_until(lambda: len(reads(spine)) > seen + 8, run)
    assert program("status", "--json").result["status"] == "running"
    run.send_signal(signal.SIGTERM)
    assert ended(run).code == 3
