"""The rows the demonstration practice is made of, in the words of the practice's own files."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple


class DemoEntry(NamedTuple):
    """One sharing entry: five-character code, its wording, and when and by whom; `recorded_at` is UTC if known."""

    code: str
    term: str
    event_date: date
    recorded_at: datetime | None
    recorded_by: str


class DemoSpine(NamedTuple):
    """What the simulated Spine holds of a patient: permission is Yes, No, Ask or empty for never set."""

    has_scr: bool
    permission: str


class DemoPatient(NamedTuple):
    """One patient. `nhs_number` is empty where there is none; `spine` is None where the Spine knows nobody."""

    patient_ref: str
    nhs_number: str
    surname: str
    forename: str
    date_of_birth: date
    sex: str
    registration_status: str
    fp69: bool
    sensitive: bool
    pds_linked: bool
    record_in_use: bool
    entries: tuple[DemoEntry, ...]
    groups: tuple[str, ...]
    spine: DemoSpine | None
