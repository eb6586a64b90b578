"""The figures of an earlier day, kept beside the code, and how today's compare with them.

A ratio says how many times as good a figure is as it was: above 1 better, below 1 worse, whichever way it counts.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

KEPT = Path(__file__).with_name("baseline.json")
NOTABLE = 0.95
"""A figure worse than this ratio is named."""

_MORE_IS_BETTER = ("_per_second", "times_as_fast_as_", "limit_used_")


@dataclass(frozen=True, slots=True)
class Baseline:
    """Figures by name, the machine they were taken on, at which sizes, and on which day (yyyy-mm-dd)."""

    machine: str
    sizes: str
    day: str
    figures: Mapping[str, float]

    @classmethod
    def read(cls, path: Path = KEPT) -> Baseline | None:
        """What is kept; None where nothing is yet."""
        if not path.exists():
            return None
        return cls(**json.loads(path.read_text(encoding="utf-8")))

    def on_top_of(self, older: Baseline | None) -> Baseline:
        """These figures, and the older ones that were not taken again on the same machine at the same sizes."""
        if older is None or (older.machine, older.sizes) != (self.machine, self.sizes):
            return self
        return replace(self, figures={**older.figures, **self.figures})

    def write(self, path: Path = KEPT) -> None:
        """Keep it."""
        kept = asdict(replace(self, figures=dict(sorted(self.figures.items()))))
        path.write_text(f"{json.dumps(kept, indent=1)}\n", encoding="utf-8")

    def compare(self, figures: Mapping[str, float]) -> Iterator[tuple[str, float]]:
        """Each figure that is known from before, with its ratio."""
        for name, now in figures.items():
            before = self.figures.get(name)
            if before and now:
                yield name, now / before if _more_is_better(name) else before / now

    def lines(self, figures: Mapping[str, float], sizes: str) -> Iterator[str]:
        """The comparison in words; what got notably worse is marked."""
        alike = (self.machine, self.sizes) == (this_machine(), sizes)
        elsewhere = "" if alike else "; another machine or other sizes, so the ratios say little"
        yield f"Beside the figures of {self.day} ({self.machine}{elsewhere}):"
        for name, ratio in self.compare(figures):
            yield f"  {name}: {ratio:.2f} times as good{'  <-- WORSE' if ratio < NOTABLE else ''}"


def this_machine() -> str:
    """What matters of this machine for a figure, in a few words."""
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}"


def _more_is_better(name: str) -> bool:
    return any(part in name for part in _MORE_IS_BETTER)
