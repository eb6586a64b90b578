"""What of Qt is there: its plugins and the system's libraries they need, and a window that really draws."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QLibraryInfo, QPluginLoader, QSize, qVersion
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from app.bootstrap import Product
from app.bootstrap.self_check import require
from app.desktop.services import services_of
from app.ui.icons import program_icon
from app.ui.screen import Screen
from app.ui.theme import Theme

_PLATFORMS = {"linux": ("offscreen", "xcb", "wayland"), "win32": ("offscreen", "windows"), "darwin": ("offscreen",)}
_FEWEST_COLOURS = 40
_ICON = 64


def application() -> QApplication:
    """The one application of this process, which draws where nobody sees it."""
    running = QApplication.instance()
    return running if isinstance(running, QApplication) else QApplication(sys.argv[:1])


def plugins() -> str:
    """Which of the ways to show a window can be loaded here; the picture formats and the one that draws unseen must."""
    application()
    folder = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath))
    told = []
    for platform in _PLATFORMS.get(sys.platform, ("offscreen",)):
        files = [file for file in (folder / "platforms").glob("*q" + platform + ".*") if file.suffix != ".debug"]
        require(bool(files), f"Qt's plugin for {platform} is missing.")
        fault = _why_not_loaded(files[0])
        require(not fault or platform != "offscreen", f"Qt's plugin for {platform} cannot be loaded: {fault}")
        told.append(f"{platform} lacks {fault}" if fault else platform)
    require(not program_icon().pixmap(QSize(_ICON, _ICON)).isNull(), "Qt cannot draw the program's icon.")
    return f"Qt {qVersion()}, windows by {', '.join(told)}"


def drawn(product: Product) -> str:
    """Draw the window over a practice; it must show something."""
    Theme(application())
    screen = Screen(services_of(product))
    try:
        screen.show()
        picture = screen.window.grab().toImage()
    finally:
        screen.shut_down(product.loop.deadline)
        screen.window.close_for_good()
        screen.dispose()
    colours = _colours_of(picture)
    require(colours >= _FEWEST_COLOURS, f"The window shows next to nothing: {colours} colours.")
    return f"{picture.width()} by {picture.height()} points drawn, {colours} colours"


def _why_not_loaded(plugin: Path) -> str:
    """What keeps a plugin from being loaded, mostly a library that the system lacks; empty where nothing does."""
    loader = QPluginLoader(str(plugin))
    if loader.load():
        return ""
    return loader.errorString().partition("library ")[2].partition(": ")[2].split(":")[0] or loader.errorString()


def _colours_of(picture: QImage) -> int:
    """How many colours are met on a grid of points."""
    points = ((x, y) for x in range(0, picture.width(), 3) for y in range(0, picture.height(), 3))
    return len({picture.pixel(x, y) for x, y in points})
