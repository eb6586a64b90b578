"""The first schema of the practice database.

A migration keeps to its own words: the program's tables may move on, what a revision made may not.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TIME = sa.String(27)
DATE = sa.String(10)
WORD = sa.String(32)


def upgrade() -> None:
    """Make every table, index and trigger."""
    _practice()
    _runs()
    _messages()
    _schedule()
    _audit()


def _one_of(name: str, column: str, words: str) -> sa.CheckConstraint:
    listed = ", ".join(f"'{word}'" for word in words.split())
    return sa.CheckConstraint(f"{column} IN ({listed})", name=name)


def _only_where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _practice() -> None:
    """The practice and its list."""
    op.create_table(
        "meta",
        sa.Column("id", sa.Integer()),
        sa.Column("practice_name", sa.Text(), nullable=False),
        sa.Column("ods_code", sa.Text(), nullable=False),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("spine", WORD, nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("list_number", sa.Integer(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("audit_hash", sa.String(64), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_meta"),
        sa.CheckConstraint("id = 1", name="ck_meta_one_row"),
        _one_of("ck_meta_spinekind", "spine", "unset simulated real"),
    )
    op.create_table(
        "patient",
        sa.Column("id", sa.Integer()),
        sa.Column("patient_ref", sa.Text(), nullable=False),
        sa.Column("nhs_number", sa.String(10)),
        sa.Column("surname", sa.Text(), nullable=False),
        sa.Column("forename", sa.Text(), nullable=False),
        sa.Column("date_of_birth", DATE, nullable=False),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("registration", WORD, nullable=False),
        sa.Column("fp69", sa.Boolean(), nullable=False),
        sa.Column("sensitive", sa.Boolean(), nullable=False),
        sa.Column("pds_linked", sa.Boolean(), nullable=False),
        sa.Column("record_in_use", sa.Boolean(), nullable=False),
        sa.Column("consent_version", sa.Integer(), nullable=False),
        sa.Column("list_number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_patient"),
        _one_of(
            "ck_patient_registrationstatus", "registration", "applied permanent temporary transferred_out deceased"
        ),
        sa.UniqueConstraint("patient_ref", name="uq_patient_patient_ref"),
    )
    op.create_index("ix_patient_nhs_number", "patient", ["nhs_number"])
    op.create_index("ix_patient_registration", "patient", ["registration"])
    op.create_table(
        "consent_entry",
        sa.Column("id", sa.Integer()),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(5), nullable=False),
        sa.Column("term", sa.Text(), nullable=False),
        sa.Column("event_date", DATE, nullable=False),
        sa.Column("recorded_at", TIME),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_consent_entry"),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name="fk_consent_entry_patient_id"),
        sa.UniqueConstraint("patient_id", "position", name="uq_consent_entry_patient_id_position"),
    )
    op.create_index(
        "ix_consent_entry_dissent", "consent_entry", ["patient_id"], **_only_where("code = '93C3.' OR code = '9Ndo.'")
    )
    op.create_table(
        "patient_group",
        sa.Column("id", sa.Integer()),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_patient_group"),
        sa.UniqueConstraint("name", name="uq_patient_group_name"),
    )
    op.create_table(
        "patient_group_member",
        sa.Column("group_id", sa.Integer()),
        sa.Column("patient_id", sa.Integer()),
        sa.PrimaryKeyConstraint("group_id", "patient_id", name="pk_patient_group_member"),
        sa.ForeignKeyConstraint(["group_id"], ["patient_group.id"], name="fk_patient_group_member_group_id"),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name="fk_patient_group_member_patient_id"),
    )
    op.create_index("ix_patient_group_member_patient_id", "patient_group_member", ["patient_id"])


def _runs() -> None:
    """Runs, their executions and their patients."""
    op.create_table(
        "run",
        sa.Column("id", sa.Integer()),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("group_name", sa.Text()),
        sa.Column("status", WORD, nullable=False),
        sa.Column("stop_reason", WORD),
        sa.Column("stop_detail", sa.Text(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("started_at", TIME),
        sa.Column("ended_at", TIME),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_on", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_run"),
        sa.CheckConstraint("(stop_reason is not null) = (status = 'stopped')", name="ck_run_reason_when_stopped"),
        _one_of("ck_run_runstatus", "status", "scheduled running stopped completed abandoned"),
        _one_of(
            "ck_run_stopreason",
            "stop_reason",
            "user window_closed card_expired card_removed not_authorised no_connection spine_unavailable "
            "configuration database shutdown interrupted error",
        ),
    )
    op.create_index("ix_run_family", "run", ["family", "id"])
    op.create_index(
        "uq_run_one_open",
        "run",
        [sa.text("(1)")],
        unique=True,
        **_only_where("status IN ('running', 'scheduled', 'stopped')"),
    )
    op.create_table(
        "run_control",
        sa.Column("run_id", sa.Integer()),
        sa.Column("stop_requested_at", TIME, nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", name="pk_run_control"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_run_control_run_id"),
    )
    op.create_table(
        "execution",
        sa.Column("id", sa.Integer()),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("scope", WORD, nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("card_uid", sa.Text(), nullable=False),
        sa.Column("role_id", sa.Text(), nullable=False),
        sa.Column("role_name", sa.Text(), nullable=False),
        sa.Column("card_session", sa.Text(), nullable=False),
        sa.Column("workstation", sa.Text(), nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("ended_at", TIME),
        sa.Column("end_reason", WORD),
        sa.Column("end_detail", sa.Text(), nullable=False),
        sa.Column("reads", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_execution"),
        _one_of("ck_execution_scope", "scope", "unprocessed failed"),
        _one_of(
            "ck_execution_stopreason",
            "end_reason",
            "user window_closed card_expired card_removed not_authorised no_connection spine_unavailable "
            "configuration database shutdown interrupted error",
        ),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_execution_run_id"),
        sa.UniqueConstraint("epoch", name="uq_execution_epoch"),
    )
    op.create_index("ix_execution_run_id", "execution", ["run_id"])
    op.create_index(
        "uq_execution_one_open", "execution", [sa.text("(1)")], unique=True, **_only_where("ended_at IS NULL")
    )
    op.create_table(
        "item",
        sa.Column("id", sa.Integer()),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("reason", WORD),
        sa.Column("mismatch", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", TIME),
        sa.Column("deferrals", sa.Integer(), nullable=False),
        sa.Column("code_before", sa.Text()),
        sa.Column("scr_on_spine", WORD),
        sa.Column("permission_before", WORD),
        sa.Column("spine_code", sa.Text(), nullable=False),
        sa.Column("spine_text", sa.Text(), nullable=False),
        sa.Column("processed_at", TIME),
        sa.Column("execution_id", sa.Integer()),
        sa.PrimaryKeyConstraint("id", name="pk_item"),
        _one_of("ck_item_itemstate", "state", "unprocessed sending sent failed not_required"),
        _one_of("ck_item_permission", "permission_before", "Yes No Ask not_told"),
        _one_of(
            "ck_item_reason",
            "reason",
            "dissent_sent not_told confirmed_by_read already_on_spine legacy_consent_converted "
            "dissent_on_spine implied_consent_added no_preference_expressed nothing_to_do fp69 sensitive "
            "future_dated_dissent not_permanent_yet no_longer_active pds_mismatch record_in_use "
            "nhs_number_invalid spine_rejected answer_not_understood spine_unavailable outcome_unknown "
            "conflict internal_error",
        ),
        _one_of("ck_item_summary", "scr_on_spine", "yes no not_told"),
        sa.ForeignKeyConstraint(["execution_id"], ["execution.id"], name="fk_item_execution_id"),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name="fk_item_patient_id"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_item_run_id"),
        sa.UniqueConstraint("run_id", "patient_id", name="uq_item_run_id_patient_id"),
        sa.UniqueConstraint("run_id", "sequence", name="uq_item_run_id_sequence"),
    )
    op.create_index("ix_item_patient_id", "item", ["patient_id"])
    op.create_index("ix_item_run_id_state_sequence", "item", ["run_id", "state", "sequence"])
    op.create_index(
        "ix_item_waiting", "item", ["run_id", "next_attempt_at"], **_only_where("next_attempt_at IS NOT NULL")
    )


def _messages() -> None:
    """Messages to the Spine and the attempts at them."""
    op.create_table(
        "intent",
        sa.Column("id", sa.Integer()),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("desired", sa.Text(), nullable=False),
        sa.Column("consent_version", sa.Integer(), nullable=False),
        sa.Column("snapshot_summary", WORD, nullable=False),
        sa.Column("snapshot_permission", WORD, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("spine_code", sa.Text(), nullable=False),
        sa.Column("spine_text", sa.Text(), nullable=False),
        sa.Column("prepared_at", TIME, nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_intent"),
        _one_of("ck_intent_intentstate", "state", "prepared in_flight unknown confirmed rejected superseded conflict"),
        sa.CheckConstraint("desired = 'No'", name="ck_intent_only_no"),
        _one_of("ck_intent_permission", "snapshot_permission", "Yes No Ask not_told"),
        _one_of("ck_intent_summary", "snapshot_summary", "yes no not_told"),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name="fk_intent_patient_id"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_intent_run_id"),
        sa.UniqueConstraint("request_id", name="uq_intent_request_id"),
    )
    op.create_index("ix_intent_patient_id", "intent", ["patient_id"])
    op.create_index(
        "uq_intent_one_unsettled",
        "intent",
        ["patient_id"],
        unique=True,
        **_only_where("state IN ('in_flight', 'prepared', 'unknown')"),
    )
    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer()),
        sa.Column("correlation_id", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("execution_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("ended_at", TIME),
        sa.Column("answer_class", WORD),
        sa.Column("http_status", sa.Integer()),
        sa.Column("spine_code", sa.Text(), nullable=False),
        sa.Column("spine_text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_attempt"),
        _one_of(
            "ck_attempt_answerkind",
            "answer_class",
            "consent accepted rejected access_refused unknown unavailable not_understood no_connection "
            "throttled unauthenticated not_authorised configuration not_sent",
        ),
        sa.CheckConstraint("(ended_at is null) = (answer_class is null)", name="ck_attempt_ended_with_class"),
        sa.ForeignKeyConstraint(["execution_id"], ["execution.id"], name="fk_attempt_execution_id"),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name="fk_attempt_item_id"),
        sa.ForeignKeyConstraint(["request_id"], ["intent.request_id"], name="fk_attempt_request_id"),
        sa.UniqueConstraint("correlation_id", name="uq_attempt_correlation_id"),
    )
    op.create_index("ix_attempt_execution_id", "attempt", ["execution_id"])
    op.create_index("ix_attempt_item_id", "attempt", ["item_id"])
    op.create_index("ix_attempt_open", "attempt", ["id"], **_only_where("ended_at IS NULL"))
    op.create_index("ix_attempt_request_id", "attempt", ["request_id"])


def _schedule() -> None:
    """Deferred starts and what became of them."""
    op.create_table(
        "schedule_window",
        sa.Column("id", sa.Integer()),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("action", WORD, nullable=False),
        sa.Column("group_name", sa.Text()),
        sa.Column("run_id", sa.Integer()),
        sa.Column("start_at", TIME, nullable=False),
        sa.Column("stop_local", sa.String(5)),
        sa.Column("resume_local", sa.String(5)),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("cancelled_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_schedule_window"),
        _one_of("ck_schedule_window_action", "action", "run resume rerun failed"),
        sa.CheckConstraint(
            "resume_local is null or stop_local is not null", name="ck_schedule_window_resume_needs_stop"
        ),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_schedule_window_run_id"),
    )
    op.create_table(
        "occurrence",
        sa.Column("id", sa.Integer()),
        sa.Column("window_id", sa.Integer(), nullable=False),
        sa.Column("local_date", DATE, nullable=False),
        sa.Column("planned_at", TIME, nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_occurrence"),
        sa.CheckConstraint("outcome in ('fired', 'late', 'missed', 'skipped')", name="ck_occurrence_outcome"),
        sa.ForeignKeyConstraint(["window_id"], ["schedule_window.id"], name="fk_occurrence_window_id"),
        sa.UniqueConstraint("window_id", "local_date", name="uq_occurrence_window_id_local_date"),
    )


def _audit() -> None:
    """The trail, which the database itself keeps from being changed."""
    op.create_table(
        "audit_event",
        sa.Column("number", sa.Integer(), autoincrement=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Integer()),
        sa.Column("patient_id", sa.Integer()),
        sa.Column("request_id", sa.Text()),
        sa.Column("before", sa.Text()),
        sa.Column("after", sa.Text()),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit_event"),
    )
    op.create_index("ix_audit_event_patient_id", "audit_event", ["patient_id"])
    if op.get_context().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_event_no_{verb.lower()} BEFORE {verb} ON audit_event "
                "BEGIN SELECT RAISE(ABORT, 'the audit trail is never changed'); END"
            )
    if op.get_context().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION audit_event_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION 'the audit trail is never changed' USING "
            "ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'the audit trail is never changed'; "
            "END $$"
        )
        for verb, each in (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
            op.execute(
                f"CREATE TRIGGER audit_event_no_{verb.lower()} BEFORE {verb} ON audit_event "
                f"FOR EACH {each} EXECUTE FUNCTION audit_event_is_kept()"
            )
