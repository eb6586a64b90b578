"""What the lists of patients need: a key to sort names by and find them by, and the counts by reason quickly."""

from __future__ import annotations

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

PAGE = 2000
LETTERS = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i"})
APOSTROPHES = "'’‘`´ʼ"


def upgrade() -> None:
    """Add the key, fill it in for everybody, add the indexes."""
    op.add_column("patient", sa.Column("name_key", sa.Text(), nullable=False, server_default=""))
    _fill_in()
    op.create_index("ix_patient_name_key", "patient", ["name_key"])
    op.create_index("ix_item_run_id_state_reason", "item", ["run_id", "state", "reason"])
    conversions = sa.text("action = 'entry_converted'")
    op.create_index(
        "ix_audit_event_conversion",
        "audit_event",
        ["run_id", "patient_id"],
        sqlite_where=conversions,
        postgresql_where=conversions,
    )


def _fill_in() -> None:
    connection = op.get_bind()
    patient = sa.table("patient", sa.column("id"), sa.column("surname"), sa.column("forename"), sa.column("name_key"))
    set_key = sa.update(patient).where(patient.c.id == sa.bindparam("of")).values(name_key=sa.bindparam("key"))
    page = sa.select(patient.c.id, patient.c.surname, patient.c.forename).order_by(patient.c.id).limit(PAGE)
    last = 0
    while rows := connection.execute(page.where(patient.c.id > last)).all():
        connection.execute(set_key, [{"of": row.id, "key": _key(row.surname, row.forename)} for row in rows])
        last = rows[-1].id


def _key(surname: str, forename: str) -> str:
    return f" {_words(surname)}\t {_words(forename)}"


def _words(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()).translate(LETTERS)
    kept = (
        character if character.isalnum() else " "
        for character in decomposed
        if not unicodedata.combining(character) and character not in APOSTROPHES
    )
    return " ".join("".join(kept).split())
