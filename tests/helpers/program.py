"""The program as its users start it: commands in processes of their own, and what they print.

It is that of the checkout unless `SCR_BULK_PROGRAM` names another one: the build tries the frozen program out so.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.helpers import databases
from tests.helpers.simulator import ROOT, SimulatorProcess

CARD = "910000000001"
PASSCODE = "123456"
SECONDS = 300

BEFORE_ARGUMENTS = (
    [os.environ["SCR_BULK_PROGRAM"]] if "SCR_BULK_PROGRAM" in os.environ else [sys.executable, "-m", "app"]
)
"""What starts the program; its arguments follow."""

SOON = 60.0


@dataclass(frozen=True, slots=True)
class Finished:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def result(self) -> dict[str, Any]:
        """The object on the last line of standard output."""
        parsed: dict[str, Any] = json.loads(self.out.splitlines()[-1])
        return parsed


class Program:
    """The commands on one data folder; `spine` is where those that need one are sent."""

    def __init__(self, folder: Path, spine: SimulatorProcess | None = None) -> None:
        self.folder = folder
        self.spine = spine
        self.passcode_file = folder.parent / "passcode.txt"
        self.passcode_file.write_text(f"{PASSCODE}\n", encoding="utf-8")

    def __call__(self, *arguments: str | Path, environment: Mapping[str, str] | None = None) -> Finished:
        """Carry out a command to its end."""
        done = subprocess.run(
            self.command(*arguments),
            cwd=ROOT,
            env=self.environment(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=SECONDS,
            check=False,
        )
        return Finished(done.returncode, done.stdout, done.stderr)

    def press(
        self, action: str, *arguments: str, card: str = CARD, environment: Mapping[str, str] | None = None
    ) -> Finished:
        """Press Run, Resume, Rerun or Failed with a card and `--json`."""
        return self(*self.pressing(action, *arguments, card=card), environment=environment)

    def pressing(self, action: str, *arguments: str, card: str = CARD) -> tuple[str, ...]:
        """The arguments of such a press."""
        assert self.spine is not None
        where = ("--spine", self.spine.spine, "--auth", self.spine.auth)
        who = ("--card", card, "--passcode-file", str(self.passcode_file))
        return (action, *where, *who, "--json", *arguments)

    def make_demonstration(self, patients: int, seed: int) -> None:
        """Invent a practice, and have it kept where those of this test are."""
        made = self("practice", "create-demo", "--patients", str(patients), "--seed", str(seed))
        assert made.code == 0, made.err
        databases.settle(self.folder)

    def command(self, *arguments: str | Path) -> list[str]:
        """The whole command line."""
        return [*BEFORE_ARGUMENTS, *map(str, arguments), "--data-dir", str(self.folder)]

    @staticmethod
    def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
        """The environment of a command: no limit on the pace, and whatever the test adds."""
        return {**os.environ, "SCR_BULK_REQUESTS_PER_SECOND": "0", **(more or {})}


def program_for(folder: Path, spine: SimulatorProcess | None = None) -> Program:
    """The commands on a folder whose practice, once it is made, is kept where those of this test are."""
    databases.prepare(folder)
    return Program(folder, spine)


def started(
    program: Program,
    action: str,
    environment: Mapping[str, str] | None = None,
    command: Sequence[str] | None = None,
) -> subprocess.Popen[str]:
    """Press an action, by another `command` line where one is given, and let it work; `ended` waits for its end."""
    return subprocess.Popen(
        command or program.command(*program.pressing(action)),
        cwd=ROOT,
        env=program.environment(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def ended(process: subprocess.Popen[str], seconds: float = SOON) -> Finished:
    """Wait until a command that was started has ended; one that does not is killed."""
    try:
        out, err = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        raise AssertionError(f"the program did not end: {_killed(process)}") from None
    return Finished(process.returncode, out, err)


def wait_until(met: Callable[[], bool], process: subprocess.Popen[str] | None = None, pause: float = 0.02) -> None:
    """Wait for a condition while a program works; it fails when that ends before, or when it takes too long."""
    give_up = time.monotonic() + SOON
    while not met():
        # Asked again after its end: what was waited for may have been the last thing it did.
        if process is not None and process.poll() is not None and not met():
            raise AssertionError(f"the program ended before it came about: {_killed(process)}")
        if time.monotonic() >= give_up:
            raise AssertionError(f"it did not come about in time: {_killed(process) if process else ''}")
        time.sleep(pause)


def _killed(process: subprocess.Popen[str]) -> str:
    """What a program has told that is not to be waited for any more."""
    process.kill()
    out, err = process.communicate()
    return f"exit code {process.returncode}\n{out}\n{err}"
