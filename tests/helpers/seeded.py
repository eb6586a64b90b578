"""A practice drawn by chance, with a run in which everything has become of its patients: for tests that count anew.

Written straight into the tables, so that rows stand there which no single run would leave behind.
"""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, update

from app.domain.decision import Permission, Summary
from app.domain.outcomes import ItemState, Reason
from app.domain.patient import RegistrationStatus
from app.domain.terms import OTHER_SHARING_CODES, TERMS
from app.engine.lists import Worklist
from app.engine.practice import GroupRow
from app.storage.audit import AuditAction, AuditEvent, append
from app.storage.database import PracticeDatabase
from app.storage.list_rows import add_patients
from app.storage.tables import item, meta, patient, spine_check, worklist_mark
from tests.helpers.clocks import ManualClock
from tests.helpers.migration import Migration
from tests.helpers.practice import ListOf, a_patient, an_entry, new_practice, number, numbers

SURNAMES = ("Smith", "Smith Jones", "O'Brien", "Müller", "de Souza", "<b>Bold</b>", "Ng", "ZHOU", "Łukasik", "Smythe")
FORENAMES = ("Ann", "Anna-Maria", "José", "Bo", "zoe", "<img src=x>", "Smith", "Ó Conaire")
GROUP = "Flu clinic"
_DATES = (date(2015, 6, 1), date(2026, 11, 1), date(2026, 11, 2), date(2026, 11, 3), date(2062, 1, 1))
_TIMES = (None, None, datetime(2026, 11, 1, 9, 0, tzinfo=UTC), datetime(2026, 11, 1, 9, 30, tzinfo=UTC))


def seeded_practice(folder: Path, seed: int, patients: int = 300) -> tuple[PracticeDatabase, Migration]:
    """So many patients with a finished earlier run and a later one under way; the same for the same seed."""
    draw = random.Random(f"seeded practice {seed}")
    database = new_practice(folder, _list(draw, patients), ManualClock())
    for _ in range(2):
        migration = Migration(database).begin()
        _leave_everything_behind(draw, migration)
        if migration.run_id == 1:
            migration.complete()
    joined = [a_patient(f"J{at}", number(patients + at), surname=draw.choice(SURNAMES)) for at in range(5)]
    bring_in_while_running(database, joined)
    return database, migration


def bring_in_while_running(database: PracticeDatabase, rows: list[Any]) -> None:
    """Patients who register while a run is under way, past the import, which would be refused."""
    with database.writing() as connection:
        add_patients(connection, 99, rows)


def _list(draw: random.Random, patients: int) -> ListOf:
    drawn = numbers(patients)
    people, entries, members = [], [], []
    for at in range(patients):
        ref = f"P{at}"
        registration = draw.choices(list(RegistrationStatus), weights=(2, 12, 1, 1, 1))[0]
        people.append(
            a_patient(
                ref,
                drawn[at] if draw.random() < 0.95 else None,
                surname=draw.choice(SURNAMES),
                forename=draw.choice(FORENAMES),
                date_of_birth=date(1930 + draw.randrange(90), 1 + draw.randrange(12), 1 + draw.randrange(28)),
                registration=registration,
            )
        )
        for _ in range(draw.choices((0, 1, 2, 4), weights=(4, 4, 2, 1))[0]):
            code = draw.choice([*TERMS, *TERMS, *sorted(OTHER_SHARING_CODES)])
            entries.append(an_entry(ref, code, draw.choice(_DATES), draw.choice(_TIMES)))
        if draw.random() < 0.2:
            members.append(GroupRow(GROUP, ref, None))
    return ListOf(people, entries, members)


def _leave_everything_behind(draw: random.Random, migration: Migration) -> None:
    database = migration.database
    with database.writing() as connection:
        rows = connection.execute(select(item.c.id, item.c.patient_id).where(item.c.run_id == migration.run_id)).all()
        for row in rows:
            state = draw.choice(list(ItemState))
            done = state not in {ItemState.UNPROCESSED, ItemState.SENDING}
            connection.execute(
                update(item)
                .where(item.c.id == row.id)
                .values(
                    state=state,
                    reason=draw.choice(list(Reason)) if done else None,
                    mismatch=draw.random() < 0.1,
                    attempts=draw.randrange(3),
                    code_before=draw.choice([None, "", *TERMS]),
                    scr_on_spine=draw.choice([None, *Summary]),
                    permission_before=draw.choice([None, *Permission]),
                    spine_code="35160" if draw.random() < 0.1 else "",
                    processed_at=migration.now + timedelta(seconds=draw.randrange(50)) if done else None,
                    execution_id=migration.key.execution_id,
                )
            )
            if draw.random() < 0.1:
                action = draw.choice([AuditAction.ENTRY_CONVERTED, AuditAction.ENTRY_ADDED])
                append(connection, [AuditEvent(migration.now, "x", action, migration.run_id, row.patient_id)])


def rows_of(database: PracticeDatabase, sql: str) -> list[dict[str, Any]]:
    """What a statement finds, as plain values that no part of the program has looked at."""
    with database.reading() as connection:
        return [dict(row._mapping) for row in connection.exec_driver_sql(sql)]


def leave_marks_and_looks(draw: random.Random, database: PracticeDatabase) -> None:
    """Marks on every worklist, looks at patients on the Spine, numbers put right, and findings after all that."""
    now = database.clock.now()
    with database.writing() as connection:
        people = connection.execute(select(patient.c.id, patient.c.nhs_number, patient.c.consent_version)).all()
        end = connection.execute(select(meta.c.audit_number)).scalar_one()
        for row in people:
            if row.nhs_number is not None and draw.random() < 0.2:
                asked = row.nhs_number if draw.random() < 0.8 else "9990000000"
                told = {"summary": draw.choice(list(Summary)), "permission": draw.choice(list(Permission))}
                when = {"checked_at": now, "checked_by": "x", "after_execution": draw.randrange(4)}
                connection.execute(insert(spine_check).values(patient_id=row.id, nhs_number=asked, **told, **when))
            if draw.random() < 0.1:
                connection.execute(update(patient).where(patient.c.id == row.id).values(number_since=draw.randrange(4)))
            for worklist in Worklist:
                if draw.random() < 0.3:
                    seen = {
                        "consent_version": row.consent_version - (draw.random() < 0.2),
                        "audit_number": end,
                        "after_execution": draw.choice((1, 2, 2, 2)),
                    }
                    made = {"dealt_with": draw.random() < 0.7, "note": "", "marked_at": now, "marked_by": "x"}
                    connection.execute(
                        insert(worklist_mark).values(patient_id=row.id, worklist=worklist, **made, **seen)
                    )
            if draw.random() < 0.1:
                action = draw.choice([AuditAction.OUTCOME, AuditAction.SPINE_CHECKED, AuditAction.ENTRY_ADDED])
                append(connection, [AuditEvent(now, "x", action, patient_id=row.id)])
