"""Passes over the dissents that were read back from the Spine, and what was found of each (`ConfirmationStore`).

What the Spine told is kept as the latest look at the patient too, so that a dissent which is gone there comes onto the
worklists by itself; an answer that tells nothing leaves what was told before.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, exists, func, insert, or_, select, update

from app.clock import london_date
from app.domain.decision import Permission, SpineConsent
from app.domain.patient import ConsentEntry, PatientRecord
from app.domain.read_back import Finding, ReadBack
from app.domain.states import StopReason
from app.engine.confirmation import Confirmation, NamedFinding
from app.engine.ports import Operator, actor_words
from app.storage.audit import AuditAction, AuditEvent, append
from app.storage.columns import AnyRow, AnySelect
from app.storage.database import PracticeDatabase
from app.storage.latest_outcomes import IS_ACTIVE
from app.storage.list_conditions import with_counting_dissent
from app.storage.tables import (
    confirmation,
    confirmation_finding,
    execution,
    item,
    patient,
    spine_check,
    tells_of_dissent,
)
from app.storage.work_items import load_entries

_RECORD = (
    *(patient.c.id, patient.c.nhs_number, patient.c.registration, patient.c.fp69, patient.c.sensitive),
    *(patient.c.pds_linked, patient.c.record_in_use, patient.c.consent_version),
)
_TOLD = frozenset({ReadBack.STILL_NO, ReadBack.OTHERWISE})


class SqlConfirmationStore:
    """`ConfirmationStore` over the practice database."""

    def __init__(self, database: PracticeDatabase) -> None:
        self._database = database

    def count_dissents(self) -> int:
        """How many dissents there are to be read back; see the port."""
        with self._database.reading() as connection:
            found: int = connection.execute(self._dissents(func.count())).scalar_one()
            return found

    def dissents(self, after: int, limit: int) -> list[PatientRecord]:
        """These patients' records beyond a patient's id."""
        query = self._dissents(*_RECORD).where(patient.c.id > after).order_by(patient.c.id).limit(limit)
        with self._database.reading() as connection:
            rows: list[AnyRow] = list(connection.execute(query))
            entries = load_entries(connection, [row.id for row in rows])
        return [_record(row, entries.get(row.id, ())) for row in rows]

    def begin(self, dissents: int, operator: Operator, now: datetime) -> int:
        """Open a pass, and close one that a dead program left open."""
        with self._database.writing() as connection:
            interrupted = confirmation.c.ended_at.is_(None)
            values = {"ended_at": now, "end_reason": StopReason.INTERRUPTED}
            connection.execute(update(confirmation).where(interrupted).values(values))
            opened = insert(confirmation).values(
                started_at=now,
                operator=operator.name,
                card_uid=operator.card_uid,
                role_name=operator.role_name,
                workstation=operator.workstation,
                dissents=dissents,
                after_execution=_latest_execution(connection),
            )
            made: int = connection.execute(opened.returning(confirmation.c.id)).scalar_one()
            action, detail = AuditAction.CONFIRMATION_BEGUN, f"pass {made}, {dissents} dissents"
            append(connection, [AuditEvent(now, _actor(operator), action, detail=detail)])
            return made

    def keep(self, confirmation_id: int, findings: Sequence[Finding], operator: Operator) -> None:
        """Keep these findings, with what the Spine told as the latest look at each patient."""
        if not findings:
            return
        with self._database.writing() as connection:
            connection.execute(insert(confirmation_finding), [_values(confirmation_id, one) for one in findings])
            looks = [one for one in findings if one.found in _TOLD]
            if looks:
                ids = [one.record.patient_id for one in looks]
                connection.execute(delete(spine_check).where(spine_check.c.patient_id.in_(ids)))
                latest = _latest_execution(connection)
                connection.execute(insert(spine_check), [_look(one, operator, latest) for one in looks])
            append(connection, [_event(confirmation_id, one, operator) for one in findings])

    def end(self, confirmation_id: int, reason: StopReason | None, operator: Operator, now: datetime) -> None:
        """Close a pass."""
        this = confirmation.c.id == confirmation_id
        with self._database.writing() as connection:
            connection.execute(update(confirmation).where(this).values(ended_at=now, end_reason=reason))
            after = reason.value if reason is not None else "completed"
            action, detail = AuditAction.CONFIRMATION_ENDED, f"pass {confirmation_id}"
            append(connection, [AuditEvent(now, _actor(operator), action, after=after, detail=detail)])

    def latest(self) -> Confirmation | None:
        """The newest pass."""
        query = select(confirmation).order_by(confirmation.c.id.desc()).limit(1)
        number = func.count()
        found = select(confirmation_finding.c.found, number).group_by(confirmation_finding.c.found)
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
            if row is None:
                return None
            counts: dict[ReadBack, int] = dict(
                connection.execute(found.where(confirmation_finding.c.confirmation_id == row.id)).all()
            )
            is_latest_word = row.after_execution == _latest_execution(connection)
        return _view(row, counts, is_latest_word=is_latest_word)

    def named(self, confirmation_id: int, found: ReadBack, limit: int) -> list[NamedFinding]:
        """The patients of whom this was found, by name."""
        kept = confirmation_finding.c
        query = (
            select(patient.c.id, patient.c.patient_ref, patient.c.nhs_number, patient.c.surname, patient.c.forename)
            .add_columns(kept.found, kept.summary, kept.permission, kept.reason, kept.found_at)
            .join_from(confirmation_finding, patient)
            .where(kept.confirmation_id == confirmation_id, kept.found == found)
            .order_by(patient.c.name_key, patient.c.id)
            .limit(limit)
        )
        with self._database.reading() as connection:
            return [_named(row) for row in connection.execute(query)]

    def _dissents(self, *columns: object) -> AnySelect:
        today = london_date(self._database.clock.now())
        by_run = exists().where(item.c.patient_id == patient.c.id, tells_of_dissent(item))
        by_look = exists().where(
            spine_check.c.patient_id == patient.c.id,
            spine_check.c.nhs_number == patient.c.nhs_number,
            spine_check.c.permission == Permission.NO,
        )
        objects = patient.c.id.in_(with_counting_dissent(today))
        query: AnySelect = select(*columns)  # type: ignore[call-overload]
        return query.select_from(patient).where(IS_ACTIVE, objects, or_(by_run, by_look))


def _record(row: AnyRow, entries: Sequence[ConsentEntry]) -> PatientRecord:
    return PatientRecord(
        *(row.id, row.nhs_number, row.registration, row.fp69, row.sensitive, row.pds_linked, row.record_in_use),
        consent_version=row.consent_version,
        entries=tuple(entries),
    )


def _latest_execution(connection: Connection) -> int:
    latest: int | None = connection.execute(select(func.max(execution.c.id))).scalar_one()
    return latest or 0


def _actor(operator: Operator) -> str:
    return actor_words(operator.name, operator.role_name, operator.card_uid)


def _values(confirmation_id: int, finding: Finding) -> dict[str, object]:
    consent = finding.consent
    return {
        "confirmation_id": confirmation_id,
        "patient_id": finding.record.patient_id,
        "nhs_number": finding.record.nhs_number,
        "found": finding.found,
        "reason": finding.reason,
        "summary": consent.summary if consent is not None else None,
        "permission": consent.permission if consent is not None else None,
        "found_at": finding.at,
    }


def _look(finding: Finding, operator: Operator, latest_execution: int) -> dict[str, object]:
    if finding.consent is None:
        raise AssertionError("what the Spine told is known")
    return {
        "patient_id": finding.record.patient_id,
        "nhs_number": finding.record.nhs_number,
        "summary": finding.consent.summary,
        "permission": finding.consent.permission,
        "checked_at": finding.at,
        "checked_by": operator.name,
        "after_execution": latest_execution,
    }


def _event(confirmation_id: int, finding: Finding, operator: Operator) -> AuditEvent:
    told = finding.consent.permission.value if finding.consent is not None else None
    why = f", {finding.reason}" if finding.reason is not None else ""
    return AuditEvent(
        finding.at,
        _actor(operator),
        AuditAction.DISSENT_READ_BACK,
        patient_id=finding.record.patient_id,
        after=told,
        detail=f"pass {confirmation_id}, {finding.found}{why}",
    )


def _view(row: AnyRow, counts: dict[ReadBack, int], *, is_latest_word: bool) -> Confirmation:
    return Confirmation(
        confirmation_id=row.id,
        started_at=row.started_at,
        ended_at=row.ended_at,
        end_reason=row.end_reason,
        operator=row.operator,
        workstation=row.workstation,
        dissents=row.dissents,
        counts=counts,
        is_latest_word=is_latest_word,
    )


def _named(row: AnyRow) -> NamedFinding:
    patient_id, ref, number, surname, forename, found, summary, permission, reason, at = row
    consent = SpineConsent(summary, permission) if permission is not None else None
    return NamedFinding(patient_id, ref, number, surname, forename, found, consent, reason, at)
