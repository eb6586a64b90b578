"""The colours: readable in both schemes, and following the system."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from app.ui.colours import DARK, LIGHT, Colours, high_contrast, palette_of
from app.ui.page import Page
from app.ui.theme import Theme
from tests.ui.walk import contrast

SCHEMES = pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])


def test_the_contrast_of_black_on_white_is_twenty_one():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)


@SCHEMES
@pytest.mark.parametrize("role", ["text", "secondary", "accent", "done", "failed"])
def test_texts_can_be_read_on_window_and_panel(colours: Colours, role):
    assert contrast(getattr(colours, role), colours.panel) >= 4.5
    assert contrast(getattr(colours, role), colours.window) >= 4.3


@SCHEMES
def test_texts_can_be_read_on_buttons_and_warnings(colours: Colours):
    assert contrast(colours.on_accent, colours.accent) >= 4.5
    assert contrast(colours.on_accent, colours.accent_pressed) >= 4.5
    assert contrast(colours.on_attention, colours.attention) >= 4.5


@SCHEMES
def test_controls_stand_out(colours: Colours):
    assert contrast(colours.control_line, colours.panel) >= 3
    assert contrast(colours.focus, colours.focus_line) >= 3


@SCHEMES
def test_what_stands_in_an_empty_field_can_be_read(theme: Theme, qtbot: QtBot, colours: Colours):
    try:
        theme.dress(colours)
        field = QLineEdit()
        field.setPlaceholderText("Name or NHS number")
        qtbot.addWidget(field)
        field.show()
        ink = field.palette().color(QPalette.ColorRole.PlaceholderText)
        assert (ink.alpha(), ink) == (255, QColor(colours.secondary))
    finally:
        theme.dress(LIGHT)


def test_the_ring_is_whole_around_a_field_in_a_row_of_its_own_height(theme: Theme, qtbot: QtBot):
    page, row, field = Page(), QWidget(), QLineEdit()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(field)
    page.content.addWidget(row)
    page.content.addStretch(1)
    qtbot.addWidget(page)
    page.resize(300, 200)
    page.show()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    middle = field.mapTo(page, field.rect().center())

    def ringed() -> bool:
        picture = page.grab().toImage()
        beyond = field.height() // 2 + 2
        seen = [picture.pixelColor(middle + QPoint(0, away)) for away in (-beyond, beyond)]
        return seen == [QColor(LIGHT.focus)] * 2

    qtbot.waitUntil(ringed)


def test_the_window_follows_the_system(qapp: QApplication, theme: Theme):
    try:
        theme.on_scheme_changed(Qt.ColorScheme.Dark)
        assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(DARK.window)
        assert DARK.accent in qapp.styleSheet()
    finally:
        theme.on_scheme_changed(Qt.ColorScheme.Light)
    assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(LIGHT.window)


def test_high_contrast_takes_the_systems_own_colours():
    system = QPalette()
    system.setColor(QPalette.ColorRole.Window, QColor("#000000"))
    system.setColor(QPalette.ColorRole.WindowText, QColor("#FFFF00"))
    colours = high_contrast(system)
    assert (colours.window, colours.panel, colours.text) == ("#000000", "#000000", "#ffff00")
    assert palette_of(colours).color(QPalette.ColorRole.Text) == QColor("#FFFF00")
