"""Where one page of rows ends and the next begins, for lists of patients and for the audit trail."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Mark:
    """A row's place in the order it was read in: what it was sorted by, and what tells equals apart."""

    value: str | int = field(repr=False)
    tie: int
