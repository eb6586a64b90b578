"""What a practice tells of itself: lists of a run's patients, one patient's story, dissents read back, its certificate;
for window and commands alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from app.bootstrap.practice_files import operating_system_account, practice_database
from app.clock import Clock, SystemClock
from app.config import Settings
from app.domain.errors import BadInput
from app.engine.certificate import Certificate, Certifier
from app.engine.confirmation import Confirmations
from app.engine.lists import ListQuery, OfRun, every_line
from app.engine.long_work import Progress, nobody_waits
from app.engine.loop import LoopSettings
from app.engine.operator import JobOperator
from app.engine.patient_line import PatientLine
from app.engine.ports import PracticeLock, RunQueries, SignedIn
from app.engine.reports import Report, ReportDesk, ReportFiles, TakenRows, Taking
from app.engine.rights import Rights
from app.engine.spine_port import SpineReaders
from app.engine.story_desk import StoryDesk
from app.exchange.file_set import FileSet
from app.exchange.patient_report import write_patients
from app.spine.sandbox import NoSignIn
from app.storage import audit
from app.storage.certificate_figures import SqlCertificateStore
from app.storage.confirmation_store import SqlConfirmationStore
from app.storage.database import PracticeDatabase
from app.storage.patient_lists import SqlPatientLists


@contextmanager
def rows_of_report(
    database: PracticeDatabase, report: Report, taking: Taking, clock: Clock, progress: Progress = nobody_waits
) -> Iterator[TakenRows]:
    """The rows of a list as they stand at one moment, whatever a live run goes on to change.

    That they were taken is in the audit trail before the first of them is given out. Whether they may be is for the
    caller to settle. Raises `StorageFault` and `Cancelled`.
    """
    query = ListQuery(OfRun(report.run_id, report.definition))
    with database.copied(progress) as copy:
        lists = SqlPatientLists(copy)
        patients = lists.count(query)
        place = f", {taking.place}" if taking.place else ""
        detail = f"{report.definition.key}, {patients} patients, {taking.medium}{place}"
        action = audit.AuditAction.REPORT_TAKEN
        audit.record(database, audit.AuditEvent(clock.now(), taking.actor, action, run_id=report.run_id, detail=detail))
        yield TakenRows(patients, every_line(lists, query))


def report_desk(database: PracticeDatabase, queries: RunQueries, rights: Rights, clock: Clock) -> ReportDesk:
    """The desk that gives this practice's reports out."""

    def take(report: Report, taking: Taking, progress: Progress) -> AbstractContextManager[TakenRows]:
        return rows_of_report(database, report, taking, clock, progress)

    return ReportDesk(take, ReportFiles(_whole, _write_csv), queries, database.info, rights, clock)


def story_desk(database: PracticeDatabase, rights: Rights) -> StoryDesk:
    """The desk that lets a patient's story out of the program."""

    def note(actor: str, patient_id: int, how: str) -> None:
        action = audit.AuditAction.REPORT_TAKEN
        event = audit.AuditEvent(database.clock.now(), actor, action, patient_id=patient_id, detail=how)
        audit.record(database, event)

    return StoryDesk(note, _whole, database.info, rights, database.clock)


def certifier_of(database: PracticeDatabase, rights: Rights) -> Certifier:
    """Whoever certifies where this practice stands."""

    @contextmanager
    def moment(progress: Progress) -> Iterator[SqlCertificateStore]:
        with database.copied(progress) as copy:
            yield SqlCertificateStore(copy)

    def note(actor: str, detail: str) -> None:
        action = audit.AuditAction.CERTIFICATE_TAKEN
        audit.record(database, audit.AuditEvent(database.clock.now(), actor, action, detail=detail))

    return Certifier(moment, database.info, note, _whole, rights, database.clock)


def certificate_of(settings: Settings, clock: Clock | None = None) -> Certificate:
    """A certificate for whoever sits at this computer, which is in the audit trail. Raises as `practice_database`."""
    clock = clock or SystemClock()
    with practice_database(settings, clock) as files:
        account = operating_system_account()
        rights = Rights(NoSignIn(clock, settings.launch_activity_codes), settings.launch_activity_codes, clock)
        certifier = certifier_of(files.database, rights)
        certificate = certifier.certify(account)
        certifier.note_taken(certificate, account, "standard output")
        return certificate


def confirmations_of(
    database: PracticeDatabase,
    readers: SpineReaders,
    operator: JobOperator,
    signed_in: SignedIn,
    lock: PracticeLock,
    claim_spine: Callable[[], None],
    settings: LoopSettings,
) -> Confirmations:
    """Whoever reads this practice's dissents back from the Spine."""
    store, clock, person = SqlConfirmationStore(database), database.clock, operator.person
    return Confirmations(store, readers, signed_in, operator.rights, lock, claim_spine, person, clock, settings)


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    try:
        with FileSet(path.parent) as files, files.reserved(path.name) as temporary:
            yield temporary
    except OSError as error:
        raise BadInput(
            f"{path.name} could not be written to {path.parent}: {error.strerror or 'unknown fault'}. "
            "Close it in other programs, or choose another place."
        ) from error


def _write_csv(lines: Iterator[PatientLine], path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        write_patients(lines, stream, "csv")
