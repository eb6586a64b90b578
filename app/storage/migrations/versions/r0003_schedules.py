"""Schedules as they are carried out: each tells how it ended, each occurrence what it began or why it did not.

Both tables stood empty until now, as nothing wrote them: they are made anew.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

TIME = sa.String(27)
DATE = sa.String(10)
WORD = sa.String(32)


def upgrade() -> None:
    """Make both tables anew."""
    op.drop_table("occurrence")
    op.drop_table("schedule_window")
    _make_schedules()
    _make_occurrences()


def _one_of(name: str, column: str, words: str) -> sa.CheckConstraint:
    listed = ", ".join(f"'{word}'" for word in words.split())
    return sa.CheckConstraint(f"{column} IN ({listed})", name=name)


def _make_schedules() -> None:
    op.create_table(
        "schedule_window",
        sa.Column("id", sa.Integer()),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("action", WORD, nullable=False),
        sa.Column("group_name", sa.Text()),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("start_at", TIME, nullable=False),
        sa.Column("stop_local", sa.String(5)),
        sa.Column("resume_local", sa.String(5)),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("ended_at", TIME),
        sa.Column("end_reason", WORD),
        sa.PrimaryKeyConstraint("id", name="pk_schedule_window"),
        _one_of("ck_schedule_window_action", "action", "run resume rerun failed"),
        _one_of("ck_schedule_window_scheduleend", "end_reason", "done cancelled replaced lapsed"),
        sa.CheckConstraint(
            "resume_local is null or stop_local is not null", name="ck_schedule_window_resume_needs_stop"
        ),
        sa.CheckConstraint("(ended_at is null) = (end_reason is null)", name="ck_schedule_window_ended_with_reason"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_schedule_window_run_id"),
    )
    op.create_index("ix_schedule_window_run_id", "schedule_window", ["run_id"])
    active = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_schedule_window_one_active",
        "schedule_window",
        [sa.text("(1)")],
        unique=True,
        sqlite_where=active,
        postgresql_where=active,
    )


def _make_occurrences() -> None:
    reasons = (
        "asleep program_closed no_card session_ended no_right spine_unreachable another_run window_over refused "
        "stopped_by_person already_running run_over changed"
    )
    op.create_table(
        "occurrence",
        sa.Column("id", sa.Integer()),
        sa.Column("window_id", sa.Integer(), nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("local_date", DATE, nullable=False),
        sa.Column("planned_at", TIME, nullable=False),
        sa.Column("outcome", WORD, nullable=False),
        sa.Column("why", WORD),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.Column("execution_id", sa.Integer()),
        sa.PrimaryKeyConstraint("id", name="pk_occurrence"),
        _one_of("ck_occurrence_occurrencekind", "kind", "start resume"),
        _one_of("ck_occurrence_outcome", "outcome", "fired late missed skipped"),
        _one_of("ck_occurrence_why", "why", reasons),
        sa.CheckConstraint(
            "(execution_id is not null) = (outcome in ('fired', 'late'))", name="ck_occurrence_begun_with_execution"
        ),
        sa.CheckConstraint("(why is null) = (outcome = 'fired')", name="ck_occurrence_reason_unless_in_time"),
        sa.ForeignKeyConstraint(["window_id"], ["schedule_window.id"], name="fk_occurrence_window_id"),
        sa.ForeignKeyConstraint(["execution_id"], ["execution.id"], name="fk_occurrence_execution_id"),
        sa.UniqueConstraint("execution_id", name="uq_occurrence_execution_id"),
        sa.UniqueConstraint("window_id", "kind", "local_date", name="uq_occurrence_window_id_kind_local_date"),
    )
