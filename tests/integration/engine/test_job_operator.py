"""Before anyone may run it, and what a press leaves behind: faults page, row 36."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.domain.actions import Action
from app.domain.errors import Refused, StorageFault
from app.domain.session import LAUNCH_ROLE_NAME, Role
from app.domain.states import RunStatus, StopReason
from app.engine.control import StopToken
from app.engine.operator import Press
from app.engine.ports import Operator, actor_words
from app.engine.spine_port import AnswerKind, SpineAnswer
from app.storage.tables import audit_event, execution, run
from tests.helpers import databases
from tests.helpers.bench import FAMILY, Bench, Board, consenter, dissenter
from tests.helpers.practice import reception_changes
from tests.integration.engine.conftest import MakeBench

REJECTED = SpineAnswer(AnswerKind.REJECTED, 400, "430")


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench(dissenter("A"), consenter("B"), groups=[("Clinic", "A"), ("Leavers", "B")])


def stopped_at_once() -> StopToken:
    token = StopToken()
    token.stop(StopReason.USER)
    return token


def refusal(bench: Bench, action: Action = Action.RUN, group: str | None = None) -> str:
    """Why a press is refused; the check beforehand says the same, and nothing changes."""
    before = [list(bench.rows(table.select())) for table in (run, execution)]
    with pytest.raises(Refused) as checked:
        bench.operator().check(Press(FAMILY, action, group))
    with pytest.raises(Refused) as pressed:
        bench.press(action, group=group)
    assert str(checked.value) == str(pressed.value)
    assert [list(bench.rows(table.select())) for table in (run, execution)] == before
    assert bench.spine.calls == [] or before[0]
    assert not bench.lock.held_here
    return str(pressed.value)


def test_nobody_signed_in(bench: Bench):
    bench.card.end()
    assert "Nobody is signed in" in refusal(bench)


@pytest.mark.parametrize(
    ("role", "words"),
    [
        (Role("1", "General Practitioner", "R8000", frozenset({"B0062"})), "Only a System Administrator"),
        (Role("1", LAUNCH_ROLE_NAME, "R8000", frozenset({"B0011"})), "lacks the activity B0062"),
    ],
)
def test_the_wrong_role_or_a_missing_right(role: Role, words: str, bench: Bench):
    bench.card.sign_in(role)
    assert words in refusal(bench)


def test_rights_are_asked_for_at_every_action(bench: Bench):
    bench.run(token=stopped_at_once())
    bench.card.sign_in(Role("1", "Receptionist", "R8010", frozenset()))
    for action in (Action.RESUME, Action.RERUN, Action.FAILED):
        assert "Only a System Administrator" in refusal(bench, action)


def test_rights_withdrawn_since_the_sign_in_are_noticed_at_the_press(bench: Bench):
    """Checked at press, at a scheduled start and at each resume: each asks the sign-in service anew."""
    bench.run(token=stopped_at_once())
    assert bench.card.confirmed == 1

    def withdraw() -> None:
        bench.card.sign_in(Role("1", LAUNCH_ROLE_NAME, "R8000", frozenset({"B0011"})))

    bench.card.confirm_rights = withdraw  # type: ignore[method-assign]
    operator, press = bench.operator(), Press(FAMILY, Action.RESUME)
    assert operator.check(press).role.activity_codes, "nothing is known of it yet"
    with pytest.raises(Refused, match="lacks the activity B0062"):
        operator.execute(press, StopToken(), Board())
    assert len(bench.executions()) == 1
    assert not bench.lock.held_here


def test_the_accepted_activities_are_a_setting(bench: Bench):
    bench.card.sign_in(Role("1", LAUNCH_ROLE_NAME, "R8000", frozenset({"B0380"})))
    bench.launch_codes = frozenset({"B0380", "B8028"})
    assert bench.run().status is RunStatus.COMPLETED


def test_the_summary_care_record_switched_off(bench: Bench):
    bench.scr_enabled = False
    assert "switched off" in refusal(bench)


def test_an_unknown_group_and_one_with_nobody_active(bench: Bench):
    assert "no patient group of this name" in refusal(bench, group="Unknown")
    reception_changes(bench.database, "B", registration="deceased")
    assert "Nobody in this group is an active patient" in refusal(bench, group="Leavers")


def test_a_practice_with_no_active_patients(make_bench: MakeBench):
    bench = make_bench(consenter("A", flags={"registration": "deceased"}))
    assert "no active patients" in refusal(bench)


@pytest.mark.parametrize("action", [Action.RESUME, Action.RERUN, Action.FAILED])
def test_before_the_first_run_there_is_only_run(action: Action, bench: Bench):
    assert "has not been run yet. Press Run" in refusal(bench, action)


def test_with_a_run_paused(bench: Bench):
    bench.run(token=stopped_at_once())
    assert "Press Resume to go on with it, or Rerun" in refusal(bench, Action.RUN)
    assert "No patient failed" in refusal(bench, Action.FAILED)


def test_with_a_run_completed(bench: Bench):
    bench.run()
    assert "No Consent Migration is paused" in refusal(bench, Action.RESUME)
    assert "No patient failed" in refusal(bench, Action.FAILED)
    assert bench.run().status is RunStatus.COMPLETED, "Run again is allowed: nothing is unfinished"


@pytest.mark.fault_row(36, 40)
def test_when_another_copy_is_at_work_it_says_who_where_and_since_when(bench: Bench):
    other = databases.lock_of(bench.database, bench.clock, "BACK-OFFICE")
    other.acquire("Sam Other")
    words = refusal(bench)
    assert "Sam Other on BACK-OFFICE, since 02/11/2026 18:30" in words
    situation = bench.operator().situation(FAMILY)
    assert situation.live
    assert situation.live_elsewhere == words
    other.release()
    assert bench.run().status is RunStatus.COMPLETED


@pytest.mark.fault_row(36)
def test_when_another_copy_is_faster_between_the_check_and_the_lock(bench: Bench):
    other = databases.lock_of(bench.database, bench.clock, "BACK-OFFICE")

    class Slow:
        """The lock as it is; whoever looks sees it free, and finds it taken."""

        held_here = False

        def holder(self) -> None:
            return None

        def acquire(self, who: str) -> None:
            other.acquire("Sam Other")
            databases.lock_of(bench.database, bench.clock).acquire(who)

        def release(self) -> None:
            raise AssertionError("what was never held is not released")

    bench.lock = Slow()
    with pytest.raises(Refused, match="Sam Other"):
        bench.run()
    assert bench.queries.latest_run(FAMILY) is None
    other.release()


def test_what_another_copy_did_meanwhile_is_asked_again_under_the_lock(bench: Bench):
    """Both pressed Run; the other one was faster, and has stopped since."""
    operator, real = bench.operator(), bench.lock

    class Meanwhile:
        held_here = False

        def holder(self) -> None:
            return None

        def acquire(self, who: str) -> None:
            bench.lock = real
            bench.run(token=stopped_at_once())
            real.acquire(who)

        def release(self) -> None:
            real.release()

    bench.lock = Meanwhile()
    operator = bench.operator()
    with pytest.raises(Refused, match="not finished"):
        operator.execute(Press(FAMILY, Action.RUN), StopToken(), Board())
    assert len(bench.executions()) == 1
    assert not real.held_here


def test_a_practice_of_the_other_kind_of_spine_is_refused_and_nothing_begins(bench: Bench):
    def refuse() -> None:
        raise Refused("This practice belongs to the real Spine.")

    bench._claim_spine = refuse  # type: ignore[method-assign]
    with pytest.raises(Refused, match="real Spine"):
        bench.run()
    assert bench.queries.latest_run(FAMILY) is None
    assert not bench.lock.held_here


def test_the_spine_is_claimed_at_every_press(bench: Bench):
    bench.run(token=stopped_at_once())
    bench.resume()
    assert bench.claims == 2


def test_the_lock_is_held_while_it_works_and_free_afterwards(bench: Bench):
    held: list[bool] = []
    bench.spine.always = lambda *_: held.append(bench.lock.held_here)  # type: ignore[func-returns-value]
    bench.run()
    assert all(held)
    assert not bench.lock.held_here


def test_while_it_works_no_other_press_of_this_copy_is_allowed(bench: Bench):
    words: list[str] = []

    def press_again(*_: Any) -> None:
        with pytest.raises(Refused) as refused:
            bench.operator().check(Press(FAMILY, Action.RERUN))
        words.append(str(refused.value))

    bench.script("read", "A", press_again)
    bench.run()
    assert words == ["Consent Migration is running. Wait for it to end, or press Stop."]


def test_the_lock_is_free_after_an_end_nobody_expected(bench: Bench):
    class Broken:
        def connect(self, session_id: str) -> Any:
            raise MemoryError

    bench.service = Broken()
    with pytest.raises(MemoryError):
        bench.run()
    assert not bench.lock.held_here
    bench.service = bench.spine
    assert bench.operator().recover(FAMILY)
    assert bench.resume().status is RunStatus.COMPLETED


def test_who_works_where_is_written_down(bench: Bench):
    bench.run()
    [row] = bench.executions()
    written = Operator(row.operator, row.card_uid, row.role_id, row.role_name, row.card_session, row.workstation)
    assert written == Operator("Pat Manager", "910000000001", "555001", LAUNCH_ROLE_NAME, "session-1", "FRONT-DESK")


def test_recovery_finds_nothing_where_nothing_was_left_open(bench: Bench):
    assert bench.operator().recover(FAMILY) is False
    bench.run()
    assert bench.operator().recover(FAMILY) is False
    assert not bench.lock.held_here


def test_recovery_leaves_a_living_execution_alone(bench: Bench):
    other = databases.lock_of(bench.database, bench.clock)
    other.acquire("Sam Other")
    assert bench.operator().recover(FAMILY) is False
    other.release()


def test_the_situation_counts_what_is_failed_and_unfinished(bench: Bench):
    assert bench.operator().situation(FAMILY).status is None
    bench.script("read", "A", REJECTED)
    bench.settings = replace(bench.settings, senders=1)
    token = StopToken()
    bench.script("read", "B", lambda *_: token.stop(StopReason.USER), None)
    bench.run(token=token)
    situation = bench.operator().situation(FAMILY)
    assert (situation.status, situation.live, situation.failed) == (RunStatus.STOPPED, False, 1)
    assert situation.unfinished == 0


def test_a_copy_is_made_before_every_new_run_and_before_no_other_press(bench: Bench):
    bench.run(token=stopped_at_once())
    assert bench.backed_up == [0], "before the run is written"
    bench.script("send", "A", REJECTED)
    bench.resume()
    bench.failed()
    assert bench.backed_up == [0]
    bench.rerun()
    assert bench.backed_up == [0, 1]


@pytest.mark.parametrize("action", [Action.RUN, Action.RERUN])
def test_without_a_copy_no_run_is_begun(action: Action, bench: Bench):
    if action is Action.RERUN:
        bench.run(token=stopped_at_once())
    before = [list(bench.rows(table.select())) for table in (run, execution)]
    bench.no_backup = StorageFault("The disk is full.")
    with pytest.raises(StorageFault, match="The disk is full"):
        bench.press(action)
    assert [list(bench.rows(table.select())) for table in (run, execution)] == before
    assert bench.spine.calls == []
    assert not bench.lock.held_here


def test_what_runs_elsewhere_is_asked_to_stop_in_the_name_of_whoever_asks(bench: Bench):
    """Another copy has the lock and an execution open; that it honours the wish `test_migration_stop` shows."""
    run_id = bench.run(token=stopped_at_once()).run_id
    other = databases.lock_of(bench.database, bench.clock, "BACK-OFFICE")
    other.acquire("Sam Other")
    with pytest.raises(Refused, match="nothing to stop"):
        bench.operator().stop_elsewhere(FAMILY)
    with bench.database.writing() as connection:
        connection.execute(run.update().values(status=RunStatus.RUNNING, stop_reason=None, stop_detail=""))
    bench.operator().stop_elsewhere(FAMILY)
    assert bench.queries.latest_run(FAMILY).stop_requested
    [event] = bench.rows(audit_event.select().where(audit_event.c.action == "stop_requested"))
    assert (event.run_id, event.actor) == (run_id, actor_words("Pat Manager", LAUNCH_ROLE_NAME, "910000000001"))
    other.release()
    with pytest.raises(Refused, match="nothing to stop"):
        bench.operator().stop_elsewhere(FAMILY)


def test_only_who_may_launch_stops_what_runs_elsewhere(bench: Bench):
    bench.card.sign_in(Role("1", "Receptionist", "R8010", frozenset()))
    with pytest.raises(Refused, match="Only a System Administrator"):
        bench.operator().stop_elsewhere(FAMILY)
