"""How soon the window shows after the program was started, and how soon its actions can be used.

The program is started as its users start it, its modules compiled before, in a process of its own that draws into
memory; the simulated Spine runs already, so that its start is not measured.
"""

from __future__ import annotations

import compileall
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.bootstrap import create_demonstration
from app.bootstrap.demonstration import SPINE_FILE
from app.config import load_settings
from tests.benchmarks.told import Sizes, Told
from tests.helpers.simulator import ROOT, SimulatorProcess, running_simulator

GOAL_MS = 1_000.0

# Tells when a window is shown and when the database has been looked at, then ends the program.
TOLD = """
import sys, time
from app.__main__ import main
from app.desktop import practice_window, window
from app.ui.front import welcome_controller

def tell(what):
    print(what, time.time(), time.process_time(), flush=True)

class Told(practice_window.PracticeWindow):
    def show(self):
        super().show()
        tell("shown")

    def on_checked(self, ended):
        super().on_checked(ended)
        tell("usable")
        self.parent().end()

class Welcome(welcome_controller.WelcomeController):
    def _show_window(self):
        super()._show_window()
        tell("shown")
        if self.window.page.isVisible():
            self.parent().end()

from app.desktop import program
program.PracticeWindow, program.WelcomeController = Told, Welcome
window._UNSEEN_PLATFORMS = ()
sys.exit(main(["--data-dir", sys.argv[1]]))
"""


@dataclass(frozen=True, slots=True)
class Start:
    """Milliseconds from the start of the process, and of the processor's time until a window shows."""

    shown: float
    usable: float
    work: float


def measure_starting(folder: Path, sizes: Sizes) -> Iterator[Told]:
    """Start without a practice, with an ordinary one, and with a long list."""
    started = [start_at(folder / "nothing", None) for _ in range(sizes.rounds)]
    yield _told("no practice", "welcome", started)
    for patients, key in ((sizes.patients, "practice"), (sizes.long_list, "long_list")):
        place = folder / key
        create_demonstration(load_settings(place, {}, {}), patients, seed=1)
        with running_simulator("--rate", "0", load=place / SPINE_FILE) as spine:
            started = [start_at(place, spine) for _ in range(sizes.rounds)]
        yield _told(f"{patients:,} patients", key, started)


def start_at(folder: Path, spine: SimulatorProcess | None) -> Start:
    """Start the program on a folder, with a simulated Spine that runs already, and end it when it can be used."""
    # An installed program comes compiled; a checkout may be told to keep nothing, and would compile at each start.
    compileall.compile_dir(ROOT / "app", quiet=1)
    environment = dict(os.environ)
    if spine is not None:
        environment |= {"SCR_BULK_SPINE_URL": spine.spine, "SCR_BULK_AUTH_URL": spine.auth}
    began = time.time()
    done = subprocess.run(
        [sys.executable, "-c", TOLD, str(folder)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    told: dict[str, tuple[float, float]] = {}
    for line in done.stdout.splitlines():
        what, at, work = line.split()
        told.setdefault(what, ((float(at) - began) * 1000, float(work) * 1000))
    shown, work = told["shown"]
    return Start(shown, told.get("usable", told["shown"])[0], work)


def _told(what: str, key: str, started: list[Start]) -> Told:
    shown = statistics.median(one.shown for one in started)
    usable = statistics.median(one.usable for one in started)
    work = statistics.median(one.work for one in started)
    return Told(
        f"Start with {what}: a window after {shown:,.0f} ms and {work:,.0f} ms of work (median of {len(started)}, goal "
        f"{GOAL_MS:,.0f}), its actions after {usable:,.0f} ms",
        {f"start_shown_{key}_ms": shown, f"start_work_{key}_ms": work, f"start_usable_{key}_ms": usable},
    )
