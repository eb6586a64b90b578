"""The window as a process: started by its command, ended by a signal, with errors caught and Qt's words in the log."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.bootstrap import open_product
from app.config import load_settings
from app.desktop import services_of
from app.desktop.hooks import Hooks
from app.domain.states import RunStatus, StopReason
from tests.helpers.program import Program, wait_until
from tests.helpers.simulator import ROOT, running_simulator
from tests.ui.conftest import Staged
from tests.ui.hands import Hands

SECONDS = 120
SENDERS = 4

# Presses Run in the window of this process as a person would, and tells when patients are being checked.
AT_WORK = """
import sys
from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QApplication
from app import desktop
from app.bootstrap import open_product
from app.config import load_settings
from app.desktop import practice_window
from app.domain.actions import Action
from pathlib import Path

class Person(QObject):
    def __init__(self, screen):
        super().__init__(screen)
        self.screen = screen
        self.timer = QTimer(self)
        self.timer.timeout.connect(self.look)
        self.timer.start(50)

    @Slot()
    def look(self):
        middle = self.screen.window.middle
        if middle.choose.isVisible():
            self.screen.runs.step.choose(Action.RUN)
        elif middle.options.isVisible():
            middle.options.ok_button.click()
        elif middle.running.meter.value() > 0:
            self.timer.stop()
            print("at work", flush=True)
            if sys.argv[2:] == ["log off"]:
                QApplication.instance().commitDataRequest.emit(None)

class Watched(practice_window.Screen):
    def show(self):
        super().show()
        Person(self)

practice_window.Screen = Watched
with open_product(load_settings(Path(sys.argv[1]))) as product:
    product.reader.insert("910000000001")
    product.reader.sign_in("123456")
    sys.exit(desktop.run_window(product))
"""


@contextmanager
def window_at_work(folder: Path, spine_url: str, auth_url: str, *then: str) -> Iterator[subprocess.Popen[str]]:
    """The window in a process of its own, in the middle of a run; what happens `then` is "log off" or nothing."""
    environment = {
        **os.environ,
        "SCR_BULK_SPINE_URL": spine_url,
        "SCR_BULK_AUTH_URL": auth_url,
        "SCR_BULK_REQUESTS_PER_SECOND": "0",
    }
    with subprocess.Popen(
        [sys.executable, "-c", AT_WORK, str(folder), *then],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "at work\n"
            yield process
        finally:
            process.kill()


@pytest.mark.fault_row(44)
@pytest.mark.skipif(os.name != "posix", reason="signals of this kind exist on POSIX systems only")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_run_and_closes_the_window(demonstration: Path, number):
    with (
        running_simulator("--rate", "0", "--latency-ms", "40", load=demonstration / "spine.csv") as spine,
        window_at_work(demonstration, spine.spine, spine.auth) as process,
    ):
        process.send_signal(number)
        assert process.wait(SECONDS) == 0
        run = latest_run(demonstration, spine.spine, spine.auth)
    assert run.status is RunStatus.STOPPED
    assert run.stop_reason is StopReason.SHUTDOWN
    assert run.counts.unprocessed > 0


@pytest.mark.fault_row(44)
def test_logging_off_stops_the_run_and_closes_the_window_without_a_question(demonstration: Path):
    with (
        running_simulator("--rate", "0", "--latency-ms", "40", load=demonstration / "spine.csv") as spine,
        window_at_work(demonstration, spine.spine, spine.auth, "log off") as process,
    ):
        assert process.wait(SECONDS) == 0
        run = latest_run(demonstration, spine.spine, spine.auth)
    assert (run.status, run.stop_reason) == (RunStatus.STOPPED, StopReason.SHUTDOWN)


@pytest.mark.fault_row(44)
@pytest.mark.skipif(os.name != "posix", reason="signals of this kind exist on POSIX systems only")
def test_a_window_that_closes_waits_for_no_answer_that_is_long_in_coming(demonstration: Path):
    with (
        running_simulator("--rate", "0", "--latency-ms", "40", load=demonstration / "spine.csv") as spine,
        window_at_work(demonstration, spine.spine, spine.auth) as process,
    ):
        spine.put_faults({"operation": ["read", "write"], "action": {"delay_seconds": 50.0}})
        wait_until(lambda: spine.faults()["rules"][0]["fired"] == SENDERS, process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 0
        received = len(spine.history())
        # Had the program waited, its last questions would have been answered by now.
        assert [call["status"] for call in spine.history()[received - SENDERS : received]] == [None] * SENDERS
        run = latest_run(demonstration, spine.spine, spine.auth)
    assert (run.status, run.stop_reason) == (RunStatus.STOPPED, StopReason.SHUTDOWN)


def latest_run(folder: Path, spine_url: str, auth_url: str):
    flags = {"SPINE_URL": spine_url, "AUTH_URL": auth_url}
    with open_product(load_settings(folder, flags, environment={})) as product:
        return product.queries.latest_run(product.family.key)


def test_a_folder_without_a_practice_is_told_in_a_sentence(tmp_path: Path):
    told = Program(tmp_path / "nothing here")()
    assert told.code == 4
    assert "There is no practice in the folder" in told.err
    assert "Traceback" not in told.err


def test_settings_that_cannot_be_used_are_told_in_a_sentence(tmp_path: Path):
    told = Program(tmp_path)(environment={"SCR_BULK_CONCURRENCY": "many"})
    assert told.code == 2
    assert "CONCURRENCY" in told.err


@pytest.fixture
def hooks() -> Iterator[Hooks]:
    installed = Hooks()
    yield installed
    installed.restore()


def test_an_error_in_any_thread_reaches_the_window(staged: Staged, qtbot: QtBot, hooks: Hooks, caplog):
    hands = Hands(staged.open(), qtbot)
    hooks.unexpected.connect(hands.screen.messages.show_error)

    def fail() -> None:
        raise ZeroDivisionError

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    hands.until(lambda: hands.screen.messages.error is not None and hands.screen.messages.error.isVisible())
    hands.click(hands.screen.messages.error.close_button)
    hands.until(lambda: hands.screen.messages.error is None)
    sys.excepthook(KeyError, KeyError("x"), None)
    assert hands.screen.messages.error is not None
    assert [record.message for record in caplog.records].count("An error nobody expected.") == 1


def test_the_report_names_no_patient(real):
    report = services_of(real().product).report_of(ValueError("Surname 999 123 4567"))
    assert "ValueError" in report
    assert "999" not in report
    assert "Surname" not in report
    assert "version" in report
