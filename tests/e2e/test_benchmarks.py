"""The measurements can be made: at sizes that say nothing, but by the same code."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.benchmarks.__main__ import MEASURES
from tests.helpers.simulator import ROOT

TOLD = {
    "throughput": [
        "product_patients_per_second",
        "times_as_fast_as_bare_loop",
        "times_as_fast_as_committed_loop",
        "times_as_fast_as_dbos",
        "times_as_fast_as_huey",
    ],
    "limits": ["limit_used_50_ms_share", "limit_used_300_ms_share"],
    "scale": ["scale_600_a_patient_ms", "scale_600_resume_ms", "scale_time_ratio"],
    "window": ["window_late_p99_ms", "stop_shown_ms"],
    "stopping": [
        "stop_seen_ordinary_ms",
        "stop_honoured_ordinary_ms",
        "stop_seen_silent_ms",
        "stop_honoured_silent_ms",
        "resume_first_request_ms",
    ],
    "starting": [
        "start_shown_welcome_ms",
        "start_shown_practice_ms",
        "start_usable_practice_ms",
        "start_usable_long_list_ms",
    ],
    "lists": ["list_open_worst_ms", "list_scroll_worst_ms"],
    "exchange": ["demonstration_patients_per_second", "export_patients_per_second", "import_patients_per_second"],
    "reports": ["report_csv_patients_per_second", "report_pdf_patients_per_second"],
    "idle": ["idle_window_cpu_percent", "idle_terminal_cpu_percent", "working_at_the_limit_cpu_percent"],
}
"""Figures above nothing that each measurement has to tell."""

FEW = {"throughput": 150}
"""Patients, where the other contenders would take long with as many as a run in a window needs."""


def measured(name: str) -> tuple[dict[str, float], str]:
    """The figures of a measurement, and its lines."""
    patients = str(FEW.get(name, 700))
    sizes = ["--patients", patients, "--long-list", "300", "--limited", "10", "--growing", "400,600", "--rounds", "1"]
    command = [sys.executable, "-m", "tests.benchmarks", "--json", "--only", name, *sizes]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr


def test_each_measurement_is_tried_here():
    assert list(TOLD) == list(MEASURES)


@pytest.mark.parametrize("name", TOLD)
def test_a_measurement_tells_its_figures_for_people_and_machines(name: str):
    figures, lines = measured(name)
    for figure in TOLD[name]:
        assert figures[figure] > 0
    if name == "limits":
        assert figures["limit_requests_100_ms_share"] == 1.0, "as many requests as the decision table needs"
    if name == "stopping":
        assert "Resume in a list of 300" in lines
