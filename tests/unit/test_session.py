"""The test session is as strict as it says: what a test leaves unsaid still fails it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

CARELESS = """
import gc
import threading
import warnings

from PySide6.QtCore import QThread, QTimer, QObject, Signal, qWarning


def test_python_warning():
    warnings.warn("old ways", DeprecationWarning)


def test_qt_warning(qtbot):
    qWarning("something is off")


def test_exception_in_a_thread():
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()


def test_exception_in_a_slot(qtbot):
    class Source(QObject):
        fired = Signal()

    source = Source()
    source.fired.connect(lambda: 1 / 0)
    source.fired.emit()


def test_exception_nobody_can_catch():
    class Broken:
        def __del__(self):
            raise ValueError("too late")

    Broken()
    gc.collect()


def test_file_left_open():
    open(__file__)
    gc.collect()


def test_careful_one():
    pass
"""


def test_careless_tests_fail_under_the_projects_settings(tmp_path):
    careless = tmp_path / "test_careless.py"
    careless.write_text(CARELESS, encoding="utf-8")
    told = subprocess.run(
        [sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml", "--rootdir", tmp_path, "-rA", "-q", careless],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    ended = {}
    for line in told.stdout.splitlines():
        word, _, name = line.partition(" test_careless.py::")
        if name:
            ended.setdefault(name.split(" ")[0], set()).add(word)
    assert ended.pop("test_careful_one") == {"PASSED"}, told.stdout
    assert len(ended) == 6, told.stdout
    assert all(words & {"FAILED", "ERROR"} for words in ended.values()), ended


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="Windows has one zone for the machine")
def test_the_session_lives_in_england():
    assert time.localtime(1_782_000_000).tm_zone == "BST"
    assert os.environ["TZ"] == "Europe/London"
