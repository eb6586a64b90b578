"""What the window is given to work with; `desktop` fills it in, tests fill it with what they need."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from app.clock import Clock
from app.domain.actions import Family, RunSituation
from app.domain.read_back import ReadBack
from app.domain.session import CardSession
from app.domain.windows import Plan
from app.engine.audit_trail import AuditTrail
from app.engine.certificate import Certificate
from app.engine.confirmation import Confirmation, NamedFinding
from app.engine.control import StopToken
from app.engine.groups import GroupDraft, MembersChange
from app.engine.history import History
from app.engine.lists import ListQuery, PatientLists, Worklist
from app.engine.long_work import Progress
from app.engine.mismatches import Told
from app.engine.operator import Press
from app.engine.patient_line import Seen
from app.engine.ports import CardReader, GroupView, RunQueries, RunView
from app.engine.practice import PracticeInfo
from app.engine.preview import Preview, Wish
from app.engine.preview_compare import Comparison
from app.engine.progress import ProgressBoard
from app.engine.reports import Draw, PutOnPaper, Report
from app.engine.rights import Rights
from app.engine.schedule_rows import ActiveSchedule, OccurrenceView, ScheduleView
from app.engine.simulation import SimulationControls
from app.engine.story import PatientStory
from app.engine.story_desk import StoryTaken
from app.engine.watchman import Notice
from app.engine.worklists import WorklistCount
from app.ui.news import Wanted


class RunOperator(Protocol):
    """The part of the job operator that the window uses."""

    def situation(self, family: str) -> RunSituation:
        """What the four actions depend on; a short read."""

    def check(self, press: Press) -> CardSession:
        """The session the press would run under; raises `Refused` with the reason."""

    def execute(self, press: Press, token: StopToken, board: ProgressBoard) -> RunView:
        """Carry out a press until its execution ends; never called in the window's thread."""

    def stop_elsewhere(self, family: str) -> None:
        """Ask another copy of the program to stop what it has under way; never called in the window's thread.

        Raises `Refused` with the reason.
        """


class Viewer(PatientLists, Protocol):
    """The part of the patients' viewer that the window uses; may be called from any thread.

    Its pages and stories raise `Refused` where names may not be seen.
    """

    def why_not(self) -> str | None:
        """Why no names may be seen just now, in words, or None when they may."""

    def story(self, patient_id: int) -> PatientStory | None:
        """What is known of a patient."""


class Stories(Protocol):
    """The part of the stories' desk that the window uses; but for `who_takes` never called in the window's thread.

    Each raises `Refused` where names may not be seen.
    """

    def who_takes(self) -> CardSession:
        """The session a story would be taken under now."""

    def copy(self, patient_id: int) -> StoryTaken:
        """Note that a story is copied, which the caller then does."""

    def save(self, patient_id: int, path: Path, draw: Callable[[StoryTaken, Path], None]) -> None:
        """Have a story drawn into a file."""

    def put_on_paper(self, patient_id: int, printer: str, put: Callable[[StoryTaken], None]) -> None:
        """Have a story printed."""


class Groups(Protocol):
    """The part of the patient groups' service that the window uses; never called in the window's thread.

    Each raises `Refused` where names may not be seen, and `BadInput` for what cannot be used.
    """

    def draft_of_text(self, text: str) -> GroupDraft:
        """Whom a group of the numbers in this text would hold."""

    def draft_of_file(self, path: Path) -> GroupDraft:
        """Whom a group of the numbers in this file would hold."""

    def sizes(self, query: ListQuery) -> tuple[int, int]:
        """How many patients a list holds, and how many of them are active."""

    def make(self, name: str, members: GroupDraft | ListQuery) -> GroupView:
        """Make a group of a draft's patients or of a list's."""

    def add_members(self, name: str, members: GroupDraft | ListQuery) -> MembersChange:
        """Put patients into a group, all of them or none."""

    def remove_members(self, name: str, members: GroupDraft | ListQuery) -> MembersChange:
        """Take patients out of a group, all of them or none."""

    def rename(self, name: str, new_name: str) -> None:
        """Give a group another name."""

    def delete(self, name: str) -> None:
        """Take a group away; its patients stay."""


class WorklistDesk(Protocol):
    """The part of the worklists' service that the window uses; never called in the window's thread."""

    def overview(self) -> list[WorklistCount]:
        """Every worklist with its numbers; for everybody."""

    def mark(self, worklist: Worklist, patient_id: int, seen: Seen, note: str, *, dealt_with: bool) -> None:
        """Mark a patient; raises `Refused` where names may not be seen, and `BadInput` for a note."""

    def unmark(self, worklist: Worklist, patient_id: int) -> None:
        """Take a patient's mark away; raises `Refused` where names may not be seen."""


class MismatchDesk(Protocol):
    """Looks at one patient on the Spine; but for `why_not_record` never called in the window's thread."""

    def why_not_record(self) -> str | None:
        """Why whoever is signed in may record no dissent, in words, or None when they may."""

    def check_again(self, patient_id: int) -> Told:
        """Ask the Spine what it holds of a patient; raises `Refused` where it is not asked or tells nothing."""

    def record_dissent(self, patient_id: int) -> Told:
        """Record a dissent here that the Spine holds at this moment; raises `Refused` with the reason."""


class Reports(Protocol):
    """The part of the reports' desk that the window uses; but for `who_takes` never called in the window's thread.

    Each raises `Refused` where names may not be seen, and what the desk says besides.
    """

    def who_takes(self) -> CardSession:
        """The session a report would be taken under now."""

    def save_csv(self, report: Report, path: Path, progress: Progress) -> int:
        """Write a report as a CSV file; how many patients are in it."""

    def save_pages(self, report: Report, path: Path, draw: Draw, progress: Progress) -> int:
        """Have a report's pages drawn into a file; how many patients are on them."""

    def put_on_paper(self, report: Report, printer: str, put: PutOnPaper, progress: Progress) -> int:
        """Have a report's pages printed; how many patients are on them."""


class Previews(Protocol):
    """The part of the previewer that the window uses; `take` and `go_on` are never called in the window's thread."""

    @property
    def current(self) -> Preview | None:
        """The latest preview."""

    def check(self, wish: Wish) -> None:
        """Raise `Refused` where this cannot be previewed now; a short read."""

    def take(self, wish: Wish, token: StopToken, board: ProgressBoard, progress: Progress) -> Preview:
        """Take a preview; raises `Refused`, `StorageFault` and `Cancelled`."""

    def go_on(self, token: StopToken, board: ProgressBoard) -> Preview:
        """Go on with one that was stopped short; raises as `take` does."""


class Certificates(Protocol):
    """The part of the certifier that the window uses; but for `who_takes` never called in the window's thread.

    Each raises `Refused` where nobody is signed in who may see lists.
    """

    def who_takes(self) -> CardSession:
        """The session a certificate would be made under now."""

    def make(self, progress: Progress) -> Certificate:
        """A certificate of this moment."""

    def save(self, certificate: Certificate, path: Path, draw: Callable[[Certificate, Path], None]) -> None:
        """Have a certificate drawn into a file."""

    def put_on_paper(self, certificate: Certificate, printer: str, put: Callable[[Certificate], None]) -> None:
        """Have a certificate printed."""


class Confirmer(Protocol):
    """The part of the reading back of dissents that the window uses; but for `why_not` never called in its thread."""

    def why_not(self) -> str | None:
        """Why this person may not read dissents back now, None when they may."""

    def latest(self) -> Confirmation | None:
        """The newest pass."""

    def to_confirm(self) -> int:
        """How many dissents there are to read back."""

    def named(self, confirmation: Confirmation, found: ReadBack, limit: int) -> list[NamedFinding]:
        """The patients of whom this was found; raises `Refused` where names may not be seen."""

    def confirm(self, token: StopToken, progress: Progress) -> Confirmation:
        """Read every dissent back; giving the progress up stops it, and what was found is kept."""


class Order(Protocol):
    """A press to carry out now. `execute` blocks its thread until the execution has ended."""

    press: Press

    def execute(self, token: StopToken, board: ProgressBoard) -> RunView:
        """Carry it out; raises as `RunOperator.execute` does."""


class Timekeeper(Protocol):
    """Set times: what is scheduled, and the watch over it. Each raises `KnownError` where it cannot be done."""

    def active(self) -> ActiveSchedule | None:
        """What is scheduled; a short read."""

    def history(self, limit: int) -> list[OccurrenceView]:
        """What became of the latest times, newest first; a short read."""

    def press(self, press: Press, plan: Plan) -> Press | ScheduleView:
        """Keep a press for its time, or the press to begin now; never called in the window's thread."""

    def cancel(self) -> ScheduleView:
        """Cancel what is scheduled; never called in the window's thread."""

    def order(self, press: Press) -> Order:
        """A press with times that begins now."""

    def keep_watch(self, begin: Callable[[Order], None], tell: Callable[[Notice], None]) -> None:
        """Have what comes due handed over from now on; both are called in a thread of the watch."""

    def wake(self) -> None:
        """Have it looked at once whether anything is due."""

    def leave_watch(self) -> None:
        """Watch no more; nothing is handed over once this returns."""


class Awake(Protocol):
    """Keeps the computer awake while a run is live."""

    @property
    def is_on(self) -> bool:
        """Whether it does just now."""

    def while_it_runs(self) -> AbstractContextManager[None]:
        """Awake as long as the context lasts; entered and left in the execution's thread."""


@dataclass(frozen=True, slots=True)
class CardChoice:
    """A card that the simulated reader has to offer, with whose it is in plain words."""

    uid: str
    description: str


@dataclass(frozen=True, slots=True)
class Services:
    """The ports behind the window, and what it says about itself.

    `foreseen` are the lists of the latest preview; `compare` holds the latest run against it, None where it says
    nothing about that run.

    `requests_per_second` of 0 means no limit. `report_of` turns an unexpected error into lines that name no patient.
    Without `needs_card` a session is to be had for the asking. `cards` are those of the simulated reader, empty where
    there is a real one; `card_hint` stands below them. `simulation` is there with a simulated Spine alone. `news` is
    what the tray is to tell.
    """

    clock: Clock
    family: Family
    practice: PracticeInfo
    queries: RunQueries
    history: History
    trail: AuditTrail
    patients: Viewer
    stories: Stories
    groups: Groups
    worklists: WorklistDesk
    mismatches: MismatchDesk
    reports: Reports
    previews: Previews
    foreseen: PatientLists
    compare: Callable[[], Comparison | None]
    certificates: Certificates
    confirmer: Confirmer
    operator: RunOperator
    times: Timekeeper
    awake: Awake
    rights: Rights
    reader: CardReader
    spine_label: str
    requests_per_second: float
    version: str
    report_of: Callable[[BaseException], str]
    needs_card: bool = True
    cards: tuple[CardChoice, ...] = ()
    card_hint: str = ""
    simulation: SimulationControls | None = None
    news: Wanted = field(default_factory=Wanted)
