"""Rows as the cells of a line, in the order of their file's columns: the counterpart of `rows`."""

from __future__ import annotations

from datetime import datetime

from app.engine.practice import EntryRow, GroupRow, OutcomeRow, PatientRow


def patient_texts(row: PatientRow) -> tuple[str, ...]:
    """A patient as the patients file has it."""
    return (
        row.patient_ref or "",
        row.nhs_number or "",
        row.surname,
        row.forename,
        row.date_of_birth.isoformat(),
        row.sex,
        row.registration.value,
        yes_no(row.fp69),
        yes_no(row.sensitive),
        yes_no(row.pds_linked),
        yes_no(row.record_in_use),
    )


def entry_texts(row: EntryRow) -> tuple[str, ...]:
    """An entry as the consent file has it."""
    return (
        row.patient_ref or "",
        row.nhs_number or "",
        row.code,
        row.term,
        row.event_date.isoformat(),
        instant(row.recorded_at),
        row.recorded_by,
    )


def group_texts(row: GroupRow) -> tuple[str, ...]:
    """A membership as the groups file has it."""
    return row.patient_ref or "", row.group_name, row.nhs_number or ""


def outcome_texts(row: OutcomeRow) -> tuple[str, ...]:
    """A patient's outcome as the outcomes file has it."""
    return (
        row.patient_ref,
        row.nhs_number,
        row.outcome,
        row.reason,
        row.code_before,
        row.code_after,
        row.scr_on_spine,
        row.permission_before,
        yes_no(row.message_sent),
        str(row.attempts),
        row.spine_code,
        instant(row.processed_at),
        yes_no(row.mismatch),
    )


def yes_no(value: bool) -> str:
    """A flag as files have it."""
    return "yes" if value else "no"


def instant(value: datetime | None) -> str:
    """A time in UTC as files have it, ISO 8601 with +00:00; empty where there is none."""
    return value.isoformat() if value else ""
