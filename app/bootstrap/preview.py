"""Previews of a practice: the copy they are made on, and what each depth is taken with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from app.clock import Clock
from app.engine.long_work import Progress
from app.engine.operator import JobOperator, OperatorSettings
from app.engine.ports import SignedIn, actor_words
from app.engine.practice import SpineKind
from app.engine.press import Press, PressCheck
from app.engine.preview import Depth, Means, PracticeCopy, Previewer
from app.engine.preview_spine import SpineLeftAlone, SpineOnlyAsked
from app.engine.sender_pool import SenderPool
from app.engine.senders import MakeSenders
from app.engine.spine_port import SpineReaders
from app.spine.sandbox import NoSignIn
from app.storage import audit
from app.storage.database import PracticeDatabase
from app.storage.migration_store import SqlMigrationStore
from app.storage.patient_lists import SqlPatientLists
from app.storage.preview_marks import SqlPatientMarks
from app.storage.run_outcomes import SqlRunOutcomes
from app.storage.run_queries import SqlRunQueries


def previewer(
    database: PracticeDatabase,
    means: Mapping[Depth, Means],
    clock: Clock,
    settings: OperatorSettings,
    make_senders: MakeSenders = SenderPool,
) -> Previewer:
    """Whoever takes previews of this practice; `forget` must be called before the database is closed."""

    @contextmanager
    def make_copy(progress: Progress) -> Iterator[PracticeCopy]:
        database.refuse_nearly_full(for_copy=True)
        with database.copied(progress) as copy:
            yield PracticeCopy(
                SqlMigrationStore(copy),
                SqlRunQueries(copy),
                SqlPatientLists(copy),
                SqlRunOutcomes(copy),
                SqlPatientMarks(copy),
            )

    def note_taken(actor: str, detail: str) -> None:
        audit.record(database, audit.AuditEvent(clock.now(), actor, audit.AuditAction.REPORT_TAKEN, detail=detail))

    return Previewer(make_copy, means, clock, settings, note_taken, make_senders)


def from_records(possible: PressCheck, clock: Clock, settings: OperatorSettings) -> Means:
    """What it takes to look at the records alone. Nobody signs in: it shows no more than numbers by itself."""
    nobody = NoSignIn(clock, settings.launch_activity_codes)

    def check(press: Press) -> None:
        possible.require_scr()
        possible.require(press)
        # A session of its own for each, for it is only good for ten hours.
        nobody.sign_in("")

    return Means(SpineLeftAlone(), nobody, check, _nothing)


def with_spine(
    database: PracticeDatabase,
    operator: JobOperator,
    signed_in: SignedIn,
    readers: SpineReaders,
    spine_kind: Callable[[], SpineKind],
    clock: Clock,
) -> Means:
    """What it takes to ask the Spine: the rights of a run, and a Spine of the kind that this practice belongs to.

    That patients' consent was asked for, by whom and of how many, is in the practice's audit trail; nothing else is.
    """

    def begun(press: Press) -> None:
        session = operator.check(press)
        database.check_spine(spine_kind())
        actor = actor_words(session.user_name, session.role.name, session.card_uid)
        whom = "everyone" if press.group is None else press.group
        event = audit.AuditEvent(
            clock.now(), actor, audit.AuditAction.PREVIEW_TAKEN, detail=f"{press.action.value}, {whom}"
        )
        audit.record(database, event)

    return Means(SpineOnlyAsked(readers), signed_in, operator.check, begun)


def _nothing(_press: Press) -> None:
    return
