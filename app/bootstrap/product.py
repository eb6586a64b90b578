"""One opened practice with everything behind its ports: database, Spine, card, operator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from app.bootstrap.practice_files import PracticeFiles, operating_system_account, practice_database, workstation
from app.bootstrap.preview import from_records, previewer, with_spine
from app.bootstrap.reports import certifier_of, confirmations_of, report_desk, story_desk
from app.bootstrap.spine_access import SpineAccess, spine_access, time_of_a_rehearsal
from app.bootstrap.spine_choice import SpineChoice, choose_spine
from app.clock import Clock, SystemClock
from app.config import Settings
from app.domain.actions import CONSENT_MIGRATION, Family
from app.engine.audit_trail import AuditTrail
from app.engine.certificate import Certifier
from app.engine.confirmation import Confirmations
from app.engine.groups import PatientGroups
from app.engine.history import History
from app.engine.long_work import Progress
from app.engine.loop import LoopSettings
from app.engine.mismatches import Mismatches
from app.engine.operator import JobOperator, OperatorSettings
from app.engine.ports import CardReader, RunQueries
from app.engine.practice import PracticeInfo, SpineKind
from app.engine.preview import Depth, Previewer
from app.engine.reports import ReportDesk
from app.engine.rights import Rights
from app.engine.run_outcomes import RunOutcomes
from app.engine.schedules import Schedules, TimedPresses
from app.engine.simulation import SimulationControls
from app.engine.story_desk import StoryDesk
from app.engine.viewing import GuardedLists, PatientViewer
from app.engine.watchman import Watched
from app.engine.worklists import Worklists
from app.exchange.number_list import TextNumberReader
from app.spine.exchange import hear_nothing
from app.spine.reachability import spine_answers
from app.spine.simulated_time import SimulatedTime
from app.storage.database import PracticeDatabase
from app.storage.group_store import SqlGroupStore
from app.storage.migration_store import SqlMigrationStore
from app.storage.mismatch_store import SqlMismatchStore
from app.storage.patient_story import SqlPatientStories
from app.storage.place import watch_lock
from app.storage.run_outcomes import SqlRunOutcomes
from app.storage.worklist_marks import SqlMarkStore


@dataclass(frozen=True, slots=True)
class Product:
    """A practice ready to work: what the window and the commands are given.

    `simulation` is there where the Spine says that it is simulated. `prove` has the whole database checked and closes
    what a dead program left open; it raises `DatabaseDamaged` and `Cancelled`. `cut` has whoever waits for
    the database wait no more, at the end of the program. `watched` is what `keeping_watch` takes.
    """

    settings: Settings
    clock: Clock
    family: Family
    practice: PracticeInfo
    queries: RunQueries
    history: History
    trail: AuditTrail
    patients: PatientViewer
    stories: StoryDesk
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
    cut: Callable[[], None]
    previews: Previewer
    foreseen: GuardedLists
    outcomes: RunOutcomes


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
        time = time_of_a_rehearsal(clock, files.database)
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


def _compose(
    settings: Settings,
    clock: Clock,
    files: PracticeFiles,
    choice: SpineChoice,
    time: SimulatedTime | None,
    *,
    headless: bool,
) -> Product:
    database = files.database
    spine = spine_access(settings, clock, choice, time)
    wanted = operator_settings(
        settings, headless=headless, reads_need_card=spine.reads_need_card, is_made_up=choice.is_made_up
    )
    claim_spine = _claim_of(files, spine)
    operator = _operator(files, spine, claim_spine, clock, wanted)
    previews = _previews(database, operator, spine, clock, wanted)
    rights, schedules = operator.rights, Schedules(files.schedules, operator.possible, files.lock, clock)
    return Product(
        settings=settings,
        clock=clock,
        family=CONSENT_MIGRATION,
        practice=database.info(),
        queries=files.queries,
        history=files.history,
        trail=files.trail,
        patients=PatientViewer(files.lists, SqlPatientStories(database), rights),
        stories=story_desk(database, rights),
        worklists=Worklists(files.lists, SqlMarkStore(database), rights, clock),
        mismatches=Mismatches(
            SqlMismatchStore(database),
            spine.service,
            spine.reader,
            rights,
            files.lock,
            claim_spine,
            clock,
            settings.requests_per_second,
        ),
        groups=PatientGroups(SqlGroupStore(database), TextNumberReader(), rights, clock),
        confirmations=confirmations_of(
            database, spine.service, operator, spine.reader, files.lock, claim_spine, wanted.loop
        ),
        certifier=certifier_of(database, rights),
        reports=report_desk(database, files.queries, rights, clock),
        operator=operator,
        schedules=schedules,
        timed=TimedPresses(operator, schedules, clock),
        watched=Watched(
            schedules=files.schedules,
            operator=operator,
            lock=files.lock,
            watch=watch_lock(database.place, clock),
            signed_in=spine.reader,
            spine_answers=lambda: spine_answers(choice.client, clock),
            clock=clock,
        ),
        rights=rights,
        reader=spine.reader,
        spine_label=choice.label,
        simulated=choice.is_made_up,
        needs_card=choice.client.needs_sign_in,
        loop=wanted.loop,
        simulation=spine.simulation,
        prove=_proof_of(database, operator),
        cut=database.cut,
        previews=previews,
        foreseen=GuardedLists(lambda: previews.copy().lists, rights),
        outcomes=SqlRunOutcomes(database),
    )


def _operator(
    files: PracticeFiles, spine: SpineAccess, claim_spine: Callable[[], None], clock: Clock, wanted: OperatorSettings
) -> JobOperator:
    database, store = files.database, SqlMigrationStore(files.database)

    def back_up() -> None:
        database.refuse_nearly_full(for_copy=True)
        database.back_up(database.backups, automatic=True)

    return JobOperator(
        store, files.queries, files.lock, spine.service, spine.reader, claim_spine, back_up, clock, wanted
    )


def _previews(
    database: PracticeDatabase, operator: JobOperator, spine: SpineAccess, clock: Clock, wanted: OperatorSettings
) -> Previewer:
    means = {
        Depth.RECORDS: from_records(operator.possible, clock, wanted),
        Depth.SPINE: with_spine(database, operator, spine.reader, spine.service, spine.kind, clock),
    }
    return previewer(database, means, clock, wanted)


def _claim_of(files: PracticeFiles, spine: SpineAccess) -> Callable[[], None]:
    """What marks the practice as worked against the kind of Spine in reach, before anything is sent there."""

    def claim_spine() -> None:
        database = files.database
        spine.require_right_time()
        if files.seen is not None:
            files.seen.refuse_older()
            files.seen.look()
        database.refuse_nearly_full()
        database.mark_spine(spine.kind(), operating_system_account())

    return claim_spine


def _proof_of(database: PracticeDatabase, operator: JobOperator) -> Callable[[Progress], None]:
    def prove(progress: Progress) -> None:
        database.refuse_damaged(progress)
        operator.recover(CONSENT_MIGRATION.key)

    return prove


SERVICE_SECONDS = 60.0
"""For so long the real service may still be at a message after it was lost."""


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
