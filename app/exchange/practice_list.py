"""A practice's own list: checked as a whole first, then handed on row by row.

Two readings of the same files: the first looks at every line and at how the files fit together and names all that is
wrong; the second gives the rows to whoever stores them. Between them only keys are held.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from app.domain import nhs_number
from app.domain.terms import TERMS
from app.engine.long_work import Progress, nobody_waits
from app.engine.practice import EntryRow, GroupRow, ListSizes, PatientRow
from app.exchange.columns import CONSENT, GROUP_NAME, GROUPS, NHS_NUMBER, PATIENT_REF, PATIENTS
from app.exchange.findings import WHOLE_LINE, BadLine, BadLines, LineWarning
from app.exchange.list_file import Cells, ListFile
from app.exchange.patient_index import PatientIndex
from app.exchange.rows import entry_row, group_row, patient_row

_Row = TypeVar("_Row")


def read_practice_list(
    patients: Path, consent: Path, groups: Path | None, *, today: date, progress: Progress = nobody_waits
) -> CheckedList:
    """Check a practice's files, every line of them, and return the list they make.

    `today` is the date in England; nobody is born after it. The files are linked by `patient_ref` where both have
    that column and the line fills it, else by NHS number. Raises `BadLines` naming all that must be put right,
    `BadInput` when a file is missing or cannot be read, and `Cancelled`.
    """
    paths = [path for path in (patients, consent, groups) if path is not None]
    names = [path.name for path in paths]
    shown = [path.name if names.count(path.name) == 1 else str(path) for path in paths]
    opened = [
        ListFile(path, name, layout)
        for path, name, layout in zip(paths, shown, (PATIENTS, CONSENT, GROUPS), strict=False)
    ]
    for file in opened:
        file.check_readable()
    files = _Files(opened[0], opened[1], opened[2] if groups is not None else None, today)
    return _FirstReading(files, progress).check()


@dataclass(frozen=True, slots=True)
class _Files:
    """The files of one list, and their lines as rows."""

    patients: ListFile
    consent: ListFile
    groups: ListFile | None
    today: date

    def patient_row(self, cells: Cells) -> PatientRow:
        return patient_row(cells, self.today)

    def entry_row(self, cells: Cells) -> EntryRow:
        return entry_row(cells, by_reference=self._links_by_reference(self.consent))

    def group_row(self, cells: Cells) -> GroupRow:
        return group_row(cells, by_reference=self._links_by_reference(self.groups))

    def _links_by_reference(self, file: ListFile | None) -> bool:
        headers = (self.patients.header, file.header if file else None)
        return all(header is not None and header.has(PATIENT_REF) for header in headers)


class CheckedList:
    """A list whose every line is in order; satisfies `PracticeList`. Made by `read_practice_list`.

    Going through it reads the files again and raises BadInput when one of them has changed in the meantime; that may
    show only at a file's end, so rows already given out must not be kept then.
    `warnings` are what was accepted all the same; the counts are those of the first reading: `active_count` of the
    patients who would be scanned, `dissent_count` of the entries that forbid the upload.
    """

    def __init__(self, files: _Files, warnings: tuple[LineWarning, ...], sizes: ListSizes, tally: _Tally) -> None:
        self.warnings = warnings
        self.sizes = sizes
        self.active_count = tally.active
        self.dissent_count = tally.dissents
        self._files = files

    def patients(self) -> Iterator[PatientRow]:
        """Every patient, in the order of the file."""
        return _rows(self._files.patients, self._files.patient_row)

    def entries(self) -> Iterator[EntryRow]:
        """Every consent entry, in the order of the file."""
        return _rows(self._files.consent, self._files.entry_row)

    def groups(self) -> Iterator[GroupRow]:
        """Every group membership, in the order of the file; none when there is no groups file."""
        return _rows(self._files.groups, self._files.group_row) if self._files.groups else iter(())


def _rows(file: ListFile, parse: Callable[[Cells], _Row]) -> Iterator[_Row]:
    found: list[BadLine] = []
    for cells in file.lines(found):
        row = parse(cells)
        if found:
            break
        yield row
    # Nothing was wrong with these lines at the first reading.
    if found:
        raise file.changed()


@dataclass(slots=True)
class _Tally:
    """What is counted at the first reading beside the rows."""

    active: int = 0
    dissents: int = 0


class _FirstReading:
    """Goes through the files once, in the order in which they build on each other, and collects what it finds."""

    def __init__(self, files: _Files, progress: Progress) -> None:
        self._files = files
        self._progress = progress
        self._found: list[BadLine] = []
        self._warnings: list[LineWarning] = []
        self._index = PatientIndex()
        self._tally = _Tally()

    def check(self) -> CheckedList:
        """The checked list; raises `BadLines`."""
        patients = self._check_patients()
        # Without any patient each line of the other files would be named for the one fault that is named already.
        index = self._index if patients else None
        entries = self._check_entries(index)
        memberships = self._check_groups(self._files.groups, index) if self._files.groups else 0
        if self._found:
            raise BadLines(self._found)
        sizes = ListSizes(patients, entries, memberships)
        return CheckedList(self._files, tuple(self._warnings), sizes, self._tally)

    def _check_patients(self) -> int:
        file = self._files.patients
        lines = 0
        for cells in file.lines(self._found, self._progress):
            lines += 1
            row = self._files.patient_row(cells)
            self._index.add(cells, row.patient_ref, row.nhs_number)
            self._tally.active += bool(row.registration and row.registration.is_active)
            if cells.is_sound_in(NHS_NUMBER) and not nhs_number.is_valid(row.nhs_number):
                self._warnings.append(LineWarning(file.name, cells.line, NHS_NUMBER, _number_warning(row.nhs_number)))
        if not lines and not self._found:
            self._found.append(
                BadLine(file.name, 1, WHOLE_LINE, "There is no patient below the first line. Choose another file.")
            )
        return lines

    def _check_entries(self, index: PatientIndex | None) -> int:
        lines = 0
        for cells in self._files.consent.lines(self._found, self._progress):
            lines += 1
            row = self._files.entry_row(cells)
            self._tally.dissents += row.code in TERMS and TERMS[row.code].is_dissent
            if row.code in TERMS and cells.is_sound_in("event_date") and row.event_date > self._files.today:
                self._warnings.append(LineWarning(self._files.consent.name, cells.line, "event_date", _FUTURE_DATED))
            if index is not None:
                index.find(cells, row.patient_ref, row.nhs_number)
        if not lines and not self._found:
            self._warnings.append(LineWarning(self._files.consent.name, 1, WHOLE_LINE, _NOBODY_OBJECTS))
        return lines

    def _check_groups(self, file: ListFile, index: PatientIndex | None) -> int:
        members: defaultdict[str, dict[int, int]] = defaultdict(dict)
        spelt: dict[str, tuple[str, int]] = {}
        lines = 0
        for cells in file.lines(self._found, self._progress):
            lines += 1
            row = self._files.group_row(cells)
            if cells.is_sound_in(GROUP_NAME):
                name, line = spelt.setdefault(row.group_name.casefold(), (row.group_name, cells.line))
                if name != row.group_name:
                    cells.note(GROUP_NAME, f"Line {line} {_SPELT_OTHERWISE}")
            patient = index.find(cells, row.patient_ref, row.nhs_number) if index is not None else None
            if patient is None or not cells.is_sound:
                continue
            first = members[row.group_name].setdefault(patient, cells.line)
            if first != cells.line:
                cells.note(WHOLE_LINE, f"Line {first} puts the same patient into this group already. Remove one.")
        return lines


_NOBODY_OBJECTS = (
    "There is no consent entry below the first line, so nobody counts as having objected: implied consent would be "
    "added to everybody who has a summary. Make sure that this is the right file, and whole."
)
_FUTURE_DATED = (
    "This date is in the future: the entry is taken in, and counts for nothing until that day. Check its year."
)
_SPELT_OTHERWISE = "has this name with other capital letters. Write it the same way on every line of the group."


def _number_warning(number: str | None) -> str:
    if number is None:
        return "There is no NHS number: the patient is taken in, and will be listed as Failed until it is put in."
    return (
        "The NHS number is not valid, one of its digits must be wrong: the patient is taken in, and will be listed "
        "as Failed until it is corrected."
    )
