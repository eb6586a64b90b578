"""The pages around a practice for people: named, reached, read in either scheme, whole, nothing taken for markup."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from app.ui.colours import DARK, LIGHT
from app.ui.theme import Theme
from tests.ui.front.states import FRONT_STATES, Front, front
from tests.ui.walk import cut_off, hard_to_read, out_of_reach, shared_letters, unnamed

__all__ = ["front"]
"""The fixture."""


def on_top(window: QWidget) -> QWidget:
    """The window, or the dialog that stands before it."""
    return QApplication.activeModalWidget() or window


@pytest.mark.parametrize("state", FRONT_STATES, ids=lambda state: state.__name__)
def test_everything_is_named_reached_readable_and_whole(front: Front, theme: Theme, state):
    root = on_top(state(front))
    front.until(lambda: not list(cut_off(root)))
    faults = [*unnamed(root), *out_of_reach(root), *shared_letters(root)]
    try:
        for name, colours in (("dark", DARK), ("light", LIGHT)):
            theme.dress(colours)
            faults += [f"{name}: {fault}" for fault in hard_to_read(root)]
    finally:
        theme.dress(LIGHT)
    assert not faults, "\n".join(faults)
