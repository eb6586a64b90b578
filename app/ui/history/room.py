"""How the pages that look back share out their room."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout

from app.ui.widgets import STEP, tidy

MOST = 1000
"""The stretch of what takes all room there is while it is shown; where it is hidden the rest stays at the top."""


def look_back(content: QVBoxLayout) -> None:
    """Give a page's body its spacing, with room for the focus ring around its tables."""
    tidy(content, spacing=2)
    content.setContentsMargins(STEP, 0, STEP, STEP)
