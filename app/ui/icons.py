"""The program's own icon, from its resources."""

from __future__ import annotations

from PySide6.QtGui import QIcon

from app.resources import resources_folder


def program_icon() -> QIcon:
    """The icon of every window and of the program itself."""
    return QIcon(str(resources_folder() / "icons" / "scr-bulk.svg"))
