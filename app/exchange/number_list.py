"""A list of NHS numbers as staff have it: a column pasted from anywhere, or a CSV file with a column of that name.

Satisfies `NumberReader`. Whose the numbers are is not known here.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from app.domain.errors import BadInput
from app.engine.groups import LineFault, NumberList, NumberOnLine
from app.exchange.cells import CellError, optional_nhs_number
from app.exchange.columns import NHS_NUMBER
from app.exchange.formula_guard import unguarded

MOST_BYTES = 10_000_000
"""More than a number for everybody in the largest practice."""

_SEPARATORS = ("\t", ";", ",")
_NO_NUMBER = "There is no NHS number on this line."
_WIDTH = "This line has fewer values than the column of NHS numbers needs."
_BINARY = re.compile("[\0\udc80-\udcff]")


class TextNumberReader:
    """Reads numbers from texts and files."""

    def from_text(self, text: str) -> NumberList:
        """The numbers of a text; see the port. Blank lines count but are passed over."""
        numbers: list[NumberOnLine] = []
        faults: list[LineFault] = []
        column: int | None = None
        begun = False
        for line, cells in _lines(text):
            if not begun:
                begun = True
                column = _column_of_numbers(cells)
                if column is not None:
                    continue
            read = _read(cells, column)
            numbers += (NumberOnLine(line, number) for number in read if not isinstance(number, CellError))
            faults += (LineFault(line, str(fault)) for fault in read if isinstance(fault, CellError))
        return NumberList(tuple(numbers), tuple(faults))

    def from_file(self, path: Path) -> NumberList:
        """The numbers of a file; see the port."""
        try:
            if path.stat().st_size > MOST_BYTES:
                raise BadInput(f"{path.name} is too large for a list of NHS numbers. Choose another file.")
            content = path.read_bytes()
        except OSError as error:
            raise BadInput(f"{path.name} cannot be read: {error.strerror or 'unknown fault'}.") from None
        text = content.decode("utf-8-sig", errors="surrogateescape")
        if _BINARY.search(text):
            raise BadInput(
                f"{path.name} is not a text file. In Excel choose Save As, CSV UTF-8 (comma delimited), and use that."
            )
        return self.from_text(text)


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each line that is not blank, with its number and its cells."""
    separator = None
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        if not line.strip(" \t,;"):
            continue
        if separator is None:
            separator = next((sign for sign in _SEPARATORS if sign in line), ",")
        yield number, _cells(line, separator)


def _cells(line: str, separator: str) -> list[str]:
    try:
        [cells] = csv.reader([line], delimiter=separator, skipinitialspace=True)
    except (csv.Error, ValueError):
        cells = line.split(separator)
    return [unguarded(cell.strip()) for cell in cells]


def _column_of_numbers(cells: Sequence[str]) -> int | None:
    """Where the NHS numbers stand, if this is a line of headings."""
    names = [re.sub(r"[\s_-]+", "_", cell.lower()) for cell in cells]
    return names.index(NHS_NUMBER) if NHS_NUMBER in names else None


def _read(cells: Sequence[str], column: int | None) -> list[str | CellError]:
    """What stands on a line: numbers, and why something is none."""
    if column is None:
        return [_number(cell) for cell in cells if cell]
    return [_number(cells[column])] if column < len(cells) else [CellError(_WIDTH)]


def _number(cell: str) -> str | CellError:
    try:
        return optional_nhs_number(cell) or CellError(_NO_NUMBER)
    except CellError as fault:
        return fault
