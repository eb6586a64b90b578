"""The window's composition root: Qt application, window over an opened practice, hooks for errors and signals.

No rule lives here, and no widget but the box that says why no window could be opened.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from contextlib import AbstractContextManager

from PySide6.QtWidgets import QApplication

from app.bootstrap import Product, demonstration_product, open_product
from app.config import SettingsError, load_settings
from app.desktop.hooks import Hooks
from app.desktop.services import services_of
from app.desktop.signals import Signals
from app.domain.errors import BadInput, KnownError
from app.ui import dialogs
from app.ui.frame_model import PRODUCT
from app.ui.screen import Screen
from app.ui.theme import Theme

_log = logging.getLogger(__name__)

OK, UNEXPECTED, WRONG_USE, REFUSED = 0, 1, 2, 4
"""The exit codes that the commands have too."""

INTERRUPTED = 130
"""What a shell expects of a program that Ctrl-C ended."""

_UNSEEN_PLATFORMS = {"offscreen", "minimal"}
_GRACE_SECONDS = 5.0


def main(options: argparse.Namespace) -> int:
    """Open the practice that the command line names and show its window; the exit code once that is closed."""
    application = _application()
    try:
        with _product(options) as product:
            return run_window(product)
    except (SettingsError, BadInput) as fault:
        return _explain(application, fault, WRONG_USE)
    except KnownError as fault:
        return _explain(application, fault, REFUSED)
    except KeyboardInterrupt:
        # Ctrl-C while the practice was being opened; a window would have heard it itself.
        return INTERRUPTED


def run_window(product: Product) -> int:
    """Show the window over an opened practice until it is closed, and return the exit code.

    A run under way when the event loop ends, for whatever reason, is stopped and waited for.
    """
    application = _application()
    Theme(application)
    screen = Screen(services_of(product))
    hooks, signals = Hooks(), Signals()
    hooks.unexpected.connect(screen.show_error)
    signals.asked.connect(screen.runs.confirm_exit)
    # The window may be hidden before the last thread is over: it says itself when it is done.
    application.setQuitOnLastWindowClosed(False)
    screen.closed.connect(application.quit)
    try:
        screen.show()
        application.exec()
        if not screen.shut_down(product.loop.deadline + _GRACE_SECONDS):
            _give_up()
    finally:
        signals.restore()
        hooks.restore()
        screen.dispose()
    return OK


def _application() -> QApplication:
    running = QApplication.instance()
    if isinstance(running, QApplication):
        return running
    application = QApplication(sys.argv[:1])
    application.setApplicationName("scr-bulk")
    return application


def _product(options: argparse.Namespace) -> AbstractContextManager[Product]:
    if options.verb == "demo":
        return demonstration_product(options.data_dir, options.patients)
    return open_product(load_settings(options.data_dir))


def _explain(application: QApplication, fault: Exception, code: int) -> int:
    """Say why there is no window, on the terminal and, where somebody can see it, in a box."""
    sys.stderr.write(f"{fault}\n")
    if application.platformName() not in _UNSEEN_PLATFORMS:
        Theme(application)
        box = dialogs.tell(None, PRODUCT, str(fault), warns=True)
        box.finished.connect(application.quit)
        application.exec()
    return code


def _give_up() -> None:
    """A thread that does not end would take the process down with an abort. Every commit is whole as it stands."""
    _log.critical("A thread did not end in time: the program ends without it. The next start settles what was open.")
    logging.shutdown()
    os._exit(UNEXPECTED)
