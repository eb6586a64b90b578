"""Patients of a preview that are marked (`PatientMarks`): as a group of its copy, whose name nobody can give to one."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, insert, select

from app.storage.database import PracticeDatabase
from app.storage.list_conditions import MARKED_GROUP
from app.storage.list_rows import chunks
from app.storage.tables import patient_group, patient_group_member


class SqlPatientMarks:
    """`PatientMarks` over the copy that a preview was made on."""

    def __init__(self, copy: PracticeDatabase) -> None:
        self._copy = copy

    def mark(self, patient_ids: Iterable[int]) -> None:
        """Mark these instead of those before."""
        name = patient_group.c.name == MARKED_GROUP
        with self._copy.writing() as connection:
            before = select(patient_group.c.id).where(name)
            connection.execute(delete(patient_group_member).where(patient_group_member.c.group_id.in_(before)))
            connection.execute(delete(patient_group).where(name))
            connection.execute(insert(patient_group).values(name=MARKED_GROUP))
            group = connection.execute(before).scalar_one()
            for chunk in chunks(patient_ids):
                rows = [{"group_id": group, "patient_id": one} for one in chunk]
                connection.execute(insert(patient_group_member), rows)
