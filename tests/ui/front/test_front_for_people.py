"""The pages around a practice for people: names, plain texts, nothing cut off, by keyboard, read in either scheme."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget

from app.ui.colours import DARK, LIGHT
from app.ui.theme import Theme
from tests.ui.front.states import FRONT_STATES, Front, front
from tests.ui.walk import (
    contrast,
    controls_of,
    ground_of,
    ink_of,
    is_cut_off,
    tab_order,
    texts_of,
    told,
)

__all__ = ["front"]
"""The fixture."""

EACH = pytest.mark.parametrize("state", FRONT_STATES, ids=lambda state: state.__name__)


def on_top(window: QWidget) -> QWidget:
    """The window, or the dialog that stands before it."""
    return QApplication.activeModalWidget() or window


@EACH
def test_every_control_tells_its_name_and_why_it_cannot_be_used(front: Front, state):
    root = on_top(state(front))
    controls = controls_of(root)
    for control in controls:
        name, description, _ = told(control)
        assert name, control
        if isinstance(control, QAbstractButton) and not control.isEnabled() and "Cancel" not in name:
            assert description or control.text() in {"&Test again"}, f"{name} does not say why it cannot be pressed"


@EACH
def test_no_text_is_taken_for_markup(front: Front, state):
    root = on_top(state(front))
    assert not [one.text() for one in root.findChildren(QLabel) if one.textFormat() is not Qt.TextFormat.PlainText]


@EACH
def test_no_text_is_cut_off(front: Front, state):
    root = on_top(state(front))
    front.until(lambda: not [one.text() for one in texts_of(root) if is_cut_off(one)])


@EACH
def test_the_keyboard_reaches_every_control(front: Front, state):
    root = on_top(state(front))
    usable = [one for one in controls_of(root) if one.isEnabled() and one.focusPolicy() & Qt.FocusPolicy.TabFocus]
    if usable:
        assert set(tab_order(root, usable[0])) == set(usable)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@EACH
def test_texts_can_be_read(front: Front, theme: Theme, state, colours):
    theme.dress(colours)
    try:
        root = on_top(state(front))
        picture = root.grab().toImage()
        for one in texts_of(root):
            if root.rect().contains(one.geometry().translated(one.parentWidget().mapTo(root, one.rect().topLeft()))):
                assert contrast(ink_of(one), ground_of(one, root, picture)) >= 4.3, one.text()
    finally:
        theme.dress(LIGHT)
