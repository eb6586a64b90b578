"""Passes over the dissents that were read back from the Spine, and what was found of each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

TIME = sa.String(27)
WORD = sa.String(32)
STOP_REASONS = (
    "user window_closed card_expired card_removed not_authorised no_connection spine_unavailable configuration "
    "database shutdown interrupted error"
)
REASONS = (
    "dissent_sent not_told confirmed_by_read already_on_spine legacy_consent_converted dissent_on_spine "
    "implied_consent_added no_preference_expressed nothing_to_do fp69 sensitive future_dated_dissent "
    "not_permanent_yet no_longer_active pds_mismatch record_in_use nhs_number_invalid spine_rejected "
    "answer_not_understood spine_unavailable outcome_unknown conflict internal_error"
)


def upgrade() -> None:
    """Add both tables."""
    _make_passes()
    _make_findings()


def _one_of(name: str, column: str, words: str) -> sa.CheckConstraint:
    listed = ", ".join(f"'{word}'" for word in words.split())
    return sa.CheckConstraint(f"{column} IN ({listed})", name=name)


def _make_passes() -> None:
    op.create_table(
        "confirmation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("ended_at", TIME),
        sa.Column("end_reason", WORD),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("card_uid", sa.Text(), nullable=False),
        sa.Column("role_name", sa.Text(), nullable=False),
        sa.Column("workstation", sa.Text(), nullable=False),
        sa.Column("dissents", sa.Integer(), nullable=False),
        sa.Column("after_execution", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_confirmation"),
        sa.CheckConstraint("end_reason is null or ended_at is not null", name="ck_confirmation_reason_with_end"),
        _one_of("ck_confirmation_stopreason", "end_reason", STOP_REASONS),
    )
    is_open = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_confirmation_one_open",
        "confirmation",
        [sa.text("(1)")],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )


def _make_findings() -> None:
    op.create_table(
        "confirmation_finding",
        sa.Column("confirmation_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("nhs_number", sa.String(10)),
        sa.Column("found", WORD, nullable=False),
        sa.Column("reason", WORD),
        sa.Column("summary", WORD),
        sa.Column("permission", WORD),
        sa.Column("found_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("confirmation_id", "patient_id", name="pk_confirmation_finding"),
        sa.ForeignKeyConstraint(
            ["confirmation_id"], ["confirmation.id"], name="fk_confirmation_finding_confirmation_id"
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name="fk_confirmation_finding_patient_id"),
        _one_of("ck_confirmation_finding_readback", "found", "otherwise not_read not_told still_no"),
        _one_of("ck_confirmation_finding_reason", "reason", REASONS),
        _one_of("ck_confirmation_finding_summary", "summary", "yes no not_told"),
        _one_of("ck_confirmation_finding_permission", "permission", "Yes No Ask not_told"),
        sa.CheckConstraint(
            "(found = 'not_read') = (permission is null)", name="ck_confirmation_finding_told_unless_not_read"
        ),
        sa.CheckConstraint(
            "(found = 'not_read') = (reason is not null)", name="ck_confirmation_finding_reason_when_not_read"
        ),
    )
    op.create_index(
        "ix_confirmation_finding_confirmation_id_found", "confirmation_finding", ["confirmation_id", "found"]
    )
