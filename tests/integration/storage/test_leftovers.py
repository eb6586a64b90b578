"""Half-made copies of a practice name patients: they go with whoever makes them, or at the next start."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.storage.database import PracticeDatabase
from app.storage.sqlite import backup
from tests.helpers.clocks import ManualClock
from tests.helpers.simulator import ROOT

pytestmark = pytest.mark.sqlite_only

MAKING = {
    "a snapshot for an export": """
with database.copied():
    print("making", flush=True)
    sys.stdin.read()
""",
    "a backup": """
from app.storage.sqlite import identity
check = identity.refuse_damaged
def held(*what):
    print("making", flush=True)
    sys.stdin.read()
    check(*what)
identity.refuse_damaged = held
database.back_up(database.backups)
""",
}
OTHER = """
import sys
from pathlib import Path
from app.storage.database import PracticeDatabase
from tests.helpers.clocks import ManualClock
database = PracticeDatabase.open(Path(sys.argv[1]), clock=ManualClock(), check=False)
"""


@contextmanager
def another_program(path: Path, what: str) -> Iterator[subprocess.Popen[str]]:
    """Another process of this program in the middle of making a copy; it goes on when its input ends."""
    command = [sys.executable, "-c", OTHER + MAKING[what], str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout.readline() == "making\n"
            yield process
        finally:
            process.kill()


def half_made(path: Path) -> list[str]:
    """The names of everything half-made around a database."""
    kept = {"practice.db", "practice.db-wal", "practice.db-shm", "backups"}
    found = [*path.parent.iterdir(), *path.with_name("backups").glob("*")]
    return [one.name for one in found if one.name not in kept and one.suffix != ".db"]


def start_again(path: Path) -> None:
    PracticeDatabase.open(path, clock=ManualClock()).close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("what", MAKING)
def test_what_a_killed_program_left_half_made_goes_at_the_next_start(database, what: str):
    with another_program(database.path, what) as process:
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    assert half_made(database.path)
    start_again(database.path)
    assert half_made(database.path) == []


@pytest.mark.parametrize("what", MAKING)
def test_what_another_program_is_making_is_left_alone(database, what: str):
    with another_program(database.path, what) as process:
        being_made = half_made(database.path)
        assert being_made
        start_again(database.path)
        assert half_made(database.path) == being_made
        process.communicate("")
        assert process.returncode == 0
    assert half_made(database.path) == []
    assert len(backup.copies_of(database.path)) == (what == "a backup")
