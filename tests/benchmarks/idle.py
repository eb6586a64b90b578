"""What the program costs while it waits: the window and a terminal with a schedule pending, and a run at five a second.

Window and terminal are started as their users start them, each in a process of its own that tells its own processor
time; the simulated Spine runs beside them. How long is measured follows from the size worked at the service's limit.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.bootstrap import create_demonstration, open_product
from app.bootstrap.demonstration import DEMONSTRATION_CARD, DEMONSTRATION_PASSCODE, SPINE_FILE
from app.clock import london_text
from app.config import load_settings
from app.domain.actions import CONSENT_MIGRATION, Action
from app.engine.control import StopToken
from app.engine.operator import Press
from app.engine.progress import ProgressBoard, Snapshot
from tests.benchmarks.told import Sizes, Told
from tests.helpers.program import Program
from tests.helpers.simulator import ROOT, SimulatorProcess, running_simulator

PACE = 5.0
GOAL_IDLE_PERCENT, GOAL_WORKING_PERCENT = 0.2, 2.0
PATIENCE_SECONDS = 60.0

# Tells the processor's time for so many seconds, once it has come to rest, then ends the program.
MEASURED = """
import sys, threading, time

def measure(seconds, then):
    time.sleep(3)
    wall, work = time.perf_counter(), time.process_time()
    time.sleep(seconds)
    print(time.process_time() - work, time.perf_counter() - wall, flush=True)
    then()

def begin(seconds, then):
    threading.Thread(target=measure, args=(seconds, then), daemon=True).start()
"""
WINDOW = f"""{MEASURED}
from app.__main__ import main
from app.desktop import practice_window, program
import os, signal

class Watched(practice_window.PracticeWindow):
    def on_checked(self, ended):
        super().on_checked(ended)
        begin(float(sys.argv[1]), lambda: os.kill(os.getpid(), signal.SIGTERM))

program.PracticeWindow = Watched
sys.exit(main(["--data-dir", sys.argv[2]]))
"""
TERMINAL = f"""{MEASURED}
import os, signal
from app.__main__ import main
begin(float(sys.argv[1]), lambda: os.kill(os.getpid(), signal.SIGTERM))
sys.exit(main(sys.argv[2:]))
"""


def measure_idle(folder: Path, sizes: Sizes) -> Iterator[Told]:
    """The window, then a terminal, with a run scheduled for tomorrow; then a run at the real service's pace."""
    place, seconds = folder / "practice", max(2.0, sizes.limited / PACE)
    create_demonstration(load_settings(place, {}, {}), sizes.limited, seed=1)
    with running_simulator("--rate", "0", load=place / SPINE_FILE) as spine:
        program = Program(place, spine)
        tomorrow = london_text(datetime.now(UTC) + timedelta(days=1))
        added = program("schedule", "add", "--start", tomorrow, "--stop", "08:00", "--resume-at", "18:30")
        if added.code:
            raise RuntimeError(added.err)
        yield _told("the window", "window", _cost_of(WINDOW, spine, seconds, str(place)))
        arguments = ["schedule", "watch", *program.pressing("run")[1:], "--data-dir", str(place)]
        yield _told("a terminal", "terminal", _cost_of(TERMINAL, spine, seconds, *arguments))
        program("schedule", "cancel")
        yield _working(place, spine)


def _told(what: str, key: str, percent: float) -> Told:
    return Told(
        f"Idle with a schedule pending, {what}: {percent:.2f} % of a core (goal under {GOAL_IDLE_PERCENT:g})",
        {f"idle_{key}_cpu_percent": percent},
    )


def _cost_of(script: str, spine: SimulatorProcess, seconds: float, *arguments: str) -> float:
    """The processor's time of the program while nothing happens, in per cent of a core."""
    environment = {**os.environ, "SCR_BULK_SPINE_URL": spine.spine, "SCR_BULK_AUTH_URL": spine.auth}
    done = subprocess.run(
        [sys.executable, "-c", script, str(seconds), *arguments],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=seconds + PATIENCE_SECONDS,
        check=False,
    )
    if not done.stdout:
        raise RuntimeError(done.stderr)
    work, wall = map(float, done.stdout.splitlines()[0].split())
    return 100 * work / wall


class UnderWay(ProgressBoard):
    """Takes down the time and the processor's time when a run has found its pace: the start is no part of a night."""

    wall = work = 0.0

    def publish(self, snapshot: Snapshot) -> None:
        """Keep it as every board does."""
        super().publish(snapshot)
        if snapshot.checked_now >= PACE and not self.wall:
            self.wall, self.work = time.perf_counter(), time.process_time()


def _working(place: Path, spine: SimulatorProcess) -> Told:
    flags = {"SPINE_URL": spine.spine, "AUTH_URL": spine.auth, "REQUESTS_PER_SECOND": f"{PACE:g}"}
    with open_product(load_settings(place, flags, {})) as product:
        product.reader.insert(DEMONSTRATION_CARD)
        product.reader.sign_in(DEMONSTRATION_PASSCODE)
        board = UnderWay()
        view = product.operator.execute(Press(CONSENT_MIGRATION.key, Action.RUN), StopToken(), board)
        percent = 100 * (time.process_time() - board.work) / (time.perf_counter() - board.wall)
    requests = view.reads + view.writes
    return Told(
        f"A run at {PACE:g} requests a second, {requests:,} of them: {percent:.2f} % of a core "
        f"(goal under {GOAL_WORKING_PERCENT:g})",
        {"working_at_the_limit_cpu_percent": percent},
    )
