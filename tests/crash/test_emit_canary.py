"""The canary for Qt's bindings, in a process of its own: where it dies, no other test does."""

from __future__ import annotations

import subprocess
import sys

from tests.helpers.simulator import ROOT

CANARY = "from app.desktop.signal_canary import EMITS, heard; print(EMITS, heard(EMITS))"


def test_twenty_thousand_signals_between_threads_all_arrive_and_nothing_breaks():
    done = subprocess.run([sys.executable, "-c", CANARY], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split(), done.stderr) == (0, ["20000", "20000"], "")
