"""The passes over all dissents that were sent or found on the Spine, and what each patient's read-back told."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, Text

from app.domain.decision import Permission, Summary
from app.domain.outcomes import Reason
from app.domain.read_back import ReadBack
from app.domain.states import StopReason
from app.storage.columns import UtcTime, word_of
from app.storage.tables.base import metadata, one_at_most
from app.storage.tables.practice import patient

confirmation = Table(
    "confirmation",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("started_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    # None with an end: everybody was come to.
    Column("end_reason", word_of(StopReason)),
    Column("operator", Text, nullable=False),
    Column("card_uid", Text, nullable=False),
    Column("role_name", Text, nullable=False),
    Column("workstation", Text, nullable=False),
    # How many there were to be read back.
    Column("dissents", Integer, nullable=False),
    # The latest execution there was: what a later one sends has not been read back.
    Column("after_execution", Integer, nullable=False),
    CheckConstraint("end_reason is null or ended_at is not null", name="reason_with_end"),
)
one_at_most("uq_confirmation_one_open", confirmation, confirmation.c.ended_at.is_(None))

confirmation_finding = Table(
    "confirmation_finding",
    metadata,
    Column("confirmation_id", ForeignKey(confirmation.c.id), primary_key=True),
    Column("patient_id", ForeignKey(patient.c.id), primary_key=True),
    # The number that was asked about; the patient may have another one by now.
    Column("nhs_number", String(10)),
    Column("found", word_of(ReadBack), nullable=False),
    Column("reason", word_of(Reason)),
    Column("summary", word_of(Summary)),
    Column("permission", word_of(Permission)),
    Column("found_at", UtcTime, nullable=False),
    CheckConstraint("(found = 'not_read') = (permission is null)", name="told_unless_not_read"),
    CheckConstraint("(found = 'not_read') = (reason is not null)", name="reason_when_not_read"),
    Index(None, "confirmation_id", "found"),
)
