"""The window's composition root: Qt application, window over an opened practice, hooks for errors and signals."""

from app.desktop.services import services_of
from app.desktop.window import main, run_window

__all__ = ["main", "run_window", "services_of"]
