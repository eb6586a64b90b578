"""The simulated Spine as a program: its ready line, its one address, how it ends, what it is made of."""

from __future__ import annotations

import ast
import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import requests

from app.clock import SystemClock
from app.simulator.errors import SimulatorError
from app.simulator.options import Addresses, SimulatorOptions
from app.simulator.server import running_spine
from tests.helpers.simulator import ROOT, running_simulator
from tests.integration.simulator.caller import Caller, wait_until

SOURCES = sorted((ROOT / "app" / "simulator").rglob("*.py"))


def test_the_ready_line() -> None:
    assert json.loads(Addresses(8750).ready_line()) == {
        "spine": "http://127.0.0.1:8750/summary-care-record/FHIR/R4",
        "auth": "http://127.0.0.1:8750/oauth2",
        "simulation": "http://127.0.0.1:8750/simulation",
        "port": 8750,
    }
    assert SimulatorOptions().port == 8750
    assert SimulatorOptions().rate == 5


def test_the_port_asked_for_is_the_port_taken() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with running_simulator("--port", str(port)) as spine:
        assert spine.port == port


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="127.0.0.2 is this computer on Linux only")
def test_it_listens_on_127_0_0_1_only() -> None:
    with running_simulator() as spine, pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", spine.port), timeout=5).close()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly_and_soon(spine_csv: Path, tmp_path: Path, number: signal.Signals) -> None:
    with running_simulator("--rate", "0", load=spine_csv, state=tmp_path / "state.db") as spine:
        caller = Caller(spine)
        caller.write("9990000018")
        spine.put_faults({"operation": "write", "action": {"delay_seconds": 60, "apply_late_seconds": 60}})

        def hang() -> None:
            with suppress(requests.ConnectionError), requests.Session() as http:
                waiting = Caller(spine, token=caller.tokens["access_token"])
                waiting.http = http
                waiting.write("9990000042")

        hanging = threading.Thread(target=hang)
        hanging.start()
        wait_until(lambda: spine.writes("9990000042"))
        start = time.monotonic()
        spine.process.send_signal(number)
        assert spine.process.wait(15) == 0
        assert time.monotonic() - start < 8
        hanging.join()
        assert spine.errors() == ""
    with running_simulator(state=tmp_path / "state.db") as spine:
        assert spine.state()["9990000018"] == (True, "No")
        assert spine.state()["9990000042"] == (False, "")


@pytest.mark.parametrize(
    "changes", [{"port": 65_536}, {"port": -1}, {"rate": -1}, {"rate": float("nan")}, {"latency_ms": -1}]
)
def test_numbers_that_make_no_sense(changes: dict[str, Any]) -> None:
    with pytest.raises(SimulatorError):
        SimulatorOptions(**changes)


def test_the_latency_is_of_the_spine_alone(spine_csv: Path) -> None:
    with running_simulator("--rate", "0", "--latency-ms", "1200", load=spine_csv) as spine:
        start = time.monotonic()
        caller = Caller(spine)
        caller.read("9990000018", Authorization=None)
        assert time.monotonic() - start < 1.2
        start = time.monotonic()
        assert caller.read("9990000018").status_code == 200
        assert time.monotonic() - start >= 1.2


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_nothing_of_the_product_but_the_clock_is_imported(path: Path) -> None:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    for name in names:
        assert name.split(".")[0] not in {"requests", "sqlalchemy", "PySide6", "apscheduler", "sqlite3"}
        if name == "app" or name.startswith("app."):
            assert name == "app.clock" or name.startswith("app.simulator")


def test_it_runs_beside_other_work_with_an_injected_clock(spine_csv: Path) -> None:
    clock = SystemClock()
    clock.move_to_offset(timedelta(days=3))

    async def time_shown() -> datetime:
        options = SimulatorOptions(port=0, load=spine_csv)
        async with (
            running_spine(options, clock) as addresses,
            aiohttp.ClientSession() as http,
            http.get(f"{addresses.simulation}/clock") as answer,
        ):
            return datetime.fromisoformat((await answer.json())["now"])

    assert timedelta(days=2) < asyncio.run(time_shown()) - datetime.now(UTC) < timedelta(days=4)


def test_the_package_itself_loads_no_http_library() -> None:
    code = "import sys, app.simulator; sys.exit('aiohttp' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
