"""What a look at the Spine and its sign-in service found, in words for staff."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class Verdict(Enum):
    """What a remark about the connection means."""

    GOOD = "good"
    NOTE = "note"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that was found, as a sentence or two."""

    verdict: Verdict
    words: str


@dataclass(frozen=True, slots=True)
class ConnectionReport:
    """Everything that was found, in the order it was looked at."""

    remarks: Sequence[Remark]

    @property
    def is_good(self) -> bool:
        """Whether nothing stands in the way of a run."""
        return all(remark.verdict is not Verdict.BAD for remark in self.remarks)
