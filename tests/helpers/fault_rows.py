"""Which tests name which rows of the fault matrix: a plugin for pytest that notes the marks of what was collected.

FAULT_ROWS_FILE=rows.json python -m pytest -p tests.helpers.fault_rows --collect-only -q
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from pathlib import Path

import pytest

MARK = "fault_row"
FILE = "FAULT_ROWS_FILE"


def pytest_collection_finish(session: pytest.Session) -> None:
    """Write the rows down, each with its tests; one that is always skipped proves nothing."""
    found: dict[str, list[str]] = defaultdict(list)
    for item in session.items:
        if item.get_closest_marker("skip") is None:
            for row in sorted({str(row) for mark in item.iter_markers(MARK) for row in mark.args}):
                found[row].append(item.nodeid)
    Path(os.environ[FILE]).write_text(json.dumps(found), encoding="utf-8")
