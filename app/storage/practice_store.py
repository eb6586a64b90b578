"""Where a practice's list is kept (`PracticeStore`): brought in, brought up to date, taken out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, func, select, update

from app.domain.errors import Refused
from app.domain.states import OPEN_STATUSES
from app.engine.practice import EntryRow, GroupRow, ImportSummary, OutcomeRow, PatientRow, PracticeExport, PracticeList
from app.storage.audit import AuditAction, AuditEvent, append
from app.storage.database import PracticeDatabase
from app.storage.list_rows import add_entries, add_patients, replace_groups
from app.storage.list_update import absent_references, match_patients, replace_entries
from app.storage.practice_export import PracticeExporter
from app.storage.tables import meta, patient, run


class SqlPracticeStore:
    """`PracticeStore` over the practice database."""

    def __init__(self, database: PracticeDatabase) -> None:
        self._database = database
        self._exporter = PracticeExporter(database)

    def patient_count(self) -> int:
        """How many patients the database holds, active or not."""
        with self._database.reading() as connection:
            return _count_patients(connection)

    def import_list(self, rows: PracticeList, *, update: bool, actor: str, demonstration: bool) -> ImportSummary:
        """Store a list, all of it or none of it; see the port. Before an update a backup is made."""
        with self._database.reading() as connection:
            _refuse_import(connection, update=update)
        if update:
            self._database.back_up(self._database.backups, automatic=True)
        with self._database.writing() as connection:
            # Asked again: another copy of the program may have done something since.
            _refuse_import(connection, update=update)
            number = _next_list_number(connection)
            summary = _update(connection, number, rows) if update else _store(connection, number, rows)
            if not update:
                _mark_demonstration(connection, demonstration)
            append(connection, [self._event(summary, update=update, actor=actor)])
        return summary

    def export_patients(self) -> Iterator[PatientRow]:
        """Every patient with their reference, in the order they came in."""
        return self._exporter.export_patients()

    def export_entries(self) -> Iterator[EntryRow]:
        """Every live entry as it stands now; see the port."""
        return self._exporter.export_entries()

    def export_groups(self) -> Iterator[GroupRow]:
        """Every group membership."""
        return self._exporter.export_groups()

    def export_outcomes(self, run_id: int) -> Iterator[OutcomeRow]:
        """Every patient of a run's cohort, in the cohort's order."""
        return self._exporter.export_outcomes(run_id)

    @contextmanager
    def snapshot(self) -> Iterator[PracticeExport]:
        """The practice as it stands at one moment, read from a copy of the database that is removed afterwards."""
        with self._database.copied() as copy:
            yield PracticeExporter(copy)

    def _event(self, summary: ImportSummary, *, update: bool, actor: str) -> AuditEvent:
        action = AuditAction.LIST_UPDATED if update else AuditAction.LIST_IMPORTED
        detail = (
            f"{summary.added} added, {summary.updated} updated, {len(summary.kept)} kept, "
            f"{summary.entries} entries, {summary.groups} groups"
        )
        return AuditEvent(self._database.clock.now(), actor, action, detail=detail)


def _store(connection: Connection, number: int, rows: PracticeList) -> ImportSummary:
    added = add_patients(connection, number, rows.patients())
    entries = add_entries(connection, number, rows.entries())
    groups = replace_groups(connection, number, rows.groups())
    return ImportSummary(added, 0, entries, groups)


def _update(connection: Connection, number: int, rows: PracticeList) -> ImportSummary:
    added, updated = match_patients(connection, number, rows)
    entries = replace_entries(connection, number, rows.entries())
    groups = replace_groups(connection, number, rows.groups())
    return ImportSummary(added, updated, entries, groups, absent_references(connection, number))


def _refuse_import(connection: Connection, *, update: bool) -> None:
    if not update:
        if _count_patients(connection):
            raise Refused(
                "The database holds patients already. Use --update to bring them up to date, "
                "or import into another data folder."
            )
        return
    if connection.execute(select(meta.c.demonstration)).scalar_one():
        raise Refused(
            "This is a demonstration practice; a practice's own list may not be put into it. "
            "Import the list into another data folder."
        )
    unfinished = select(run.c.id).where(run.c.status.in_(sorted(OPEN_STATUSES)))
    if connection.execute(unfinished).first() is not None:
        raise Refused(
            "A run is not finished, and its patients may not change under it. Press Resume and let it end, then import."
        )


def _count_patients(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(patient)).scalar_one()


def _next_list_number(connection: Connection) -> int:
    connection.execute(update(meta).values(list_number=meta.c.list_number + 1))
    number: int = connection.execute(select(meta.c.list_number)).scalar_one()
    return number


def _mark_demonstration(connection: Connection, demonstration: bool) -> None:
    connection.execute(update(meta).values(demonstration=demonstration))
