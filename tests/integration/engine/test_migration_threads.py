"""Whole executions with the real senders: threads, connections of their own, time that passes by itself."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from sqlalchemy import select

from app.domain.outcomes import ItemState, Reason
from app.domain.states import IntentState, RunStatus
from app.engine.sender_pool import SenderPool
from app.engine.spine_port import AnswerKind, MessageIds, SpineAnswer
from app.storage.tables import attempt, consent_entry, intent
from tests.helpers.bench import Bench, Person, consenter, dissenter
from tests.helpers.clocks import FastClock
from tests.helpers.scripted_spine import Call, Holding, ScriptedSpine, applied_but_lost
from tests.integration.engine.conftest import MakeBench

FAR = 1e6
"""A deadline that a busy machine does not reach in a time that runs so fast."""


def threaded(make_bench: MakeBench, *people: Person, deadline: float = FAR) -> Bench:
    bench = make_bench(*people, clock=FastClock())
    bench.make_senders = SenderPool
    bench.settings = replace(bench.settings, deadline=deadline, leaves_within=FAR)
    return bench


def test_a_run_with_every_kind_of_trouble_comes_to_its_end(make_bench: MakeBench):
    bench = threaded(
        make_bench, *(dissenter(f"D{number}") for number in range(8)), *(consenter(f"C{n}") for n in range(150))
    )
    bench.script("send", "D0", applied_but_lost)
    bench.script("send", "D1", SpineAnswer(AnswerKind.UNKNOWN, 504))
    bench.script("send", "D2", SpineAnswer(AnswerKind.UNAUTHENTICATED, 401))
    bench.script("send", "D3", SpineAnswer(AnswerKind.REJECTED, 400, "430"))
    bench.script("read", "D4", SpineAnswer(AnswerKind.UNAVAILABLE, 502), SpineAnswer(AnswerKind.THROTTLED, 429))
    bench.script("read", "C0", *[SpineAnswer(AnswerKind.NOT_UNDERSTOOD, 200)] * 2)
    view = bench.run()
    assert view.status is RunStatus.COMPLETED
    assert (view.counts.sent, view.counts.failed, view.counts.not_required) == (7, 2, 149)
    assert bench.ended("D0") == (ItemState.SENT, Reason.CONFIRMED_BY_READ)
    assert len(bench.sends("D1")) == 2
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("sender-")]


def test_what_the_spine_receives_is_in_the_database_before_its_first_byte(make_bench: MakeBench):
    """I5, with senders that lose no time."""
    bench = threaded(make_bench, *(Person(f"P{number}", ("93C3.",), has_scr=True) for number in range(20)))
    seen: list[tuple[object, ...]] = []

    def look(_: Holding, call: Call) -> None:
        if call.operation == "send":
            query = select(intent.c.state, attempt.c.ended_at, consent_entry.c.code).join_from(intent, attempt)
            query = query.join(consent_entry, consent_entry.c.patient_id == intent.c.patient_id)
            seen.extend(tuple(row) for row in bench.rows(query.where(attempt.c.correlation_id == call.correlation_id)))

    bench.spine.always = look
    assert bench.run().counts.sent == 20
    assert seen == [(IntentState.IN_FLIGHT, None, "9Ndo.")] * 20


class Stuck:
    """Connections of which one never comes back, however it is cut, until the test is over."""

    def __init__(self, spine: ScriptedSpine, nhs_number: str) -> None:
        self._spine = spine
        self.nhs_number = nhs_number
        self.over = threading.Event()
        self.cut = threading.Event()

    def connect(self, session_id: str) -> StuckConnection:
        return StuckConnection(self, self._spine)


class StuckConnection:
    def __init__(self, stuck: Stuck, spine: ScriptedSpine) -> None:
        self._stuck = stuck
        self._behind = spine.connect()

    def read_consent(self, nhs_number: str, ids: MessageIds) -> SpineAnswer:
        return self._behind.read_consent(nhs_number, ids)

    def send_dissent(self, nhs_number: str, ids: MessageIds) -> SpineAnswer:
        answer = self._behind.send_dissent(nhs_number, ids)
        if nhs_number == self._stuck.nhs_number:
            assert self._stuck.over.wait(60)
        return answer

    def abort(self) -> None:
        self._stuck.cut.set()

    def close(self) -> None:
        self._behind.close()


@pytest.mark.fault_row(11)
def test_a_send_that_never_comes_back_is_given_up_and_settled(make_bench: MakeBench):
    """Row 11: past the deadline it is unknown; its late answer is dropped; the others go on meanwhile."""
    bench = threaded(make_bench, *(dissenter(f"D{number}") for number in range(3)), deadline=600.0)
    stuck = Stuck(bench.spine, bench.numbers["D1"])
    bench.service = stuck
    view = bench.run()
    stuck.over.set()
    assert stuck.cut.is_set()
    assert view.status is RunStatus.COMPLETED
    assert bench.ended("D1") == (ItemState.SENT, Reason.CONFIRMED_BY_READ)
    assert len(bench.sends("D1")) == 1
    [given_up] = bench.attempts("D1")
    assert given_up.answer_class is AnswerKind.UNKNOWN
    assert bench.ended("D0") == bench.ended("D2") == (ItemState.SENT, Reason.DISSENT_SENT)
