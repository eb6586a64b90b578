"""The simulated Spine as a process of its own, started and ended by the program that needs it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from app.domain.errors import Refused

_STOP_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class SpineAddresses:
    """Where a simulated Spine is reached."""

    spine: str
    auth: str
    simulation: str


def program_command() -> list[str]:
    """What starts this program again: itself when frozen, else the interpreter with the package.

    On Windows the window's own program has no output to read a Spine's addresses from; the commands' stands beside it.
    """
    if not getattr(sys, "frozen", False):
        return [sys.executable, "-m", "app"]
    program = Path(sys.executable)
    commands = program.with_name(f"scr-bulk{program.suffix}")
    return [str(commands if commands.exists() else program)]


@contextmanager
def simulated_spine(state: Path, load: Path, per_second: float) -> Iterator[SpineAddresses]:
    """Run a simulated Spine on a free port of this computer for as long as the context lasts.

    It remembers everything in `state`, and reads what it knows from `load` when that is still empty. It ends with
    its input, so it cannot outlive a program that was killed. Raises `Refused` when it does not start.
    """
    command = [*program_command(), "simulator", "--port", "0", "--state", str(state), "--rate", f"{per_second:g}"]
    if not state.exists():
        command += ["--load", str(load)]
    process = subprocess.Popen(  # noqa: S603 - the program itself
        [*command, "--end-with-input"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        # Ctrl-C at the terminal is for the program, which still needs its Spine to stop the run.
        start_new_session=True,
        # The same on Windows, where a window would open for it besides.
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    try:
        yield _addresses(process)
    finally:
        _end(process)


def _addresses(process: subprocess.Popen[str]) -> SpineAddresses:
    line = process.stdout.readline() if process.stdout else ""
    try:
        ready = json.loads(line)
        return SpineAddresses(ready["spine"], ready["auth"], ready["simulation"])
    except (ValueError, KeyError, TypeError):
        raise Refused("The simulated Spine did not start. The lines above say why.") from None


def _end(process: subprocess.Popen[str]) -> None:
    """Close its input, which it takes as its end."""
    if process.stdin:
        with suppress(OSError):
            process.stdin.close()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout:
        process.stdout.close()
