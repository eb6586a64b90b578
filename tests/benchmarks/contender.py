"""One contender in a process of its own: `python -m tests.benchmarks.contender NAME FOLDER SPINE AUTH`.

The last line of stdout is a JSON object: wall and CPU seconds of the work alone, and bytes written to the disk
meanwhile. Whoever starts it reads that back with `measured`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import requests

from app.bootstrap.demonstration import DEMONSTRATION_CARD, DEMONSTRATION_PASSCODE
from app.domain.actions import Action
from tests.benchmarks.contenders import libraries, loops, product
from tests.benchmarks.contenders.plain_spine import PlainSpine, Work
from tests.helpers.simulator import ROOT, SimulatorProcess

PRODUCT = "product"
OTHERS: dict[str, Callable[[Path, PlainSpine, Sequence[Work]], None]] = {
    "bare_loop": loops.run_bare,
    "committed_loop": loops.run_committed,
    "dbos": libraries.run_dbos,
    "huey": libraries.run_huey,
}
WORKS = "works.json"


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of wall and CPU, bytes written."""

    wall: float
    cpu: float
    written: int


def measured(name: str, folder: Path, spine: SimulatorProcess, works: Sequence[Work] = ()) -> Measured:
    """Have a contender do the work in a process of its own; the product takes it from the practice in the folder."""
    folder.mkdir(exist_ok=True)
    (folder / WORKS).write_text(json.dumps([[work.number, work.reads, work.sends] for work in works]), encoding="utf-8")
    command = [sys.executable, "-m", "tests.benchmarks.contender", name, str(folder), spine.spine, spine.auth]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ChildProcessError(f"{name} ended with {done.returncode}:\n{done.stderr}")
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def main() -> int:
    """Do the work and tell what it took."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.contender")
    parser.add_argument("name", choices=[PRODUCT, *OTHERS])
    parser.add_argument("folder", type=Path)
    parser.add_argument("spine")
    parser.add_argument("auth")
    options = parser.parse_args()
    if options.name == PRODUCT:
        with product.signed_in_at(options.folder, options.spine, options.auth) as opened:
            found = _timed(lambda: product.press(opened, Action.RUN))
    else:
        works = [Work(*one) for one in json.loads((options.folder / WORKS).read_text(encoding="utf-8"))]
        plain = PlainSpine(options.spine, options.auth, _token(options.auth))
        found = _timed(lambda: OTHERS[options.name](options.folder, plain, works))
    sys.stdout.write(f"{json.dumps(asdict(found))}\n")
    return 0


def _timed(work: Callable[[], object]) -> Measured:
    written, wall, cpu = _bytes_written(), time.perf_counter(), time.process_time()
    work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return Measured(wall, cpu, _bytes_written() - written)


def _bytes_written() -> int:
    """What this process had written to disks so far; 0 where the system does not count it."""
    try:
        lines = Path("/proc/self/io").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return int(dict(line.split(": ") for line in lines)["write_bytes"])


def _token(auth: str) -> str:
    card = {"uid": DEMONSTRATION_CARD, "passcode": DEMONSTRATION_PASSCODE}
    return str(requests.post(f"{auth}/simulated-smartcard", json=card, timeout=30).json()["access_token"])


if __name__ == "__main__":
    sys.exit(main())
