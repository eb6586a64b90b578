"""Ports without a database or a network, for looking at states that a real run passes through too fast to be seen."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.domain.actions import CONSENT_MIGRATION, RunSituation
from app.domain.decision import Permission, SpineConsent, Summary
from app.domain.errors import Refused, RoleChoiceNeeded, SignInRefused
from app.domain.outcomes import ItemState, Reason
from app.domain.read_back import ReadBack
from app.domain.session import SESSION_LENGTH, CardSession, Role
from app.domain.states import RunStatus, StopReason
from app.domain.windows import Plan
from app.engine.audit_trail import TrailVerdict
from app.engine.certificate import Certificate, Figures, OutcomeCount
from app.engine.confirmation import Confirmation, NamedFinding
from app.engine.control import StopToken
from app.engine.long_work import Cancelled, Progress
from app.engine.operator import Press
from app.engine.ports import GroupView, InsertedCard, RunView
from app.engine.practice import PracticeInfo, SpineKind
from app.engine.progress import Phase, ProgressBoard, Snapshot
from app.engine.reports import Draw, PutOnPaper, Report
from app.engine.rights import NOBODY_SIGNED_IN, Rights
from app.engine.rows import Counts
from app.engine.schedule_rows import ActiveSchedule, OccurrenceView, ScheduleView
from app.engine.story_desk import StoryTaken
from app.ui.services import CardChoice, Services
from tests.helpers.clocks import ManualClock
from tests.ui.history.fake_history import FakeHistory, FakeTrail
from tests.ui.patients.fake_lists import FakeGroups, FakeViewer, line
from tests.ui.preview.fakes import FakePreviews
from tests.ui.worklists.fake_desks import FakeMismatches, FakeWorklists

EVENING = datetime(2026, 11, 24, 16, 31, tzinfo=UTC)
ADMINISTRATOR = Role("555910000101", "System Administrator", "S8001:G8003:R8015", frozenset({"B0062", "B0011"}))
PRACTITIONER = Role("555910000501", "General Practitioner", "S8000:G8000:R8000", frozenset({"B0011"}))
CARD, TWO_ROLES, PASSCODE = "910000000001", "910000000005", "123456"


class FakeReader:
    """Knows two cards; the one with two roles asks for a choice."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.session: CardSession | None = None
        self.inside: InsertedCard | None = None
        self.confirmed = 0
        self.because: StopReason | None = None
        self.allowed = threading.Event()
        self.allowed.set()

    def current(self) -> CardSession | None:
        return self.session

    def ended_because(self) -> StopReason | None:
        return self.because

    def confirm_rights(self) -> None:
        self.confirmed += 1

    def card(self) -> InsertedCard | None:
        return self.inside

    def insert(self, card_uid: str) -> None:
        self.inside = InsertedCard(card_uid, 3)

    def sign_in(self, passcode: str, role_id: str | None = None) -> CardSession:
        assert self.allowed.wait(30)
        assert self.inside is not None
        if passcode != PASSCODE:
            raise SignInRefused("The passcode is not right. Type it again.")
        if self.inside.uid == TWO_ROLES:
            raise RoleChoiceNeeded([PRACTITIONER, ADMINISTRATOR])
        return self.begin()

    def choose_role(self, role_id: str) -> CardSession:
        assert self.allowed.wait(30)
        return self.begin(next(role for role in (PRACTITIONER, ADMINISTRATOR) if role.role_id == role_id))

    def begin(self, role: Role = ADMINISTRATOR, ago: timedelta = timedelta(0)) -> CardSession:
        """A session, so long after its sign-in."""
        self.inside = self.inside or InsertedCard(CARD, 3)
        since = self._clock.now() - ago
        self.session = CardSession("session-1", CARD, "Alison Marsh", role, since, since + SESSION_LENGTH)
        self.because = None
        return self.session

    def remove_card(self) -> None:
        self.inside, self.session, self.because = None, None, StopReason.CARD_REMOVED


class FakePractice:
    """Operator and queries in one: says what it was told to say, and runs what it was told to run."""

    def __init__(self) -> None:
        self.run_view: RunView | None = None
        self.live_elsewhere: str | None = None
        self.group_views: list[GroupView] = []
        self.everyone = 10_387
        self.fault: Exception | None = None
        self.refusal: str | None = None
        self.carry_out: Callable[[Press, StopToken, ProgressBoard], RunView] | None = None
        self.pressed: list[Press] = []

    def situation(self, family: str) -> RunSituation:
        if self.fault is not None:
            raise self.fault
        elsewhere = self.live_elsewhere
        if self.run_view is None:
            return RunSituation(live=elsewhere is not None, live_elsewhere=elsewhere)
        counts = self.run_view.counts
        left = counts.unprocessed + counts.sending
        return RunSituation(self.run_view.status, elsewhere is not None, counts.failed, left, elsewhere)

    def check(self, press: Press) -> None:
        if self.fault is not None:
            raise self.fault
        if self.refusal is not None:
            raise Refused(self.refusal)

    def execute(self, press: Press, token: StopToken, board: ProgressBoard) -> RunView:
        self.pressed.append(press)
        assert self.carry_out is not None
        self.run_view = self.carry_out(press, token, board)
        return self.run_view

    def stop_elsewhere(self, family: str) -> None:
        if self.refusal is not None:
            raise Refused(self.refusal)
        assert self.run_view is not None
        self.run_view = replace(self.run_view, stop_requested=True)

    def latest_run(self, family: str) -> RunView | None:
        return self.run_view

    def run(self, run_id: int) -> RunView | None:
        return self.run_view

    def active_count(self, group: str | None = None) -> int:
        return self.everyone

    def groups(self) -> list[GroupView]:
        return self.group_views

    def patient_count(self) -> int:
        return self.everyone


class FakeTimes:
    """Says what it was told is scheduled; keeps a press without beginning it, and remembers it."""

    def __init__(self) -> None:
        self.held: ActiveSchedule | None = None
        self.told: list[OccurrenceView] = []
        self.kept: list[tuple[Press, Plan]] = []
        self.cancelled = 0

    def active(self) -> ActiveSchedule | None:
        return self.held

    def history(self, limit: int) -> list[OccurrenceView]:
        return self.told[:limit]

    def press(self, press: Press, plan: Plan) -> ScheduleView:
        self.kept.append((press, plan))
        view = ScheduleView(1, 1, press.family, press.action, press.group, plan, EVENING, "Alison Marsh", None, None)
        self.held = ActiveSchedule(view, {}, RunStatus.SCHEDULED, None, None, 0)
        return view

    def cancel(self) -> ScheduleView:
        if self.held is None:
            raise Refused("Nothing is scheduled, so there is nothing to cancel.")
        self.cancelled += 1
        view, self.held = self.held.schedule, None
        return view

    def order(self, press: Press) -> object:
        raise AssertionError("nothing begins at once here")

    def keep_watch(self, begin: object, tell: object) -> None:
        pass

    def wake(self) -> None:
        pass

    def leave_watch(self) -> None:
        pass


class FakeAwake:
    """Says that the computer is kept awake while it was told that the system agrees."""

    def __init__(self, *, agrees: bool = False) -> None:
        self.is_on = False
        self.agrees = agrees

    @contextmanager
    def while_it_runs(self) -> Iterator[None]:
        self.is_on = self.agrees
        yield
        self.is_on = False


class FakeReports:
    """Lets whoever is signed in take reports; remembers what was taken, and works until `may_go_on`."""

    def __init__(self, reader: FakeReader) -> None:
        self._reader = reader
        self.taken: list[tuple[Report, str]] = []
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def who_takes(self) -> CardSession:
        session = self._reader.current()
        if session is None:
            raise Refused(NOBODY_SIGNED_IN)
        return session

    def save_csv(self, report: Report, path: Path, progress: Progress) -> int:
        return self._work(report, str(path), progress)

    def save_pages(self, report: Report, path: Path, draw: Draw, progress: Progress) -> int:
        return self._work(report, str(path), progress)

    def put_on_paper(self, report: Report, printer: str, put: PutOnPaper, progress: Progress) -> int:
        return self._work(report, printer, progress)

    def _work(self, report: Report, place: str, progress: Progress) -> int:
        self.who_takes()
        progress("Writing the file", 31, 250)
        while not self.may_go_on.wait(0.02):
            progress("Writing the file", 31, 250)
        self.taken.append((report, place))
        return 250


class FakeStories:
    """Lets whoever is signed in take stories; remembers whose, and where they went."""

    def __init__(self, reader: FakeReader) -> None:
        self._reader = reader
        self.refusal: str | None = None
        self.taken: list[tuple[int, str]] = []

    def who_takes(self) -> CardSession:
        session = self._reader.current()
        if session is None or self.refusal is not None:
            raise Refused(self.refusal or NOBODY_SIGNED_IN)
        return session

    def copy(self, patient_id: int) -> StoryTaken:
        return self._taken(patient_id, "clipboard")

    def save(self, patient_id: int, path: Path, draw: Callable[[StoryTaken, Path], None]) -> None:
        draw(self._taken(patient_id, str(path)), path)

    def put_on_paper(self, patient_id: int, printer: str, put: Callable[[StoryTaken], None]) -> None:
        put(self._taken(patient_id, printer))

    def _taken(self, patient_id: int, place: str) -> StoryTaken:
        session = self.who_takes()
        self.taken.append((patient_id, place))
        return StoryTaken(demonstration(), f"{session.user_name}, {session.role.name}", EVENING)


class FakeCertificates:
    """Makes the certificate it was told to; remembers what was taken."""

    def __init__(self, reader: FakeReader) -> None:
        self._reader = reader
        self.made = a_certificate()
        self.taken: list[str] = []

    def who_takes(self) -> CardSession:
        session = self._reader.current()
        if session is None:
            raise Refused(NOBODY_SIGNED_IN)
        return session

    def make(self, progress: Progress) -> Certificate:
        progress("Counting the latest outcomes")
        return self.made

    def save(self, certificate: Certificate, path: Path, draw: Callable[[Certificate, Path], None]) -> None:
        draw(certificate, path)
        self.taken.append(str(path))

    def put_on_paper(self, certificate: Certificate, printer: str, put: Callable[[Certificate], None]) -> None:
        put(certificate)
        self.taken.append(printer)


class FakeConfirmer:
    """Says what it was told the latest pass found; a new pass finds `next_found` and waits for `may_go_on` before."""

    def __init__(self, reader: FakeReader) -> None:
        self._reader = reader
        self.held: Confirmation | None = None
        self.next_found: Confirmation | None = None
        self.dissents = 117
        self.names: dict[ReadBack, list[NamedFinding]] = {}
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def why_not(self) -> str | None:
        return None if self._reader.current() is not None else NOBODY_SIGNED_IN

    def latest(self) -> Confirmation | None:
        return self.held

    def to_confirm(self) -> int:
        return self.dissents

    def named(self, confirmation: Confirmation, found: ReadBack, limit: int) -> list[NamedFinding]:
        if self._reader.current() is None:
            raise Refused(NOBODY_SIGNED_IN)
        return self.names.get(found, [])[:limit]

    def confirm(self, token: StopToken, progress: Progress) -> Confirmation:
        found = self.next_found
        try:
            progress("Confirming dissents", 40, self.dissents)
            while not self.may_go_on.wait(0.02):
                progress("Confirming dissents", 40, self.dissents)
        except Cancelled:
            found = a_confirmation({ReadBack.STILL_NO: 40}, reason=StopReason.USER)
        assert found is not None
        self.held = found
        return found


def a_confirmation(counts: dict[ReadBack, int], *, reason: StopReason | None = None) -> Confirmation:
    """A pass over the dissents of the demonstration practice, this evening."""
    begun = EVENING - timedelta(minutes=2)
    return Confirmation(1, begun, EVENING, reason, "Alison Marsh", "FRONT-DESK", 117, counts, is_latest_word=True)


def a_named_finding(at: int, found: ReadBack, reason: Reason | None = None) -> NamedFinding:
    """What was found about the patient at this place of every list."""
    who = line(at)
    consent = SpineConsent(Summary.YES, Permission.ASK) if found is ReadBack.OTHERWISE else None
    return NamedFinding(
        who.patient_id, who.patient_ref, who.nhs_number, who.surname, who.forename, found, consent, reason, EVENING
    )


def a_certificate(**changes: object) -> Certificate:
    """The demonstration practice after its run: three failed, all dissents but those are on the Spine."""
    counts = Counts(sent=117, failed=3, not_required=10_267)
    outcomes = (
        OutcomeCount(ItemState.SENT, Reason.DISSENT_SENT, 117),
        OutcomeCount(ItemState.FAILED, Reason.PDS_MISMATCH, 2),
        OutcomeCount(ItemState.FAILED, Reason.RECORD_IN_USE, 1),
        OutcomeCount(ItemState.NOT_REQUIRED, Reason.NO_PREFERENCE_EXPRESSED, 8_012),
        OutcomeCount(ItemState.NOT_REQUIRED, Reason.NOTHING_TO_DO, 1_604),
        OutcomeCount(ItemState.NOT_REQUIRED, Reason.IMPLIED_CONSENT_ADDED, 651),
    )
    figures = Figures(
        active=10_387,
        outcomes=outcomes,
        runs=(run_view(RunStatus.COMPLETED, counts),),
        dissents=118,
        on_spine=117,
        not_shown=1,
        not_sent=2,
        mismatches=14,
        unconverted=0,
        unsettled=0,
        in_progress=0,
        joined=12,
        events=21_934,
        seal="5f3c9a1be07d" * 5 + "a4c1",
    )
    made = Certificate(
        practice=demonstration(),
        taken_by="Alison Marsh (System Administrator)",
        taken_at=EVENING,
        figures=figures,
        confirmation=a_confirmation({ReadBack.STILL_NO: 117}),
        trail=TrailVerdict(21_934),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def until_stopped(token: StopToken) -> None:
    """Work until somebody asks for a stop, as an execution does."""
    asked = threading.Event()
    token.on_stop(asked.set)
    assert asked.wait(30)


def run_view(
    status: RunStatus, counts: Counts, reason: StopReason | None = None, *, group: str | None = None
) -> RunView:
    """A run of the demonstration practice, begun earlier this evening."""
    begun = EVENING - timedelta(minutes=14)
    return RunView(
        run_id=1,
        family=CONSENT_MIGRATION.key,
        status=status,
        stop_reason=reason,
        stop_detail="",
        group=group,
        counts=counts,
        reads=counts.checked,
        writes=counts.sent,
        created_at=begun,
        started_at=begun,
        ended_at=None if status.is_open else EVENING,
        operator="Alison Marsh",
        workstation="FRONT-DESK",
        stop_requested=False,
        last_begun_at=begun,
    )


def snapshot(counts: Counts, phase: Phase = Phase.RUNNING, **changes: object) -> Snapshot:
    """A moment of a run at the real service's pace."""
    checked = counts.checked
    values: dict[str, object] = {
        "run_id": 1,
        "execution_id": 1,
        "phase": phase,
        "counts": counts,
        "reads": checked,
        "writes": counts.sent,
        "elapsed": checked / 5,
        "in_scope": counts.total,
        "checked_now": checked,
        "per_second": 5.0,
        "seconds_left": counts.unprocessed / 5,
    }
    return Snapshot(**{**values, **changes})  # type: ignore[arg-type]


def demonstration() -> PracticeInfo:
    return PracticeInfo("Demonstration Practice", "Y12345", demonstration=True, spine=SpineKind.SIMULATED)


def services(clock: ManualClock, practice: FakePractice, reader: FakeReader, /, **changes: object) -> Services:
    """The window's services over these fakes."""
    offered = (
        CardChoice(CARD, "Alison Marsh, System Administrator"),
        CardChoice(TWO_ROLES, "Helen Whitfield, two roles"),
    )
    usual = Services(
        clock=clock,
        family=CONSENT_MIGRATION,
        practice=demonstration(),
        queries=practice,
        history=FakeHistory(),
        trail=FakeTrail(),
        patients=FakeViewer(),
        stories=FakeStories(reader),
        groups=FakeGroups(practice),
        worklists=FakeWorklists(),
        mismatches=FakeMismatches(),
        reports=FakeReports(reader),
        previews=FakePreviews(),
        foreseen=FakeViewer(reader=reader),
        compare=lambda: None,
        certificates=FakeCertificates(reader),
        confirmer=FakeConfirmer(reader),
        operator=practice,
        times=FakeTimes(),
        awake=FakeAwake(),
        rights=Rights(reader, {"B0062"}, clock),
        reader=reader,
        spine_label="simulated",
        requests_per_second=5.0,
        version="0.1.0",
        report_of=lambda error: f"{type(error).__name__} at somewhere",
        cards=offered,
        card_hint="These cards exist in the simulation only. The passcode of each is 123456.",
    )
    return replace(usual, **changes)  # type: ignore[arg-type]
