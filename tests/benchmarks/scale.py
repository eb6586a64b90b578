"""Whether a patient costs the same in a practice of any size: time, memory, disk, going on, and opening the window.

Each practice is begun, stopped early, and gone on with to the end by a process of its own, whose memory is read when
it is done. The simulated Spine has no limit and keeps everything it was asked, so its memory does grow.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.bootstrap import create_demonstration
from app.bootstrap.demonstration import SPINE_FILE
from app.config import load_settings
from tests.benchmarks.contenders.going_on import Gone
from tests.benchmarks.starting import start_at
from tests.benchmarks.told import Sizes, Told
from tests.helpers.simulator import ROOT, running_simulator

GOAL_RATIO, GOAL_GROWTH_MB, GOAL_RESUME_MS, GOAL_OPEN_MS = 1.1, 20.0, 500.0, 1_000.0
MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Grown:
    """What a practice of one size came to; `opened` in milliseconds until the window showed."""

    patients: int
    gone: Gone
    database_bytes: int
    opened: float


def measure_scale(folder: Path, sizes: Sizes) -> Iterator[Told]:
    """The sizes one after another, then the smallest beside the largest."""
    found = []
    for patients in sizes.growing:
        found.append(_measure(folder / str(patients), patients))
        yield _told(found[-1])
    if len(found) > 1:
        yield _compared(found)


def _measure(place: Path, patients: int) -> Grown:
    settings = load_settings(place, {}, {})
    create_demonstration(settings, patients, seed=1)
    with running_simulator("--rate", "0", load=place / SPINE_FILE) as spine:
        command = [sys.executable, "-m", "tests.benchmarks.contenders.going_on", str(place), spine.spine, spine.auth]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
        gone = Gone(**json.loads(done.stdout.splitlines()[-1]))
        opened = start_at(place, spine).shown
    database = sum(file.stat().st_size for file in place.glob(f"{settings.database_file.name}*") if file.is_file())
    return Grown(patients, gone, database, opened)


def _told(grown: Grown) -> Told:
    gone, key = grown.gone, f"scale_{grown.patients}"
    each = grown.database_bytes / grown.patients
    return Told(
        f"{grown.patients:,} patients: {gone.a_patient_ms:.2f} ms each (an early tenth {gone.early_ms:.2f}, the last "
        f"{gone.late_ms:.2f}), {gone.peak / MB:.0f} MB of memory at the most, {each:,.0f} bytes of database each, the "
        f"first request {gone.resumed_ms:.0f} ms after Resume (goal {GOAL_RESUME_MS:g}), a window after "
        f"{grown.opened:,.0f} ms (goal {GOAL_OPEN_MS:,.0f})",
        {
            f"{key}_a_patient_ms": gone.a_patient_ms,
            f"{key}_late_to_early_ratio": gone.late_ms / gone.early_ms,
            f"{key}_peak_mb": gone.peak / MB,
            f"{key}_database_a_patient_bytes": each,
            f"{key}_resume_ms": gone.resumed_ms,
            f"{key}_window_ms": grown.opened,
        },
    )


def _compared(found: Sequence[Grown]) -> Told:
    first, last = found[0], found[-1]
    ratio = last.gone.a_patient_ms / first.gone.a_patient_ms
    growth = (last.gone.peak - first.gone.peak) / MB
    return Told(
        f"from {first.patients:,} to {last.patients:,} patients: {ratio:.2f} times the time a patient "
        f"(goal {GOAL_RATIO:g}), {growth:.1f} MB more memory (goal under {GOAL_GROWTH_MB:g})",
        {"scale_time_ratio": ratio, "scale_memory_growth_mb": growth},
    )
