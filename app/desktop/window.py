"""The window's way in: Qt application, hooks for errors and signals, and the program that opens practices in it.

No rule lives here. What is heavy is loaded once the window is on its way, in another thread.
"""

from __future__ import annotations

import argparse
import gc
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app.config import default_data_dir
from app.desktop.collector import Collector
from app.desktop.hooks import Hooks
from app.desktop.program import Program
from app.desktop.signals import Signals
from app.desktop.system_events import SystemEvents
from app.desktop.waiting import Opener, demonstration_opener
from app.engine.long_work import Progress
from app.ui.front.memory import WindowMemory
from app.ui.theme import Theme

if TYPE_CHECKING:
    from app.bootstrap import Product
    from app.desktop.opening import OpenedPractice

_MEMORY_FILE = "windows.ini"
_UNSEEN_PLATFORMS = {"offscreen", "minimal"}

_SYSTEM_SECONDS = 30.0
"""No question to the system's bus is waited for longer."""


def main(options: argparse.Namespace) -> int:
    """Open the practice that the command line names and show its window; the exit code once that is closed."""
    if options.verb != "demo":
        return _run(options.data_dir)
    folder = options.data_dir
    if folder == default_data_dir():
        folder = folder / "demonstration"
    return _run(folder, demonstration_opener(folder, options.patients))


def run_window(product: Product) -> int:
    """Show the window over an opened practice until it is closed, and return the exit code.

    A run under way when the event loop ends, for whatever reason, is stopped and waited for. The practice stays open.
    """

    def opened(progress: Progress) -> OpenedPractice:  # noqa: ARG001 - there is nothing to wait for
        from app.desktop.opening import OpenedPractice

        return OpenedPractice(product.settings.data_dir, product, own_spine=False, close=lambda: None)

    return _run(product.settings.data_dir, opened)


def _run(folder: Path, opener: Opener | None = None) -> int:
    application = _application()
    Theme(application)
    memory = WindowMemory(Path(platformdirs.user_config_dir("scr-bulk", appauthor=False)) / _MEMORY_FILE)
    program = Program(folder, memory, opener, is_seen=application.platformName() not in _UNSEEN_PLATFORMS)
    hooks, signals, collector, events = Hooks(), Signals(), Collector(), SystemEvents()
    hooks.unexpected.connect(program.show_error)
    signals.asked.connect(program.on_asked_to_end)
    events.noticed.connect(program.on_system_event)
    # The person logs off or the computer shuts down: asked for a stop, never held up with a question.
    application.commitDataRequest.connect(program.on_asked_to_end)
    program.over.connect(application.exit)
    # Between two practices there is no window for a moment: the program says itself when it is done.
    application.setQuitOnLastWindowClosed(False)
    QTimer.singleShot(0, program.begin)
    QTimer.singleShot(0, events.begin)
    try:
        return application.exec()
    finally:
        events.end(_SYSTEM_SECONDS)
        program.dispose()
        signals.restore()
        hooks.restore()
        collector.restore()
        # What is left of the windows must be gone before the application is.
        gc.collect()


@cache
def _application() -> QApplication:
    """The one application, which lives as long as the process."""
    running = QApplication.instance()
    if isinstance(running, QApplication):
        return running
    application = QApplication(sys.argv[:1])
    application.setApplicationName("scr-bulk")
    return application
