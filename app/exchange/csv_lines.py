"""Cells to CSV lines, guarded against formulas: the one place where a line is written."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from typing import TextIO, TypeVar

from app.exchange.columns import Layout
from app.exchange.formula_guard import guarded

_Row = TypeVar("_Row")


def write_csv(stream: TextIO, layout: Layout, rows: Iterable[_Row], texts: Callable[[_Row], tuple[str, ...]]) -> int:
    """Write the header line and a line for each row, and return how many rows there were.

    The stream must not translate line ends; its encoding decides about a byte order mark.
    """
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(layout.exported)
    count = 0
    for row in rows:
        count += 1
        writer.writerow(map(guarded, texts(row)))
    return count
