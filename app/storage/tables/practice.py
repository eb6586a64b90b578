"""The practice and its list: patients, their consent entries, and the groups they were put in by hand.

No run is here.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
    or_,
)

from app.domain.patient import RegistrationStatus
from app.domain.terms import DISSENT_CODES
from app.engine.practice import SpineKind
from app.storage.columns import LocalDate, UtcTime, word_of
from app.storage.tables.base import metadata, only_where

meta = Table(
    "meta",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("practice_name", Text, nullable=False, default=""),
    Column("ods_code", Text, nullable=False, default=""),
    Column("demonstration", Boolean, nullable=False, default=False),
    Column("spine", word_of(SpineKind), nullable=False, default=SpineKind.UNSET),
    # Every execution takes the next epoch; a transaction of an older one changes nothing.
    Column("epoch", Integer, nullable=False, default=0),
    # How often a list was stored: patients carry the number of the list that named them last.
    Column("list_number", Integer, nullable=False, default=0),
    # The end of the audit chain, so that a trail cut short is noticed.
    Column("audit_number", Integer, nullable=False, default=0),
    Column("audit_hash", String(64), nullable=False, default=""),
    Column("created_at", UtcTime, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)

patient = Table(
    "patient",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("patient_ref", Text, nullable=False, unique=True),
    Column("nhs_number", String(10), index=True),
    Column("surname", Text, nullable=False),
    Column("forename", Text, nullable=False),
    Column("date_of_birth", LocalDate, nullable=False),
    Column("sex", Text, nullable=False),
    Column("registration", word_of(RegistrationStatus), nullable=False, index=True),
    Column("fp69", Boolean, nullable=False),
    Column("sensitive", Boolean, nullable=False),
    Column("pds_linked", Boolean, nullable=False),
    Column("record_in_use", Boolean, nullable=False),
    # Goes up with every change to the number, the registration, the flags or the entries.
    Column("consent_version", Integer, nullable=False, default=1),
    Column("list_number", Integer, nullable=False),
    # What patients are sorted by and found by: `person_name.name_key` of the two names.
    Column("name_key", Text, nullable=False, server_default="", index=True),
    # The latest execution there was when the NHS number became what it is: what any up to it found on the Spine was
    # found under another number, and so about somebody else.
    Column("number_since", Integer, nullable=False, server_default="0"),
)

consent_entry = Table(
    "consent_entry",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("patient_id", ForeignKey(patient.c.id), nullable=False),
    # The order among one patient's entries; the numbers need not be consecutive.
    Column("position", Integer, nullable=False),
    Column("code", String(5), nullable=False),
    Column("term", Text, nullable=False),
    Column("event_date", LocalDate, nullable=False),
    Column("recorded_at", UtcTime),
    Column("recorded_by", Text, nullable=False),
    UniqueConstraint("patient_id", "position"),
)
is_dissent_entry = or_(*(consent_entry.c.code == literal_column(f"'{code}'") for code in sorted(DISSENT_CODES)))
"""Written with the codes in its text, without which SQLite would not see that the index below answers it."""

Index("ix_consent_entry_dissent", consent_entry.c.patient_id, **only_where(is_dissent_entry))

patient_group = Table(
    "patient_group",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
)

patient_group_member = Table(
    "patient_group_member",
    metadata,
    Column("group_id", ForeignKey(patient_group.c.id), primary_key=True),
    Column("patient_id", ForeignKey(patient.c.id), primary_key=True, index=True),
)
