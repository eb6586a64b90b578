"""What is wrong, or worth a second look, on a line of a file, and the error that names all of it at once.

A reason is a whole sentence for the person who has the file before them. It never repeats what stands in a cell:
that may be a name or an NHS number, and these texts reach logs and terminals.
"""

from __future__ import annotations

from collections.abc import Iterable

from app.domain.errors import BadInput
from app.engine.list_preview import Finding

WHOLE_LINE = "whole line"
"""In a finding's column: no single column is meant."""


class BadLine(Finding):
    """Something that must be put right before the list can be used."""

    __slots__ = ()


class LineWarning(Finding):
    """Something that is accepted and that staff should know of."""

    __slots__ = ()


class BadLines(BadInput):
    """A list that cannot be used as it is; its text names every bad line, and so does `lines`."""

    def __init__(self, lines: Iterable[BadLine]) -> None:
        self.lines = tuple(lines)
        count = len(self.lines)
        fault = "1 fault" if count == 1 else f"{count:,} faults"
        heading = f"The list was not used and nothing was changed. Put right {fault} first:"
        super().__init__("\n".join([heading, *map(str, self.lines)]))
