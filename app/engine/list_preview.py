"""What staff see of a list before anything of it is stored: how much it holds, what is odd, what must be put right.

Values only: how a file is read is settled in `exchange`, how it is shown in the window and the commands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.engine.practice import ImportSummary, ListSizes


@dataclass(frozen=True, slots=True)
class ListFiles:
    """The files of one list; there may be no groups."""

    patients: Path
    consent: Path
    groups: Path | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark about one cell: `line` counts the file's lines from 1 and is where the record begins.

    `column` is the column's name, or the words for the whole line where no single column is meant. The reason is a
    whole sentence and never repeats what stands in the cell.
    """

    file: str
    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}, {self.column}: {self.reason}"


@dataclass(frozen=True, slots=True)
class ListPreview:
    """A list that was looked at. With any of `faults` it cannot be used, and its numbers are not known.

    `active` are the patients who would be scanned, `dissents` the consent entries that forbid the upload. `changes`
    is what an update would do; None for a list that is to become a new practice.
    """

    faults: Sequence[Finding] = ()
    warnings: Sequence[Finding] = ()
    sizes: ListSizes = field(default_factory=ListSizes)
    active: int = 0
    dissents: int = 0
    changes: ImportSummary | None = None

    @property
    def is_usable(self) -> bool:
        """Whether the list may be imported."""
        return not self.faults
