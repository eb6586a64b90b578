"""Lists of patients without a database: as long as a test wants, read as fast or as slowly as it lets them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Protocol

from app.domain.decision import DISSENT_REFUSAL, Permission, Summary
from app.domain.errors import Refused
from app.domain.outcomes import ItemState, Reason
from app.domain.patient import RegistrationStatus
from app.domain.terms import TERMS
from app.engine.groups import GroupDraft, LineFault, MembersChange
from app.engine.lists import JoinedSince, ListQuery, OfRun, OfWorklist, ReasonCount, Worklist
from app.engine.paging import Mark
from app.engine.patient_line import Handling, LineOutcome, Look, PatientLine, Seen
from app.engine.ports import GroupView, SignedIn
from app.engine.rights import NOBODY_SIGNED_IN
from app.engine.spine_port import AnswerKind
from app.engine.story import Attempt, Happening, MarkNote, PatientStory, Person, RunStory, StoryEvent, TermLine

ACTOR = "Alison Marsh (System Administrator, card 910000000001)"
BEGUN = datetime(2026, 11, 24, 16, 17, tzinfo=UTC)

SURNAMES = ("Abdi", "Bennett", "Clarke", "Dawson", "Ellis", "Fletcher", "Grzegorczyk-Featherstonehaugh")
FORENAMES = ("Ann", "Bilal", "Catrin", "Dafydd", "Eleri", "Femi")
REASONS = (Reason.PDS_MISMATCH, Reason.RECORD_IN_USE, Reason.PDS_MISMATCH)


def line(at: int, **outcome: object) -> PatientLine:
    """The patient at this place of every list."""
    told: dict[str, object] = {
        "state": ItemState.FAILED,
        "reason": REASONS[at % len(REASONS)],
        "mismatch": False,
        "code_before": "93C3.",
        "summary": Summary.YES,
        "permission_before": Permission.ASK,
        "attempts": 1,
        "processed_at": datetime(2026, 11, 24, 16, 20, tzinfo=UTC),
        "spine_code": "35160" if at % 4 == 0 else "",
        "spine_text": "The NHS number is not known." if at % 4 == 0 else "",
        "operator": "Alison Marsh",
    }
    return PatientLine(
        patient_id=at + 1,
        patient_ref=f"P{at + 1:06}",
        nhs_number=f"999{at:07}",
        surname=SURNAMES[at % len(SURNAMES)],
        forename=FORENAMES[at // len(SURNAMES) % len(FORENAMES)],
        date_of_birth=date(1950, 1, 1),
        registration=RegistrationStatus.PERMANENT,
        code_now="9Ndo.",
        outcome=LineOutcome(**{**told, **outcome}),  # type: ignore[arg-type]
        mark=Mark(at, at),
    )


def on_worklist(at: int, source: OfWorklist) -> PatientLine:
    """The same on a worklist: some of them marked, some looked at."""
    told = line(at)
    if source.worklist is Worklist.MISMATCH:
        told = replace(line(at, state=ItemState.NOT_REQUIRED, reason=Reason.DISSENT_ON_SPINE), code_now="")
    when = BEGUN + timedelta(minutes=at)
    mark = Handling(source.dealt_with, "Letter on Monday", "Alison Marsh", when, counts=True)
    is_marked = source.dealt_with or at % 3 == 1
    look = Look(DISSENT_REFUSAL, when, "Alison Marsh") if at % 3 == 1 else None
    return replace(told, handling=mark if is_marked else None, look=look, seen=Seen(1, 100, 1))


def a_story() -> PatientStory:
    """Somebody whose old dissent was converted and sent, the first answer having been lost."""
    person = Person(
        patient_id=1,
        patient_ref="P000117",
        nhs_number="9990000018",
        surname="Grzegorczyk-Featherstonehaugh",
        forename="Anna-Maria",
        date_of_birth=date(1948, 2, 29),
        sex="female",
        registration=RegistrationStatus.PERMANENT,
        fp69=False,
        sensitive=True,
        pds_linked=True,
        record_in_use=False,
        groups=("Diabetes review", "Over 75s"),
    )
    recorded = {"event_date": date(2013, 5, 14), "recorded_at": None, "recorded_by": "Dr Helen Whitfield"}
    old = TermLine("93C3.", TERMS["93C3."].wording, is_consent=True, is_ahead=False, counts=True, **recorded)
    new = replace(old, code="9Ndo.", term=TERMS["9Ndo."].wording)
    told = LineOutcome(
        state=ItemState.SENT,
        reason=Reason.CONFIRMED_BY_READ,
        mismatch=False,
        code_before="93C3.",
        summary=Summary.YES,
        permission_before=Permission.ASK,
        attempts=1,
        processed_at=BEGUN + timedelta(seconds=80),
        spine_code="",
        spine_text="",
        operator="Alison Marsh",
    )
    run = RunStory(1, "consent-migration", BEGUN, None, told, tuple(_events()), rule=1, before=(old,), after=(new,))
    noted = BEGUN + timedelta(days=1)
    asked = StoryEvent(140, noted, ACTOR, Happening.SPINE_CHECKED, None, "No", "summary yes", None, None)
    note = MarkNote(Worklist.SEVERAL_TERMS, True, "Spoke to the patient, who still objects.", "Sam Okafor", noted)
    return PatientStory(person, (old,), (new,), record_replaced=False, runs=(run,), outside=(asked,), marks=(note,))


def _events() -> Iterator[StoryEvent]:
    message, correlation = "5a1c2f0e-8c55-4a8e-9a4f-0d6f5b0c1e77", "0c0b9d2e-1f3a-4c57-8f0e-6a9b2b7d5f10"
    attempt = Attempt(correlation, BEGUN, BEGUN, AnswerKind.UNKNOWN, 504, "", "Gateway timeout", "")
    told: tuple[tuple[int, Happening, str | None, str, str], ...] = (
        (0, Happening.ENTRY_CONVERTED, "93C3.", "9Ndo.", "entry 7"),
        (0, Happening.MESSAGE_PREPARED, "Ask", "No", "version 2"),
        (0, Happening.ATTEMPT_STARTED, None, "No", correlation),
        (0, Happening.OUTCOME, "unprocessed", "sending", ""),
        (5, Happening.ATTEMPT_ENDED, None, "unknown", f"{correlation} HTTP 504"),
        (80, Happening.MESSAGE_MOVED, "unknown", "confirmed", ""),
        (80, Happening.OUTCOME, "sending", "sent", "confirmed_by_read"),
    )
    for at, (seconds, what, before, after, detail) in enumerate(told, start=101):
        about = attempt if what in {Happening.ATTEMPT_STARTED, Happening.ATTEMPT_ENDED} else None
        when = BEGUN + timedelta(seconds=seconds)
        reason = Reason(detail) if what is Happening.OUTCOME and detail else None
        rule = 1 if what is Happening.OUTCOME and after == "sending" else None
        yield StoryEvent(at, when, ACTOR, what, before, after, detail, message, about, reason, rule)


class FakeViewer:
    """`PatientViewer` over `total` made-up patients, in the order of their places."""

    def __init__(self, total: int = 250, reader: SignedIn | None = None) -> None:
        self._reader = reader
        self.total = total
        self.joined = 0
        self.refusal: str | None = None
        self.fault: Exception | None = None
        self.reads: list[tuple[ListQuery, Mark | None, int, int]] = []
        self.threads: set[int] = set()
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.told: PatientStory | None = a_story()

    def why_not(self) -> str | None:
        signed_out = self._reader is not None and self._reader.current() is None
        return NOBODY_SIGNED_IN if signed_out else self.refusal

    def count(self, query: ListQuery) -> int:
        self._work()
        return self.joined if isinstance(query.source, JoinedSince) else self.total

    def reasons(self, source: OfRun) -> list[ReasonCount]:
        self._work()
        rest = self.total // 3
        return [
            ReasonCount(ItemState.FAILED, Reason.PDS_MISMATCH, self.total - rest),
            ReasonCount(ItemState.FAILED, Reason.RECORD_IN_USE, rest),
        ]

    def page(self, query: ListQuery, after: Mark | None, skip: int, limit: int) -> list[PatientLine]:
        self._work()
        self._check()
        self.reads.append((query, after, skip, limit))
        step = -1 if query.descending else 1
        begin = (self.total - 1 if query.descending else 0) if after is None else after.tie + step
        places = range(begin + step * skip, -1 if query.descending else self.total, step)
        if isinstance(query.source, OfWorklist):
            return [on_worklist(at, query.source) for at in places[:limit]]
        return [line(at) for at in places[:limit]]

    def story(self, patient_id: int) -> PatientStory | None:
        self._work()
        self._check()
        return self.told

    def _work(self) -> None:
        self.threads.add(threading.get_ident())
        assert self.may_go_on.wait(30)
        if self.fault is not None:
            raise self.fault

    def _check(self) -> None:
        if (refusal := self.why_not()) is not None:
            raise Refused(refusal)


class KeepsGroups(Protocol):
    """A fake that shows groups."""

    group_views: list[GroupView]


class FakeGroups:
    """`PatientGroups` that knows `known` numbers, and keeps what it was asked to change."""

    def __init__(self, practice: KeepsGroups | None = None, known: int = 48) -> None:
        self._practice = practice
        self.known = known
        self.fault: Exception | None = None
        self.changes: list[tuple[str, ...]] = []

    def draft_of_text(self, text: str) -> GroupDraft:
        self._check()
        lines = text.splitlines()
        faults = [
            LineFault(at, "No patient of this practice has this NHS number.")
            for at in range(self.known + 1, len(lines) + 1)
        ]
        found = tuple(range(1, min(len(lines), self.known) + 1))
        return GroupDraft(found, max(0, len(found) - 2), tuple(faults))

    def draft_of_file(self, path: Path) -> GroupDraft:
        return self.draft_of_text(path.read_text())

    def sizes(self, query: ListQuery) -> tuple[int, int]:
        self._check()
        return self.known, self.known - 2

    def make(self, name: str, members: GroupDraft | ListQuery) -> GroupView:
        self._check()
        self.changes.append(("make", name))
        size = len(members.patient_ids) if isinstance(members, GroupDraft) else self.known
        made = GroupView(" ".join(name.split()), size, size)
        self._keep([*self._views(), made])
        return made

    def add_members(self, name: str, members: GroupDraft | ListQuery) -> MembersChange:
        return self._resize(name, members, 1)

    def remove_members(self, name: str, members: GroupDraft | ListQuery) -> MembersChange:
        return self._resize(name, members, -1)

    def _resize(self, name: str, members: GroupDraft | ListQuery, sign: int) -> MembersChange:
        self._check()
        self.changes.append(("members", name))
        size = len(members.patient_ids) if isinstance(members, GroupDraft) else self.known
        [old] = [one for one in self._views() if one.name == name]
        new = replace(old, members=old.members + sign * size)
        self._keep([new if one is old else one for one in self._views()])
        return MembersChange(new, size)

    def rename(self, name: str, new_name: str) -> None:
        self._check()
        self.changes.append(("rename", name, new_name))
        self._keep([replace(one, name=new_name) if one.name == name else one for one in self._views()])

    def delete(self, name: str) -> None:
        self._check()
        self.changes.append(("delete", name))
        self._keep([one for one in self._views() if one.name != name])

    def _check(self) -> None:
        if self.fault is not None:
            raise self.fault

    def _views(self) -> list[GroupView]:
        return self._practice.group_views if self._practice is not None else []

    def _keep(self, views: list[GroupView]) -> None:
        if self._practice is not None:
            self._practice.group_views = views
