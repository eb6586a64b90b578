"""The program as it starts, over real folders, databases and simulated Spines, in this process."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from app.bootstrap import create_demonstration
from app.config import change_config_file, load_settings
from app.desktop.program import Program
from app.ui.choose_model import ASKING, CHECKING
from app.ui.front.memory import WindowMemory
from app.ui.front.sheet import Sheet
from app.ui.front.welcome_page import WelcomePage
from app.ui.front.welcome_window import WelcomeWindow
from app.ui.screen import Screen
from tests.helpers import databases
from tests.helpers.simulator import running_simulator
from tests.ui.hands import Hands, is_visible

PATIENCE_MS = 60_000
PATIENTS = 60


class Desk:
    """At the program, from its first window to its last."""

    def __init__(self, program: Program, qtbot: QtBot) -> None:
        self.program = program
        self.qtbot = qtbot
        self.codes: list[int] = []
        program.over.connect(self.codes.append)

    def until(self, condition: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE_MS)

    def press(self, button: QAbstractButton) -> None:
        assert button.isVisible(), f"{button.text()} is not to be seen"
        assert button.isEnabled(), f"{button.text()} cannot be pressed"
        self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    def key(self, key: Qt.Key) -> None:
        self.qtbot.keyClick(QApplication.focusWidget() or QApplication.activeWindow(), key)

    def until_welcome(self) -> WelcomePage:
        """The welcome page, waited for."""
        self.until(lambda: self.program.practice is None and self.program.welcome.window.page.isVisible())
        return self.program.welcome.window.page

    @property
    def welcome(self) -> WelcomeWindow:
        return self.program.welcome.window

    def until_open(self, folder: Path) -> Screen:
        """The screen over a folder's practice, waited for until its actions can be used."""
        self.until(
            lambda: (
                self.program.practice is not None
                and self.program.practice.opened.folder == folder
                and self.program.practice.is_checked
                and self.program.practice.screen.window.isVisible()
                and self.program.practice.screen.window.middle.choose.history.words not in {ASKING, CHECKING}
            )
        )
        return self.program.practice.screen

    def hands(self) -> Hands:
        return Hands(self.program.practice.screen, self.qtbot)

    def until_sheet(self, kind: type[Sheet]) -> Sheet:
        """The dialog of this kind that is open, waited for."""

        def found() -> Sheet | None:
            widget = QApplication.activeModalWidget()
            return widget if isinstance(widget, kind) else None

        self.until(found)
        sheet = found()
        self.until(sheet.isActiveWindow)
        return sheet

    def message(self) -> QMessageBox:
        """The message box that is open, waited for."""

        def found() -> QMessageBox | None:
            widget = QApplication.activeModalWidget()
            return widget if isinstance(widget, QMessageBox) else None

        self.until(found)
        box = found()
        self.until(box.isActiveWindow)
        return box

    def answer(self, button: QMessageBox.StandardButton) -> str:
        """Press a button of the message box that is open; its words."""
        box = self.message()
        words = f"{box.text()}\n{box.informativeText()}"
        self.press(box.button(button))
        self.until(lambda: not is_visible(box))
        return words

    def ended(self) -> int:
        """The exit code, once the program has told it."""
        self.until(lambda: self.codes)
        return self.codes[0]


@pytest.fixture
def nobody_there(monkeypatch) -> None:
    """No simulated Spine stands at the usual place."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    for module in ("window_practice", "spine_choice", "connection"):
        monkeypatch.setattr(f"app.bootstrap.{module}.DEFAULT_PORT", port)


@pytest.fixture
def memory_file(tmp_path: Path) -> Path:
    return tmp_path / "config" / "windows.ini"


@pytest.fixture
def start(qtbot: QtBot, memory_file: Path, nobody_there: None) -> Iterator[Callable[..., Desk]]:
    """Starts the program on a folder; at the end everything is closed and waited for."""
    with ExitStack() as stack:

        def begin(folder: Path, **more: object) -> Desk:
            program = Program(folder, WindowMemory(memory_file), **more)
            stack.callback(program.dispose)
            desk = Desk(program, qtbot)
            program.begin()
            return desk

        yield begin


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Path]:
    """A folder with a small demonstration practice; one that is shared brings no Spine along, and is told of one."""
    folder = tmp_path / "demo"
    create_demonstration(load_settings(folder, environment={}), PATIENTS, seed=3)
    databases.settle(folder)
    if databases.under_test is databases.Kind.SQLITE:
        yield folder
        return
    with running_simulator("--rate", "0", load=folder / "spine.csv") as spine:
        change_config_file(folder, {"SPINE_URL": spine.spine, "AUTH_URL": spine.auth})
        yield folder
