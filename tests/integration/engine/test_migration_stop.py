"""Stop and Resume: faults rows 35 and 44."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from sqlalchemy import select

from app.domain.states import IntentState, RunStatus, StopReason
from app.engine.control import StopToken
from app.engine.loop import HASTE_SECONDS
from app.engine.progress import Phase
from app.engine.sender_pool import SenderPool
from app.engine.senders import Answered
from app.engine.spine_port import AnswerKind, MessageIds, SpineAnswer, SpineConnection, SpineService
from app.storage.migration_store import SqlMigrationStore
from app.storage.tables import intent, run_control
from tests.helpers.bench import Bench, consenter, dissenter
from tests.helpers.clocks import FastClock
from tests.helpers.inline_senders import InlineSenders
from tests.helpers.invariants import check_invariants
from tests.helpers.scripted_spine import Call, Holding
from tests.integration.engine.conftest import MakeBench

LONG = 20.0


def a_practice(make_bench: MakeBench) -> Bench:
    return make_bench(*(dissenter(f"D{number}") for number in range(5)), *(consenter(f"C{n}") for n in range(200)))


@pytest.mark.parametrize("reason", [StopReason.USER, StopReason.SHUTDOWN])
@pytest.mark.parametrize("count", [1, 4, 9, 30])
def test_stop_begins_nothing_new_and_resume_repeats_nobody(count: int, reason: StopReason, make_bench: MakeBench):
    bench = a_practice(make_bench)
    view = bench.run(token=bench.stop_on_call(count, reason))
    assert (view.status, view.stop_reason) == (RunStatus.STOPPED, reason)
    assert len(bench.spine.calls) == count, "those that had not left were held back"
    assert view.counts.total == 205
    assert bench.board.phases[-2:] == [Phase.STOPPING, Phase.ENDED]
    bench.spine.always = None
    view = bench.resume()
    assert (view.status, view.counts.sent, view.counts.not_required) == (RunStatus.COMPLETED, 5, 200)
    assert len(bench.sends("D0")) == 1
    assert len(bench.spine.calls) <= 205 + 5 + 4, "only what was under way when it stopped was asked again"
    assert (view.reads, view.writes) == (len(bench.spine.reads()), len(bench.spine.sends()))


def test_many_stops_and_resumes_come_to_the_same_end(make_bench: MakeBench):
    bench = a_practice(make_bench)
    view = bench.run(token=bench.stop_on_call(7))
    for _ in range(100):
        if view.status is RunStatus.COMPLETED:
            break
        view = bench.resume(token=bench.stop_on_call(7))
    assert (view.counts.sent, view.counts.not_required) == (5, 200)
    assert len(bench.spine.sends()) == 5


def test_a_stop_wakes_the_loop_at_once(make_bench: MakeBench):
    """It does not wait for the end of a tick, nor for whatever it was waiting for."""
    bench = make_bench(consenter("C0"))
    woken: list[int] = []

    class Watched(InlineSenders):
        def wake(self) -> None:
            woken.append(len(bench.spine.calls))
            super().wake()

    bench.make_senders = lambda service, size, deadline, gate, monotonic: Watched(service, size, gate, bench.clock)
    bench.run(token=bench.stop_on_call(1))
    assert woken == [0], "while the Spine was answering"


def test_a_token_set_before_the_press_begins_nothing(make_bench: MakeBench):
    bench = a_practice(make_bench)
    token = StopToken()
    token.stop(StopReason.USER)
    view = bench.run(token=token)
    assert (view.stop_reason, view.counts.unprocessed, bench.spine.calls) == (StopReason.USER, 205, [])


def test_a_wish_left_in_the_database_is_heard_within_a_second_or_so_and_forgotten_by_resume(make_bench: MakeBench):
    bench = a_practice(make_bench)
    bench.settings = replace(bench.settings, per_second=5.0)
    asked_at: list[float] = []

    def ask(_: Holding, __: Call) -> None:
        if len(bench.spine.calls) == 10:
            view = bench.queries.latest_run("consent-migration")
            assert view is not None
            assert not view.stop_requested
            SqlMigrationStore(bench.database).request_stop(view.run_id, "front desk", bench.clock.now())
            asked_at.append(bench.clock.monotonic())

    bench.spine.always = ask
    view = bench.run()
    assert (view.status, view.stop_reason) == (RunStatus.STOPPED, StopReason.USER)
    assert bench.clock.monotonic() - asked_at[0] <= 1.5
    assert bench.rows(select(run_control))
    bench.spine.always = None
    assert bench.resume().status is RunStatus.COMPLETED
    assert bench.rows(select(run_control)) == []


# --- with threads -----------------------------------------------------------------------------------------------------


class HeldSpine:
    """Holds each exchange of one kind until a test lets it go, several at a time; the Spine behind it answers."""

    def __init__(self, spine: SpineService, operation: str) -> None:
        self._spine = spine
        self.operation = operation
        self.begun = threading.Semaphore(0)
        self.ended = threading.Semaphore(0)
        self.go = threading.Event()
        self.free: set[str] = set()
        """Numbers that are answered at once."""

    def connect(self, session_id: str) -> HeldConnection:
        return HeldConnection(self, self._spine.connect(session_id))


class HeldConnection:
    def __init__(self, held: HeldSpine, behind: SpineConnection) -> None:
        self._held = held
        self._behind = behind

    def read_consent(self, nhs_number: str, ids: MessageIds) -> SpineAnswer:
        self._hold("read", nhs_number)
        answer = self._behind.read_consent(nhs_number, ids)
        self._held.ended.release()
        return answer

    def send_dissent(self, nhs_number: str, ids: MessageIds) -> SpineAnswer:
        self._hold("send", nhs_number)
        answer = self._behind.send_dissent(nhs_number, ids)
        self._held.ended.release()
        return answer

    def abort(self) -> None:
        self._behind.abort()

    def close(self) -> None:
        self._behind.close()

    def _hold(self, operation: str, nhs_number: str) -> None:
        if operation == self._held.operation and nhs_number not in self._held.free:
            self._held.begun.release()
            assert self._held.go.wait(LONG)


@pytest.fixture
def threaded(make_bench: MakeBench) -> Bench:
    bench = make_bench(
        *(dissenter(f"D{number}") for number in range(6)), *(consenter(f"C{n}") for n in range(30)), clock=FastClock()
    )
    bench.make_senders = SenderPool
    bench.settings = replace(bench.settings, deadline=1e6)
    return bench


@pytest.mark.fault_row(44)
@pytest.mark.parametrize("operation", ["read", "send"])
def test_a_stop_while_four_are_under_way_waits_for_them_takes_them_in_and_begins_no_more(operation, threaded: Bench):
    bench = threaded
    held = HeldSpine(bench.spine, operation)
    bench.service = held
    token, views = StopToken(), []
    worker = threading.Thread(target=lambda: views.append(bench.run(token=token)))
    worker.start()
    for _ in range(4):
        assert held.begun.acquire(timeout=LONG)
    token.stop(StopReason.USER)
    while not bench.board.all or bench.board.last.phase is not Phase.STOPPING:
        assert worker.is_alive()
        worker.join(0.01)
    held.go.set()
    worker.join(LONG)
    [view] = views
    assert (view.status, view.stop_reason) == (RunStatus.STOPPED, StopReason.USER)
    calls = bench.spine.reads() if operation == "read" else bench.spine.sends()
    assert len(calls) == 4
    assert view.counts.sent == (4 if operation == "send" else 0)
    bench.service = bench.spine
    view = bench.resume()
    assert (view.counts.sent, view.counts.not_required) == (6, 30)
    assert len(bench.spine.sends()) == 6


@pytest.mark.fault_row(44)
@pytest.mark.parametrize("asked_before", [None, StopReason.USER], ids=["at once", "after Stop"])
@pytest.mark.parametrize("operation", ["read", "send"])
def test_a_program_that_ends_does_not_wait_for_answers_that_are_long_in_coming(
    operation, asked_before, threaded: Bench
):
    """Within its few seconds the execution is closed with its reason; a message under way is unknown, to be settled."""
    bench = threaded
    bench.service = held = HeldSpine(bench.spine, operation)
    token, views = StopToken(), []
    worker = threading.Thread(target=lambda: views.append(bench.run(token=token)))
    worker.start()
    for _ in range(4):
        assert held.begun.acquire(timeout=LONG)
    began = bench.clock.monotonic()
    for reason in (asked_before, StopReason.SHUTDOWN):
        if reason is not None:
            token.stop(reason)
    worker.join(LONG)
    [view] = views
    assert bench.clock.monotonic() - began >= HASTE_SECONDS
    assert (view.status, view.stop_reason) == (RunStatus.STOPPED, asked_before or StopReason.SHUTDOWN)
    unknown = bench.rows(select(intent.c.id).where(intent.c.state == IntentState.UNKNOWN))
    assert len(unknown) == (4 if operation == "send" else 0)
    held.go.set()
    for _ in range(4):
        assert held.ended.acquire(timeout=LONG)
    bench.service = bench.spine
    view = bench.resume()
    assert (view.counts.sent, view.counts.not_required) == (6, 30)
    assert len(bench.spine.sends()) == 6
    check_invariants(bench)


@pytest.mark.parametrize("stopped", [False, True])
def test_while_it_waits_for_an_answer_the_loop_sleeps(stopped: bool, make_bench: MakeBench):
    """A loop that turns without pause takes the processor from everybody; a retry that has come due changes nothing."""
    bench = make_bench(*(dissenter(f"D{number}") for number in range(6)), clock=FastClock(20.0))
    bench.settings = replace(bench.settings, deadline=1e6, retry_delays=(20.0,))
    bench.service = held = HeldSpine(bench.spine, "read")
    bench.script("read", "D0", SpineAnswer(AnswerKind.UNAVAILABLE, 502))
    held.free.add(bench.numbers["D0"])
    turns = 0

    class Counted(SenderPool):
        def receive(self, patience: float) -> list[Answered]:
            nonlocal turns
            turns += 1
            return super().receive(patience)

    bench.make_senders = Counted
    token = StopToken()
    worker = threading.Thread(target=lambda: bench.run(token=token))
    worker.start()
    for _ in range(4):
        assert held.begun.acquire(timeout=LONG)
    if stopped:
        token.stop(StopReason.USER)
    retry_is_due_at = bench.clock.monotonic() + 25.0
    while bench.clock.monotonic() < retry_is_due_at:
        worker.join(0.05)
    before = turns
    worker.join(0.5)
    assert turns - before <= 20, "it ticks ten times a second"
    assert worker.is_alive()
    held.go.set()
    token.stop(StopReason.USER)
    worker.join(LONG)
    assert not worker.is_alive()
