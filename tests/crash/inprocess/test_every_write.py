"""The program dies at any write of a whole run and is started again: faults page, rows 1 to 6; I1 to I6 and I10.

A death is an exception that nothing in the engine may catch, in place of a write or just after it. The order of the
program's calls is the same every time, so that each write can be struck in turn: those of the run itself too.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from app.domain.actions import Action
from app.domain.decision import Permission
from app.domain.states import RunStatus
from app.storage.migration_store import SqlMigrationStore
from tests.helpers.bench import FAMILY, Bench, Person, dissenter
from tests.helpers.failing_store import Killed, KilledAtWrite
from tests.helpers.inline_senders import inline_senders
from tests.helpers.invariants import check_invariants
from tests.helpers.recovery import go_on_to_the_end, start_again
from tests.helpers.spine_faults import READS, SENDS
from tests.helpers.templates import Templates

ENOUGH = 60
"""More writes than the run of this practice has."""

SENDABLE = ("new", "legacy", "untold")
PEOPLE = (
    dissenter("new"),
    Person("legacy", ("93C3.",), has_scr=True),
    dissenter("untold", has_scr=False),
    Person("consent", ("93C2.",), has_scr=True),
    Person("none", has_scr=True),
    Person("in use", ("93C3.",), flags={"record_in_use": True}),
)
IN_USE = 1
"""How many can be helped by nobody but whoever has the record open."""

CASES = [
    pytest.param(answer, committed, id=f"{answer}, {'after' if committed else 'before'}")
    for answer, places in [
        ("well", (False, True)),
        ("lost after it was applied", (False, True)),
        ("lost before it arrived", (False,)),
        ("throttled", (False,)),
        ("rejected", (False,)),
    ]
    for committed in places
]


def die_at(bench: Bench, write: int, action: Action, *, committed: bool) -> bool:
    """Press, and die at this write; whether it came to that."""
    store = KilledAtWrite(SqlMigrationStore(bench.database), write, committed=committed)
    bench.store = store
    try:
        bench.press(action)
    except Killed:
        pass
    finally:
        bench.store = SqlMigrationStore(bench.database)
    assert not bench.lock.held_here
    return store.died


def a_practice(practices: Templates, dice: Random | None = None) -> Bench:
    bench = practices.bench(*PEOPLE)
    bench.make_senders = inline_senders(bench.clock, dice, leaps=True)
    return bench


def check_the_end(bench: Bench, *, reran: bool = False) -> None:
    check_invariants(bench)
    assert bench.codes("legacy") == ["9Ndo."]
    assert bench.codes("consent") == ["9Ndn."]
    assert bench.codes("none") == ["9Ndl."], "once, never twice"
    assert bench.codes("in use") == ["93C3."]
    assert bench.sends("in use") == []
    for ref, code in (("legacy", "93C3."), ("consent", "93C2.")):
        assert [event[0] for event in bench.events(ref)].count("entry_converted") == 1
        assert reran or bench.item(ref).code_before == code
    for ref in SENDABLE:
        assert bench.holds(ref) is Permission.NO


@pytest.mark.fault_row(1, 2, 3, 4, 5, 6)
@pytest.mark.parametrize(("answer", "committed"), CASES)
def test_dying_at_any_write_loses_nobody_and_sends_nothing_twice_unknowingly(
    answer: str, committed: bool, practices: Templates
):
    died, write = True, 0
    while died:
        assert write < ENOUGH
        bench = a_practice(practices)
        for ref in SENDABLE:
            bench.script("send", ref, SENDS[answer])
        died = die_at(bench, write, Action.RUN, committed=committed)
        go_on_to_the_end(bench, IN_USE)
        check_the_end(bench)
        for ref in SENDABLE:
            calls = bench.sends(ref)
            assert len({call.request_id for call in calls}) <= (2 if answer == "rejected" else 1)
            assert sum(call.applied for call in calls) == 1, "once, where the Spine tells what it holds"
        write += 1
    assert write > 6, "a run has this many writes at the least, in however large groups they are committed"


@pytest.mark.fault_row(6)
def test_after_a_death_a_second_full_pass_sends_nothing(practices: Templates):
    """I10."""
    bench = a_practice(practices)
    die_at(bench, 5, Action.RUN, committed=False)
    go_on_to_the_end(bench, IN_USE)
    sends = len(bench.spine.sends())
    assert bench.rerun().counts.sent == 0
    assert len(bench.spine.sends()) == sends


@pytest.mark.fault_row(4, 5)
@pytest.mark.parametrize("committed", [False, True], ids=["before", "after"])
def test_where_the_spine_tells_nothing_a_repeat_follows_a_recorded_unknown(committed: bool, practices: Templates):
    died, write, repeats = True, 0, 0
    while died:
        bench = a_practice(practices)
        bench.spine.hides_dissent = True
        died = die_at(bench, write, Action.RUN, committed=committed)
        go_on_to_the_end(bench, IN_USE)
        check_the_end(bench)
        repeats += len([call for call in bench.sends("untold") if call.applied]) - 1
        write += 1
    assert repeats <= 4
    assert committed or repeats, "where it was sent and the program died before it could write that down"


def before_resume(bench: Bench) -> None:
    die_at(bench, 3, Action.RUN, committed=True)
    start_again(bench)


def before_rerun(bench: Bench) -> None:
    bench.run()


def before_failed(bench: Bench) -> None:
    bench.script("read", "new", READS["not understood"], READS["not understood"])
    bench.run()


@pytest.mark.parametrize(
    ("action", "prepare"),
    [(Action.RESUME, before_resume), (Action.RERUN, before_rerun), (Action.FAILED, before_failed)],
)
def test_dying_during_the_other_actions_is_no_different(
    action: Action, prepare: Callable[[Bench], None], practices: Templates
):
    for write in range(10):
        bench = a_practice(practices)
        prepare(bench)
        die_at(bench, write, action, committed=write % 2 == 0)
        go_on_to_the_end(bench, IN_USE)
        check_the_end(bench, reran=action is Action.RERUN)


@pytest.mark.fault_row(1, 2, 3, 4, 5, 6)
@pytest.mark.parametrize("seed", range(12))
def test_many_deaths_in_any_order(seed: int, practices: Templates):
    """Answers come back in any order, are lost before or after, and the program dies again and again."""
    dice = Random(seed)
    bench = a_practice(practices, dice)
    troubles = ["lost after it was applied", "lost before it arrived", "throttled"]
    for ref in SENDABLE:
        bench.script("send", ref, *(SENDS[name] for name in dice.choices(troubles, k=2)))
    for _ in range(dice.randint(2, 6)):
        view = bench.queries.latest_run(FAMILY)
        action = Action.RUN
        if view is not None:
            start_again(bench)
            rerun = view.status is RunStatus.COMPLETED or dice.random() < 0.3
            action = Action.RERUN if rerun else Action.RESUME
        die_at(bench, dice.randrange(10), action, committed=dice.random() < 0.5)
        check_invariants(bench)
        bench.clock.advance(dice.choice([0.0, 30.0, 600.0]))
    go_on_to_the_end(bench, IN_USE)
    check_the_end(bench, reran=True)
