"""Makes practice databases with a released version of the program, for the tests of upgrading. Run once a release.

    python tests/upgrade/make_fixtures.py CHECKOUT FOLDER

CHECKOUT is that version's, FOLDER is `tests/upgrade/VERSION`. Everything is made by that version's own commands. Each
database is kept compressed, with what the simulated Spine held at that moment beside it.
"""

from __future__ import annotations

import json
import lzma
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PATIENTS = "150"
CARD = "910000000001"
QUICK = {"SCR_BULK_REQUESTS_PER_SECOND": "0", "SCR_BULK_SETTLE_SECONDS": "600", "SCR_BULK_CONCURRENCY": "1"}


class Practice:
    """One practice of that version, in a folder of its own."""

    def __init__(self, checkout: Path, folder: Path) -> None:
        self.checkout = checkout
        self.folder = folder
        self.addresses: dict[str, Any] = {}
        self.passcode = folder.parent / "passcode.txt"
        self.passcode.write_text("123456\n", encoding="utf-8")

    def command(self, *arguments: str) -> list[str]:
        """The command line of that version."""
        return [sys.executable, "-m", "app", *arguments, "--data-dir", str(self.folder)]

    def do(self, *arguments: str, code: int = 0) -> None:
        """Carry out a command that must end with this exit code."""
        done = subprocess.run(
            self.command(*arguments), cwd=self.checkout, env={**os.environ, **QUICK}, capture_output=True, text=True
        )
        if done.returncode != code:
            raise SystemExit(f"{arguments[0]} ended with {done.returncode}, not {code}:\n{done.stderr}")

    def pressing(self, action: str) -> list[str]:
        """The arguments of an action."""
        where = ["--spine", self.addresses["spine"], "--auth", self.addresses["auth"]]
        return [action, *where, "--card", CARD, "--passcode-file", str(self.passcode), "--json"]

    def begun(self, action: str) -> subprocess.Popen[bytes]:
        """Press an action and let it work."""
        return subprocess.Popen(
            self.command(*self.pressing(action)),
            cwd=self.checkout,
            env={**os.environ, **QUICK},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def simulation(self, method: str, name: str, document: Any = None) -> bytes:
        """Ask or tell the simulated Spine something."""
        body = None if document is None else json.dumps(document).encode()
        request = urllib.request.Request(f"{self.addresses['simulation']}/{name}", body, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            content: bytes = answer.read()
        return content

    def writes(self) -> int:
        """How many dissents the Spine has received."""
        return sum(
            one["method"] == "POST" and "set" in one["path"] for one in json.loads(self.simulation("GET", "history"))
        )

    @contextmanager
    def spine(self, *arguments: str) -> Iterator[None]:
        """The simulated Spine of that version, running."""
        command = self.command("simulator", "--port", "0", *arguments)
        with subprocess.Popen(command, cwd=self.checkout, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            self.addresses = json.loads(process.stdout.readline())
            try:
                yield
            finally:
                process.terminate()


def finished(practice: Practice) -> None:
    """A run that completed, with failed patients, and a second pass."""
    practice.do(*practice.pressing("run"))
    practice.do(*practice.pressing("rerun"))


def paused(practice: Practice) -> None:
    """A run that somebody stopped half-way."""
    process = practice.begun("run")
    wait_until(lambda: practice.writes() >= 3)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 3


def scheduled(practice: Practice) -> None:
    """A finished run, and another one that is to begin some night."""
    practice.do(*practice.pressing("run"))
    practice.do("schedule", "add", "--start", "18/01/2027 18:30", "--stop", "08:00", "--resume-at", "18:30")


def unknown(practice: Practice) -> None:
    """Messages whose answers were lost, all of them applied; nobody has read the Spine back yet."""
    practice.simulation("PUT", "faults", {"rules": [{"operation": "write", "action": {"reset_after": True}}]})
    process = practice.begun("run")
    wait_until(lambda: practice.writes() >= 3)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 3
    practice.simulation("DELETE", "faults")


def interrupted(practice: Practice) -> None:
    """A program that was killed while a message was under way."""
    rules = [{"operation": "write", "nth": 3, "action": {"delay_seconds": 20}}]
    practice.simulation("PUT", "faults", {"rules": rules})
    process = practice.begun("run")
    wait_until(lambda: practice.writes() >= 3)
    process.kill()
    process.wait(60)


STORIES: tuple[Callable[[Practice], None], ...] = (finished, paused, scheduled, unknown, interrupted)


def wait_until(met: Callable[[], bool]) -> None:
    """Wait for a condition, half a minute at most."""
    give_up = time.monotonic() + 30
    while not met():
        if time.monotonic() > give_up:
            raise SystemExit("It did not come about.")
        time.sleep(0.02)


def main(checkout: Path, target: Path) -> None:
    """Make every practice and keep it."""
    target.mkdir(parents=True, exist_ok=True)
    for number, story in enumerate(STORIES, 1):
        with tempfile.TemporaryDirectory() as name:
            practice = Practice(checkout, Path(name) / "data")
            practice.do("practice", "create-demo", "--patients", PATIENTS, "--seed", str(number))
            latency = "40" if story in (paused, interrupted) else "0"
            with practice.spine("--rate", "0", "--latency-ms", latency):
                story(practice)
                held = practice.simulation("GET", "state")
            # The database with its log folded in, as it lies there.
            practice.do("backup", "--out", name)
            [copy] = Path(name).glob("practice-*.db")
            (target / f"{story.__name__}.db.xz").write_bytes(lzma.compress(copy.read_bytes(), preset=9))
            (target / f"{story.__name__}.spine.csv").write_bytes(held)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve())
