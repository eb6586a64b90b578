"""Looks at one patient on the Spine, and dissents that people record here (`MismatchStore`).

Recording is one transaction: the entry, the record's next version, the look it rests on, and both events. A run that is
live all the same finds the record changed, and decides again.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select

from app.domain.decision import Permission
from app.domain.patient import PatientRecord
from app.domain.terms import EXPRESS_DISSENT
from app.engine.mismatches import Found, NewLook, RecordedDissent
from app.engine.spine_port import AnswerKind
from app.storage.audit import AuditAction, AuditEvent, append
from app.storage.change_batch import ADD_LAST, NEXT_VERSION
from app.storage.database import PracticeDatabase
from app.storage.tables import execution, patient, spine_check
from app.storage.work_items import load_entries

_RECORD = select(
    *(patient.c.id, patient.c.nhs_number, patient.c.registration, patient.c.fp69, patient.c.sensitive),
    *(patient.c.pds_linked, patient.c.record_in_use, patient.c.consent_version),
)


class SqlMismatchStore:
    """`MismatchStore` over the practice database."""

    def __init__(self, database: PracticeDatabase) -> None:
        self._database = database

    def find(self, patient_id: int) -> Found | None:
        """The patient's record, and the latest execution there is."""
        with self._database.reading() as connection:
            row = connection.execute(_RECORD.where(patient.c.id == patient_id)).one_or_none()
            if row is None:
                return None
            entries = load_entries(connection, [patient_id]).get(patient_id, [])
            latest: int | None = connection.execute(select(func.max(execution.c.id))).scalar_one()
            return Found(PatientRecord(*row, tuple(entries)), latest or 0)

    def keep_look(self, look: NewLook) -> None:
        """Keep what a look told; see the port."""
        with self._database.writing() as connection:
            _keep(connection, look)

    def note_unanswered(self, patient_id: int, kind: AnswerKind, actor: str, at: datetime) -> None:
        """Tell the audit trail of a look that told nothing."""
        event = AuditEvent(at, actor, AuditAction.SPINE_NOT_TOLD, patient_id=patient_id, detail=kind.value)
        with self._database.writing() as connection:
            append(connection, [event])

    def record_dissent(self, look: NewLook, dissent: RecordedDissent) -> bool:
        """Keep the look and add the dissent, together; see the port."""
        whose, version = look.found.record.patient_id, look.found.record.consent_version
        with self._database.writing() as connection:
            held = connection.execute(select(patient.c.consent_version).where(patient.c.id == whose)).scalar_one()
            if held != version:
                return False
            entry = {
                "of_patient": whose,
                "new_code": EXPRESS_DISSENT.code,
                "new_term": EXPRESS_DISSENT.wording,
                "on_date": dissent.event_date,
                "at_time": dissent.recorded_at,
                "by_whom": dissent.recorded_by,
            }
            connection.execute(ADD_LAST, entry)
            connection.execute(NEXT_VERSION, {"of_patient": whose})
            _keep(connection, look)
            added = AuditEvent(
                dissent.recorded_at,
                look.actor,
                AuditAction.ENTRY_ADDED,
                patient_id=whose,
                after=EXPRESS_DISSENT.code,
                detail=dissent.event_date.isoformat(),
            )
            append(connection, [added])
        return True


def _keep(connection: Connection, look: NewLook) -> None:
    whose, number = look.found.record.patient_id, look.found.record.nhs_number
    if look.consent.permission is not Permission.NOT_TOLD or not _is_known_more(connection, whose, number):
        connection.execute(delete(spine_check).where(spine_check.c.patient_id == whose))
        values = {
            "patient_id": whose,
            "nhs_number": number,
            "summary": look.consent.summary,
            "permission": look.consent.permission,
            "checked_at": look.at,
            "checked_by": look.by,
            "after_execution": look.found.latest_execution,
        }
        connection.execute(insert(spine_check).values(values))
    told = AuditEvent(
        look.at,
        look.actor,
        AuditAction.SPINE_CHECKED,
        patient_id=whose,
        after=look.consent.permission,
        detail=f"summary {look.consent.summary}",
    )
    append(connection, [told])


def _is_known_more(connection: Connection, whose: int, number: str | None) -> bool:
    """Whether an earlier look under this number told of the consent.

    It stands: a dissent that was seen to be gone is not there again because the next answer tells nothing.
    """
    earlier = select(spine_check.c.permission).where(
        spine_check.c.patient_id == whose, spine_check.c.nhs_number == number
    )
    return connection.execute(earlier).scalar_one_or_none() not in {None, Permission.NOT_TOLD}
