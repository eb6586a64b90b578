"""The measurements can be made: at sizes that say nothing, but by the same code."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.helpers.simulator import ROOT


def test_every_measurement_tells_its_figures_for_people_and_machines():
    sizes = ["--patients", "700", "--long-list", "300", "--rounds", "1"]
    command = [sys.executable, "-m", "tests.benchmarks", "--json", *sizes]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    for name in (
        "product_patients_per_second",
        "ratio_of_wall_time",
        "window_late_p99_ms",
        "stop_shown_ms",
        "stop_seen_ordinary_ms",
        "stop_honoured_ordinary_ms",
        "stop_seen_silent_ms",
        "stop_honoured_silent_ms",
        "resume_first_request_ms",
        "start_shown_welcome_ms",
        "start_shown_practice_ms",
        "start_usable_practice_ms",
        "start_usable_long_list_ms",
    ):
        assert figures[name] > 0
    assert "Resume in a list of 300" in done.stderr
