"""What a measurement is given, and what it tells: a line for people, and its figures by name for machines."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Sizes:
    """Patients in the demonstration practice and in a long list, and how often each is measured."""

    patients: int
    long_list: int
    rounds: int


@dataclass(frozen=True, slots=True)
class Told:
    """`figures` are plain numbers whose names end with their unit (`_ms`, `_per_second`)."""

    line: str
    figures: dict[str, float] = field(default_factory=dict)
