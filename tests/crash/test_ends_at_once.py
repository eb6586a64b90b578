"""A run that is told twice to stop ends at once, and the disk that its log lies on may fill up: rows 44 and 46."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.logs import LOG_FILE
from tests.helpers.crowd import CONSENT_FILE, SPINE_FILE, import_crowd, write_crowd
from tests.helpers.judge import check_everybody_is_protected, check_invariants, ending_of, lines_of
from tests.helpers.program import Program, ended, started, wait_until
from tests.helpers.simulator import SimulatorProcess, running_simulator

PATIENTS = 200
SENDERS = 4
QUICK = {"SCR_BULK_SETTLE_SECONDS": "1", "SCR_BULK_RETRY_DELAYS_SECONDS": "0.1"}

Stage = tuple[Program, SimulatorProcess]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    write_crowd(tmp_path / "lists", PATIENTS)
    program = Program(tmp_path / "practice")
    import_crowd(program, tmp_path / "lists")
    with running_simulator("--rate", "0", load=tmp_path / "lists" / SPINE_FILE) as spine:
        program.spine = spine
        yield program, spine


def check_end(program: Program, spine: SimulatorProcess) -> None:
    check_invariants(program, spine)
    before = lines_of(program.folder.parent / "lists" / CONSENT_FILE)
    check_everybody_is_protected(ending_of(program, spine), before)


@pytest.mark.fault_row(44)
@pytest.mark.skipif(os.name != "posix", reason="signals of this kind exist on POSIX systems only")
def test_a_second_signal_ends_the_run_at_once_and_resume_settles_what_was_under_way(stage: Stage):
    program, spine = stage
    spine.put_faults({"operation": "write", "first": SENDERS, "action": {"delay_seconds": 40.0}})
    run = started(program, "run", QUICK)
    wait_until(lambda: spine.faults()["rules"][0]["fired"] == SENDERS, run)
    run.send_signal(signal.SIGTERM)
    assert run.stderr is not None
    while "Stopping" not in run.stderr.readline():
        assert run.poll() is None
    run.send_signal(signal.SIGTERM)
    assert ended(run).code == 3
    assert [call["status"] for call in spine.writes()] == [None] * SENDERS, "it did not wait for the answers"
    assert program("status", "--json").result["reason"] == "interrupted"
    resumed = program.press("resume", environment=QUICK)
    assert resumed.code == 0, resumed.err
    check_end(program, spine)


@pytest.mark.fault_row(46)
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_log_that_cannot_be_written_costs_nothing_but_the_log(stage: Stage):
    program, spine = stage
    (program.folder / LOG_FILE).unlink(missing_ok=True)
    (program.folder / LOG_FILE).symlink_to("/dev/full")
    spine.put_faults({"operation": "write", "every": 5, "times": 6, "action": {"reset_after": True}})
    done = program.press("run", environment=QUICK)
    assert done.code == 0, done.err
    assert "Traceback" not in done.err
    check_end(program, spine)


@pytest.mark.fault_row(46)
def test_a_log_in_the_place_of_a_folder_costs_nothing_but_the_log(stage: Stage):
    program, spine = stage
    (program.folder / LOG_FILE).unlink(missing_ok=True)
    (program.folder / LOG_FILE).mkdir()
    done = program.press("run", environment=QUICK)
    assert done.code == 0, done.err
    assert "Traceback" not in done.err
    shutil.rmtree(program.folder / LOG_FILE)
    check_end(program, spine)
