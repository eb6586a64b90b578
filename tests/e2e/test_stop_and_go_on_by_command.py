"""Stop, Resume, Rerun and Failed by commands, and a program that is killed: judged by the Spine's own history."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from app.clock import LONDON
from tests.helpers.expected import Expected, expected_outcomes, rows
from tests.helpers.program import Finished, Program
from tests.helpers.simulator import ROOT, SimulatorProcess, running_simulator

PATIENTS = 500
SOON = 60.0
QUICK = {"SCR_BULK_SETTLE_SECONDS": "0.5", "SCR_BULK_RETRY_DELAYS_SECONDS": "0.1,0.2"}


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[tuple[Program, SimulatorProcess]]:
    program = Program(tmp_path / "practice")
    assert program("practice", "create-demo", "--patients", str(PATIENTS), "--seed", "3").code == 0
    program("practice", "export", "--out", tmp_path / "before")
    with running_simulator("--rate", "0", load=tmp_path / "practice" / "spine.csv") as spine:
        program.spine = spine
        yield program, spine


def wait_until(met: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Wait for a condition while a program works."""
    give_up = time.monotonic() + SOON
    while not met():
        assert time.monotonic() < give_up, "it did not come about in time"
        assert process.poll() is None, "the program ended before it came about"
        time.sleep(0.02)


def start(program: Program, action: str, **environment: str) -> subprocess.Popen[str]:
    """Press an action and let it work."""
    return subprocess.Popen(
        program.command(*program.pressing(action)),
        cwd=ROOT,
        env=program.environment({**QUICK, **environment}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def end(process: subprocess.Popen[str]) -> Finished:
    out, err = process.communicate(timeout=SOON)
    return Finished(process.returncode, out, err)


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
    run = start(program, "run", SCR_BULK_REQUESTS_PER_SECOND="100")
    wait_until(lambda: len(spine.history()) > 120, run)
    run.send_signal(asked)
    stopped = end(run)
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
    run = start(program, "run", SCR_BULK_REQUESTS_PER_SECOND="40")
    wait_until(lambda: len(spine.history()) > 20, run)
    second = program.press("run")
    assert second.code == 4
    assert "Alison Marsh" in second.err
    assert datetime.now(LONDON).strftime("%d/%m/%Y") in second.err
    assert program("status", "--json").result["status"] == "running"
    run.send_signal(signal.SIGTERM)
    assert end(run).code == 3


@pytest.mark.fault_row(1, 2, 3, 4, 5, 6)
def test_killed_again_and_again_it_ends_as_if_nothing_had_happened(practice: tuple[Program, SimulatorProcess]):
    """SIGKILL at random moments; then every invariant, judged by the Spine and the exported practice."""
    program, spine = practice
    seed = random.randrange(1_000_000)
    sys.stdout.write(f"seed {seed}\n")
    rng = random.Random(seed)
    kills, action = 0, "run"
    while kills < 6:
        process = start(program, action, SCR_BULK_REQUESTS_PER_SECOND="200")
        target = len(spine.history()) + rng.randrange(4, 90)
        try:
            wait_until(lambda target=target: len(spine.history()) > target, process)
        except AssertionError:
            # It was faster than the dice: the run is complete.
            assert process.wait(SOON) in {0, 3}
            break
        process.kill()
        process.communicate()
        kills += 1
        shown = program("status", "--json").result
        # Killed before the first commit of a run there is none; afterwards it can be resumed.
        action = "run" if shown["run"] is None else "resume"
        if action == "resume":
            assert (shown["status"], shown["reason"]) == ("paused", "interrupted")
    done = program.press(action, environment=QUICK)
    if kills < 6:
        done = program("status", "--json")
    assert done.code == 0, done.err
    result = json.loads(done.out.splitlines()[-1])
    assert result["status"] == "completed"
    assert result["counts"]["unprocessed"] == result["counts"]["sending"] == 0

    wanted = expected_of(program)
    outcomes = final_outcomes(program, "after")
    assert {ref: row["code_after"] for ref, row in outcomes.items()} == {
        ref: row.code_after for ref, row in wanted.items()
    }
    settled = {"dissent_sent", "confirmed_by_read", "not_told"}
    for ref, row in outcomes.items():
        if wanted[ref].reason == "dissent_sent":
            assert row["reason"] in settled, row
        else:
            assert row["reason"] == wanted[ref].reason, row
    state = spine.state()
    for ref, row in outcomes.items():
        if wanted[ref].reason in {"dissent_sent", "already_on_spine"}:
            assert state[row["nhs_number"]][1] == "No", ref
    for number, calls in Counter(call["nhs_number"] for call in spine.writes() if call["applied"]).items():
        ids = {call["request_id"] for call in spine.writes(number)}
        assert calls == 1 or len(ids) == 1, "a repeat carries the same request id"
    assert program("audit", "verify").code == 0
