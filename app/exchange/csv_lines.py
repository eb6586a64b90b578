"""Cells to CSV lines, guarded against formulas: the one place where a line is written."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from typing import TextIO, TypeVar

from app.exchange.columns import Layout
from app.exchange.formula_guard import guarded

_Row = TypeVar("_Row")


def write_csv(stream: TextIO, layout: Layout, rows: Iterable[_Row], texts: Callable[[_Row], tuple[str, ...]]) -> int:
    """Write a file of the practice: its header line and a line for each row; returns how many rows there were.

    The stream must not translate line ends; its encoding decides about a byte order mark.
    """
    return write_lines(stream, layout.exported, rows, texts)


def write_lines(
    stream: TextIO, header: Sequence[str], rows: Iterable[_Row], texts: Callable[[_Row], tuple[str, ...]]
) -> int:
    """Write a header line and a line for each row, and return how many rows there were."""
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(header)
    count = 0
    for row in rows:
        count += 1
        writer.writerow(map(guarded, texts(row)))
    return count
