"""The rows of a list that are at hand, page by page, and what to read next. No Qt, no database.

Any row read is a place to read on from, forwards or backwards, so the list is never held and a jump into its middle
costs a few reads however long it is. Should the list have changed meanwhile, rows may shift; what is shown is read.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from app.engine.paging import Mark

PAGE = 100
_PAGES_KEPT = 40
_STEP = 4000
"""How many rows one read may leave out; a longer way is gone in several."""


class Line(Protocol):
    """A row: where it stands in the order it was read in."""

    @property
    def mark(self) -> Mark:
        """Its place."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One read: `count` rows from this position on. Backwards, `query` sorts the other way round.

    A step reads one row, only to know its place. A query is a dataclass that can be `descending`.
    """

    query: Any
    after: Mark | None
    skip: int
    count: int
    first: int
    backwards: bool
    is_step: bool = False


class PagedRows:
    """What is known of one list of `total` rows."""

    def __init__(self, query: Any, total: int, first_page: Sequence[Line] = ()) -> None:
        self.query = query
        self.total = total
        self._pages: OrderedDict[int, Sequence[Line]] = OrderedDict()
        # Positions of rows whose place is known, in order; -1 and `total` are the two ends.
        self._positions: list[int] = [-1, total]
        self._marks: dict[int, Mark | None] = {-1: None, total: None}
        if first_page:
            self._keep(0, first_page)

    def line(self, position: int) -> Line | None:
        """The row at a position, None where it is not at hand."""
        page = self._pages.get(position // PAGE)
        at = position % PAGE
        return page[at] if page is not None and at < len(page) else None

    def touch(self, position: int) -> None:
        """The page of this row is looked at: it is among the last to be let go."""
        if position // PAGE in self._pages:
            self._pages.move_to_end(position // PAGE)

    def wanted(self, position: int) -> Wanted | None:
        """What to read next to have the row at a position; None when it is at hand or does not exist."""
        if not 0 <= position < self.total or position // PAGE in self._pages:
            return None
        first = position // PAGE * PAGE
        last = min(first + PAGE, self.total) - 1
        place = bisect_right(self._positions, first - 1)
        before, behind = self._positions[place - 1], self._positions[bisect_right(self._positions, last)]
        if first - before - 1 <= behind - last - 1:
            return self._forwards(before, first, last)
        return self._backwards(behind, first, last)

    def take(self, wanted: Wanted, lines: Sequence[Line]) -> range | None:
        """Keep what a read has found; the positions whose rows are new at hand.

        None when there were fewer rows than the list was counted to have: it has changed, and is to be read anew.
        """
        if len(lines) < wanted.count:
            return None
        if wanted.is_step:
            self._remember(wanted.first, lines[0].mark)
            return range(0)
        self._keep(wanted.first, list(reversed(lines)) if wanted.backwards else lines)
        return range(wanted.first, wanted.first + len(lines))

    def _forwards(self, before: int, first: int, last: int) -> Wanted:
        skip = first - before - 1
        if skip <= _STEP:
            return Wanted(self.query, self._marks[before], skip, last - first + 1, first, False)
        return Wanted(self.query, self._marks[before], _STEP, 1, before + 1 + _STEP, False, is_step=True)

    def _backwards(self, behind: int, first: int, last: int) -> Wanted:
        flipped = replace(self.query, descending=not self.query.descending)
        skip = behind - last - 1
        if skip <= _STEP:
            return Wanted(flipped, self._marks[behind], skip, last - first + 1, first, True)
        return Wanted(flipped, self._marks[behind], _STEP, 1, behind - 1 - _STEP, True, is_step=True)

    def _keep(self, first: int, lines: Sequence[Line]) -> None:
        self._pages[first // PAGE] = lines
        self._pages.move_to_end(first // PAGE)
        self._remember(first, lines[0].mark)
        self._remember(first + len(lines) - 1, lines[-1].mark)
        while len(self._pages) > _PAGES_KEPT:
            self._pages.popitem(last=False)

    def _remember(self, position: int, mark: Mark) -> None:
        if position not in self._marks:
            self._positions.insert(bisect_right(self._positions, position), position)
        self._marks[position] = mark
