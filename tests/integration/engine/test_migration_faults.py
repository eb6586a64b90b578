"""Faults of ours and of the database in the middle of a run: faults page, rows 24, 25, 37 and 45."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import select, update

from app.domain.errors import Refused, StorageBusy, StorageFault
from app.domain.outcomes import ItemState, Reason
from app.domain.states import IntentState, RunStatus, StopReason
from app.engine import steps
from app.engine.ports import Fenced
from app.engine.progress import Phase
from app.engine.rows import Change
from app.engine.spine_port import AnswerKind, SpineAnswer
from app.engine.task import Task
from app.storage.database import PracticeDatabase, Surroundings
from app.storage.migration_store import SqlMigrationStore
from app.storage.run_queries import SqlRunQueries
from app.storage.tables import meta, run
from tests.helpers import databases
from tests.helpers.bench import FAMILY, Bench, consenter, dissenter
from tests.helpers.failing_store import FailingStore
from tests.helpers.invariants import check_invariants
from tests.helpers.practice import reception_changes
from tests.helpers.scripted_spine import Call, Holding
from tests.integration.engine.conftest import MakeBench

SENT, FAILED = ItemState.SENT, ItemState.FAILED


def a_practice(make_bench: MakeBench, dissenters: int = 2) -> Bench:
    return make_bench(
        *(dissenter(f"D{number}") for number in range(dissenters)), *(consenter(f"C{number}") for number in range(20))
    )


def item_id(bench: Bench, ref: str) -> int:
    return int(bench.item(ref).id)


class BrokenRule(Exception):
    """A fault of ours; its text names a patient: 9990000018."""

    def __init__(self) -> None:
        super().__init__("9990000018 Surname-P")


# --- faults of ours ---------------------------------------------------------------------------------------------------


@pytest.mark.fault_row(45)
@pytest.mark.parametrize(
    ("step", "ref"), [("conclude", "C3"), ("prepare", "D0"), ("local_change", "D0"), ("begin_send", "D0")]
)
def test_an_unexpected_error_about_one_patient_fails_that_patient_alone(
    step: str, ref: str, make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    bench = a_practice(make_bench)
    bench.settings = replace(bench.settings, per_second=5.0, senders=1)
    real, owner = getattr(steps, step), bench.numbers[ref]
    asked: list[str] = []
    bench.spine.always = lambda _, call: asked.append(call.nhs_number)  # type: ignore[func-returns-value]

    def breaking(*arguments: Any) -> Any:
        first = arguments[0]
        about = first.nhs_number if isinstance(first, Task) else asked[-1]
        if about == owner:
            raise BrokenRule
        return real(*arguments)

    monkeypatch.setattr(steps, step, breaking)
    view = bench.run()
    assert (view.status, view.counts.failed) == (RunStatus.COMPLETED, 1)
    assert bench.ended(ref) == (FAILED, Reason.INTERNAL_ERROR)
    assert "BrokenRule" in caplog.text
    assert "9990000018" not in caplog.text
    assert "Surname" not in caplog.text
    monkeypatch.undo()
    assert bench.failed().counts.failed == 0


@pytest.mark.fault_row(45)
def test_a_change_the_database_refuses_fails_its_patient_and_not_its_group(make_bench: MakeBench, caplog):
    bench = a_practice(make_bench)
    broken: list[int] = []

    def refuse(name: str, arguments: tuple[Any, ...]) -> None:
        if name == "commit":
            for change in arguments[1]:
                bad = change.item_id == item_id(bench, "C7") and change.outcome.reason is Reason.NOTHING_TO_DO
                if bad:
                    broken.append(len(arguments[1]))
                    raise BrokenRule

    bench.store = FailingStore(SqlMigrationStore(bench.database), before=refuse)
    view = bench.run()
    assert view.status is RunStatus.COMPLETED
    assert (view.counts.failed, view.counts.not_required, view.counts.sent) == (1, 19, 2)
    assert bench.ended("C7") == (FAILED, Reason.INTERNAL_ERROR)
    assert broken[-1] == 1, "it was tried by itself"
    assert "9990000018" not in caplog.text


@pytest.mark.fault_row(45)
def test_five_in_a_row_stop_the_run(make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch):
    bench = a_practice(make_bench, dissenters=0)

    def broken(*_: Any) -> Change:
        raise BrokenRule

    monkeypatch.setattr(steps, "conclude", broken)
    view = bench.run()
    assert (view.status, view.stop_reason, view.stop_detail) == (RunStatus.STOPPED, StopReason.ERROR, "BrokenRule")
    assert 5 <= view.counts.failed <= 8, "five, and those under way"
    assert view.counts.unprocessed == 20 - view.counts.failed
    monkeypatch.undo()
    assert bench.resume().status is RunStatus.COMPLETED
    assert bench.failed().counts.not_required == 20


@pytest.mark.fault_row(45)
def test_a_fault_in_taking_in_the_answer_to_a_send_leaves_it_to_be_settled(make_bench, monkeypatch):
    bench = a_practice(make_bench)

    def broken(*_: Any) -> Reason:
        raise BrokenRule

    monkeypatch.setattr(steps, "sent_reason", broken)
    view = bench.run()
    assert view.counts.failed == 2
    assert bench.ended("D0") == (FAILED, Reason.INTERNAL_ERROR)
    assert [message.state for message in bench.intents("D0")] == [IntentState.UNKNOWN]
    assert bench.attempts("D0")[0].answer_class is AnswerKind.UNKNOWN
    monkeypatch.undo()
    assert bench.failed().counts.sent == 2
    assert bench.ended("D0") == (SENT, Reason.CONFIRMED_BY_READ)
    assert len(bench.sends("D0")) == 1


@pytest.mark.fault_row(45)
def test_an_error_nobody_expected_in_the_loop_itself_closes_the_execution(make_bench, monkeypatch, caplog):
    bench = a_practice(make_bench)

    def broken(*_: Any) -> None:
        raise BrokenRule

    monkeypatch.setattr("app.engine.pace.Pace.take", broken)
    view = bench.run()
    assert (view.status, view.stop_reason, view.stop_detail) == (RunStatus.STOPPED, StopReason.ERROR, "BrokenRule")
    assert not bench.lock.held_here
    assert bench.board.last.phase is Phase.ENDED
    assert "9990000018" not in caplog.text
    monkeypatch.undo()
    assert bench.resume().status is RunStatus.COMPLETED


# --- the database -----------------------------------------------------------------------------------------------------


class Trouble:
    """The database cannot be written between two times, in seconds from now; it counts the tries."""

    def __init__(self, bench: Bench, seconds: float, starting_with: Any = lambda change: True) -> None:
        self._bench = bench
        self._seconds = seconds
        self._starting_with = starting_with
        self._since: float | None = None
        self.tries = 0
        self.fault: StorageFault = StorageBusy("The database is busy.")
        bench.store = FailingStore(SqlMigrationStore(bench.database), before=self)

    def __call__(self, name: str, arguments: tuple[Any, ...]) -> None:
        now = self._bench.clock.monotonic()
        if name == "commit" and self._since is None and any(map(self._starting_with, arguments[1])):
            self._since = now
        if name in {"commit", "end_execution"} and self._since is not None and now - self._since < self._seconds:
            self.tries += 1
            raise self.fault


def carries_an_answer(change: Change) -> bool:
    return change.attempt_end is not None


def concludes(change: Change) -> bool:
    return change.outcome.state is ItemState.NOT_REQUIRED


@pytest.mark.fault_row(24)
def test_without_an_answer_in_hand_the_run_pauses_at_once(make_bench: MakeBench):
    bench = a_practice(make_bench, dissenters=0)
    began = bench.clock.monotonic()
    trouble = Trouble(bench, 0.0001, concludes)
    view = bench.run()
    assert (view.status, view.stop_reason) == (RunStatus.STOPPED, StopReason.DATABASE)
    assert view.stop_detail == "The database is busy."
    assert view.counts.unprocessed == 20
    assert trouble.tries == 2, "the group, and the execution's end"
    assert bench.clock.monotonic() - began < 1.0
    bench.store = SqlMigrationStore(bench.database)
    assert bench.resume().status is RunStatus.COMPLETED


@pytest.mark.fault_row(24)
def test_with_an_answer_in_hand_it_is_tried_for_a_minute_and_goes_on(make_bench: MakeBench):
    bench = a_practice(make_bench)
    trouble = Trouble(bench, 40.0, carries_an_answer)
    view = bench.run()
    assert (view.status, view.counts.sent) == (RunStatus.COMPLETED, 2)
    assert 35 <= trouble.tries <= 42
    assert len(bench.spine.sends()) == 2
    assert bench.ended("D0") == (SENT, Reason.DISSENT_SENT)


@pytest.mark.fault_row(24)
def test_while_it_is_tried_again_nothing_new_is_begun(make_bench: MakeBench):
    bench = a_practice(make_bench)
    Trouble(bench, 40.0, carries_an_answer)
    times: list[float] = []
    bench.spine.always = lambda *_: times.append(bench.clock.monotonic())  # type: ignore[func-returns-value]
    bench.run()
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert max(gaps) >= 39.0
    assert len([gap for gap in gaps if gap > 1.0]) == 1


@pytest.mark.fault_row(24)
def test_an_answer_that_could_not_be_written_for_a_minute_is_unknown_and_settled_by_resume(make_bench: MakeBench):
    bench = a_practice(make_bench, dissenters=1)
    began = bench.clock.monotonic()
    Trouble(bench, 90.0, carries_an_answer)
    view = bench.run()
    assert (view.status, view.stop_reason) == (RunStatus.STOPPED, StopReason.DATABASE)
    assert 60 <= bench.clock.monotonic() - began <= 65
    assert view.counts.sending == 1
    assert bench.board.last.phase is Phase.ENDED
    assert (bench.board.last.stop_reason, bench.board.last.counts) == (StopReason.DATABASE, view.counts)
    assert not bench.lock.held_here

    bench.store = SqlMigrationStore(bench.database)
    assert bench.operator().recover(FAMILY), "its end could not be written either"
    assert bench.resume().status is RunStatus.COMPLETED
    assert bench.ended("D0") == (SENT, Reason.CONFIRMED_BY_READ)
    assert len(bench.sends("D0")) == 1


@pytest.mark.fault_row(25, 26)
def test_a_disk_that_is_full_or_gone_pauses_the_run_at_once_whatever_is_at_stake(make_bench: MakeBench):
    bench = a_practice(make_bench)
    began = bench.clock.monotonic()
    trouble = Trouble(bench, 90.0, carries_an_answer)
    trouble.fault = StorageFault("The disk is full.")
    view = bench.run()
    assert (view.status, view.stop_reason) == (RunStatus.STOPPED, StopReason.DATABASE)
    assert bench.clock.monotonic() - began < 1.0
    sends = len(bench.spine.sends())
    bench.store = SqlMigrationStore(bench.database)
    assert bench.operator().recover(FAMILY)
    assert bench.resume().status is RunStatus.COMPLETED
    assert len(bench.spine.sends()) == 2
    assert sends >= 1
    check_invariants(bench)


def test_a_stop_is_heard_while_the_database_is_in_trouble(make_bench: MakeBench):
    bench = a_practice(make_bench, dissenters=1)
    Trouble(bench, 30.0, carries_an_answer)
    bench.script("send", "D0", lambda *_: bench.card.end())
    view = bench.run()
    assert (view.status, view.stop_reason) == (RunStatus.STOPPED, StopReason.CARD_REMOVED)
    assert bench.ended("D0") == (SENT, Reason.DISSENT_SENT)
    assert Phase.STOPPING in bench.board.phases


@pytest.mark.fault_row(26)
@pytest.mark.parametrize("question", ["fresh_items", "next_due_at", "items", "leftover_items", "stop_requested"])
def test_a_database_that_cannot_be_read_pauses_the_run(question: str, make_bench: MakeBench):
    bench = a_practice(make_bench)

    def edited(_: Holding, __: Call) -> None:
        reception_changes(bench.database, "D1", sensitive=True)

    bench.script("read", "D1", SpineAnswer(AnswerKind.UNAVAILABLE), edited)

    def fail(name: str, _: tuple[Any, ...]) -> None:
        if name == question:
            raise StorageFault("The drive is gone.")

    bench.store = FailingStore(SqlMigrationStore(bench.database), before=fail)
    view = bench.run()
    assert (view.status, view.stop_reason) == (RunStatus.STOPPED, StopReason.DATABASE)
    bench.store = SqlMigrationStore(bench.database)
    assert bench.resume().status is RunStatus.COMPLETED


def test_a_run_whose_rows_cannot_even_be_read_at_its_end_is_told_from_memory(make_bench: MakeBench):
    bench = a_practice(make_bench, dissenters=0)
    real = bench.queries
    gone: list[str] = []

    class Gone:
        def __getattr__(self, name: str) -> Any:
            if gone and name == "run":
                raise StorageFault("The drive is gone.")
            return getattr(real, name)

    def fail(name: str, _: tuple[Any, ...]) -> None:
        if name == "end_execution":
            gone.append(name)
            raise StorageFault("The drive is gone.")

    bench.queries = Gone()  # type: ignore[assignment]
    bench.store = FailingStore(SqlMigrationStore(bench.database), before=fail)
    view = bench.run()
    assert (view.status, view.stop_reason) == (RunStatus.STOPPED, StopReason.DATABASE)
    assert view.counts.not_required == 20
    bench.queries = real


# --- somebody else takes over -----------------------------------------------------------------------------------------


@pytest.mark.fault_row(37)
def test_one_that_was_fenced_out_stops_without_sending_and_says_so(make_bench: MakeBench):
    """Row 37: frozen while it prepared, it finds another epoch when it thaws."""
    bench = a_practice(make_bench)

    def take_over(_: Holding, call: Call) -> None:
        with bench.database.writing() as connection:
            connection.execute(update(meta).values(epoch=meta.c.epoch + 1))

    bench.script("read", "D0", take_over)
    with pytest.raises(Refused, match="taken this Consent Migration over"):
        bench.run()
    assert bench.spine.sends() == []
    assert bench.attempts("D0") == []
    assert not bench.lock.held_here


@pytest.mark.fault_row(37)
@pytest.mark.parametrize("write", ["begin_run", "begin_execution"])
def test_one_whose_run_was_given_up_by_another_as_it_began_says_so_too(write: str, make_bench: MakeBench):
    bench = make_bench(dissenter("A"))
    pressed = []

    def press_elsewhere(name: str, _: tuple[Any, ...]) -> None:
        if name == write and not pressed:
            pressed.append(name)
            store, lock = bench.store, bench.lock
            bench.store = SqlMigrationStore(bench.database)
            bench.lock = databases.lock_that_was_lost(bench.database, bench.clock, "BACK-OFFICE")
            assert bench.rerun().status is RunStatus.COMPLETED
            bench.store, bench.lock = store, lock

    bench.store = FailingStore(SqlMigrationStore(bench.database), after=press_elsewhere)
    with pytest.raises(Refused, match="taken this Consent Migration over"):
        bench.run()
    assert not bench.lock.held_here
    assert len(bench.sends("A")) == 1
    assert [row.status for row in bench.rows(select(run))] == [RunStatus.ABANDONED, RunStatus.COMPLETED]


def test_one_that_is_fenced_out_at_its_end_says_so_too(make_bench: MakeBench):
    bench = make_bench(consenter("A"))

    def fail(name: str, _: tuple[Any, ...]) -> None:
        if name == "end_execution":
            raise Fenced("another epoch")

    bench.store = FailingStore(SqlMigrationStore(bench.database), before=fail)
    with pytest.raises(Refused, match="taken this Consent Migration over"):
        bench.run()
    assert not bench.lock.held_here


# --- another program writes to the same practice ----------------------------------------------------------------------


class OtherProgram:
    """Holds the practice for itself from a call of the Spine on, until so many tries to write were in vain."""

    def __init__(self, bench: Bench, tries: int) -> None:
        self._writer = databases.WriterElsewhere(bench.database.place)
        self._tries_left = tries
        here = Surroundings(busy_timeout=0.01, sleep=self._nap)
        bench.database.close()
        bench.database = PracticeDatabase.open(bench.database.place, clock=bench.clock, surroundings=here)
        bench.store = SqlMigrationStore(bench.database)
        bench.queries = SqlRunQueries(bench.database)

    def take(self, *_: object) -> None:
        self._writer.take()

    def _nap(self, _: float) -> None:
        self._tries_left -= 1
        if self._tries_left == 0:
            self._writer.give_back()

    def close(self) -> None:
        self._writer.close()


@pytest.mark.fault_row(24)
def test_a_practice_that_another_program_holds_pauses_the_run_in_words(make_bench: MakeBench):
    bench = a_practice(make_bench, dissenters=0)
    with closing(OtherProgram(bench, tries=10**9)) as other:
        bench.script("read", "C0", other.take)
        view = bench.run()
        assert (view.status, view.stop_reason) == (RunStatus.STOPPED, StopReason.DATABASE)
        assert "busy" in view.stop_detail
        assert view.counts.failed == 0
    assert bench.operator().recover(FAMILY), "its end could not be written either"
    assert bench.resume().status is RunStatus.COMPLETED


@pytest.mark.fault_row(23, 24)
@pytest.mark.parametrize("tries", [3, 40])
def test_an_answer_in_hand_waits_until_the_other_program_is_done(tries: int, make_bench: MakeBench):
    bench = a_practice(make_bench)
    with closing(OtherProgram(bench, tries)) as other:
        bench.script("send", "D0", lambda holding, call: (other.take(), None)[1])
        view = bench.run()
    assert (view.status, view.counts.sent, view.counts.failed) == (RunStatus.COMPLETED, 2, 0)
    assert bench.ended("D0") == (SENT, Reason.DISSENT_SENT)
    assert len(bench.sends("D0")) == 1
