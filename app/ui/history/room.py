"""What the pages that look back have in common: how they share out their room, and short tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QVBoxLayout

from app.ui.columns import Column
from app.ui.front.held_table import HeldColumn, HeldTable
from app.ui.widgets import STEP, tidy

MOST = 1000
"""The stretch of what takes all room there is while it is shown; where it is hidden the rest stays at the top."""


def look_back(content: QVBoxLayout) -> None:
    """Give a page's body its spacing, with room for the focus ring around its tables."""
    tidy(content, spacing=2)
    content.setContentsMargins(STEP, 0, STEP, STEP)


def held(columns: Sequence[Column], parent: QObject) -> HeldTable[Any]:
    """A short table with these columns, for rows that are all at hand."""
    return HeldTable([HeldColumn(column.heading, column.text, column.is_number) for column in columns], parent)
