"""One window for a folder: a second start raises the first, a crash blocks nobody, other folders are other windows."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.desktop import instance as module
from app.desktop.instance import LOCK_FILE, Instance, raise_first
from app.domain.errors import Refused
from tests.helpers.program import Program
from tests.helpers.simulator import ROOT

CLAIMS = """
import sys, time
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from app.desktop.instance import Instance
application = QCoreApplication([])
held = Instance(Path(sys.argv[1]))
print(held.claim(), flush=True)
application.exec()
"""


@pytest.fixture
def claimed(tmp_path: Path) -> Iterator[Instance]:
    held = Instance(tmp_path / "data")
    assert held.claim()
    yield held
    held.release()


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that is the window of the folder."""
    command = [sys.executable, "-c", CLAIMS, str(tmp_path / "data")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
        try:
            yield process
        finally:
            process.kill()


def test_a_second_claim_of_the_same_folder_fails(claimed: Instance, tmp_path: Path):
    assert not Instance(tmp_path / "data").claim()
    assert not Instance(tmp_path / "other" / ".." / "data").claim()
    other = Instance(tmp_path / "elsewhere")
    assert other.claim()
    other.release()


def test_a_folder_that_was_given_up_can_be_claimed(claimed: Instance, tmp_path: Path):
    claimed.release()
    again = Instance(tmp_path / "data")
    assert again.claim()
    again.release()


def test_another_start_has_the_window_raised(claimed: Instance, qtbot: QtBot, tmp_path: Path):
    thread = threading.Thread(target=raise_first, args=(tmp_path / "data",))
    with qtbot.waitSignal(claimed.raise_wanted, timeout=30_000):
        thread.start()
    qtbot.waitUntil(lambda: not thread.is_alive(), timeout=30_000)


def test_a_living_process_is_reached(elsewhere, tmp_path: Path):
    assert not Instance(tmp_path / "data").claim()
    raise_first(tmp_path / "data")


def test_what_a_crash_leaves_behind_blocks_nobody(elsewhere, qtbot: QtBot, tmp_path: Path):
    elsewhere.kill()
    elsewhere.wait(30)
    assert (tmp_path / "data" / LOCK_FILE).exists()
    again = Instance(tmp_path / "data")
    assert again.claim()
    thread = threading.Thread(target=raise_first, args=(tmp_path / "data",))
    with qtbot.waitSignal(again.raise_wanted, timeout=30_000):
        thread.start()
    qtbot.waitUntil(lambda: not thread.is_alive(), timeout=30_000)
    again.release()


def test_one_that_does_not_answer_is_told_in_words(claimed: Instance, tmp_path: Path, monkeypatch):
    claimed._server.close()
    monkeypatch.setattr(module, "_PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr(module, "_ANSWER_MS", 50)
    with pytest.raises(Refused, match="does not answer"):
        raise_first(tmp_path / "data")


def test_a_stranger_on_the_socket_raises_nothing(claimed: Instance, qtbot: QtBot):
    from PySide6.QtNetwork import QLocalSocket

    socket = QLocalSocket()
    socket.connectToServer(claimed._name)
    with qtbot.assertNotEmitted(claimed.raise_wanted, wait=200):
        socket.write(b"hello\n")
        socket.flush()
    socket.abort()


def test_the_whole_program_started_twice_ends_the_second_time(demo: Path):
    """The first one, in a process of its own, stays; the second ends at once and has nothing to complain of."""
    program = Program(demo)
    first = subprocess.Popen(
        [sys.executable, "-c", WATCHED, str(demo)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env=program.environment(),
    )
    try:
        assert first.stdout is not None
        assert first.stdout.readline() == "shown\n"
        second = program()
        assert (second.code, second.out, second.err) == (0, "", "")
        assert first.stdout.readline() == "raised\n"
        assert first.poll() is None
    finally:
        first.kill()
        first.wait()
        first.stdout.close()


WATCHED = """
import sys
from pathlib import Path
from app.cli import parse
from app.desktop import practice_window, program, window

class Watched(practice_window.Screen):
    def show(self):
        super().show()
        print("shown", flush=True)

class Program(program.Program):
    def on_raise_wanted(self):
        super().on_raise_wanted()
        print("raised", flush=True)

practice_window.Screen, window.Program = Watched, Program
sys.exit(window.main(parse(["--data-dir", sys.argv[1]])))
"""
