"""Where a practice's list is kept (`PracticeStore`): brought in, brought up to date, taken out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date

from sqlalchemy import Connection, func, select, update

from app.clock import london_date
from app.domain.errors import Refused
from app.domain.states import OPEN_STATUSES, RunStatus
from app.engine.long_work import Progress, nobody_waits, told
from app.engine.practice import EntryRow, GroupRow, ImportSummary, OutcomeRow, PatientRow, PracticeExport, PracticeList
from app.storage.audit import AuditAction, AuditEvent, append
from app.storage.database import PracticeDatabase
from app.storage.list_remarks import as_it_stands, to_look_at
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
        return self._exporter.patient_count()

    def import_list(
        self,
        rows: PracticeList,
        *,
        update: bool,
        actor: str,
        demonstration: bool,
        progress: Progress = nobody_waits,
    ) -> ImportSummary:
        """Store a list, all of it or none of it; see the port. Before an update a backup is made."""
        with self._database.reading() as connection:
            _refuse_import(connection, update=update)
        if update:
            self._database.back_up(self._database.backups, automatic=True, progress=progress)
        with self._database.writing() as connection:
            # Asked again: another copy of the program may have done something since.
            _refuse_import(connection, update=update)
            number = _next_list_number(connection)
            if update:
                summary = _update(connection, number, rows, self._today(), progress)
            else:
                summary = _store(connection, number, rows, progress)
                _mark_demonstration(connection, demonstration)
            append(connection, [self._event(summary, update=update, actor=actor)])
            progress("Finishing")
        return summary

    def rehearse_update(self, rows: PracticeList, progress: Progress = nobody_waits) -> ImportSummary:
        """What an update would do; see the port."""
        with suppress(_Undone), self._database.writing() as connection:
            _refuse_import(connection, update=True)
            summary = _update(connection, _next_list_number(connection), rows, self._today(), progress)
            raise _Undone
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
    def snapshot(self, progress: Progress = nobody_waits) -> Iterator[PracticeExport]:
        """The practice as it stands at one moment, read from a copy of the database that is removed afterwards."""
        with self._database.copied(progress) as copy:
            yield PracticeExporter(copy)

    def _today(self) -> date:
        return london_date(self._database.clock.now())

    def _event(self, summary: ImportSummary, *, update: bool, actor: str) -> AuditEvent:
        action = AuditAction.LIST_UPDATED if update else AuditAction.LIST_IMPORTED
        detail = (
            f"{summary.added} added, {summary.updated} updated, {len(summary.kept)} kept, "
            f"{summary.entries} entries, {summary.groups} groups"
        )
        if gone := len(summary.to_look_at.no_longer_objecting):
            detail += f", {gone} no longer object"
        return AuditEvent(self._database.clock.now(), actor, action, detail=detail)


class _Undone(Exception):
    """Ends a transaction that was only to be tried."""


def _store(connection: Connection, number: int, rows: PracticeList, progress: Progress) -> ImportSummary:
    watched = _Watched(rows, progress)
    added = add_patients(connection, number, watched.patients())
    entries = add_entries(connection, number, watched.entries())
    groups, _ = replace_groups(connection, number, watched.groups())
    return ImportSummary(added, 0, entries, groups)


def _update(connection: Connection, number: int, rows: PracticeList, today: date, progress: Progress) -> ImportSummary:
    watched = _Watched(rows, progress)
    before = as_it_stands(connection, today)
    added, updated = match_patients(connection, number, watched)
    entries = replace_entries(connection, number, watched.entries(), today, progress)
    groups, members = replace_groups(connection, number, watched.groups())
    remarks = to_look_at(connection, number, before, members, today)
    return ImportSummary(added, updated, entries, groups, absent_references(connection, number), remarks)


class _Watched:
    """A list whose rows are counted as they go by (`PracticeList`)."""

    def __init__(self, rows: PracticeList, progress: Progress) -> None:
        self.sizes = rows.sizes
        self._rows = rows
        self._progress = progress

    def patients(self) -> Iterator[PatientRow]:
        return told(self._rows.patients(), self._progress, "Storing the patients", self.sizes.patients)

    def entries(self) -> Iterator[EntryRow]:
        return told(self._rows.entries(), self._progress, "Storing the consent entries", self.sizes.entries)

    def groups(self) -> Iterator[GroupRow]:
        return told(self._rows.groups(), self._progress, "Storing the patient groups", self.sizes.memberships)


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
    # One that is scheduled has no patients yet: it takes those that are there when it begins.
    begun = sorted(OPEN_STATUSES - {RunStatus.SCHEDULED})
    unfinished = select(run.c.id).where(run.c.status.in_(begun))
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
