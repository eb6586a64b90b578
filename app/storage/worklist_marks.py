"""How patients on worklists were marked, and what looks at them told: kept, and put to the rows of a page."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import Connection, delete, func, insert, select

from app.domain.decision import SpineConsent
from app.engine.lists import OfWorklist, Worklist
from app.engine.patient_line import Handling, Look, PatientLine, Seen
from app.engine.worklists import NewMark
from app.storage.audit import AuditAction, AuditEvent, append
from app.storage.database import PracticeDatabase
from app.storage.tables import item, meta, patient, spine_check, worklist_mark
from app.storage.worklist_conditions import mark_counts


class SqlMarkStore:
    """`MarkStore` over the practice database."""

    def __init__(self, database: PracticeDatabase) -> None:
        self._database = database

    def mark(self, worklist: Worklist, patient_id: int, new: NewMark | None, actor: str, now: datetime) -> None:
        """Mark a patient on a worklist in place of an earlier mark, or take the mark away; see the port."""
        this = (worklist_mark.c.patient_id == patient_id, worklist_mark.c.worklist == worklist)
        with self._database.writing() as connection:
            before = connection.execute(select(worklist_mark.c.dealt_with).where(*this)).scalar_one_or_none()
            if new is None and before is None:
                return
            connection.execute(delete(worklist_mark).where(*this))
            if new is not None:
                values = {
                    "patient_id": patient_id,
                    "worklist": worklist,
                    "dealt_with": new.dealt_with,
                    "note": new.note,
                    "marked_at": now,
                    "marked_by": new.by,
                    "consent_version": new.seen.version,
                    "audit_number": new.seen.audit_number,
                    "after_execution": new.seen.execution_id,
                }
                connection.execute(insert(worklist_mark).values(values))
            # The note stays out of the trail, where patients appear by number only.
            event = AuditEvent(
                now,
                actor,
                AuditAction.PATIENT_MARKED,
                patient_id=patient_id,
                before=None if before is None else _word(dealt_with=before),
                after=None if new is None else _word(dealt_with=new.dealt_with),
                detail=worklist.value,
            )
            append(connection, [event])


def with_marks_and_looks(
    connection: Connection, source: OfWorklist, lines: Sequence[PatientLine], today: date
) -> Iterator[PatientLine]:
    """The rows of a worklist with how each was marked, what a look told, and what is known by now."""
    patient_ids = [line.patient_id for line in lines]
    handled, looks = _handlings(connection, source, patient_ids, today), _looks(connection, patient_ids)
    end: int = connection.execute(select(meta.c.audit_number)).scalar_one()
    touched = select(func.coalesce(func.max(item.c.execution_id), 0)).where(item.c.patient_id == patient.c.id)
    query = select(patient.c.id, patient.c.consent_version, touched.scalar_subquery())
    known = {
        patient_id: Seen(version, end, execution_id)
        for patient_id, version, execution_id in connection.execute(query.where(patient.c.id.in_(patient_ids)))
    }
    for line in lines:
        whose = line.patient_id
        yield replace(line, handling=handled.get(whose), look=looks.get(whose), seen=known[whose])


def _handlings(
    connection: Connection, source: OfWorklist, patient_ids: Collection[int], today: date
) -> dict[int, Handling]:
    kept = worklist_mark.c
    query = (
        select(kept.patient_id, kept.dealt_with, kept.note, kept.marked_by, kept.marked_at)
        .add_columns(mark_counts(source.worklist, today))
        .select_from(worklist_mark.join(patient))
        .where(kept.worklist == source.worklist, kept.patient_id.in_(patient_ids))
    )
    return {patient_id: Handling(*made) for patient_id, *made in connection.execute(query)}


def _looks(connection: Connection, patient_ids: Collection[int]) -> dict[int, Look]:
    """What looks told under the numbers that the patients have now."""
    query = (
        select(spine_check)
        .join(patient, patient.c.id == spine_check.c.patient_id)
        .where(spine_check.c.patient_id.in_(patient_ids), spine_check.c.nhs_number == patient.c.nhs_number)
    )
    return {
        row.patient_id: Look(SpineConsent(row.summary, row.permission), row.checked_at, row.checked_by)
        for row in connection.execute(query)
    }


def _word(*, dealt_with: bool) -> str:
    return "dealt_with" if dealt_with else "to_do"
