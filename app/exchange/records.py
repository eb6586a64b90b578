"""Physical lines to CSV records, so that one missing quotation mark does not swallow the lines after it.

What a record's cells mean, and which file they come from, is not known here.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Record:
    """The cells of one record and the line it begins on; no cells when its quotation marks do not match."""

    line: int
    cells: list[str] | None


class RecordReader:
    """Iterates over the records of some lines.

    After a record whose quotation marks do not match, reading goes on with its second line. The one who reads can
    ask for the same by `go_on_after_first_line` when a record over several lines turns out to be wrong.
    """

    def __init__(self, lines: Iterator[str]) -> None:
        self._source = _Source(lines)
        # In spreadsheets' files a space before a quotation mark never belongs to the text.
        self._reader = csv.reader(self._source, strict=True, skipinitialspace=True)
        self._next_line = 1

    def __iter__(self) -> Iterator[Record]:
        return self

    def __next__(self) -> Record:
        self._next_line += len(self._source.taken)
        self._source.taken.clear()
        try:
            cells = next(self._reader)
        except csv.Error:
            self.go_on_after_first_line()
            return Record(self._next_line, None)
        return Record(self._next_line, cells)

    def go_on_after_first_line(self) -> None:
        """Let the next record begin on the second line of the one read last."""
        self._source.give_back_all_but_first()


class _Source:
    """Hands lines to the CSV reader and can take them back."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._given_back: deque[str] = deque()
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._given_back.popleft() if self._given_back else next(self._lines)
        self.taken.append(line)
        return line

    def give_back_all_but_first(self) -> None:
        self._given_back.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]
