"""Writing a practice's files as a clinical system or a spreadsheet would, and a store of rows in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest

from app.engine.practice import (
    EntryRow,
    GroupRow,
    ImportSummary,
    OutcomeRow,
    PatientRow,
    PracticeList,
)
from app.exchange.practice_list import CheckedList, read_practice_list

TODAY = date(2026, 3, 2)

PATIENTS_HEADER = (
    "nhs_number,surname,forename,date_of_birth,sex,registration_status,fp69,sensitive,pds_linked,record_in_use"
)
CONSENT_HEADER = "nhs_number,read_code,term,event_date,recorded_at,recorded_by"
GROUPS_HEADER = "group_name,nhs_number"
ONE_PATIENT = "9990000018,Ashworth,Beryl,1950-02-01,female,permanent,no,no,yes,no"

Read = Callable[..., CheckedList]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Write files from their lines, or bytes, below the usual header and read them as a list."""

    def read_files(
        patients: bytes | Sequence[str] = (ONE_PATIENT,),
        consent: bytes | Sequence[str] = (),
        groups: bytes | Sequence[str] | None = None,
        *,
        patients_header: str = PATIENTS_HEADER,
        consent_header: str = CONSENT_HEADER,
        groups_header: str = GROUPS_HEADER,
    ) -> CheckedList:
        paths = []
        for name, content, header in (
            ("patients.csv", patients, patients_header),
            ("consent.csv", consent, consent_header),
            ("groups.csv", groups, groups_header),
        ):
            if content is None:
                continue
            path = tmp_path / name
            if isinstance(content, bytes):
                path.write_bytes(content)
            else:
                path.write_bytes("".join(f"{line}\r\n" for line in (header, *content)).encode())
            paths.append(path)
        return read_practice_list(paths[0], paths[1], paths[2] if len(paths) == 3 else None, today=TODAY)

    return read_files


@dataclass
class ListStore:
    """A practice's rows in memory, for exporting; what it is given stays in order."""

    patients: list[PatientRow] = field(default_factory=list)
    entries: list[EntryRow] = field(default_factory=list)
    groups: list[GroupRow] = field(default_factory=list)
    outcomes: dict[int, list[OutcomeRow]] = field(default_factory=dict)

    def patient_count(self) -> int:
        return len(self.patients)

    def import_list(self, rows: PracticeList, *, update: bool, actor: str, demonstration: bool) -> ImportSummary:
        self.patients = list(rows.patients())
        self.entries = list(rows.entries())
        self.groups = list(rows.groups())
        return ImportSummary(len(self.patients), 0, len(self.entries), len(self.groups))

    def export_patients(self) -> Iterator[PatientRow]:
        return iter(self.patients)

    def export_entries(self) -> Iterator[EntryRow]:
        return iter(self.entries)

    def export_groups(self) -> Iterator[GroupRow]:
        return iter(self.groups)

    def export_outcomes(self, run_id: int) -> Iterator[OutcomeRow]:
        return iter(self.outcomes[run_id])


@pytest.fixture(scope="session")
def make_store() -> Callable[[], ListStore]:
    """Makes an empty store."""
    return ListStore


@pytest.fixture
def store(make_store: Callable[[], ListStore]) -> ListStore:
    """An empty store."""
    return make_store()
