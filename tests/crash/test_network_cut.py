"""The way to the Spine is cut in mid-run: nobody fails, and the run ends as if it had not been.

Faults, row 8. Two real cuts: the Spine is gone, so that every connection is refused, and it hears and never answers.
That of resets, through a failing probe, is among the faults by command.
"""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest

from app.logs import LOG_FILE
from tests.helpers.program import Program, ended, started, wait_until
from tests.helpers.simulator import SimulatorProcess, running_simulator, start_simulator
from tests.helpers.undisturbed import Undisturbed

SETTINGS = {
    "SCR_BULK_DEADLINE_SECONDS": "1.5",
    "SCR_BULK_READ_TIMEOUT_SECONDS": "1",
    "SCR_BULK_SETTLE_SECONDS": "2",
    "SCR_BULK_RETRY_DELAYS_SECONDS": "0.1,0.2",
    "SCR_BULK_REQUESTS_PER_SECOND": "60",
}


def half_way(program: Program, spine: SimulatorProcess) -> subprocess.Popen[str]:
    """A run with many more patients to go."""
    program.spine = spine
    run = started(program, "run", SETTINGS)
    wait_until(lambda: len(spine.writes()) > 15, run)
    return run


def wait_for_the_outage(program: Program, run: subprocess.Popen[str]) -> None:
    log = program.folder / LOG_FILE
    wait_until(lambda: "waiting and probing" in log.read_text(encoding="utf-8"), run)


def check_end(run: subprocess.Popen[str], program: Program, spine: SimulatorProcess, undisturbed: Undisturbed) -> None:
    done = ended(run)
    assert done.code == 0, done.err
    program.spine = spine
    undisturbed.check_ended_alike(program, spine)


@pytest.mark.fault_row(8)
def test_the_spine_is_gone_for_a_while(undisturbed: Undisturbed, tmp_path: Path):
    program, state = undisturbed.another(tmp_path), tmp_path / "spine.state"
    with running_simulator("--rate", "0", state=state, load=undisturbed.spine_file) as spine:
        run = half_way(program, spine)
        spine.stop()
        wait_for_the_outage(program, run)
        again = start_simulator("--rate", "0", "--port", str(spine.port), state=state)
        try:
            check_end(run, program, again, undisturbed)
        finally:
            again.close()


@pytest.mark.fault_row(8, 10)
@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="Windows knows no SIGSTOP")
def test_the_spine_hears_and_answers_nobody_for_a_while(undisturbed: Undisturbed, tmp_path: Path):
    program = undisturbed.another(tmp_path)
    with running_simulator("--rate", "0", load=undisturbed.spine_file) as spine:
        run = half_way(program, spine)
        spine.process.send_signal(signal.SIGSTOP)
        try:
            wait_for_the_outage(program, run)
        finally:
            spine.process.send_signal(signal.SIGCONT)
        check_end(run, program, spine, undisturbed)
