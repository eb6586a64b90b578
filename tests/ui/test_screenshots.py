"""Pictures of every state, taken of the real window; SCR_BULK_WRITE_SCREENSHOTS=1 makes them the program's own.

With QT_SCALE_FACTOR=2 it is the most important ones, as a full HD screen shows them at 200 %.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.resources import resources_folder
from app.ui.colours import DARK, LIGHT
from app.ui.theme import Theme
from tests.ui.beginning_states import choose_paused, options, sign_in
from tests.ui.conftest import Staged
from tests.ui.front.states import FRONT_STATES, Front, front, welcome
from tests.ui.hands import PATIENCE_MS
from tests.ui.history.history_states import HISTORY_STATES
from tests.ui.patients.patient_states import patients_failed
from tests.ui.running_states import results, running
from tests.ui.states import STATES

IS_LARGE = os.environ.get("QT_SCALE_FACTOR") == "2"
SIZE = QSize(960, 500) if IS_LARGE else QSize(1080, 720)
LARGE_STATES = (choose_paused, sign_in, options, running, results, patients_failed)
__all__ = ["front"]
"""The fixture of the pages around a practice."""

SCHEMES = {"light": LIGHT, "dark": DARK}


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(
    "state", LARGE_STATES if IS_LARGE else [*STATES, *HISTORY_STATES], ids=lambda state: state.__name__
)
def test_a_picture_of_every_state(staged: Staged, qtbot: QtBot, theme: Theme, tmp_path: Path, state, scheme):
    with dressed(theme, scheme):
        keep(taken_of(state(staged, qtbot).window, qtbot), state.__name__, scheme, tmp_path)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("state", (welcome,) if IS_LARGE else FRONT_STATES, ids=lambda state: state.__name__)
def test_a_picture_of_every_page_around_a_practice(front: Front, theme: Theme, tmp_path: Path, state, scheme):
    with dressed(theme, scheme):
        keep(taken_of(state(front), front.qtbot), state.__name__, scheme, tmp_path)


@contextmanager
def dressed(theme: Theme, scheme: str) -> Iterator[None]:
    """In the colours of this scheme, and in the light ones again afterwards."""
    theme.dress(SCHEMES[scheme])
    try:
        yield
    finally:
        theme.dress(LIGHT)


def keep(picture: QImage, name: str, scheme: str, folder: Path) -> None:
    """Write a picture into the folder, or into the program's own when that was asked for."""
    assert picture.size() == SIZE * picture.devicePixelRatio()
    assert picture.devicePixelRatio() == (2 if IS_LARGE else 1)
    assert len(colours_in(picture)) > 20, "a picture with something on it"
    if os.environ.get("SCR_BULK_WRITE_SCREENSHOTS") == "1":
        folder = resources_folder() / "screenshots"
    assert picture.save(str(folder / f"{name.replace('_', '-')}-{scheme}{'-200' if IS_LARGE else ''}.png"))


def taken_of(window: QWidget, qtbot: QtBot) -> QImage:
    """The window, and whatever dialogs stand before it in their places."""
    window.resize(SIZE)
    qtbot.waitUntil(lambda: window.size() == SIZE, timeout=PATIENCE_MS)
    picture = at_rest(window, qtbot)
    painter = QPainter(picture)
    for dialog in dialogs_before(window):
        at = QRect(QPoint(0, 0), dialog.size())
        at.moveCenter(QRect(QPoint(0, 0), SIZE).center())
        painter.fillRect(at.adjusted(-1, -1, 1, 1), dialog.palette().mid())
        painter.drawImage(at.topLeft(), at_rest(dialog, qtbot))
    painter.end()
    return picture


def dialogs_before(window: QWidget) -> list[QWidget]:
    """The dialogs that are open, the one on top last."""
    found = []
    dialog = QApplication.activeModalWidget()
    while dialog is not None and dialog is not window:
        found.insert(0, dialog)
        dialog = dialog.parentWidget().window() if dialog.parentWidget() else None
    return found


def at_rest(widget: QWidget, qtbot: QtBot) -> QImage:
    """A window's picture, once laying out what was shown or resized changes nothing more."""
    last = QImage()

    def is_at_rest() -> bool:
        nonlocal last
        before, last = last, widget.grab().toImage()
        return before == last

    qtbot.waitUntil(is_at_rest, timeout=PATIENCE_MS)
    return last


def colours_in(picture: QImage) -> set[int]:
    """The colours on a grid of points."""
    return {picture.pixel(x, y) for x in range(0, picture.width(), 3) for y in range(0, picture.height(), 3)}
