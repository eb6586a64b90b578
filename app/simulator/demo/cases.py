"""What the migration will have to deal with in one patient, before the patient has a name."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from enum import Enum
from typing import NamedTuple

from app.simulator.demo.rows import DemoEntry, DemoSpine

LEGACY_CONSENT = "93C2."
LEGACY_DISSENT = "93C3."
IMPLIED_CONSENT = "9Ndl."
CORE_CONSENT = "9Ndm."
FULL_CONSENT = "9Ndn."
DISSENT = "9Ndo."
DISSENTS = frozenset({LEGACY_DISSENT, DISSENT})

# About other kinds of sharing: they stand in records, and the migration must leave them alone.
OTHER_SHARING = ("93C0.", "93C1.", "9Nd1.", "9Nd7.")

_WORDINGS = {
    LEGACY_CONSENT: "Consent given for upload to national shared electronic record",
    LEGACY_DISSENT: "Refused consent for upload to national shar electronic rec",
    IMPLIED_CONSENT: "Implied consent for core Summary Care Record dataset upload",
    CORE_CONSENT: "Express consent for core Summary Care Record dataset upload",
    FULL_CONSENT: "Express consent for core and additional SCR dataset upload",
    DISSENT: "Express dissent for Summary Care Record dataset upload",
}


class Number(Enum):
    """What is known of the patient's NHS number."""

    VALID = "valid"
    WRONG = "wrong check digit"
    MISSING = "missing"


class Case(NamedTuple):
    """Registration, flags, sharing entries and what the Spine holds; an ordinary patient unless said otherwise."""

    entries: tuple[DemoEntry, ...] = ()
    spine: DemoSpine | None = DemoSpine(has_scr=False, permission="")
    status: str = "permanent"
    number: Number = Number.VALID
    fp69: bool = False
    sensitive: bool = False
    pds_linked: bool = True
    record_in_use: bool = False

    @property
    def dissents(self) -> bool:
        """Whether a dissent stands among the entries."""
        return any(entry.code in DISSENTS for entry in self.entries)

    @property
    def differs_from_spine(self) -> bool:
        """Whether the Spine holds a dissent that the record knows nothing of."""
        return self.spine is not None and self.spine.permission == "No" and not self.dissents


def entry(code: str, day: date, at: time | None = None, by: str = "Dr S Patel") -> DemoEntry:
    """An entry of this day; `at` is the time in UTC, if one was kept."""
    recorded_at = datetime.combine(day, at, tzinfo=UTC) if at else None
    return DemoEntry(code, _WORDINGS.get(code, ""), day, recorded_at, by)
