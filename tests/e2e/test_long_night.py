"""A long night's work, with a pause in it: memory, handles and threads stay as they are, and the counters are exact.

The real program against a real simulated Spine. Its wall clock runs many times as fast, and so does its pace, so that
it makes five requests a second of that clock. `dev.py soak` makes it eight hours, and one hour of real time.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.helpers.hindered import hindered
from tests.helpers.program import Program, ended, started, wait_until
from tests.helpers.simulator import running_simulator
from tests.helpers.soak import SOAK, size
from tests.unit.domain.times import ENGLAND

PACE = 5
FASTER = size(20, 60)
"""Slower in the ordinary size, so that a busy machine has started the program long before the stop time has come."""
MINUTES = size(4, 480)
REAL_SECONDS = 3600
MOST_GROWTH_KB = 4_096
MOST_NEW_HANDLES = 6
"""Connections are opened when they are first needed, some of them late; what leaks at each patient is soon far more."""
MOST_REFUSED = 0.005
"""Of all requests. The Spine tolerates ten milliseconds: a computer that is busy with other things holds some requests
up for longer, and the next one then comes too soon after. The measurement of the limit's use knows of none."""

SAMPLES = 60

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells of other processes")


@dataclass(frozen=True, slots=True)
class Vitals:
    """What a process holds at one moment: memory in kilobytes, open handles, threads."""

    memory: int
    handles: int
    threads: int

    @classmethod
    def of(cls, process: subprocess.Popen[str]) -> Vitals:
        place = Path("/proc", str(process.pid))
        told = dict(line.split(":", 1) for line in (place / "status").read_text(encoding="utf-8").splitlines())
        return cls(int(told["VmRSS"].split()[0]), len(list((place / "fd").iterdir())), int(told["Threads"]))


def watched(process: subprocess.Popen[str], seconds: float) -> list[Vitals]:
    """Samples of a process all along its work, which takes about so many seconds."""
    found: list[Vitals] = []
    due = time.monotonic()

    def has_ended() -> bool:
        nonlocal due
        if process.poll() is not None:
            return True
        if time.monotonic() >= due:
            due += seconds / SAMPLES
            try:
                found.append(Vitals.of(process))
            except (FileNotFoundError, KeyError):
                # It has just ended.
                return False
        return False

    give_up = time.monotonic() + 3 * seconds + 60
    while not has_ended():
        assert time.monotonic() < give_up, "it takes too long"
        time.sleep(min(0.1, seconds / SAMPLES))
    return found


def check_flat(found: list[Vitals]) -> None:
    """Once it is at work, the last third holds no more than the third before."""
    third = len(found) // 3
    middle, last = found[third : 2 * third], found[2 * third : -1]
    assert len(last) > 3, f"too few samples: {len(found)}"

    def grown(what: str) -> float:
        return statistics.median(getattr(one, what) for one in last) - max(getattr(one, what) for one in middle)

    assert grown("memory") < MOST_GROWTH_KB, [one.memory for one in found]
    assert grown("handles") <= MOST_NEW_HANDLES, [one.handles for one in found]
    assert grown("threads") <= 0, [one.threads for one in found]


def made(folder: Path, patients: int) -> Program:
    program = Program(folder)
    program.make_demonstration(patients, seed=7)
    return program


def check_exact(program: Program, counts: dict[str, int], requests: dict[str, int], patients: int) -> None:
    """The counters are those of the rows and of the Spine's own history."""
    assert counts["unprocessed"] == counts["sending"] == 0
    assert program.spine is not None
    asked = [call for call in program.spine.history() if call["nhs_number"]]
    assert requests == {
        "read": sum(call["permission"] is None for call in asked),
        "write": sum(call["permission"] is not None for call in asked),
    }
    assert counts["sent"] == len({call["nhs_number"] for call in asked if call["applied"]})
    assert 0.9 * patients < sum(counts.values()) <= patients
    assert program("audit", "verify").code == 0


def test_a_night_with_a_pause_in_it(tmp_path: Path):
    """At the pace of the real service by a clock that runs, with a stop of a minute after about a third."""
    patients, real = MINUTES * 60 * PACE, MINUTES * 60 / FASTER
    program = made(tmp_path / "practice", patients)
    now = datetime.now(UTC)
    stop = (now + timedelta(minutes=max(3, MINUTES // 3))).astimezone(ENGLAND)
    times = ("--stop", f"{stop:%H:%M}", "--resume-at", f"{stop + timedelta(minutes=1):%H:%M}")
    with running_simulator("--rate", "0", load=program.folder / "spine.csv") as spine:
        program.spine = spine
        faster = {"clock_runs": FASTER, "looked_at_every": 0.1}
        pace = {"SCR_BULK_REQUESTS_PER_SECOND": str(PACE * FASTER)}
        run = started(program, "run", pace, hindered(program, faster, *program.pressing("run", *times)))
        wait_until(lambda: bool(spine.history()), run)
        found = watched(run, real)
        done = ended(run)
        assert done.code == 0, done.err
        assert "Waiting for" in done.err, "it has paused, and gone on by itself"
        check_flat(found)
        check_exact(program, done.result["counts"], done.result["requests"], patients)
        history = program("schedule", "list", "--json").result["history"]
        assert [row["kind"] for row in history] == ["resume", "start"]
        assert {row["outcome"] for row in history} <= {"fired", "late"}


@pytest.mark.skipif(not SOAK, reason="an hour: dev.py soak does it")
def test_an_hour_of_real_time_at_five_a_second(tmp_path: Path):
    patients = REAL_SECONDS * PACE
    program = made(tmp_path / "practice", patients)
    with running_simulator(load=program.folder / "spine.csv") as spine:
        program.spine = spine
        run = started(program, "run", {"SCR_BULK_REQUESTS_PER_SECOND": str(PACE)})
        wait_until(lambda: bool(spine.history()), run)
        found = watched(run, REAL_SECONDS)
        done = ended(run)
        assert done.code == 0, done.err
        check_flat(found)
        check_exact(program, done.result["counts"], done.result["requests"], patients)
        refused = sum(call["status"] == 429 for call in spine.history())
        sys.stdout.write(f"{refused} of {patients:,} requests were refused as too fast\n")
        assert refused <= MOST_REFUSED * patients, "never faster than is allowed, but for what a busy computer holds up"
