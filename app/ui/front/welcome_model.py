"""The welcome page as values: what troubles a practice that could not be opened, which were opened before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.ui.formatting import moment
from app.ui.front.memory import RecentPractice
from app.ui.front.ports import BackupChoice

RESTORE_QUESTION = "Do you want to go back to the backup of {when}?"
RESTORE_DETAIL = (
    "What was recorded after that time is not in it. Messages that were not settled then are read back from the Spine "
    "before anything is sent. The damaged database is kept beside it."
)
LACKS_PRACTICE = "The shared database that this folder names holds no practice yet."
_IMPORT_FIRST = (
    "Import the practice's list into it here: every workstation with this database address then works on it. A "
    "practice that is on this computer is moved there with the command database copy."
)
_TRIED_AGAIN = "It is tried again by itself every few seconds. Nothing that was recorded is lost."
LACKS_SPINE = "No address of a Spine is set, and no simulated Spine is running on this computer."
_WITHOUT_SPINE = (
    "Set the address of the Spine in the settings. Or rehearse on a copy of this practice, with a simulated Spine."
)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a folder's practice is not open.

    `backup` is one that can take its place, None where none is offered; `lacks_spine` says that nothing but a Spine is
    missing, so that a rehearsal is offered; `lacks_practice` that a shared database is an empty one; `passes` that its
    server is out of reach just now.
    """

    folder: Path
    words: str
    backup: BackupChoice | None = None
    looks_for_backup: bool = False
    lacks_spine: bool = False
    lacks_practice: bool = False
    passes: bool = False

    @property
    def advice(self) -> str:
        """What can be done about it, beyond what its words say."""
        if self.lacks_spine:
            return f"{_WITHOUT_SPINE}\nFolder: {self.folder}"
        if self.lacks_practice:
            return f"{_IMPORT_FIRST}\nFolder: {self.folder}"
        if self.passes:
            return f"{_TRIED_AGAIN}\nFolder: {self.folder}"
        if self.looks_for_backup:
            return f"Folder: {self.folder}\nLooking for a backup that is whole…"
        if self.backup is not None:
            when = moment(self.backup.made_at)
            return f"Folder: {self.folder}\nThere is a backup of {when} that was checked and is whole."
        return f"Folder: {self.folder}"


@dataclass(frozen=True, slots=True)
class WelcomeModel:
    """The welcome page."""

    trouble: Trouble | None = None
    recent: Sequence[RecentPractice] = ()


def recent_line(practice: RecentPractice) -> str:
    """A practice that was opened before, in one line."""
    name = practice.name or "A practice without a name"
    when = f", opened on {moment(practice.opened_at)}" if practice.opened_at else ""
    return f"{name}{when}\n{practice.folder}"
