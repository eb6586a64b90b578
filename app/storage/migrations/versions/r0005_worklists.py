"""Worklists over all runs: marks of patients, looks at one patient on the Spine, and what finds both quickly."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

TIME = sa.String(27)
WORD = sa.String(32)


def upgrade() -> None:
    """Add the column, the indexes and both tables."""
    op.add_column("patient", sa.Column("number_since", sa.Integer(), nullable=False, server_default="0"))
    _add_item_indexes()
    _make_marks()
    _make_checks()


def _one_of(name: str, column: str, words: str) -> sa.CheckConstraint:
    listed = ", ".join(f"'{word}'" for word in words.split())
    return sa.CheckConstraint(f"{column} IN ({listed})", name=name)


def _add_item_indexes() -> None:
    tells_of_dissent = sa.text(
        "state = 'sent' OR permission_before = 'No' OR reason = 'already_on_spine' OR reason = 'dissent_on_spine'"
    )
    failed = sa.text("state = 'failed'")
    for name, which in (("ix_item_tells_of_dissent", tells_of_dissent), ("ix_item_failed", failed)):
        op.create_index(name, "item", ["patient_id"], sqlite_where=which, postgresql_where=which)


def _make_marks() -> None:
    op.create_table(
        "worklist_mark",
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("worklist", WORD, nullable=False),
        sa.Column("dealt_with", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("marked_at", TIME, nullable=False),
        sa.Column("marked_by", sa.Text(), nullable=False),
        sa.Column("consent_version", sa.Integer(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("after_execution", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("patient_id", "worklist", name="pk_worklist_mark"),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name="fk_worklist_mark_patient_id"),
        _one_of("ck_worklist_mark_worklist", "worklist", "dissent-not-sent mismatch failed several-terms future-dated"),
    )


def _make_checks() -> None:
    op.create_table(
        "spine_check",
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("nhs_number", sa.String(10), nullable=False),
        sa.Column("summary", WORD, nullable=False),
        sa.Column("permission", WORD, nullable=False),
        sa.Column("checked_at", TIME, nullable=False),
        sa.Column("checked_by", sa.Text(), nullable=False),
        sa.Column("after_execution", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("patient_id", name="pk_spine_check"),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name="fk_spine_check_patient_id"),
        _one_of("ck_spine_check_summary", "summary", "yes no not_told"),
        _one_of("ck_spine_check_permission", "permission", "Yes No Ask not_told"),
    )
