"""The demonstration without a window: what the first command of the README does where there is no display."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

from tests.helpers.program import Program
from tests.helpers.simulator import ROOT


def simulators_of(folder: Path) -> list[int]:
    """The process ids of simulated Spines that work in this folder (Linux)."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"simulator" in command and str(folder / "simulated-spine.db").encode() in command:
            found.append(int(process.name))
    return found


def test_it_makes_its_practice_runs_it_and_leaves_nothing_running(tmp_path: Path):
    program = Program(tmp_path / "demo")
    done = program("demo", "--terminal", "--patients", "60")
    assert done.code == 0, done.err
    assert "Process completed." in done.err
    assert simulators_of(program.folder) == []
    assert program("status", "--json").result["status"] == "completed"
    again = program("demo", "--terminal")
    assert again.code == 0, again.err
    assert program("status", "--json").result["run"] == 2


def test_another_size_in_the_same_folder_is_refused(tmp_path: Path):
    program = Program(tmp_path / "demo")
    assert program("demo", "--terminal", "--patients", "5").code == 0
    other = program("demo", "--terminal", "--patients", "6")
    assert other.code == 4
    assert "5 patients already" in other.err


def test_stopped_at_the_terminal_it_pauses_and_goes_on_next_time(tmp_path: Path):
    program = Program(tmp_path / "demo")
    process = subprocess.Popen(
        program.command("demo", "--terminal", "--patients", "200"),
        cwd=ROOT,
        env={**os.environ, "SCR_BULK_REQUESTS_PER_SECOND": "20"},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stderr is not None
    while "Run: " not in process.stderr.readline():
        assert process.poll() is None
    _wait_for_a_run(program)
    # As the terminal does it: to the whole group.
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 3
    assert simulators_of(program.folder) == []
    resumed = program("demo", "--terminal")
    assert resumed.code == 0, resumed.err
    assert "Resume: " in resumed.err


def test_a_program_that_is_killed_takes_its_spine_with_it(tmp_path: Path):
    program = Program(tmp_path / "demo")
    process = subprocess.Popen(
        program.command("demo", "--terminal", "--patients", "400"),
        cwd=ROOT,
        env={**os.environ, "SCR_BULK_REQUESTS_PER_SECOND": "20"},
        stderr=subprocess.DEVNULL,
    )
    _wait_for_a_run(program)
    process.kill()
    process.wait(30)
    give_up = time.monotonic() + 30
    while simulators_of(program.folder):
        assert time.monotonic() < give_up, "the simulated Spine outlived the program"
        time.sleep(0.1)


def _wait_for_a_run(program: Program) -> None:
    give_up = time.monotonic() + 60
    while program("status", "--json").code != 0:
        assert time.monotonic() < give_up
