"""The server of the tests goes with the process that started it, and leaves nothing behind, however that one ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.postgres import Server
from tests.helpers.program import wait_until
from tests.helpers.simulator import ROOT

STARTED = """
import sys
from tests.helpers.postgres import Server
server = Server()
if sys.argv[1] == "crashed":
    server.restart()
print(server.folder, flush=True)
sys.stdin.readline()
"""


@pytest.mark.parametrize("before", ["as it was", "crashed"])
def test_killed_with_its_tests_it_leaves_nothing(server: Server, before: str):
    process = subprocess.Popen(
        [sys.executable, "-c", STARTED, before], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert process.stdout is not None
    folder = Path(process.stdout.readline().strip())
    assert (folder / "data").is_dir()
    process.kill()
    process.communicate()
    wait_until(lambda: not folder.exists())
