"""What the window remembers of one start to the next: which practices were opened, where its windows stood, how wide.

A file of this user's, beside no practice: it names folders and practices, never a patient. Whatever is in it, or
missing, the window opens.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol, runtime_checkable

from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHeaderView, QSplitter, QTableView, QWidget

_KEPT = 8
_NARROWEST = 20
_SHOWN_AT_LEAST = 60
"""Pixels of a window's top that must be on a screen, lest nobody can take hold of it."""


@dataclass(frozen=True, slots=True)
class RecentPractice:
    """A practice that was opened before: where it is, what it is called, and when that was (UTC)."""

    folder: Path
    name: str
    opened_at: datetime | None


@runtime_checkable
class KeepsWidths(Protocol):
    """A table with the widths somebody gave its columns, by the headings of what it shows, joined by a bar."""

    widths: dict[str, list[int]]


class WindowMemory:
    """The remembered things, in the file of this path. Used by the window's thread."""

    def __init__(self, file: Path) -> None:
        self._store = QSettings(str(file), QSettings.Format.IniFormat)

    # --- practices ----------------------------------------------------------------------------------------------

    def recent(self) -> list[RecentPractice]:
        """The practices opened last, the newest first; folders that are gone are left out."""
        found = []
        for at in range(self._store.beginReadArray("recent")):
            self._store.setArrayIndex(at)
            folder = str(self._store.value("folder") or "")
            if folder and Path(folder).is_dir():
                found.append(RecentPractice(Path(folder), str(self._store.value("name") or ""), self._instant()))
        self._store.endArray()
        return found

    def remember(self, practice: RecentPractice) -> None:
        """This practice was opened now: it goes to the front."""
        others = [one for one in self.recent() if one.folder != practice.folder]
        self._store.remove("recent")
        self._store.beginWriteArray("recent")
        for at, one in enumerate([practice, *others][:_KEPT]):
            self._store.setArrayIndex(at)
            self._store.setValue("folder", str(one.folder))
            self._store.setValue("name", one.name)
            self._store.setValue("opened_at", one.opened_at.isoformat() if one.opened_at else "")
        self._store.endArray()
        self._store.sync()

    def _instant(self) -> datetime | None:
        try:
            return datetime.fromisoformat(str(self._store.value("opened_at")))
        except ValueError:
            return None

    # --- windows ------------------------------------------------------------------------------------------------

    def save(self, window: QWidget, folder: Path | None) -> None:
        """Remember where a window stands, and the widths of its named tables and splitters, for this folder."""
        place = _place(folder)
        self._store.setValue(f"{place}/window", window.saveGeometry())
        for name, part in _parts(window):
            self._store.setValue(f"{place}/{name}", part.saveState())
        for name, table in _lists(window):
            self._store.setValue(f"{place}/{name}", json.dumps(table.widths))
        self._store.sync()

    def restore(self, window: QWidget, folder: Path | None) -> None:
        """Put a window where it stood, as far as the screens there are now have room for it."""
        place = _place(folder)
        geometry = self._store.value(f"{place}/window")
        if isinstance(geometry, QByteArray):
            window.restoreGeometry(geometry)
            bring_onto_screen(window)
        for name, part in _parts(window):
            state = self._store.value(f"{place}/{name}")
            if isinstance(state, QByteArray):
                part.restoreState(state)
        for name, table in _lists(window):
            table.widths.update(_widths(self._store.value(f"{place}/{name}")))


def bring_onto_screen(window: QWidget) -> None:
    """Move and shrink a window so far that its top can be reached on a screen that is there."""
    frame = window.frameGeometry()
    top = frame.adjusted(0, 0, 0, _SHOWN_AT_LEAST - frame.height())
    screens = [screen.availableGeometry() for screen in QGuiApplication.screens()]
    seen = [area.intersected(top) for area in screens]
    if any(part.width() >= _SHOWN_AT_LEAST and part.height() >= _SHOWN_AT_LEAST / 2 for part in seen):
        return
    primary = QGuiApplication.primaryScreen().availableGeometry()
    window.resize(window.size().boundedTo(primary.size()))
    moved = window.frameGeometry()
    moved.moveCenter(primary.center())
    window.move(moved.topLeft())


def _lists(window: QWidget) -> Iterator[tuple[str, KeepsWidths]]:
    """The window's tables that show one kind of list after another, each with widths of its own."""
    for table in window.findChildren(QTableView):
        if isinstance(table, KeepsWidths):
            yield f"widths-{table.objectName()}", table


def _widths(text: object) -> dict[str, list[int]]:
    """What was kept, as far as it makes sense."""
    try:
        kept = json.loads(str(text))
        return {
            str(key): [max(_NARROWEST, int(width)) for width in widths]
            for key, widths in kept.items()
            if len(widths) == len(str(key).split("|"))
        }
    except (ValueError, TypeError, AttributeError):
        return {}


def _place(folder: Path | None) -> str:
    """The group of a folder: a hash, because a path would be taken apart at its slashes."""
    if folder is None:
        return "no-practice"
    return hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]


def _parts(window: QWidget) -> Iterator[tuple[str, QHeaderView | QSplitter]]:
    """The window's tables and splitters that have a name, as what keeps their widths."""
    for table in window.findChildren(QTableView):
        if table.objectName() and not isinstance(table, KeepsWidths):
            yield f"table-{table.objectName()}", table.horizontalHeader()
    for splitter in window.findChildren(QSplitter):
        if splitter.objectName():
            yield f"splitter-{splitter.objectName()}", splitter
