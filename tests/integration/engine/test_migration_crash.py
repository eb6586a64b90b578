"""The program dies at any write of a run and is started again: faults page, rows 1 to 6; invariants I1 to I6 and I10.

A death is an exception that nothing in the engine may catch, in place of a write or just after it. The order of the
program's calls is the same every time, so that each write can be struck in turn.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from app.domain.actions import Action
from app.domain.decision import Permission
from app.domain.states import RunStatus, StopReason
from app.engine.spine_port import AnswerKind, SpineAnswer
from app.storage.migration_store import SqlMigrationStore
from tests.helpers.bench import FAMILY, Bench, Person, dissenter
from tests.helpers.failing_store import Killed, KilledAtWrite
from tests.helpers.inline_senders import inline_senders
from tests.helpers.invariants import check_invariants
from tests.helpers.scripted_spine import Script, applied_but_lost
from tests.integration.engine.conftest import MakeBench

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
LOST = SpineAnswer(AnswerKind.UNKNOWN, 504)
REJECTED = SpineAnswer(AnswerKind.REJECTED, 400, "430")
MISUNDERSTOOD = SpineAnswer(AnswerKind.NOT_UNDERSTOOD, 200)
THROTTLED = SpineAnswer(AnswerKind.THROTTLED, 429)
CASES = [
    pytest.param(answers, committed, id=f"{name}, {'after' if committed else 'before'}")
    for name, answers, places in [
        ("well", (), (False, True)),
        ("lost after", (applied_but_lost,), (False, True)),
        ("lost before", (LOST,), (False,)),
        ("refused", (THROTTLED,), (False,)),
        ("rejected", (REJECTED,), (False,)),
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


def start_again(bench: Bench) -> None:
    """What the next start finds, and the same run taken to its end."""
    latest = bench.queries.latest_run(FAMILY)
    if latest is None:
        assert bench.run().status is RunStatus.COMPLETED
        return
    found = bench.operator().recover(FAMILY)
    assert found is (latest.status is RunStatus.RUNNING)
    view = bench.queries.latest_run(FAMILY)
    assert view is not None
    if view.status is not RunStatus.COMPLETED:
        assert (view.status, view.stop_reason) == (RunStatus.STOPPED, StopReason.INTERRUPTED)
        assert bench.resume().status is RunStatus.COMPLETED


def settle_the_rest(bench: Bench) -> None:
    """Failed, as staff press it, until only the record that is in use is left."""
    for _ in range(3):
        view = bench.queries.latest_run(FAMILY)
        assert view is not None
        if view.counts.failed > 1:
            bench.failed()


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


def check_everybody_is_protected(bench: Bench) -> None:
    for ref in SENDABLE:
        assert bench.holds(ref) is Permission.NO
        assert len({call.request_id for call in bench.sends(ref)}) == 1


@pytest.mark.fault_row(1, 2, 3, 4, 5, 6)
@pytest.mark.parametrize(("answers", "committed"), CASES)
def test_dying_at_any_write_loses_nobody_and_sends_nothing_twice_unknowingly(
    answers: tuple[Script | SpineAnswer, ...], committed: bool, make_bench: MakeBench
):
    died, write = True, 0
    while died:
        assert write < ENOUGH
        bench = make_bench(*PEOPLE)
        for ref in SENDABLE:
            bench.script("send", ref, *answers)
        died = die_at(bench, write, Action.RUN, committed=committed)
        start_again(bench)
        check_the_end(bench)
        if REJECTED not in answers:
            settle_the_rest(bench)
            check_everybody_is_protected(bench)
        if not answers:
            assert {ref: len(bench.sends(ref)) for ref in SENDABLE} == dict.fromkeys(SENDABLE, 1)
        write += 1
    assert write > 8


@pytest.mark.fault_row(6)
def test_after_a_death_a_second_full_pass_sends_nothing(make_bench: MakeBench):
    """I10."""
    bench = make_bench(*PEOPLE)
    die_at(bench, 5, Action.RUN, committed=False)
    start_again(bench)
    sends = len(bench.spine.sends())
    assert bench.rerun().counts.sent == 0
    assert len(bench.spine.sends()) == sends


@pytest.mark.fault_row(4, 5)
@pytest.mark.parametrize("committed", [False, True], ids=["before", "after"])
def test_where_the_spine_tells_nothing_a_repeat_follows_a_recorded_unknown(committed: bool, make_bench: MakeBench):
    died, write, repeats = True, 0, 0
    while died:
        bench = make_bench(*PEOPLE)
        bench.spine.hides_dissent = True
        died = die_at(bench, write, Action.RUN, committed=committed)
        start_again(bench)
        check_the_end(bench)
        check_everybody_is_protected(bench)
        repeats += len([call for call in bench.sends("untold") if call.applied]) - 1
        write += 1
    assert repeats <= 4
    assert committed or repeats, "where it was sent and the program died before it could write that down"


def before_resume(bench: Bench) -> None:
    die_at(bench, 3, Action.RUN, committed=True)
    bench.operator().recover(FAMILY)


def before_rerun(bench: Bench) -> None:
    bench.run()


def before_failed(bench: Bench) -> None:
    bench.script("read", "new", MISUNDERSTOOD, MISUNDERSTOOD)
    bench.run()


@pytest.mark.parametrize(
    ("action", "prepare"),
    [(Action.RESUME, before_resume), (Action.RERUN, before_rerun), (Action.FAILED, before_failed)],
)
def test_dying_during_the_other_actions_is_no_different(
    action: Action, prepare: Callable[[Bench], None], make_bench: MakeBench
):
    for write in range(10):
        bench = make_bench(*PEOPLE)
        prepare(bench)
        die_at(bench, write, action, committed=write % 2 == 0)
        start_again(bench)
        settle_the_rest(bench)
        check_the_end(bench, reran=action is Action.RERUN)
        check_everybody_is_protected(bench)


@pytest.mark.fault_row(1, 2, 3, 4, 5, 6)
@pytest.mark.parametrize("seed", range(12))
def test_many_deaths_in_any_order(seed: int, make_bench: MakeBench):
    """Answers come back in any order, are lost before or after, and the program dies again and again."""
    random = Random(seed)
    bench = make_bench(*PEOPLE)
    bench.make_senders = inline_senders(bench.clock, random)
    for ref in SENDABLE:
        bench.script("send", ref, *random.choices([applied_but_lost, LOST, THROTTLED], k=2))
    for _ in range(random.randint(2, 6)):
        view = bench.queries.latest_run(FAMILY)
        action = Action.RUN
        if view is not None:
            bench.operator().recover(FAMILY)
            rerun = view.status is RunStatus.COMPLETED or random.random() < 0.3
            action = Action.RERUN if rerun else Action.RESUME
        die_at(bench, random.randrange(10), action, committed=random.random() < 0.5)
        check_invariants(bench)
        bench.clock.advance(random.choice([0.0, 30.0, 600.0]))
    start_again(bench)
    settle_the_rest(bench)
    check_the_end(bench, reran=True)
    check_everybody_is_protected(bench)
