"""The program dies at every point of the protocol, over every kind of patient, whatever the Spine was about to answer.

Faults page, rows 1 to 6 and section 4, "kill points, exhaustive": fourteen named points, nine answers, eight kinds of
patient; a soak takes every kind and lets the program die a second time. Judged by the Spine's history and the rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from app.domain.actions import Action
from app.domain.decision import Permission
from app.domain.outcomes import ItemState
from app.domain.states import IntentState
from app.engine.loop import LoopSettings
from app.storage.migration_store import SqlMigrationStore
from tests.helpers.bench import UNLIMITED, Bench, Person
from tests.helpers.failing_store import Killed
from tests.helpers.inline_senders import inline_senders
from tests.helpers.invariants import check_invariants
from tests.helpers.kill_points import Killer, KillPoint, Step
from tests.helpers.recovery import go_on_to_the_end, start_again
from tests.helpers.scripted_spine import Holding
from tests.helpers.soak import SOAK
from tests.helpers.spine_faults import READS, SENDS
from tests.helpers.templates import Templates

TO_READS = (
    *("well", "server error", "not understood", "rejected", "access refused", "no connection", "throttled"),
    *("token refused", "set up wrongly"),
)
TO_SENDS = (
    *("well", "lost after it was applied", "lost before it arrived", "late", "rejected", "no connection", "throttled"),
    *("token refused", "set up wrongly"),
)
LOST = ("lost after it was applied", "lost before it arrived")
UNKNOWN = frozenset({*LOST, "late"})
STOPS_THE_RUN = "set up wrongly"
REFUSED_READS = frozenset({"rejected", "access refused"})

PACED = LoopSettings()
"""Five a second: a dissent waits for its turn, so that transaction A is written before B and alone."""

CONVERTED = {"93C3.": "9Ndo.", "93C2.": "9Ndn."}
DISSENT = frozenset({"93C3.", "9Ndo."})


@dataclass(frozen=True)
class Kind:
    """One kind of patient: the code recorded here, and what the Spine holds and tells."""

    code: str
    has_scr: bool
    on_spine: Permission
    hides: bool = False

    @property
    def is_sent(self) -> bool:
        return self.code in DISSENT and self.on_spine is not Permission.NO

    @property
    def codes_at_the_end(self) -> list[str]:
        if self.code:
            return [CONVERTED.get(self.code, self.code)]
        return ["9Ndl."] if self.has_scr and self.on_spine is Permission.ASK else []


ASK, NO = Permission.ASK, Permission.NO
EVERY_KIND = [
    *(
        Kind(code, has_scr, held)
        for code in ("93C3.", "9Ndo.", "93C2.", "9Ndn.", "")
        for has_scr in (True, False)
        for held in (ASK, NO)
    ),
    *(Kind(code, False, ASK, hides=True) for code in ("93C3.", "9Ndo.")),
]
EIGHT_KINDS = [
    Kind("93C3.", True, ASK),
    Kind("9Ndo.", True, ASK),
    Kind("93C3.", False, ASK),
    Kind("9Ndo.", False, ASK, hides=True),
    Kind("93C3.", False, NO),
    Kind("93C2.", True, ASK),
    Kind("9Ndn.", False, NO),
    Kind("", True, ASK),
]
KINDS = EVERY_KIND if SOAK else EIGHT_KINDS


@dataclass(frozen=True)
class Case:
    """One death. `lost` is what became of the dissent that is to be settled; `paced` says that A is written alone."""

    kind: Kind
    point: KillPoint
    answer: str
    lost: str = ""
    paced: bool = True

    @property
    def is_reached(self) -> bool:
        """Whether the program comes to this point; where the answer stops the run nothing is written after it."""
        return self.answer != STOPS_THE_RUN or self.point.step not in {Step.A, Step.SETTLE}

    def prepare(self, bench: Bench) -> None:
        """Have the Spine hold what it does and answer as this case wants, once."""
        bench.spine.holdings[bench.numbers["P"]] = Holding(self.kind.has_scr, self.kind.on_spine)
        bench.spine.hides_dissent = self.kind.hides
        bench.settings = PACED if self.paced else UNLIMITED
        bench.make_senders = inline_senders(bench.clock, leaps=True)
        if self.point.step in {Step.READ, Step.A}:
            bench.script("read", "P", READS[self.answer])
        elif self.lost:
            bench.script("send", "P", SENDS[self.lost])
            bench.script("read", "P", READS["well"], READS[self.answer])
        else:
            bench.script("send", "P", SENDS[self.answer])

    def message_found(self) -> IntentState | None:
        """In which state the next start finds the message (faults page, section 3), None where there is none yet."""
        if not self.kind.is_sent or self.point in BEFORE_ANY_WRITE:
            return None
        if self.point in {KillPoint.AFTER_A, KillPoint.BEFORE_B}:
            return self._between_a_and_b()
        if self.point is KillPoint.AFTER_C:
            return self._after_the_answer()
        if self.point is KillPoint.AFTER_SETTLE:
            told_no = self.lost == LOST[0] and not self.kind.hides
            return IntentState.CONFIRMED if told_no else IntentState.IN_FLIGHT
        return IntentState.UNKNOWN if self.lost else IntentState.IN_FLIGHT

    def _between_a_and_b(self) -> IntentState | None:
        after_a = self.point is KillPoint.AFTER_A
        if after_a and self.answer in REFUSED_READS:
            return None
        if self.paced or (after_a and self.answer == "throttled"):
            return IntentState.PREPARED
        return IntentState.IN_FLIGHT if after_a else None

    def _after_the_answer(self) -> IntentState:
        if self.answer in UNKNOWN:
            return IntentState.UNKNOWN
        return {"well": IntentState.CONFIRMED, "rejected": IntentState.REJECTED}.get(self.answer, IntentState.PREPARED)


BEFORE_ANY_WRITE = frozenset({KillPoint.BEFORE_READ, KillPoint.AFTER_READ, KillPoint.BEFORE_A})


def cases(point: KillPoint) -> Iterator[Case]:
    """Every case of a point, each of which is about a patient that comes to its step at all."""
    if point.step in {Step.READ, Step.A}:
        yield from (Case(kind, point, answer) for kind in KINDS for answer in TO_READS)
    elif point.step in {Step.SETTLE_READ, Step.SETTLE}:
        kinds = [kind for kind in KINDS if kind.is_sent]
        yield from (Case(kind, point, answer, lost) for kind in kinds for answer in TO_READS for lost in LOST)
    else:
        yield from (Case(kind, point, answer) for kind in KINDS if kind.is_sent for answer in TO_SENDS)
    if point.step in {Step.A, Step.B}:
        # Where a sender is free at once A and B are one commit.
        answers = TO_READS if point.step is Step.A else TO_SENDS
        yield from (Case(kind, point, answer, paced=False) for kind in KINDS if kind.is_sent for answer in answers)


def die(bench: Bench, action: Action, point: KillPoint) -> bool:
    """Press, and die at this point; whether it came to that."""
    killer = Killer(bench, "P", point)
    bench.store, bench.service = killer.store(bench.store), killer.service(bench.spine)
    try:
        bench.press(action)
    except Killed:
        pass
    finally:
        bench.store, bench.service = SqlMigrationStore(bench.database), bench.spine
    return killer.died


def check_what_is_found(bench: Bench, case: Case) -> None:
    found = case.message_found()
    assert [message.state for message in bench.intents("P")] == ([] if found is None else [found])
    if case.kind.is_sent and case.kind.code in CONVERTED:
        converted = bench.codes("P") != [case.kind.code]
        assert converted is (found is not None), "the local change and the message, or neither"


def check_the_end(bench: Bench, case: Case) -> None:
    check_invariants(bench)
    kind = case.kind
    assert bench.codes("P") == kind.codes_at_the_end
    told = [event[0] for event in bench.events("P")]
    assert told.count("entry_converted") == (kind.code in CONVERTED)
    assert told.count("entry_added") == (kind.codes_at_the_end == ["9Ndl."])
    applied = [call for call in bench.sends("P") if call.applied]
    if not kind.is_sent:
        assert bench.sends("P") == []
        assert bench.holds("P") is kind.on_spine
        assert bench.item("P").state is ItemState.NOT_REQUIRED
        return
    assert bench.holds("P") is Permission.NO
    assert bench.item("P").state is ItemState.SENT
    assert len(applied) == 1 or (kind.hides and len(applied) == 2), "once, where the Spine tells what it holds"
    refused = case.answer == "rejected" and not case.lost and case.point.step in {Step.B, Step.POST, Step.C}
    assert len({call.request_id for call in bench.sends("P")}) <= (2 if refused else 1)


def begin(practices: Templates, case: Case) -> Bench:
    bench = practices.bench(Person("P", (case.kind.code,) if case.kind.code else ()))
    case.prepare(bench)
    died = die(bench, Action.RUN, case.point)
    assert died is case.is_reached, "the program did not come to the point, or came to one it should not"
    if died:
        check_what_is_found(bench, case)
    return bench


@contextmanager
def told(*what: object) -> Iterator[None]:
    """Say with a failure which of many cases it was."""
    try:
        yield
    except BaseException as fault:
        fault.add_note(", ".join(map(str, what)))
        raise


@pytest.mark.fault_row(1, 2, 3, 4, 5, 6)
@pytest.mark.parametrize("point", KillPoint, ids=lambda point: point.name.lower())
def test_a_death_anywhere_loses_nobody_and_sends_nothing_twice(point: KillPoint, practices: Templates):
    reached = 0
    for case in cases(point):
        with told(case):
            bench = begin(practices, case)
            go_on_to_the_end(bench)
            check_the_end(bench, case)
        reached += case.is_reached
    assert reached >= 32


@pytest.mark.fault_row(1, 2, 3, 4, 5, 6)
@pytest.mark.parametrize("first", KillPoint, ids=lambda point: point.name.lower())
def test_a_second_death_changes_nothing(first: KillPoint, practices: Templates):
    """With every commit each pair of points over one case, in a soak over every case."""
    every = [case for case in cases(first) if case.is_reached and (SOAK or case.kind.is_sent)]
    deaths = 0
    for place, second in enumerate(KillPoint):
        for case in every if SOAK else [every[place * 5 % len(every)]]:
            with told(case, second):
                bench = begin(practices, case)
                start_again(bench)
                deaths += die(bench, Action.RESUME, second)
                go_on_to_the_end(bench)
                check_the_end(bench, case)
    assert deaths >= 3
