"""Whole executions with the real senders: threads, connections of their own, time that passes by itself."""

from __future__ import annotations

import threading
from dataclasses import replace

from app.domain.outcomes import ItemState, Reason
from app.domain.states import RunStatus
from app.engine.senders import SenderPool
from app.engine.spine_port import AnswerKind, MessageIds, SpineAnswer
from tests.helpers.bench import Bench, Person, consenter, dissenter
from tests.helpers.clocks import FastClock
from tests.helpers.scripted_spine import ScriptedSpine, applied_but_lost
from tests.integration.engine.conftest import MakeBench

FAR = 1e6
"""A deadline that a busy machine does not reach in a time that runs so fast."""


def threaded(make_bench: MakeBench, *people: Person, deadline: float = FAR) -> Bench:
    bench = make_bench(*people, clock=FastClock())
    bench.make_senders = SenderPool
    bench.settings = replace(bench.settings, deadline=deadline)
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


class Stuck:
    """Connections of which one never comes back, however it is cut, until the test is over."""

    def __init__(self, spine: ScriptedSpine, nhs_number: str) -> None:
        self._spine = spine
        self.nhs_number = nhs_number
        self.over = threading.Event()
        self.cut = threading.Event()

    def connect(self) -> StuckConnection:
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
