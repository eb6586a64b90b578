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


@dataclass(frozen=True, slots=True)
class UpdateRemark:
    """Something about an update that a person has to look at: some sentences, and the references it is about.

    Of groups these are their names.
    """

    words: str
    references: tuple[str, ...]


def remarks_on(changes: ImportSummary) -> list[UpdateRemark]:
    """What a person has to look at about these changes, the gravest first."""
    whom = changes.to_look_at
    said = (
        (
            whom.no_longer_objecting,
            "A dissent of 1 patient counted until now, and by this list it does not.",
            "Dissents of {} patients counted until now, and by this list they do not.",
            "Unless all of them have changed their minds, the consent file is not complete.",
        ),
        (
            whom.sent_under_another_number,
            "A dissent of 1 patient was sent under an NHS number that this list replaces.",
            "Dissents of {} patients were sent under NHS numbers that this list replaces.",
            "Somebody else may be held to have objected: have the Spine looked at for the old numbers.",
        ),
        (
            whom.same_number,
            "1 patient who is not in this list has the NHS number of somebody who is.",
            "{} patients who are not in this list have the NHS numbers of people who are.",
            "What is sent for the one is sent for the other: have the numbers put right.",
        ),
        (
            whom.found_under_another_number,
            "A dissent of 1 patient was recorded here because the Spine held one under another NHS number.",
            "Dissents of {} patients were recorded here because the Spine held them under other NHS numbers.",
            "They stay and will be sent: ask the patients, and record what they want in the clinical system.",
        ),
        (
            whom.groups_reduced,
            "Patients are taken out of 1 patient group, because the groups file does not name them.",
            "Patients are taken out of {} patient groups, because the groups file does not name them.",
            "If somebody put them in here, put them in again afterwards.",
        ),
    )
    return [
        UpdateRemark(f"{one if len(references) == 1 else many.format(f'{len(references):,}')} {what_to_do}", references)
        for references, one, many, what_to_do in said
        if references
    ]
