"""What a column of a table is: heading, width, and what it says of a row. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Column:
    """One column, as wide as `sample` and its heading; `sort` is None where the list cannot be sorted by it."""

    heading: str
    sample: str
    text: Callable[[Any], str]
    sort: Any = None
    is_number: bool = False
    """Numbers stand one below the other by their last digit."""
