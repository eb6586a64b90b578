"""The window over fakes, for looking at states, and over the real engine, database and Spine, for doing things."""

from __future__ import annotations

import os
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.bootstrap import Product, create_demonstration, open_product
from app.config import load_settings
from app.desktop import services_of
from app.desktop.collector import Collector
from app.storage.database import PracticeDatabase
from app.storage.postgres.address import ServerAddress
from app.storage.postgres.lock import PracticeServerLock
from app.ui.choose_model import ASKING
from app.ui.screen import Screen
from app.ui.services import Services
from app.ui.theme import Theme
from tests.helpers import databases
from tests.helpers.clocks import ManualClock
from tests.helpers.simulator import SimulatorProcess, running_simulator
from tests.ui.fakes import (
    EVENING,
    FakeCertificates,
    FakeConfirmer,
    FakePractice,
    FakeReader,
    FakeReports,
    FakeStories,
    services,
)
from tests.ui.patients.fake_lists import FakeViewer
from tests.ui.worklists.fake_desks import FakeMismatches, FakeWorklists

PATIENTS = 500
SECONDS_TO_SHUT_DOWN = 30.0
PATIENCE_MS = 30_000

# Said by the platform without a screen for every dialog, list and window in front; it means nothing.
OFFSCREEN_ONLY = r"This plugin does not support (propagateSizeHints\(\)|raise\(\)|grabbing the keyboard)"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every other message of Qt fails the test it comes in."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.qt_log_ignore(OFFSCREEN_ONLY, extend=True))


@pytest.fixture(scope="session", autouse=True)
def theme(qapp: QApplication) -> Theme:
    """The tests' application wears the program's look, as the program does."""
    return Theme(qapp)


@pytest.fixture(scope="session", autouse=True)
def collector(qapp: QApplication) -> Iterator[Collector]:
    """Nothing of Qt's is taken apart by a worker, as in the program."""
    made = Collector()
    yield made
    made.restore()


@contextmanager
def opened(over: Services, qtbot: QtBot) -> Iterator[Screen]:
    """The window over some services; at the end its threads are waited for and it is taken apart."""
    screen = Screen(over)
    try:
        screen.show()
        with qtbot.waitActive(screen.window):
            screen.window.activateWindow()
        # How things stand at a server is asked in a thread of its own.
        qtbot.waitUntil(lambda: screen.window.middle.choose.history.words != ASKING, timeout=PATIENCE_MS)
        yield screen
    finally:
        assert screen.shut_down(SECONDS_TO_SHUT_DOWN)
        screen.window.close_for_good()
        screen.dispose()


@pytest.fixture(autouse=True)
def window_waits_for_no_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever is done at the window, its own thread never asks the server that keeps a shared practice."""
    waited: list[str] = []

    def note(place: object) -> None:
        if isinstance(place, ServerAddress) and threading.get_ident() == threading.main_thread().ident:
            asked_by = [step for step in traceback.extract_stack() if f"{os.sep}app{os.sep}ui{os.sep}" in step.filename]
            waited.extend(f"{step.filename}:{step.lineno} {step.line}" for step in asked_by[-1:])

    begun, holder, acquire = PracticeDatabase._begun, PracticeServerLock.holder, PracticeServerLock.acquire

    def watched(database: PracticeDatabase, engine: object) -> object:
        note(database.place)
        return begun(database, engine)

    monkeypatch.setattr(PracticeDatabase, "_begun", watched)
    monkeypatch.setattr(PracticeServerLock, "holder", lambda lock: (note(lock._address), holder(lock))[1])
    monkeypatch.setattr(PracticeServerLock, "acquire", lambda lock, who: (note(lock._address), acquire(lock, who))[1])
    yield
    assert not waited, waited


@dataclass
class Staged:
    """Fakes to be set up, then opened."""

    clock: ManualClock
    practice: FakePractice
    reader: FakeReader
    viewer: FakeViewer
    enter: Callable[[Services], Screen]
    stories: FakeStories
    reports: FakeReports
    worklists: FakeWorklists
    mismatches: FakeMismatches
    certificates: FakeCertificates
    confirmer: FakeConfirmer
    let_go: threading.Event
    """Set when the window is about to be taken apart: whoever does not listen until then may end."""

    def open(self, **changes: object) -> Screen:
        """Show the window as the fakes stand now."""
        over = {
            "patients": self.viewer,
            "stories": self.stories,
            "reports": self.reports,
            "worklists": self.worklists,
            "mismatches": self.mismatches,
            "certificates": self.certificates,
            "confirmer": self.confirmer,
        }
        return self.enter(services(self.clock, self.practice, self.reader, **{**over, **changes}))


@pytest.fixture
def staged(qtbot: QtBot) -> Iterator[Staged]:
    """The window over fakes."""
    clock, let_go = ManualClock(EVENING), threading.Event()
    reader = FakeReader(clock)
    with ExitStack() as stack:

        def enter(over: Services) -> Screen:
            screen = stack.enter_context(opened(over, qtbot))
            stack.callback(let_go.set)
            return screen

        yield Staged(
            clock=clock,
            practice=FakePractice(),
            reader=reader,
            viewer=FakeViewer(reader=reader),
            enter=enter,
            stories=FakeStories(reader),
            reports=FakeReports(reader),
            worklists=FakeWorklists(),
            mismatches=FakeMismatches(),
            certificates=FakeCertificates(reader),
            confirmer=FakeConfirmer(reader),
            let_go=let_go,
        )


@dataclass
class Real:
    """The window over everything real: engine, SQLite, requests, and a simulated Spine in a process of its own."""

    product: Product
    spine: SimulatorProcess
    screen: Screen


@pytest.fixture
def demonstration(tmp_path: Path) -> Path:
    """A folder with a demonstration practice, and beside it what the simulated Spine knows."""
    folder = tmp_path / "practice"
    create_demonstration(load_settings(folder, environment={}), PATIENTS, seed=3)
    databases.settle(folder)
    return folder


@contextmanager
def opened_on(folder: Path, spine: SimulatorProcess, qtbot: QtBot, **settings: str) -> Iterator[Real]:
    """The program on a practice's folder and a Spine that runs."""
    flags = {"SPINE_URL": spine.spine, "AUTH_URL": spine.auth, "REQUESTS_PER_SECOND": "0", **settings}
    with (
        open_product(load_settings(folder, flags, environment={})) as product,
        opened(services_of(product), qtbot) as screen,
    ):
        yield Real(product, spine, screen)


@pytest.fixture
def real(demonstration: Path, qtbot: QtBot) -> Iterator[Callable[..., Real]]:
    """Opens the program on the demonstration practice; with `latency_ms` its Spine can be caught at work."""
    with ExitStack() as stack:

        def open_one(latency_ms: int = 0, **settings: str) -> Real:
            arguments = ("--rate", "0", "--latency-ms", str(latency_ms))
            spine = stack.enter_context(running_simulator(*arguments, load=demonstration / "spine.csv"))
            return stack.enter_context(opened_on(demonstration, spine, qtbot, **settings))

        yield open_one
