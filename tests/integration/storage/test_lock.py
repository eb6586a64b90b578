"""The practice's lock: of the living only (faults, rows 36 and 40)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.domain.errors import Refused
from app.storage.sqlite.lock import PracticeFileLock

pytestmark = pytest.mark.sqlite_only

ROOT = Path(__file__).resolve().parents[3]
HOLDER = """
import sys
from pathlib import Path
from app.storage.sqlite.lock import PracticeFileLock
from tests.helpers.clocks import ManualClock
lock = PracticeFileLock(Path(sys.argv[1]), ManualClock(), "BACK-OFFICE")
lock.acquire("Pat Manager")
print("held", flush=True)
sys.stdin.read()
lock.release()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "practice.db"


@pytest.fixture
def lock(path: Path, clock) -> Iterator[PracticeFileLock]:
    lock = PracticeFileLock(path, clock, "FRONT-DESK")
    yield lock
    lock.release()


@contextmanager
def other_program(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process of this program that holds the lock until its input ends."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout.readline() == "held\n"
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def test_it_is_taken_and_given_back(lock):
    assert lock.held_here is False
    lock.acquire("Pat Manager")
    assert lock.held_here is True
    assert lock.holder() is None
    lock.release()
    assert lock.held_here is False
    assert lock.holder() is None
    lock.release()


@pytest.mark.fault_row(36, 40)
def test_a_second_copy_is_refused_with_who_where_and_since_when(path, lock):
    with other_program(path):
        with pytest.raises(Refused) as caught:
            lock.acquire("Robin")
        for words in (str(caught.value), lock.holder()):
            assert "Pat Manager on BACK-OFFICE, since 02/11/2026 18:30" in words
            assert words.endswith(".")
        assert lock.held_here is False


def test_it_is_free_when_the_other_gives_it_back(path, lock):
    with other_program(path) as process:
        process.communicate("")
        assert lock.holder() is None
        lock.acquire("Robin")
        assert lock.held_here


@pytest.mark.fault_row(40)
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_it_is_free_the_moment_its_holder_is_killed(path, lock):
    with other_program(path) as process:
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        assert path.with_name("practice.db.holder.json").exists()
        assert lock.holder() is None
        lock.acquire("Robin")
        assert lock.held_here


@pytest.mark.fault_row(37, 40)
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGSTOP")
def test_it_is_never_stolen_from_a_holder_that_sleeps(path, lock):
    with other_program(path) as process:
        os.kill(process.pid, signal.SIGSTOP)
        try:
            with pytest.raises(Refused):
                lock.acquire("Robin")
        finally:
            os.kill(process.pid, signal.SIGCONT)


@pytest.mark.fault_row(37)
@pytest.mark.skipif(sys.platform == "win32", reason="Windows lets nobody delete a file that is locked")
def test_giving_back_a_lock_that_was_lost_leaves_the_new_holders_note(path, lock):
    lock.acquire("Robin")
    path.with_name("practice.db.lock").unlink()
    with other_program(path):
        lock.release()
        assert "Pat Manager on BACK-OFFICE" in lock.holder()


@pytest.mark.parametrize(
    "note", ["", "{", "[]", '{"who": 1}', '{"who": "X", "workstation": "Y", "process": 1, "since": "?"}']
)
def test_a_note_that_makes_no_sense_hides_no_holder(path, lock, note):
    with other_program(path):
        path.with_name("practice.db.holder.json").write_text(note)
        assert lock.holder() is not None
        with pytest.raises(Refused):
            lock.acquire("Robin")


def test_a_note_alone_is_no_holder(path, lock):
    path.with_name("practice.db.holder.json").write_text(
        '{"who": "Ghost", "workstation": "Y", "process": 1, "since": ""}'
    )
    path.with_name("practice.db.lock").touch()
    assert lock.holder() is None
    lock.acquire("Robin")


def test_two_in_one_program_exclude_each_other(path, lock, clock):
    other = PracticeFileLock(path, clock, "FRONT-DESK")
    lock.acquire("Pat")
    with pytest.raises(Refused):
        other.acquire("Robin")
    assert "Pat on FRONT-DESK" in other.holder()
    lock.release()
    other.acquire("Robin")
    other.release()


def test_the_same_one_is_not_taken_twice(lock):
    lock.acquire("Pat")
    with pytest.raises(Refused, match="already"):
        lock.acquire("Pat")
    lock.release()
    assert lock.held_here is False


def test_looking_does_not_wait_for_one_who_waits_to_take_it(path, clock):
    """The window looks several times a minute, and in its own thread."""
    waits, goes_on, looked = threading.Event(), threading.Event(), threading.Event()

    def rest(_: float) -> None:
        waits.set()
        assert goes_on.wait(30)

    lock = PracticeFileLock(path, clock, "FRONT-DESK", sleep=rest)

    def take() -> None:
        with pytest.raises(Refused):
            lock.acquire("Robin")

    def look() -> None:
        assert "Pat Manager" in lock.holder()
        looked.set()

    with other_program(path), ThreadPoolExecutor(2) as pool:
        taking = pool.submit(take)
        assert waits.wait(30)
        looking = pool.submit(look)
        try:
            assert looked.wait(5)
        finally:
            goes_on.set()
        taking.result(30)
        looking.result(30)


def test_looking_does_not_take_it(path, lock, clock):
    looker = PracticeFileLock(path, clock)
    for _ in range(20):
        assert looker.holder() is None
        lock.acquire("Pat")
        lock.release()


def test_a_folder_without_rights_is_told(tmp_path, clock):
    lock = PracticeFileLock(tmp_path / "missing" / "file.txt" / "practice.db", clock)
    (tmp_path / "missing").write_text("in the way")
    with pytest.raises(Refused, match="rights"):
        lock.acquire("Pat")
