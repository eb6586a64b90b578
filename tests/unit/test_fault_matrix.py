"""Every row of the fault matrix has a test that names it, and no test names a row that is not there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers import fault_rows

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "resources" / "docs" / "faults.md"
ROW = re.compile(r"^\| ([0-9]+) \| (.+?) \|", re.MULTILINE)

pytestmark = pytest.mark.xdist_group("fault-matrix")  # collecting takes seconds: once is enough

AWAITED: dict[int, str] = {}
"""Rows about what the program cannot do yet. Each leaves this list with its first test."""


def rows_of_the_page() -> dict[int, str]:
    """The numbers of the matrix with their faults."""
    matrix = PAGE.read_text(encoding="utf-8").split("## 3. The fault matrix")[1].split("\n## ")[0]
    return {int(number): fault for number, fault in ROW.findall(matrix)}


@pytest.fixture(scope="module")
def tests_by_row(tmp_path_factory: pytest.TempPathFactory) -> dict[int, list[str]]:
    """What pytest itself collects, in a session of its own."""
    told = tmp_path_factory.mktemp("rows") / "rows.json"
    collect = [sys.executable, "-m", "pytest", "-p", fault_rows.__name__, "--collect-only", "-q"]
    alone = ["-p", "no:randomly", "-p", "no:cacheprovider"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment[fault_rows.FILE] = str(told)
    answer = subprocess.run(
        [*collect, *alone], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    assert answer.returncode == 0, answer.stdout.decode()[-2000:]
    return {int(row): names for row, names in json.loads(told.read_text(encoding="utf-8")).items()}


def test_the_page_numbers_its_rows_without_a_gap():
    assert list(rows_of_the_page()) == list(range(1, 48))


def test_every_row_has_a_test_that_names_it(tests_by_row):
    without = {row: fault for row, fault in rows_of_the_page().items() if row not in tests_by_row}
    assert not {row: fault for row, fault in without.items() if row not in AWAITED}


def test_what_is_awaited_has_not_come_yet(tests_by_row):
    assert not {row: tests_by_row[row] for row in AWAITED if row in tests_by_row}, "take the row off the list"


def test_no_test_names_a_row_that_is_not_there(tests_by_row):
    assert set(tests_by_row) <= set(rows_of_the_page())
