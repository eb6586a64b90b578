"""A run that is told twice to stop ends at once, and the disk that its log lies on may fill up: rows 44 and 46."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.logs import LOG_FILE
from tests.helpers.program import Program, ended, started, wait_until
from tests.helpers.simulator import SimulatorProcess, running_simulator
from tests.helpers.undisturbed import Undisturbed

SENDERS = 4
QUICK = {"SCR_BULK_SETTLE_SECONDS": "1", "SCR_BULK_RETRY_DELAYS_SECONDS": "0.1"}

Stage = tuple[Program, SimulatorProcess]


@pytest.fixture
def stage(tmp_path: Path, undisturbed: Undisturbed) -> Iterator[Stage]:
    program = undisturbed.another(tmp_path)
    with running_simulator("--rate", "0", load=undisturbed.spine_file) as spine:
        program.spine = spine
        yield program, spine


@pytest.mark.fault_row(44)
@pytest.mark.skipif(os.name != "posix", reason="signals of this kind exist on POSIX systems only")
def test_a_second_signal_ends_at_once_and_resume_settles_what_was_under_way(stage: Stage, undisturbed: Undisturbed):
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
    undisturbed.check_ended_alike(program, spine)


@pytest.mark.fault_row(46)
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_log_that_cannot_be_written_costs_nothing_but_the_log(stage: Stage, undisturbed: Undisturbed):
    program, spine = stage
    (program.folder / LOG_FILE).unlink(missing_ok=True)
    (program.folder / LOG_FILE).symlink_to("/dev/full")
    spine.put_faults({"operation": "write", "every": 5, "times": 6, "action": {"reset_after": True}})
    done = program.press("run", environment=QUICK)
    assert done.code == 0, done.err
    assert "Traceback" not in done.err
    undisturbed.check_ended_alike(program, spine)


@pytest.mark.fault_row(46)
def test_a_log_in_the_place_of_a_folder_costs_nothing_but_the_log(stage: Stage, undisturbed: Undisturbed):
    program, spine = stage
    (program.folder / LOG_FILE).unlink(missing_ok=True)
    (program.folder / LOG_FILE).mkdir()
    done = program.press("run", environment=QUICK)
    assert done.code == 0, done.err
    assert "Traceback" not in done.err
    shutil.rmtree(program.folder / LOG_FILE)
    undisturbed.check_ended_alike(program, spine)
