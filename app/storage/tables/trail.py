"""The audit trail, and the index that finds the conversions in it. Its events are chained by `storage.audit`."""

from __future__ import annotations

from sqlalchemy import Column, ColumnElement, Index, Integer, String, Table, Text, literal_column

from app.engine.audit_trail import AuditAction
from app.storage.columns import UtcTime
from app.storage.tables.base import metadata, only_where

audit_event = Table(
    "audit_event",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("run_id", Integer),
    Column("patient_id", Integer, index=True),
    Column("request_id", Text),
    Column("before", Text),
    Column("after", Text),
    Column("detail", Text, nullable=False),
    Column("hash", String(64), nullable=False),
    # Both in the order of the trail, for whoever looks through it by kind or by run.
    Index(None, "action", "number"),
    Index(None, "run_id", "number"),
)
CONVERSION: ColumnElement[str] = literal_column(f"'{AuditAction.ENTRY_CONVERTED}'")
"""The action of a conversion, written into the text of statements that the index below shall answer."""

Index(
    "ix_audit_event_conversion",
    audit_event.c.run_id,
    audit_event.c.patient_id,
    **only_where(audit_event.c.action == CONVERSION),
)
