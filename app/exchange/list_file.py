"""One file of a list as lines of named cells: reading, letters, quotation marks and the header are settled here.

A file is read line by line and never held; it is read more than once, and a change between two readings is found
out. What the cells mean is the business of `rows`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar, cast

from app.domain.errors import BadInput
from app.engine.long_work import Progress, nobody_waits
from app.exchange.cells import CellError
from app.exchange.columns import Header, HeaderFault, Layout, read_header
from app.exchange.findings import WHOLE_LINE, BadLine
from app.exchange.formula_guard import unguarded
from app.exchange.records import Record, RecordReader

_Value = TypeVar("_Value")

# Bytes that are no UTF-8 are carried through decoding as lone surrogates, so that each can be named with its cell.
_UNREADABLE = re.compile("[\0\udc80-\udcff]")
_NOT_UTF8 = "This is not UTF-8 text. In Excel choose Save As, CSV UTF-8 (comma delimited), and use that file."
_NUL = "There is a sign here that no text holds (NUL): the file is damaged. Export it again from the clinical system."
_QUOTATION_MARKS = (
    "The quotation marks do not match, or the line is far too long. Close each quotation mark that is opened, and "
    "write one that belongs to the text twice."
)


class Cells:
    """The cells of one line by their columns' names; faults are noted as they are met."""

    def __init__(self, file: str, line: int, header: Header, texts: list[str], found: list[BadLine]) -> None:
        self.line = line
        self._file = file
        self._places = header.places
        self._texts = texts
        self._found = found
        self._bad: set[str] = set()

    def read(self, column: str, parse: Callable[[str], _Value]) -> _Value:
        """The value of a cell; an absent column is an empty cell.

        A cell that cannot be used is noted and stands as None, so that the line's other cells are still read; the
        row made of them must not be used unless `is_sound`.
        """
        place = self._places.get(column)
        text = "" if place is None else unguarded(self._texts[place].strip())
        if column not in self._bad:
            try:
                return parse(text)
            except CellError as error:
                self.note(column, str(error))
        return cast("_Value", None)

    def note(self, column: str, reason: str) -> None:
        """Note a fault of this line."""
        self._bad.add(column)
        self._found.append(BadLine(self._file, self.line, column, reason))

    @property
    def is_sound(self) -> bool:
        """Whether no fault has been noted on this line."""
        return not self._bad

    def is_sound_in(self, *columns: str) -> bool:
        """Whether no fault has been noted in these columns."""
        return self._bad.isdisjoint(columns)


_LINES_BETWEEN = 500
"""How many lines are read between two words about how far it is."""


class ListFile:
    """One file of a list. `name` is how it is called towards staff; `header` is known once a reading has begun."""

    def __init__(self, path: Path, name: str, layout: Layout) -> None:
        self.name = name
        self.header: Header | None = None
        self._path = path
        self._layout = layout
        self._fingerprint: bytes | None = None

    def check_readable(self) -> None:
        """Raise BadInput when there is no such file, it may not be read, or it cannot be read twice."""
        with self._opened():
            pass

    def lines(self, found: list[BadLine], progress: Progress = nobody_waits) -> Iterator[Cells]:
        """Every line below the header that is not blank, from the start of the file.

        Adds to `found` what is wrong with the header or with a line as a whole; such lines are left out. Raises
        BadInput when the file cannot be read, or has changed since it was read before; and `Cancelled`.
        """
        with self._opened(progress) as lines:
            records = RecordReader(lines)
            self.header = self._read_header(records, found)
            if self.header is None:
                return
            for record in records:
                if _is_blank(record):
                    continue
                if reason := _fault_of(record, self.header):
                    found.append(BadLine(self.name, record.line, WHOLE_LINE, reason))
                    # Over several lines it is more likely that a quotation mark is missing than that all are wrong.
                    records.go_on_after_first_line()
                else:
                    yield self._cells(record, self.header, found)

    def changed(self) -> BadInput:
        """The error to raise when a reading does not find what an earlier one found."""
        return BadInput(
            f"{self.name} was changed while it was being read, so nothing was stored. "
            "Close it in other programs and import it again."
        )

    @contextmanager
    def _opened(self, progress: Progress = nobody_waits) -> Iterator[Iterator[str]]:
        try:
            if self._path.exists() and not self._path.is_file():
                raise BadInput(f"{self.name} is a folder or a device. Name a CSV file that is saved on a disk.")
            with self._path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
                yield self._fingerprinted(file, progress)
        except FileNotFoundError as error:
            raise BadInput(f"{self.name} was not found. Check its name and folder.") from error
        except OSError as error:
            raise BadInput(f"{self.name} cannot be read: {error.strerror or 'unknown fault'}.") from error

    def _fingerprinted(self, lines: Iterable[str], progress: Progress) -> Iterator[str]:
        digest = hashlib.blake2b()
        size, done, doing = self._path.stat().st_size, 0, f"Reading {self.name}"
        for count, line in enumerate(lines):
            if count % _LINES_BETWEEN == 0:
                progress(doing, done, size)
            content = line.encode("utf-8", "surrogateescape")
            done += len(content)
            digest.update(content)
            yield line
        if self._fingerprint not in {None, digest.digest()}:
            raise self.changed()
        self._fingerprint = digest.digest()

    def _read_header(self, records: Iterable[Record], found: list[BadLine]) -> Header | None:
        record = next((record for record in records if not _is_blank(record)), None)
        header = _header_of(record, self._layout)
        if isinstance(header, Header):
            return header
        line = 1 if record is None else record.line
        found += [BadLine(self.name, line, fault.column or WHOLE_LINE, fault.reason) for fault in header]
        return None

    def _cells(self, record: Record, header: Header, found: list[BadLine]) -> Cells:
        texts = record.cells or []
        cells = Cells(self.name, record.line, header, texts, found)
        if _UNREADABLE.search("".join(texts)):
            for column, place in header.places.items():
                if _UNREADABLE.search(texts[place]):
                    cells.note(column, _NUL if "\0" in texts[place] else _NOT_UTF8)
        return cells


def _is_blank(record: Record) -> bool:
    # Spreadsheets keep a cleared row as a line of commas.
    return record.cells is not None and not any(map(str.strip, record.cells))


def _header_of(record: Record | None, layout: Layout) -> Header | list[HeaderFault]:
    if record is None:
        return [
            HeaderFault(None, f"The file is empty. Its first line must name the columns: {', '.join(layout.columns)}.")
        ]
    if record.cells is None:
        return [HeaderFault(None, _QUOTATION_MARKS)]
    if _UNREADABLE.search("".join(record.cells)):
        return [HeaderFault(None, _NOT_UTF8)]
    return read_header(record.cells, layout)


def _fault_of(record: Record, header: Header) -> str | None:
    if record.cells is None:
        return _QUOTATION_MARKS
    count = len(record.cells)
    if count > header.width:
        return (
            f"There are {count} values on this line, and the first line names {header.width} columns. "
            "Put a value that holds a comma between quotation marks."
        )
    if count < header.width:
        return (
            f"There are {count} values on this line, and the first line names {header.width} columns. "
            "Excel leaves out empty cells at the end of lines: let a column that is always filled come last."
        )
    if any(record.cells[place].strip() for place in header.unnamed):
        return "There is a value in a column that has no name in the first line. Name the column or empty it."
    return None
