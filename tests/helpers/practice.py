"""A small practice in a real database file, for tests that need one; and what a clinician does to it meanwhile."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

import sqlcipher3.dbapi2 as sqlite
from sqlalchemy import Connection, delete, func, insert, select, update

from app.clock import Clock
from app.domain.patient import RegistrationStatus
from app.domain.terms import TERMS
from app.engine.ports import Operator
from app.engine.practice import EntryRow, GroupRow, ImportSummary, ListSizes, PatientRow
from app.storage.database import PracticeDatabase
from app.storage.practice_store import SqlPracticeStore
from app.storage.tables import consent_entry, patient
from tests.helpers import databases
from tests.helpers.clocks import ManualClock

OPERATOR = Operator(
    name="Pat Manager",
    card_uid="910000000001",
    role_id="555001",
    role_name="System Administrator",
    session_id="session-1",
    workstation="FRONT-DESK",
)


def number(ordinal: int) -> str:
    """The `ordinal`-th valid NHS number of the range for tests, counted from 0."""
    return next(itertools.islice(_valid_numbers(), ordinal, None))


def numbers(count: int) -> list[str]:
    """So many valid NHS numbers of the range for tests, in order."""
    return list(itertools.islice(_valid_numbers(), count))


def _valid_numbers() -> Iterator[str]:
    for stem in range(999_000_000, 1_000_000_000):
        digits = str(stem)
        check = (
            11 - sum(weight * int(digit) for weight, digit in zip(range(10, 1, -1), digits, strict=True)) % 11
        ) % 11
        if check != 10:
            yield f"{digits}{check}"


def a_patient(ref: str | None, nhs_number: str | None = None, **changes: object) -> PatientRow:
    """An active patient without flags; `changes` are `PatientRow` fields."""
    plain = PatientRow(
        patient_ref=ref,
        nhs_number=nhs_number,
        surname=f"Surname-{ref}",
        forename=f"Forename-{ref}",
        date_of_birth=date(1970, 1, 1),
        sex="F",
        registration=RegistrationStatus.PERMANENT,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def an_entry(
    ref: str | None,
    code: str,
    on: date = date(2015, 6, 1),
    at: datetime | None = None,
    by: str = "Dr Example",
    nhs_number: str | None = None,
) -> EntryRow:
    """One live entry of the patient with this reference, with the code's own wording."""
    term = TERMS[code].wording if code in TERMS else "Another sharing preference"
    return EntryRow(ref, nhs_number, code, term, on, at, by)


@dataclass
class ListOf:
    """A practice's list held in memory (`PracticeList`)."""

    patient_rows: Sequence[PatientRow]
    entry_rows: Sequence[EntryRow] = ()
    group_rows: Sequence[GroupRow] = field(default=())

    @property
    def sizes(self) -> ListSizes:
        """How many rows there are."""
        return ListSizes(len(self.patient_rows), len(self.entry_rows), len(self.group_rows))

    def patients(self) -> Iterator[PatientRow]:
        """Every patient."""
        return iter(self.patient_rows)

    def entries(self) -> Iterator[EntryRow]:
        """Every entry."""
        return iter(self.entry_rows)

    def groups(self) -> Iterator[GroupRow]:
        """Every membership."""
        return iter(self.group_rows)


def new_practice(folder: Path, rows: ListOf | None = None, clock: Clock | None = None) -> PracticeDatabase:
    """A new practice database, in this folder where it is a file, holding this list."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = PracticeDatabase.open(databases.new_place(folder), clock=clock or ManualClock(), check=False)
    if rows is not None:
        bring_in(database, rows)
    return database


def bring_in(database: PracticeDatabase, rows: ListOf, *, update: bool = False) -> ImportSummary:
    """Import or update a list as the command does."""
    return SqlPracticeStore(database).import_list(rows, update=update, actor="tester", demonstration=False)


def damage_page_of(path: Path, table: str) -> None:
    """Fill the first page of a table's rows with noise: nothing that opens the file looks at it by itself."""
    with closing(sqlite.connect(str(path))) as connection:
        [page] = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    content = bytearray(path.read_bytes())
    content[(page - 1) * 4096 : page * 4096] = b"\xa5" * 4096
    path.write_bytes(content)


def patient_id(database: PracticeDatabase, ref: str) -> int:
    """The database's id of the patient with this reference."""
    with database.reading() as connection:
        found: int = connection.execute(select(patient.c.id).where(patient.c.patient_ref == ref)).scalar_one()
    return found


def codes_of(database: PracticeDatabase, ref: str) -> list[str]:
    """The codes of a patient's live entries, in order."""
    with database.reading() as connection:
        query = (
            select(consent_entry.c.code)
            .join_from(consent_entry, patient)
            .where(patient.c.patient_ref == ref)
            .order_by(consent_entry.c.position)
        )
        return list(connection.execute(query).scalars())


def clinician_adds(database: PracticeDatabase, ref: str, code: str, on: date, at: datetime | None = None) -> None:
    """An entry made in the consulting room while the migration is at work."""
    owner = patient_id(database, ref)
    with database.writing() as connection:
        last = connection.execute(select(func.max(consent_entry.c.position))).scalar_one() or 0
        connection.execute(
            insert(consent_entry).values(
                patient_id=owner,
                position=last + 1,
                code=code,
                term=TERMS[code].wording,
                event_date=on,
                recorded_at=at,
                recorded_by="Dr Example",
            )
        )
        _count_up(connection, owner)


def clinician_deletes(database: PracticeDatabase, ref: str, code: str) -> None:
    """Every entry of this code taken out of a record."""
    owner = patient_id(database, ref)
    with database.writing() as connection:
        connection.execute(
            delete(consent_entry).where(consent_entry.c.patient_id == owner, consent_entry.c.code == code)
        )
        _count_up(connection, owner)


def reception_changes(database: PracticeDatabase, ref: str, **columns: object) -> None:
    """A change to the registration, the number or a flag of a patient; `columns` are those of the patient table."""
    owner = patient_id(database, ref)
    with database.writing() as connection:
        connection.execute(update(patient).where(patient.c.id == owner).values(**columns))
        _count_up(connection, owner)


def _count_up(connection: Connection, owner: int) -> None:
    connection.execute(
        update(patient).where(patient.c.id == owner).values(consent_version=patient.c.consent_version + 1)
    )
