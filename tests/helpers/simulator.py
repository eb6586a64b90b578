"""A simulated Spine in a process of its own, for any test that needs one.

with running_simulator("--rate", "0", load=spine_csv) as spine:
    requests.get(f"{spine.spine}/DocumentReference", ...)
    assert spine.history()[0]["status"] == 200
"""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import requests

ROOT = Path(__file__).resolve().parents[2]
SECONDS_TO_END = 15

_LAUNCH = """
import argparse, sys
from pathlib import Path
from app.simulator import DissentShape, SimulatorError, SimulatorOptions, serve

parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, default=0)
parser.add_argument("--state", type=Path)
parser.add_argument("--load", type=Path)
parser.add_argument("--rate", type=float, default=5.0)
parser.add_argument("--latency-ms", type=int, default=0)
parser.add_argument("--dissent-shape", type=DissentShape, default=DissentShape.FORBIDDEN)
parser.add_argument("--sandbox", action="store_true")
options = SimulatorOptions(**vars(parser.parse_args()))
try:
    sys.exit(serve(options, lambda line: print(line, flush=True)))
except SimulatorError as error:
    sys.exit(f"{type(error).__name__}: {error}")
"""


class SimulatorDidNotStart(Exception):
    """The process ended instead of becoming ready; the text is what it wrote to stderr."""


class SimulatorProcess:
    """A running simulated Spine: its addresses, and what a test wants to know of it or do to it.

    `state_file` is the file it was given with `--state`, if any. Its methods share one HTTP session, so they are for
    one thread at a time.
    """

    def __init__(
        self, process: subprocess.Popen[str], errors: IO[str], ready: dict[str, Any], state_file: Path | None
    ) -> None:
        self.process = process
        self._errors = errors
        self.state_file = state_file
        self.spine: str = ready["spine"]
        self.auth: str = ready["auth"]
        self.simulation: str = ready["simulation"]
        self.port: int = ready["port"]
        self.http = requests.Session()
        self.http.trust_env = False

    def history(self, **equal: Any) -> list[dict[str, Any]]:
        """Every request received, in order; with keywords, those whose fields have these values."""
        entries: list[dict[str, Any]] = self._control("GET", "history").json()
        return [entry for entry in entries if all(entry[name] == value for name, value in equal.items())]

    def writes(self, nhs_number: str | None = None) -> list[dict[str, Any]]:
        """Every `$setPermission` received, of one patient or all."""
        return [
            entry
            for entry in self.history(method="POST")
            if entry["path"].endswith("/$setPermission") and nhs_number in (None, entry["nhs_number"])
        ]

    def state(self) -> dict[str, tuple[bool, str]]:
        """NHS number to (has a summary, permission)."""
        text = self._control("GET", "state").content.decode("utf-8-sig")
        return {
            row["nhs_number"]: (row["has_scr"] == "yes", row["permission"]) for row in csv.DictReader(io.StringIO(text))
        }

    def put_faults(self, *rules: dict[str, Any], **settings: Any) -> None:
        """Script these faults in place of any before; see the module `fault_document` of the simulator."""
        self._control("PUT", "faults", json={**settings, "rules": list(rules)})

    def slow_down(self) -> None:
        """Every question takes half a second until `clear_faults`: no run ends before somebody was seen to act."""
        self.put_faults({"operation": "read", "action": {"delay_seconds": 0.5}})

    def faults(self) -> dict[str, Any]:
        """The faults in force, with how often each has struck."""
        described: dict[str, Any] = self._control("GET", "faults").json()
        return described

    def clear_faults(self) -> None:
        """No faults from now on."""
        self._control("DELETE", "faults")

    def move_clock(self, offset_seconds: float) -> None:
        """Have the simulated Spine's time run this far ahead of the machine's."""
        self._control("PUT", "clock", json={"offset_seconds": offset_seconds})

    def sign_in(self, uid: str = "910000000001", passcode: str = "123456") -> dict[str, str]:
        """The token answer of signing in with a built-in card."""
        answer = self.http.post(f"{self.auth}/simulated-smartcard", json={"uid": uid, "passcode": passcode}, timeout=30)
        answer.raise_for_status()
        tokens: dict[str, str] = answer.json()
        return tokens

    def remove_card(self, uid: str = "910000000001") -> None:
        """Take a built-in card out: every token of its sessions is refused from now on."""
        self.http.post(f"{self.auth}/revoke", json={"uid": uid}, timeout=30).raise_for_status()

    def errors(self) -> str:
        """What it has written to stderr so far."""
        self._errors.seek(0)
        return self._errors.read()

    def kill(self) -> None:
        """End it as a power cut would: no chance to write anything more."""
        self.process.kill()
        self.process.wait(SECONDS_TO_END)

    def stop(self) -> int:
        """End it as a user would; returns its exit code."""
        self.process.terminate()
        return self.process.wait(SECONDS_TO_END)

    def close(self) -> None:
        """End it if it still runs, and let go of everything."""
        self.http.close()
        if self.process.poll() is None:
            self.kill()
        assert self.process.stdout is not None
        self.process.stdout.close()
        self._errors.close()

    def _control(self, method: str, name: str, **kwargs: Any) -> requests.Response:
        answer = self.http.request(method, f"{self.simulation}/{name}", timeout=60, **kwargs)
        assert answer.ok, answer.text
        return answer


def start_simulator(*args: str, state: Path | None = None, load: Path | None = None) -> SimulatorProcess:
    """Start a simulated Spine on a free port and wait until it is ready; the caller closes it."""
    command = [sys.executable, "-c", _LAUNCH, *args]
    if state is not None:
        command += ["--state", str(state)]
    if load is not None:
        command += ["--load", str(load)]
    # Not a pipe: nobody reads it while the process runs, and a full pipe would stop it. The two processes share the
    # place in the file, so writing must always go to its end.
    errors = tempfile.TemporaryFile("a+", encoding="utf-8")  # noqa: SIM115 - closed with the process
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True, encoding="utf-8")
    assert process.stdout is not None
    line = process.stdout.readline()
    if line:
        return SimulatorProcess(process, errors, json.loads(line), state)
    with process, errors:
        process.wait(SECONDS_TO_END)
        errors.seek(0)
        raise SimulatorDidNotStart(errors.read().strip())


@contextmanager
def running_simulator(*args: str, state: Path | None = None, load: Path | None = None) -> Iterator[SimulatorProcess]:
    """A simulated Spine on a free port while the block lasts; `args` as `scr-bulk simulator` takes them."""
    spine = start_simulator(*args, state=state, load=load)
    try:
        yield spine
    finally:
        spine.close()
