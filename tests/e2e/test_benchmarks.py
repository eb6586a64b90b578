"""The measurements can be made: at sizes that say nothing, but by the same code."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.helpers.simulator import ROOT


def test_every_measurement_tells_its_figures_for_people_and_machines():
    sizes = ["--patients", "700", "--long-list", "300", "--limited", "10", "--growing", "400,600", "--rounds", "1"]
    command = [sys.executable, "-m", "tests.benchmarks", "--json", *sizes]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    for name in (
        "product_patients_per_second",
        "times_as_fast_as_bare_loop",
        "times_as_fast_as_committed_loop",
        "times_as_fast_as_dbos",
        "times_as_fast_as_huey",
        "limit_used_50_ms_share",
        "limit_used_300_ms_share",
        "scale_600_a_patient_ms",
        "scale_600_resume_ms",
        "scale_time_ratio",
        "demonstration_patients_per_second",
        "export_patients_per_second",
        "import_patients_per_second",
        "report_csv_patients_per_second",
        "report_pdf_patients_per_second",
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
        "idle_window_cpu_percent",
        "idle_terminal_cpu_percent",
        "working_at_the_limit_cpu_percent",
    ):
        assert figures[name] > 0
    assert figures["limit_requests_100_ms_share"] == 1.0, "as many requests as the decision table needs"
    assert figures["limit_refused_100_ms"] == 0
    assert "Resume in a list of 300" in done.stderr
