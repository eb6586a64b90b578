"""Bringing a practice's list in and taking it out, as the window and the commands both do it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from app.bootstrap.making import practice_in_the_making
from app.bootstrap.place import has_practice
from app.bootstrap.practice_files import operating_system_account, practice_database
from app.clock import Clock, SystemClock, london_date
from app.config import Settings
from app.domain.actions import CONSENT_MIGRATION
from app.domain.errors import Refused
from app.engine.list_preview import ListFiles, ListPreview
from app.engine.long_work import Progress, nobody_waits
from app.engine.ports import RunQueries
from app.engine.practice import ImportSummary, PracticeList, PracticeStore
from app.exchange.export import ExportSummary, export_practice
from app.exchange.findings import BadLines
from app.exchange.practice_list import CheckedList, read_practice_list
from app.storage import audit
from app.storage.practice_store import SqlPracticeStore


@dataclass(frozen=True, slots=True)
class ListToImport:
    """A list that was looked at; nothing of it has been stored yet. Without `rows` it cannot be.

    `name` and `ods_code` are for a practice that is to be made.
    """

    preview: ListPreview
    settings: Settings
    clock: Clock
    update: bool
    rows: CheckedList | None = None
    name: str = ""
    ods_code: str = ""

    def named(self, name: str, ods_code: str) -> ListToImport:
        """The same for a practice of this name."""
        return replace(self, name=name, ods_code=ods_code)

    def bring_in(self, progress: Progress = nobody_waits) -> ImportSummary:
        """Store the list: all of it or nothing.

        Raises `Refused`, `DatabaseUnusable`, `StorageFault`, `BadInput` for a file that has changed since it was
        looked at, and `Cancelled`.
        """
        if self.rows is None:
            raise Refused("This list cannot be imported as it is. Put its faults right first.")
        return store_list(
            self.settings,
            self.rows,
            update=self.update,
            clock=self.clock,
            name=self.name,
            ods_code=self.ods_code,
            progress=progress,
        )


def store_list(
    settings: Settings,
    rows: PracticeList,
    *,
    update: bool,
    clock: Clock | None = None,
    name: str = "",
    ods_code: str = "",
    progress: Progress = nobody_waits,
) -> ImportSummary:
    """Store a checked list, all of it or nothing; a practice is made for it where there is none.

    Raises `Refused`, `DatabaseUnusable`, `StorageFault` and `Cancelled`, and what going through the list raises.
    """
    clock = clock or SystemClock()

    def into(store: PracticeStore) -> ImportSummary:
        account = operating_system_account()
        return store.import_list(rows, update=update, actor=account, demonstration=False, progress=progress)

    if update or has_practice(settings):
        with practice_database(settings, clock) as files:
            return into(files.store)
    with practice_in_the_making(settings, clock, name=name, ods_code=ods_code) as database:
        return into(SqlPracticeStore(database))


def look_at_list(
    settings: Settings,
    files: ListFiles,
    *,
    update: bool,
    clock: Clock | None = None,
    progress: Progress = nobody_waits,
) -> ListToImport:
    """Check a practice's files, every line of them, and say what importing them would bring.

    Every fault of every line is in the preview. Raises `BadInput` for a file that cannot be read at all, and for an
    update `Refused` where it is not allowed; and `Cancelled`.
    """
    clock = clock or SystemClock()
    today = london_date(clock.now())
    try:
        rows = read_practice_list(files.patients, files.consent, files.groups, today=today, progress=progress)
    except BadLines as found:
        return ListToImport(ListPreview(faults=found.lines), settings, clock, update)
    changes = None
    if update:
        with practice_database(settings, clock) as opened:
            changes = opened.store.rehearse_update(rows, progress)
    preview = ListPreview((), rows.warnings, rows.sizes, rows.active_count, rows.dissent_count, changes)
    return ListToImport(preview, settings, clock, update, rows)


def export_list(
    settings: Settings,
    out: Path,
    *,
    run_id: int | None = None,
    actor: str | None = None,
    clock: Clock | None = None,
    progress: Progress = nobody_waits,
) -> ExportSummary:
    """Write the practice as it stands, and the outcomes of a run (the latest unless named), into a folder.

    It is in the audit trail, under `actor` or the account at this computer, before the files are there. Raises
    `Refused` for a run that is not there, `BadInput` for a folder that cannot be written, and `Cancelled`.
    """
    clock = clock or SystemClock()
    with practice_database(settings, clock) as files:
        told_run = run_to_tell(files.queries, run_id)

        def release(summary: ExportSummary) -> None:
            detail = (
                f"{summary.patients} patients, {summary.entries} entries, {summary.groups} memberships, "
                f"{summary.outcomes} outcomes"
            )
            who, action = actor or operating_system_account(), audit.AuditAction.LIST_EXPORTED
            audit.record(files.database, audit.AuditEvent(clock.now(), who, action, run_id=told_run, detail=detail))

        with files.store.snapshot(progress) as moment:
            return export_practice(moment, out, told_run, release=release, progress=progress)


def run_to_tell(queries: RunQueries, wanted: int | None) -> int | None:
    """The run a person named, or the latest; None when there is none. Raises `Refused` for one that is not there."""
    if wanted is not None:
        if queries.run(wanted) is None:
            raise Refused(f"There is no run {wanted}. Leave out --run for the latest one.")
        return wanted
    latest = queries.latest_run(CONSENT_MIGRATION.key)
    return latest.run_id if latest else None
