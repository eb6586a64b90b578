"""What a measurement is given, and what it tells: a line for people, and its figures by name for machines."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large a measurement is.

    Patients in the demonstration practice, in a long list, and in a practice worked at the service's own limit; the
    practices of growing size; and how often each is measured.
    """

    patients: int
    long_list: int
    limited: int
    growing: tuple[int, ...]
    rounds: int


@dataclass(frozen=True, slots=True)
class Told:
    """`figures` are plain numbers whose names end with their unit (`_ms`, `_per_second`)."""

    line: str
    figures: dict[str, float] = field(default_factory=dict)
