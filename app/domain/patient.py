"""A patient as the migration sees one: registration, flags and consent entries, and which entry counts.

What is done about it is decided in `decision`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from app.domain.terms import TERMS, Term, TermKind


class RegistrationStatus(StrEnum):
    """How a patient is registered with the practice now."""

    APPLIED = "applied"
    PERMANENT = "permanent"
    TEMPORARY = "temporary"
    TRANSFERRED_OUT = "transferred_out"
    DECEASED = "deceased"

    @property
    def is_active(self) -> bool:
        """Whether a patient registered so is scanned."""
        return self in ACTIVE_STATUSES


ACTIVE_STATUSES = frozenset({RegistrationStatus.APPLIED, RegistrationStatus.PERMANENT})


@dataclass(frozen=True, slots=True)
class ConsentEntry:
    """One live sharing entry of a record.

    `entry_id` is the practice database's; entries are kept in the order of the file they came in. `code` is five
    characters; a code that is no Summary Care Record consent has no term and counts for nothing. `recorded_at` is
    UTC, or None where the practice's system kept no time.
    """

    entry_id: int
    code: str
    event_date: date
    recorded_at: datetime | None

    @property
    def term(self) -> Term | None:
        """The consent term of this entry's code, or None for a sharing code that is not about the summary."""
        return TERMS.get(self.code)

    @property
    def is_dissent(self) -> bool:
        """Whether this entry forbids the upload."""
        return self.term is not None and self.term.is_dissent

    @property
    def is_legacy(self) -> bool:
        """Whether the migration replaces this entry's code."""
        return self.term is not None and self.term.is_legacy

    @property
    def is_implied_consent(self) -> bool:
        """Whether this entry says only what was assumed of the patient, not what the patient said."""
        return self.term is not None and self.term.kind is TermKind.IMPLIED_CONSENT


@dataclass(frozen=True, slots=True)
class PatientRecord:
    """What the migration knows of one patient at one moment; `consent_version` says which moment.

    The NHS number is left out of the representation, which may end up in a log.
    """

    patient_id: int
    nhs_number: str | None = field(repr=False)
    registration: RegistrationStatus
    fp69: bool
    sensitive: bool
    pds_linked: bool
    record_in_use: bool
    consent_version: int
    entries: tuple[ConsentEntry, ...]


def counting_entry(entries: Iterable[ConsentEntry], today: date) -> ConsentEntry | None:
    """The one entry that says what the patient wants, or None.

    `entries` in the order of the file; `today` is the date in England. Where nothing tells two entries of one date
    apart, a dissent wins: an unwanted upload cannot be undone, a missing one can.
    """
    dated = [entry for entry in entries if entry.term is not None and entry.event_date <= today]
    if not dated:
        return None
    latest_date = max(entry.event_date for entry in dated)
    rivals = [entry for entry in dated if entry.event_date == latest_date]
    express = [entry for entry in rivals if not entry.is_implied_consent]
    rivals = express or rivals
    times = [entry.recorded_at for entry in rivals if entry.recorded_at is not None]
    if len(times) == len(rivals):
        latest_time = max(times)
        rivals = [entry for entry in rivals if entry.recorded_at == latest_time]
    dissents = [entry for entry in rivals if entry.is_dissent]
    return (dissents or rivals)[-1]


def has_future_dated_dissent(entries: Iterable[ConsentEntry], today: date) -> bool:
    """Whether a dissent is dated after today, often a mistyped year."""
    return any(entry.is_dissent and entry.event_date > today for entry in entries)


def has_local_dissent(entries: Iterable[ConsentEntry], today: date) -> bool:
    """Whether the entry that counts is a dissent: such patients come first."""
    counting = counting_entry(entries, today)
    return counting is not None and counting.is_dissent
