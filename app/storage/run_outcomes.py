"""What became of each patient of a run, by patient (`RunOutcomes`)."""

from __future__ import annotations

from sqlalchemy import select

from app.clock import london_date
from app.domain.patient import counting_entry
from app.engine.run_outcomes import PatientOutcome
from app.storage.database import PracticeDatabase
from app.storage.tables import item, patient
from app.storage.work_items import load_entries


class SqlRunOutcomes:
    """`RunOutcomes` over the practice database."""

    def __init__(self, database: PracticeDatabase) -> None:
        self._database = database

    def page(self, run_id: int, after: int, limit: int) -> list[PatientOutcome]:
        """The patients of a run beyond a patient's id, by that id."""
        today = london_date(self._database.clock.now())
        query = (
            select(
                *(item.c.patient_id, patient.c.patient_ref, item.c.state, item.c.reason, item.c.mismatch),
                *(item.c.code_before, item.c.scr_on_spine, item.c.permission_before),
            )
            .join_from(item, patient)
            .where(item.c.run_id == run_id, item.c.patient_id > after)
            .order_by(item.c.patient_id)
            .limit(limit)
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
            entries = load_entries(connection, [row.patient_id for row in rows])
        found = []
        for patient_id, ref, state, reason, mismatch, code_before, summary, permission in rows:
            counting = counting_entry(entries.get(patient_id, ()), today)
            code_now = counting.code if counting else ""
            found.append(
                PatientOutcome(patient_id, ref, state, reason, mismatch, code_before, code_now, summary, permission)
            )
        return found
