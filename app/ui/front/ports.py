"""What the pages around a practice are given to work with; `desktop` fills it in, tests fill it with what they need."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from app.engine.connection import ConnectionReport
from app.engine.list_preview import Finding, ListFiles, ListPreview
from app.engine.long_work import Progress
from app.engine.practice import ImportSummary
from app.ui.front.settings_sheet import SettingsPort


class ListToImport(Protocol):
    """A list that was looked at, and can be stored."""

    @property
    def preview(self) -> ListPreview:
        """What is in it."""

    def named(self, name: str, ods_code: str) -> ListToImport:
        """The same for a new practice of this name."""

    def bring_in(self, progress: Progress) -> ImportSummary:
        """Store it: all of it or nothing. Raises what the engine's errors say, and `Cancelled`."""


@dataclass(frozen=True, slots=True)
class BackupChoice:
    """A whole backup that may take a practice database's place, and when it was made (UTC)."""

    path: Path
    made_at: datetime


@dataclass(frozen=True, slots=True)
class FolderPort:
    """What can be done for the practice of one folder, or to get one there. Every call with a `Progress` takes long.

    `has_practice` says whether a practice's file is there, whole or not. `find_database` raises `DatabaseAway` while
    the server that keeps the practice is out of reach. `look_at_list` looks at files for a new practice, or with True
    for an update. `export` is told who takes the files; it and `restore` give a sentence that
    says what was done, `back_up` gives the copy, `prepare_rehearsal` the folder of the copy. `save_findings` writes
    remarks about a list as a CSV file and raises OSError.
    """

    folder: Path
    log_file: Path
    has_practice: Callable[[], bool]
    find_database: Callable[[Progress], None]
    settings: Callable[[], SettingsPort]
    look_at_connection: Callable[[Progress], ConnectionReport]
    look_at_list: Callable[[ListFiles, bool, Progress], ListToImport]
    make_demonstration: Callable[[int, Progress], ImportSummary]
    prepare_rehearsal: Callable[[Progress], Path]
    export: Callable[[Path, str, Progress], str]
    back_up: Callable[[Progress], Path]
    newest_backup: Callable[[Progress], BackupChoice | None]
    restore: Callable[[Path, Progress], str]
    save_findings: Callable[[Path, Sequence[Finding]], object]


PortOf = Callable[[Path], FolderPort]
"""The port of a folder."""
