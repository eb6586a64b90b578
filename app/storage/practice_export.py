"""The practice and the outcomes of a run on their way out, in short reads of some thousand rows each.

Where the files must agree while a run goes on, this is used on a copy of the database.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from sqlalchemy import func, select, tuple_

from app.clock import london_date
from app.domain.outcomes import ItemState
from app.domain.patient import ConsentEntry, counting_entry
from app.engine.practice import EntryRow, GroupRow, OutcomeRow, PatientRow
from app.storage.columns import AnyRow, AnySelect
from app.storage.database import PracticeDatabase
from app.storage.tables import consent_entry, item, patient, patient_group, patient_group_member
from app.storage.work_items import load_entries

_PAGE = 1000


class PracticeExporter:
    """`PracticeExport` over a practice database or a copy of one."""

    def __init__(self, database: PracticeDatabase) -> None:
        self._database = database

    def patient_count(self) -> int:
        """How many patients the database holds, active or not."""
        with self._database.reading() as connection:
            return connection.execute(select(func.count()).select_from(patient)).scalar_one()

    def export_patients(self) -> Iterator[PatientRow]:
        """Every patient with their reference, in the order they came in."""
        columns = (
            *(patient.c.id, patient.c.patient_ref, patient.c.nhs_number, patient.c.surname, patient.c.forename),
            *(patient.c.date_of_birth, patient.c.sex, patient.c.registration, patient.c.fp69, patient.c.sensitive),
            *(patient.c.pds_linked, patient.c.record_in_use),
        )
        last = 0
        while rows := self._page(select(*columns).where(patient.c.id > last).order_by(patient.c.id)):
            for _, *fields in rows:
                yield PatientRow(*fields)
            last = rows[-1].id

    def export_entries(self) -> Iterator[EntryRow]:
        """Every live entry with its patient's reference and number: patient by patient, each one's in file order."""
        entry = consent_entry.c
        query = select(
            *(entry.patient_id, entry.position, patient.c.patient_ref, patient.c.nhs_number, entry.code, entry.term),
            *(entry.event_date, entry.recorded_at, entry.recorded_by),
        ).join_from(consent_entry, patient)
        place = tuple_(entry.patient_id, entry.position)
        last = (0, 0)
        while rows := self._page(query.where(place > last).order_by(entry.patient_id, entry.position)):
            for _, _, *fields in rows:
                yield EntryRow(*fields)
            last = (rows[-1].patient_id, rows[-1].position)

    def export_groups(self) -> Iterator[GroupRow]:
        """Every group membership: by group's name, then in the patients' order."""
        name, member = patient_group.c.name, patient_group_member.c.patient_id
        query = (
            select(name, member, patient.c.patient_ref, patient.c.nhs_number)
            .select_from(patient_group_member)
            .join(patient_group)
            .join(patient, patient.c.id == member)
        )
        last = ("", 0)
        while rows := self._page(query.where(tuple_(name, member) > last).order_by(name, member)):
            for group, _, reference, number in rows:
                yield GroupRow(group, reference, number)
            last = (rows[-1].name, rows[-1].patient_id)

    def export_outcomes(self, run_id: int) -> Iterator[OutcomeRow]:
        """Every patient of a run's cohort, in the cohort's order.

        `code_before` of a patient not yet processed, and `code_after`, are the entry that counts now. A message that
        was sent and refused counts as not sent: it changed nothing on the Spine.
        """
        today = london_date(self._database.clock.now())
        query = (
            select(item, patient.c.patient_ref, patient.c.nhs_number)
            .join_from(item, patient)
            .where(item.c.run_id == run_id)
            .order_by(item.c.sequence)
            .limit(_PAGE)
        )
        last = 0
        while True:
            with self._database.reading() as connection:
                rows = connection.execute(query.where(item.c.sequence > last)).all()
                entries = load_entries(connection, [row.patient_id for row in rows])
            if not rows:
                return
            for row in rows:
                counting = counting_entry(entries.get(row.patient_id, ()), today)
                yield _outcome(row, counting)
            last = rows[-1].sequence

    def _page(self, query: AnySelect) -> list[AnyRow]:
        with self._database.reading() as connection:
            return list(connection.execute(query.limit(_PAGE)))


def _outcome(row: AnyRow, counting: ConsentEntry | None) -> OutcomeRow:
    code_now = counting.code if counting else ""
    return OutcomeRow(
        patient_ref=row.patient_ref,
        nhs_number=row.nhs_number or "",
        outcome=row.state.value,
        reason=_word(row.reason),
        code_before=code_now if row.code_before is None else row.code_before,
        code_after=code_now,
        scr_on_spine=_word(row.scr_on_spine),
        permission_before=_word(row.permission_before),
        message_sent=row.state is ItemState.SENT,
        attempts=row.attempts,
        spine_code=row.spine_code,
        processed_at=row.processed_at,
        mismatch=row.mismatch,
    )


def _word(word: StrEnum | None) -> str:
    return word.value if word is not None else ""
