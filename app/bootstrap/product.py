"""One opened practice with everything behind its ports: database, Spine, card, operator."""

from __future__ import annotations

import getpass
import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from app.bootstrap.place import no_practice_here, place_of, refuse_two_practices
from app.bootstrap.preview import from_records, previewer, with_spine
from app.bootstrap.reports import certifier_of, confirmations_of, report_desk
from app.bootstrap.spine_choice import SpineChoice, choose_spine
from app.clock import Clock, MovableClock, SystemClock
from app.config import Settings
from app.domain.actions import CONSENT_MIGRATION, Family
from app.engine.audit_trail import AuditTrail
from app.engine.certificate import Certificate, Certifier
from app.engine.confirmation import Confirmations
from app.engine.groups import PatientGroups
from app.engine.history import History
from app.engine.lists import PatientLists
from app.engine.long_work import Progress, nobody_waits
from app.engine.loop import LoopSettings
from app.engine.mismatches import Mismatches
from app.engine.operator import JobOperator, OperatorSettings
from app.engine.ports import CardReader, PracticeLock, RunQueries
from app.engine.practice import PracticeInfo, PracticeStore, SpineKind
from app.engine.preview import Depth, Previewer
from app.engine.reports import ReportDesk
from app.engine.rights import Rights
from app.engine.run_outcomes import RunOutcomes
from app.engine.schedule_rows import ScheduleStore
from app.engine.schedules import Schedules, TimedPresses
from app.engine.simulation import SimulationControls
from app.engine.viewing import GuardedLists, PatientViewer
from app.engine.watchman import Watched
from app.engine.worklists import Worklists
from app.exchange.number_list import TextNumberReader
from app.logs import set_up_logging
from app.spine.application_access import ApplicationAccess
from app.spine.auth_service import AuthService
from app.spine.client import RequestsSpine
from app.spine.exchange import Hear, hear_nothing
from app.spine.reachability import spine_answers
from app.spine.sandbox import NoSignIn
from app.spine.sign_in import SignInService
from app.spine.simulated_reader import SimulatedReader
from app.spine.simulated_time import SimulatedTime
from app.spine.simulation import SimulatedSpineControls
from app.storage import audit
from app.storage.audit import AuditAction, AuditEvent
from app.storage.database import PracticeDatabase
from app.storage.group_store import SqlGroupStore
from app.storage.migration_store import SqlMigrationStore
from app.storage.mismatch_store import SqlMismatchStore
from app.storage.patient_lists import SqlPatientLists
from app.storage.patient_story import SqlPatientStories
from app.storage.place import practice_lock, watch_lock
from app.storage.practice_store import SqlPracticeStore
from app.storage.run_history import SqlHistory
from app.storage.run_outcomes import SqlRunOutcomes
from app.storage.run_queries import SqlRunQueries
from app.storage.schedule_store import SqlScheduleStore
from app.storage.trail_queries import SqlAuditTrail
from app.storage.worklist_marks import SqlMarkStore

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PracticeFiles:
    """A practice's database opened for its list and its runs, with no Spine in reach."""

    database: PracticeDatabase
    store: PracticeStore
    queries: RunQueries
    lock: PracticeLock
    schedules: ScheduleStore
    history: History
    trail: AuditTrail
    lists: PatientLists


@dataclass(frozen=True, slots=True)
class Product:
    """A practice ready to work: what the window and the commands are given.

    `simulation` is there where the Spine says that it is simulated. `prove` has the whole database checked and closes
    what a dead program left open; it raises `DatabaseDamaged` and `Cancelled`. `watched` is what `keeping_watch` takes.
    """

    settings: Settings
    clock: Clock
    family: Family
    practice: PracticeInfo
    queries: RunQueries
    history: History
    trail: AuditTrail
    patients: PatientViewer
    groups: PatientGroups
    reports: ReportDesk
    worklists: Worklists
    mismatches: Mismatches
    confirmations: Confirmations
    certifier: Certifier
    operator: JobOperator
    schedules: Schedules
    timed: TimedPresses
    watched: Watched
    rights: Rights
    reader: CardReader
    spine_label: str
    simulated: bool
    needs_card: bool
    loop: LoopSettings
    simulation: SimulationControls | None
    prove: Callable[[Progress], None]
    previews: Previewer
    foreseen: GuardedLists
    outcomes: RunOutcomes


def operating_system_account() -> str:
    """Who sits at this computer, for what needs no card and is audited all the same."""
    with suppress(KeyError, OSError):
        return getpass.getuser()
    return "unknown account"


def workstation() -> str:
    """This computer's name, as refusals and the audit trail show it."""
    return socket.gethostname() or "this computer"


@contextmanager
def practice_database(settings: Settings, clock: Clock | None = None, *, check: bool = True) -> Iterator[PracticeFiles]:
    """The practice of a data folder, closed at the end. Raises `DatabaseUnusable` and `Refused`.

    Without `check` nothing is written until `database.refuse_damaged` has passed.
    """
    clock = clock or SystemClock()
    set_up_logging(settings.data_dir)
    place = place_of(settings)
    refuse_two_practices(settings, place)
    if place == settings.database_file and not settings.database_file.exists():
        raise no_practice_here(settings)
    database = PracticeDatabase.open(place, clock=clock, check=check, hold_writes=not check)
    try:
        lock = practice_lock(place, clock)
        yield PracticeFiles(
            database,
            SqlPracticeStore(database),
            SqlRunQueries(database),
            lock,
            SqlScheduleStore(database),
            SqlHistory(database),
            SqlAuditTrail(database),
            SqlPatientLists(database),
        )
    finally:
        database.close()


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


@contextmanager
def open_product(
    settings: Settings, clock: Clock | None = None, *, headless: bool = False, check: bool = True
) -> Iterator[Product]:
    """A practice with its Spine, closed at the end.

    A run `headless` waits out an outage only as long as the settings say; in the window people see it wait.

    The database is checked, and an execution that a dead program left open is closed as interrupted; without `check`
    both are left to `Product.prove`, and nothing is written before. Raises `DatabaseUnusable`, and `Refused` where
    there is no practice, or no Spine to work against.
    """
    clock = clock or SystemClock()
    with practice_database(settings, clock, check=check) as files:
        time = _time_of_a_rehearsal(clock, files.database)
        choice = choose_spine(settings, clock, time.hear if time else hear_nothing)
        if choice.is_rehearsal:
            # Asked again when a run is launched; here so that nobody signs in for nothing.
            files.database.check_spine(SpineKind.SIMULATED)
        product = _compose(settings, clock, files, choice, time, headless=headless)
        if check:
            product.operator.recover(CONSENT_MIGRATION.key)
        try:
            yield product
        finally:
            product.previews.forget()


def _time_of_a_rehearsal(clock: Clock, database: PracticeDatabase) -> SimulatedTime | None:
    """What moves the program's clock with a simulated Spine's; nothing does where a real one was ever worked with."""
    if isinstance(clock, MovableClock) and database.info().spine is not SpineKind.REAL:
        return SimulatedTime(clock)
    return None


def _compose(
    settings: Settings,
    clock: Clock,
    files: PracticeFiles,
    choice: SpineChoice,
    time: SimulatedTime | None,
    *,
    headless: bool,
) -> Product:
    hear = time.hear if time else hear_nothing
    sign_in, reader = _sign_in(settings, clock, choice, hear)
    database = files.database

    def spine_kind() -> SpineKind:
        # Asked of whoever gave the session, at the time it counts: the address may have changed hands since the start.
        simulated = sign_in.simulated if isinstance(sign_in, SignInService) else True
        return SpineKind.SIMULATED if simulated or choice.is_rehearsal else SpineKind.REAL

    def claim_spine() -> None:
        database.refuse_nearly_full()
        database.mark_spine(spine_kind(), operating_system_account())

    def back_up() -> None:
        database.refuse_nearly_full(for_copy=True)
        database.back_up(database.backups, automatic=True)

    application = _application(settings, clock, choice, hear)
    wanted = operator_settings(
        settings, headless=headless, reads_need_card=application is None, is_made_up=choice.is_made_up
    )
    store, service = SqlMigrationStore(database), RequestsSpine(choice.client, sign_in, clock, hear, application)
    operator = JobOperator(store, files.queries, files.lock, service, reader, claim_spine, back_up, clock, wanted)
    previews = previewer(
        database,
        {
            Depth.RECORDS: from_records(operator.possible, clock, wanted),
            Depth.SPINE: with_spine(database, operator, reader, service, spine_kind, clock),
        },
        clock,
        wanted,
    )

    def note_story_taken(actor: str, patient_id: int) -> None:
        event = AuditEvent(clock.now(), actor, AuditAction.REPORT_TAKEN, patient_id=patient_id, detail="story, copied")
        audit.record(database, event)

    schedules = Schedules(files.schedules, operator.possible, files.lock, clock)

    def prove(progress: Progress = nobody_waits) -> None:
        database.refuse_damaged(progress)
        operator.recover(CONSENT_MIGRATION.key)

    return Product(
        settings=settings,
        clock=clock,
        family=CONSENT_MIGRATION,
        practice=database.info(),
        queries=files.queries,
        history=files.history,
        trail=files.trail,
        patients=PatientViewer(files.lists, SqlPatientStories(database), operator.rights, note_story_taken),
        worklists=Worklists(files.lists, SqlMarkStore(database), operator.rights, clock),
        mismatches=Mismatches(
            SqlMismatchStore(database),
            service,
            reader,
            operator.rights,
            files.lock,
            claim_spine,
            clock,
            settings.requests_per_second,
        ),
        groups=PatientGroups(SqlGroupStore(database), TextNumberReader(), operator.rights, clock),
        confirmations=confirmations_of(database, service, operator, reader, files.lock, claim_spine, wanted.loop),
        certifier=certifier_of(database, operator.rights),
        reports=report_desk(database, files.queries, operator.rights, clock),
        operator=operator,
        schedules=schedules,
        timed=TimedPresses(operator, schedules, clock),
        watched=Watched(
            schedules=files.schedules,
            operator=operator,
            lock=files.lock,
            watch=watch_lock(database.place, clock),
            signed_in=reader,
            spine_answers=lambda: spine_answers(choice.client, clock),
            clock=clock,
        ),
        rights=operator.rights,
        reader=reader,
        spine_label=choice.label,
        simulated=choice.is_made_up,
        needs_card=choice.client.needs_sign_in,
        loop=wanted.loop,
        simulation=_simulation(choice, clock, time),
        prove=prove,
        previews=previews,
        foreseen=GuardedLists(lambda: previews.copy().lists, operator.rights),
        outcomes=SqlRunOutcomes(database),
    )


SERVICE_SECONDS = 60.0
"""For so long the real service may still be at a message after it was lost (spine contract, section 5)."""


def operator_settings(
    settings: Settings, *, headless: bool, reads_need_card: bool = True, is_made_up: bool = True
) -> OperatorSettings:
    """How a run, or a preview of one, works for this practice.

    Unless the Spine `is_made_up`, no setting has a lost message read back while the service may still apply it.
    """
    loop = LoopSettings(
        per_second=settings.requests_per_second,
        senders=settings.concurrency,
        deadline=settings.deadline_seconds,
        settle=settings.settle_seconds if is_made_up else max(settings.settle_seconds, SERVICE_SECONDS),
        retry_delays=settings.retry_delays_seconds,
        max_wait=settings.max_wait_seconds if headless else None,
        reads_need_card=reads_need_card,
    )
    return OperatorSettings(settings.launch_activity_codes, settings.scr_enabled, workstation(), loop)


def _simulation(choice: SpineChoice, clock: Clock, time: SimulatedTime | None) -> SimulationControls | None:
    if choice.simulation_url is None:
        return None
    return SimulatedSpineControls(choice.client, choice.simulation_url, clock, time.hear_move if time else hear_nothing)


def _application(settings: Settings, clock: Clock, choice: SpineChoice, hear: Hear) -> ApplicationAccess | None:
    """Access for questions without a card, where the practice lets them go on and the Spine asks who is asking."""
    if not (settings.application_reads and choice.client.needs_sign_in):
        return None
    return ApplicationAccess(AuthService(choice.client, clock, hear), clock)


def _sign_in(
    settings: Settings, clock: Clock, choice: SpineChoice, hear: Hear
) -> tuple[SignInService | NoSignIn, CardReader]:
    """Whoever holds the session, and the reader in front of it."""
    if not choice.client.needs_sign_in:
        nobody = NoSignIn(clock, settings.launch_activity_codes)
        return nobody, nobody
    service = SignInService(choice.client, clock, hear)
    return service, SimulatedReader(service)
