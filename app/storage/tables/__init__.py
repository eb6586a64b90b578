"""The tables of the practice database and what the database itself refuses, a module for each subject.

A change to any of them needs a migration: a test compares both. Rows are read and written elsewhere. All modules are
loaded here, so that `metadata` always holds every table; whoever needs a table takes it from here.
"""

from __future__ import annotations

from app.storage.tables.base import metadata
from app.storage.tables.confirmations import confirmation, confirmation_finding
from app.storage.tables.messages import attempt, intent
from app.storage.tables.practice import (
    consent_entry,
    is_dissent_entry,
    meta,
    patient,
    patient_group,
    patient_group_member,
)
from app.storage.tables.runs import FAILED_WORD, execution, item, run, run_control, tells_of_dissent
from app.storage.tables.schedule import occurrence, schedule_window
from app.storage.tables.trail import CONVERSION, audit_event
from app.storage.tables.worklists import spine_check, worklist_mark

__all__ = [
    "CONVERSION",
    "FAILED_WORD",
    "attempt",
    "audit_event",
    "confirmation",
    "confirmation_finding",
    "consent_entry",
    "execution",
    "intent",
    "is_dissent_entry",
    "item",
    "meta",
    "metadata",
    "occurrence",
    "patient",
    "patient_group",
    "patient_group_member",
    "run",
    "run_control",
    "schedule_window",
    "spine_check",
    "tells_of_dissent",
    "worklist_mark",
]
