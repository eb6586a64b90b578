"""What goes into the frozen program, and what stays out of it: read by scr-bulk.spec and by the tests.

Qt's libraries stay files of their own beside the program, as the LGPL asks. Of the system's libraries only those come
along that Python itself needs: those of the desktop are the system's own, which keeps them mended (see dev_depends.py).
Standard library only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath

ROOT = Path(__file__).resolve().parent.parent
APP = ROOT / "app"
RESOURCES = ROOT / "resources"
INSIDE = PurePath("app/_resources")
MIGRATIONS = PurePath("app/storage/migrations")

Data = tuple[str, str]
"""A file to take along, and the folder inside the program that it goes into."""

TocEntry = tuple[str, str, str]
"""PyInstaller's own: the name inside the program, where it comes from, and its kind."""

EXCLUDED_MODULES = (
    # Development only; they stand in the same virtual environment.
    *("PyInstaller", "coverage", "hypothesis", "importlinter", "mypy", "pip", "pytest", "ruff", "setuptools", "uv"),
    *("cyclonedx", "pip_audit", "hatchling", "pytestqt", "xdist", "_pytest", "pkg_resources", "wheel"),
    # What some packages would use if it were there.
    *("chardet", "tomli", "IPython", "simplejson", "brotli"),
    # Parts of Python that nothing here uses; its SQLite must not even be there.
    *("sqlite3", "_sqlite3", "tkinter", "_tkinter", "curses", "_curses", "readline", "idlelib", "lib2to3", "turtle"),
    *("ensurepip", "venv", "pydoc_data", "test", "doctest"),
    # Parts of Qt that nothing here uses.
    *("PySide6.QtQml", "PySide6.QtQuick", "PySide6.QtQuickWidgets", "PySide6.QtSql", "PySide6.QtTest"),
    *("PySide6.QtDesigner", "PySide6.QtHelp", "PySide6.QtUiTools", "PySide6.QtOpenGLWidgets", "PySide6.QtConcurrent"),
    *("PySide6.QtXml", "PySide6.QtQuickControls2", "PySide6.QtQuickTest"),
    # Drivers of databases that this program does not know.
    *("MySQLdb", "psycopg2", "asyncpg", "oracledb", "pyodbc", "pymysql", "aiosqlite"),
)

UNWANTED_FILES = re.compile(
    r"PySide6[/\\](Qt[/\\])?(qml|translations|metatypes|resources)[/\\]"
    r"|libQt6(Qml|Quick|Sql|Test|Designer|Help|Labs|Virtual|Pdf|WaylandCompositor|EglFS|EglFs)\w*\."
    r"|Qt6(Qml|Quick|Sql|Test|Designer|Help|Labs|Virtual|Pdf)\w*\.dll"
    r"|plugins[/\\](qmltooling|qmllint|designer|sqldrivers|egldeviceintegrations|wayland-graphics-integration-server)"
    r"|plugins[/\\]platforms[/\\]libq(eglfs|linuxfb|vnc|vkkhrdisplay|minimalegl)\."
    r"|plugins[/\\]platforminputcontexts[/\\].*virtualkeyboard"
    r"|plugins[/\\]imageformats[/\\].*(q|lib)pdf\."
    r"|plugins[/\\]platformthemes[/\\]libqgtk3\."
    r"|plugins[/\\]generic[/\\]"
)
"""Parts of Qt that come with the others and are never loaded: QML, touch keyboards, displays without a desktop."""

OF_PYTHON = re.compile(r"lib(ssl|crypto|ffi|lzma|bz2|z|uuid|expat|mpdec|python3[.\d]*)[-.]")
"""The system's libraries that Python's own modules are linked with: they come along."""

SYSTEM_PLACES = ("/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/")

PICTURE = re.compile(r"!\[[^]]*]\(\.\./screenshots/([\w.-]+)\)")


def data_files() -> list[Data]:
    """The program's own files that are no modules: resources with the pictures that help shows, and the migrations."""
    found = [(str(file), str(folder)) for file, folder in _resources()]
    for script in sorted((ROOT / MIGRATIONS).rglob("*.py")):
        found.append((str(script), script.relative_to(ROOT).parent.as_posix()))
    return found


def _resources() -> Iterator[tuple[Path, PurePath]]:
    for kind in ("icons", "help", "docs"):
        for file in sorted((RESOURCES / kind).iterdir()):
            yield file, INSIDE / kind
    for name in sorted(pictures_of_help()):
        yield RESOURCES / "screenshots" / name, INSIDE / "screenshots"


def pictures_of_help() -> set[str]:
    """The pictures that pages of help show; the others are for people who read the project."""
    texts = (page.read_text(encoding="utf-8") for page in (RESOURCES / "help").glob("*.md"))
    return {name for text in texts for name in PICTURE.findall(text)}


def wanted(entries: Iterable[TocEntry]) -> list[TocEntry]:
    """The entries that belong into the program. The migrations are files: as modules they would be there twice."""
    return [entry for entry in entries if not is_unwanted(entry)]


def is_unwanted(entry: TocEntry) -> bool:
    """Whether an entry of PyInstaller's table of contents stays out."""
    name, source, kind = entry
    if UNWANTED_FILES.search(name):
        return True
    # Where Python is the system's own, its extension modules lie among the system's libraries: those have another kind.
    is_of_the_system = kind == "BINARY" and source.startswith(SYSTEM_PLACES)
    return is_of_the_system and not OF_PYTHON.match(PurePath(name).name)
