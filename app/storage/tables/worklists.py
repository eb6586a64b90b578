"""What staff and looks at the Spine left about patients on the worklists. Who is on one follows from other tables."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Integer, String, Table, Text

from app.domain.decision import Permission, Summary
from app.engine.lists import Worklist
from app.storage.columns import UtcTime, word_of
from app.storage.tables.base import metadata
from app.storage.tables.practice import patient

worklist_mark = Table(
    "worklist_mark",
    metadata,
    Column("patient_id", ForeignKey(patient.c.id), primary_key=True),
    Column("worklist", word_of(Worklist), primary_key=True),
    # Off: still to do.
    Column("dealt_with", Boolean, nullable=False),
    # Patient data, like a name.
    Column("note", Text, nullable=False),
    Column("marked_at", UtcTime, nullable=False),
    Column("marked_by", Text, nullable=False),
    # The record as it was then, the end of the audit trail, and the latest execution that had touched the patient:
    # what came after is a newer finding. The trail alone would not tell of somebody who failed as before.
    Column("consent_version", Integer, nullable=False),
    Column("audit_number", Integer, nullable=False),
    Column("after_execution", Integer, nullable=False),
)

spine_check = Table(
    "spine_check",
    metadata,
    # What the latest look at one patient on the Spine told; earlier ones are in the audit trail.
    Column("patient_id", ForeignKey(patient.c.id), primary_key=True),
    Column("nhs_number", String(10), nullable=False),
    Column("summary", word_of(Summary), nullable=False),
    Column("permission", word_of(Permission), nullable=False),
    Column("checked_at", UtcTime, nullable=False),
    Column("checked_by", Text, nullable=False),
    # The latest execution there was: what a later one found is newer.
    Column("after_execution", Integer, nullable=False),
)
