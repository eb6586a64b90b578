"""A practice's list as rows that travel between files, the demonstration and the database, and the port that keeps it.

Rows only: what a line of a file may look like is settled in `exchange`, how it is kept in `storage`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from app.domain.patient import RegistrationStatus
from app.engine.long_work import Progress, nobody_waits


class SpineKind(StrEnum):
    """Which Spine a practice database is worked against; once marked it never goes to the other kind."""

    UNSET = "unset"
    SIMULATED = "simulated"
    REAL = "real"


@dataclass(frozen=True, slots=True)
class PracticeInfo:
    """What the database says it is. Name and ODS code are empty until somebody sets them.

    `shared_in` names the database where several workstations share one; it is empty for a file of this computer.
    """

    name: str
    ods_code: str
    demonstration: bool
    spine: SpineKind
    shared_in: str = ""


@dataclass(frozen=True, slots=True)
class PatientRow:
    """One patient of a list. `patient_ref` is the practice's own reference, None where the file has none.

    `nhs_number` is ten digits, valid or not, or None.
    """

    patient_ref: str | None
    nhs_number: str | None
    surname: str
    forename: str
    date_of_birth: date
    sex: str
    registration: RegistrationStatus
    fp69: bool = False
    sensitive: bool = False
    pds_linked: bool = True
    record_in_use: bool = False


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One live sharing entry; it belongs to the patient with this reference, or else with this NHS number.

    `code` is five characters, `recorded_at` UTC.
    """

    patient_ref: str | None
    nhs_number: str | None
    code: str
    term: str
    event_date: date
    recorded_at: datetime | None
    recorded_by: str


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One patient's membership of one group."""

    group_name: str
    patient_ref: str | None
    nhs_number: str | None


@dataclass(frozen=True, slots=True)
class ListSizes:
    """How many rows of each kind a list has; 0 also where that is not known beforehand."""

    patients: int = 0
    entries: int = 0
    memberships: int = 0


class PracticeList(Protocol):
    """A whole list, checked: each call goes through it again from the start, in the order of the file.

    Every entry and membership names a patient of the list.
    """

    @property
    def sizes(self) -> ListSizes:
        """How much there is to go through."""

    def patients(self) -> Iterator[PatientRow]:
        """Every patient."""

    def entries(self) -> Iterator[EntryRow]:
        """Every consent entry; the order among one patient's entries is kept."""

    def groups(self) -> Iterator[GroupRow]:
        """Every group membership."""


@dataclass(frozen=True, slots=True)
class ToLookAt:
    """The references of patients whom a person has to look at after an update, in the order they came in.

    `no_longer_objecting`: the entry that counted was a dissent, and by this list it is not. `same_number`: not in the
    list, active, and with the NHS number of an active patient of the list. `found_under_another_number`: a dissent was
    recorded here on what the Spine held under a number that is not the patient's any more; `sent_under_another_number`:
    one was sent under the number that this list has replaced. `groups_reduced` are no patients but groups that the
    list takes members out of, by name and with how many: "Flu clinic (3)".
    """

    no_longer_objecting: tuple[str, ...] = ()
    sent_under_another_number: tuple[str, ...] = ()
    same_number: tuple[str, ...] = ()
    found_under_another_number: tuple[str, ...] = ()
    groups_reduced: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """What an import did. `kept` are the references of patients the database has and the list has not."""

    added: int
    updated: int
    entries: int
    groups: int
    kept: tuple[str, ...] = ()
    to_look_at: ToLookAt = ToLookAt()


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """One patient's line of the outcomes file, in its columns' order; empty is ''."""

    patient_ref: str
    nhs_number: str
    outcome: str
    reason: str
    code_before: str
    code_after: str
    scr_on_spine: str
    permission_before: str
    message_sent: bool
    attempts: int
    spine_code: str
    processed_at: datetime | None
    mismatch: bool


class PracticeExport(Protocol):
    """A practice's list and outcomes on their way out."""

    def patient_count(self) -> int:
        """How many patients there are, active or not."""

    def export_patients(self) -> Iterator[PatientRow]:
        """Every patient with their reference, in the order they came in."""

    def export_entries(self) -> Iterator[EntryRow]:
        """Every live entry as it stands now, with its patient's reference and number, in file order."""

    def export_groups(self) -> Iterator[GroupRow]:
        """Every group membership."""

    def export_outcomes(self, run_id: int) -> Iterator[OutcomeRow]:
        """Every patient of a run's cohort, in the cohort's order."""


class PracticeStore(PracticeExport, Protocol):
    """Where a practice's list is kept. What it exports by itself is as it stands at that moment, row by row."""

    def import_list(
        self,
        rows: PracticeList,
        *,
        update: bool,
        actor: str,
        demonstration: bool,
        progress: Progress = nobody_waits,
    ) -> ImportSummary:
        """Store a list, all of it or none of it, in one transaction.

        Without `update` the database must hold no patient. With it, patients are matched by reference, else by NHS
        number; flags and entries are replaced, absent patients kept. Raises `Refused` when patients exist and
        `update` is off, when a run is unfinished, and for an update of a demonstration practice; and `Cancelled`.
        """

    def rehearse_update(self, rows: PracticeList, progress: Progress = nobody_waits) -> ImportSummary:
        """What `import_list` with `update` would do, found out by doing it in a transaction that is undone.

        Raises what `import_list` would.
        """

    def snapshot(self, progress: Progress = nobody_waits) -> AbstractContextManager[PracticeExport]:
        """The practice as it stands at one moment, whatever a live run goes on to change: for files that must agree.

        Raises `Cancelled`.
        """
