"""The order of writes and of patients, and how many are in hand: invariant I5."""

from __future__ import annotations

import gc
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from app.domain.outcomes import ItemState, Reason
from app.domain.patient import RegistrationStatus
from app.domain.states import IntentState, RunStatus, StopReason
from app.engine.control import StopToken
from app.engine.progress import ProgressBoard, Snapshot
from app.engine.rows import Change, Counts, ExecutionKey, Scope, Tally, WorkItem
from app.engine.spine_port import AnswerKind, SpineAnswer
from app.engine.task import Task
from app.engine.workload import READ_AHEAD
from app.storage.migration_store import SqlMigrationStore
from app.storage.tables import attempt, intent, item
from tests.helpers.bench import Bench, Person, consenter, dissenter
from tests.helpers.scripted_spine import Call, Holding
from tests.integration.engine.conftest import MakeBench


def on_send(bench: Bench, look: Any) -> None:
    """Have this look at the database at the moment the Spine receives a send."""

    def script(_: Holding, call: Call) -> SpineAnswer | None:
        if call.operation == "send":
            look(call)
        return None

    bench.spine.always = script


def test_when_the_spine_receives_a_dissent_everything_about_it_is_committed(make_bench: MakeBench):
    bench = make_bench(Person("P", ("93C3.",), has_scr=True))
    seen: list[Call] = []

    def look(call: Call) -> None:
        seen.append(call)
        [written] = bench.attempts("P")
        assert (written.correlation_id, written.request_id) == (call.correlation_id, call.request_id)
        assert (written.ended_at, written.answer_class) == (None, None)
        [message] = bench.intents("P")
        assert (message.state, message.desired) == (IntentState.IN_FLIGHT, "No")
        assert bench.codes("P") == ["9Ndo."]
        assert bench.item("P").state is ItemState.SENDING
        actions = [action for action, _, _ in bench.events("P")]
        assert actions == ["entry_converted", "message_prepared", "attempt_started", "outcome"]

    on_send(bench, look)
    bench.run()
    assert len(seen) == 1


@pytest.mark.parametrize("senders", [1, 2, 4])
def test_no_more_messages_are_in_flight_than_there_are_senders(senders: int, make_bench: MakeBench):
    bench = make_bench(*(dissenter(f"P{number}") for number in range(12)))
    bench.settings = replace(bench.settings, senders=senders)
    in_flight: list[int] = []

    def look(_: Call) -> None:
        [(messages,)] = bench.rows(select(func.count()).where(intent.c.state == IntentState.IN_FLIGHT))
        [(attempts,)] = bench.rows(select(func.count()).where(attempt.c.ended_at.is_(None)))
        assert messages == attempts
        in_flight.append(messages)

    on_send(bench, look)
    bench.run()
    assert max(in_flight) == senders
    assert len(in_flight) == 12


@pytest.mark.parametrize("per_second", [0.0, 5.0])
def test_a_message_that_has_to_wait_for_the_pace_is_prepared_at_once(per_second: float, make_bench: MakeBench):
    """Transaction A by itself, so that the record says so meanwhile; with B in one commit where nothing else waits."""
    bench = make_bench(Person("P", ("93C3.",), has_scr=True))
    bench.settings = replace(bench.settings, per_second=per_second)
    bench.run()
    [message], [tried] = bench.intents("P"), bench.attempts("P")
    waited = (tried.started_at - message.prepared_at).total_seconds()
    assert waited >= 0.15 if per_second else waited == 0.0
    assert bench.ended("P") == (ItemState.SENT, Reason.DISSENT_SENT)


def test_the_screen_is_told_only_what_is_committed(make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch):
    bench = make_bench(*(dissenter(f"D{number}") for number in range(5)), *(consenter(f"C{n}") for n in range(60)))
    told = 0
    publish = ProgressBoard.publish

    def look(board: ProgressBoard, snapshot: Snapshot) -> None:
        nonlocal told
        told += 1
        rows = bench.rows(select(item.c.state, func.count()).group_by(item.c.state))
        assert snapshot.counts == Counts(**{state.value: number for state, number in rows})
        publish(board, snapshot)

    monkeypatch.setattr(ProgressBoard, "publish", look)
    bench.run()
    assert told > 5


def test_a_stop_between_the_commit_and_the_first_byte_takes_the_attempt_back(make_bench: MakeBench):
    bench = make_bench(dissenter("P"))
    token = StopToken()

    class StoppedAfterTheAttempt(SqlMigrationStore):
        def commit(self, key: ExecutionKey, changes: Sequence[Change], tally: Tally) -> list[bool]:
            done = super().commit(key, changes, tally)
            if any(change.new_attempt for change in changes):
                token.stop(StopReason.USER)
            return done

    bench.store = StoppedAfterTheAttempt(bench.database)
    view = bench.run(token=token)
    assert (view.status, view.stop_reason) == (RunStatus.STOPPED, StopReason.USER)
    assert bench.sends("P") == []
    [held_back] = bench.attempts("P")
    assert held_back.answer_class is AnswerKind.NOT_SENT
    [message] = bench.intents("P")
    assert message.state is IntentState.PREPARED
    found = bench.item("P")
    assert (found.state, found.attempts) == (ItemState.SENDING, 0)
    assert view.writes == 0

    bench.store = SqlMigrationStore(bench.database)
    assert bench.resume().status is RunStatus.COMPLETED
    [sent] = bench.sends("P")
    assert sent.request_id == message.request_id
    assert sent.correlation_id != held_back.correlation_id
    assert bench.ended("P") == (ItemState.SENT, Reason.DISSENT_SENT)


def test_whoever_objected_comes_first_then_by_patient(make_bench: MakeBench):
    bench = make_bench(
        consenter("1"),
        dissenter("2"),
        Person("3", has_scr=True),
        Person("4", ("93C3.",)),
        Person("5", ("9Ndo.",), flags={"registration": RegistrationStatus.APPLIED}),
        dissenter("6"),
    )
    bench.settings = replace(bench.settings, senders=1)
    bench.run()
    refs = {number: ref for ref, number in bench.numbers.items()}
    assert [refs[call.nhs_number] for call in bench.spine.sends()] == ["2", "4", "6"]
    assert [refs[call.nhs_number] for call in bench.spine.reads()] == ["2", "4", "6", "1", "3"]
    last_send = max(place for place, call in enumerate(bench.spine.calls) if call.operation == "send")
    first_other = min(place for place, call in enumerate(bench.spine.calls) if refs[call.nhs_number] in "13")
    assert last_send < first_other, "an interrupted evening has protected those who objected before anyone else"


class Counting(SqlMigrationStore):
    """Knows how many patients the engine holds: those it was given, less those it has brought to an end."""

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench.database)
        self.held: set[int] = set()
        self.most = 0
        self.most_tasks = 0
        self.pages = 0

    def fresh_items(self, key: ExecutionKey, scope: Scope, after: int, limit: int) -> list[WorkItem]:
        found = super().fresh_items(key, scope, after, limit)
        self.pages += 1
        self.held |= {work.item_id for work in found}
        self.most = max(self.most, len(self.held))
        self.most_tasks = max(self.most_tasks, sum(isinstance(thing, (Task, WorkItem)) for thing in gc.get_objects()))
        return found

    def due_items(
        self, key: ExecutionKey, scope: Scope, now: Any, in_hand: Collection[int], limit: int
    ) -> list[WorkItem]:
        found = super().due_items(key, scope, now, in_hand, limit)
        self.held |= {work.item_id for work in found}
        return found

    def commit(self, key: ExecutionKey, changes: Sequence[Change], tally: Tally) -> list[bool]:
        self.held -= {change.item_id for change in changes if change.outcome.reason is not None}
        return super().commit(key, changes, tally)


def test_what_is_in_hand_does_not_grow_with_the_list(make_bench: MakeBench):
    most_tasks = []
    for size in (150, 600):
        bench = make_bench(*(consenter(f"{number}") for number in range(size)))
        bench.store = counting = Counting(bench)
        gc.collect()
        assert bench.run().counts.not_required == size
        assert counting.most <= READ_AHEAD == 64
        assert counting.pages >= size / READ_AHEAD
        most_tasks.append(counting.most_tasks)
    assert most_tasks[1] <= most_tasks[0] + 2 * READ_AHEAD
