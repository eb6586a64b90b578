"""Pictures of every state, taken of the real window; SCR_BULK_WRITE_SCREENSHOTS=1 makes them the program's own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.resources import resources_folder
from app.ui.colours import DARK, LIGHT
from app.ui.theme import Theme
from tests.ui.conftest import Staged
from tests.ui.hands import Hands
from tests.ui.states import STATES

SIZE = QSize(1080, 720)
SCHEMES = {"light": LIGHT, "dark": DARK}


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_a_picture_of_every_state(staged: Staged, qtbot: QtBot, theme: Theme, tmp_path: Path, state, scheme):
    theme.dress(SCHEMES[scheme])
    try:
        picture = taken_of(state(staged, qtbot))
    finally:
        theme.dress(LIGHT)
    assert picture.size() == SIZE
    assert len(colours_in(picture)) > 20, "a picture with something on it"
    writes = os.environ.get("SCR_BULK_WRITE_SCREENSHOTS") == "1"
    folder = resources_folder() / "screenshots" if writes else tmp_path
    assert picture.save(str(folder / f"{state.__name__.replace('_', '-')}-{scheme}.png"))


def taken_of(hands: Hands) -> QImage:
    """The window, and whatever dialog stands before it in its place."""
    hands.window.resize(SIZE)
    hands.until(lambda: hands.window.size() == SIZE)
    picture = at_rest(hands)
    dialog = QApplication.activeModalWidget()
    if dialog is not None:
        painter = QPainter(picture)
        at = QRect(QPoint(0, 0), dialog.size())
        at.moveCenter(picture.rect().center())
        painter.fillRect(at.adjusted(-1, -1, 1, 1), dialog.palette().mid())
        painter.drawPixmap(at.topLeft(), dialog.grab())
        painter.end()
    return picture


def at_rest(hands: Hands) -> QImage:
    """The window's picture, once laying out what was shown or resized changes nothing more."""
    last = QImage()

    def is_at_rest() -> bool:
        nonlocal last
        before, last = last, hands.window.grab().toImage()
        return before == last

    hands.until(is_at_rest)
    return last


def colours_in(picture: QImage) -> set[int]:
    """The colours on a grid of points."""
    return {picture.pixel(x, y) for x in range(0, picture.width(), 3) for y in range(0, picture.height(), 3)}
