"""Rerun and Failed: faults row 43 (the cohort is frozen)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import insert, select

from app.domain.outcomes import ItemState, Reason
from app.domain.states import RunStatus, StopReason
from app.engine.spine_port import AnswerKind, SpineAnswer
from app.storage.tables import patient
from tests.helpers.bench import Bench, Person, consenter, dissenter
from tests.helpers.practice import clinician_adds, number
from tests.integration.engine.conftest import MakeBench

SENT, FAILED, NOT_REQUIRED = ItemState.SENT, ItemState.FAILED, ItemState.NOT_REQUIRED
REJECTED = SpineAnswer(AnswerKind.REJECTED, 400, "430", "invalid update")
LONG = 20.0


def a_practice(make_bench: MakeBench) -> Bench:
    return make_bench(*(dissenter(f"D{number}") for number in range(5)), *(consenter(f"C{n}") for n in range(60)))


def test_rerun_abandons_what_is_unfinished_and_scans_everybody_anew(make_bench: MakeBench):
    bench = a_practice(make_bench)
    first = bench.run(token=bench.stop_on_call(20))
    bench.spine.always = None
    reads = len(bench.spine.reads())
    second = bench.rerun()
    assert second.run_id != first.run_id
    old = bench.queries.run(first.run_id)
    assert old is not None
    assert (old.status, old.stop_reason) == (RunStatus.ABANDONED, None)
    assert second.counts.total == 65
    assert len(bench.spine.reads()) - reads == 65
    assert len(bench.spine.sends()) == 5, "whoever was told before is on the Spine"


def test_rerun_takes_a_prepared_message_over_and_sends_it_under_its_id(make_bench: MakeBench):
    bench = make_bench(Person("P", ("93C3.",), has_scr=True))
    bench.script("send", "P", SpineAnswer(AnswerKind.CONFIGURATION, 302))
    first = bench.run()
    bench.rerun()
    assert bench.ended("P") == (SENT, Reason.DISSENT_SENT)
    assert len({call.request_id for call in bench.sends("P")}) == 1
    assert bench.item("P", first.run_id).code_before == "93C3."
    assert bench.item("P").code_before == "9Ndo.", "as this run found it"


@pytest.mark.fault_row(43)
def test_new_registrations_wait_for_the_next_rerun(make_bench: MakeBench):
    bench = make_bench(consenter("A"), consenter("B"))
    bench.run(token=bench.stop_on_call(1))
    bench.spine.always = None
    register(bench, "C")
    assert bench.resume().counts.total == 2
    assert bench.rerun().counts.total == 3
    assert bench.ended("C") == (NOT_REQUIRED, Reason.NO_PREFERENCE_EXPRESSED)


def register(bench: Bench, ref: str) -> None:
    """A patient registered while a run is unfinished."""
    bench.numbers[ref] = number(len(bench.numbers))
    with bench.database.writing() as connection:
        columns = [column for column in patient.c if column is not patient.c.id]
        first = connection.execute(select(*columns).limit(1)).one()._asdict()
        connection.execute(insert(patient).values(**{**first, "patient_ref": ref, "nhs_number": bench.numbers[ref]}))


def test_a_group_is_a_cohort_of_its_own(make_bench: MakeBench):
    bench = make_bench(dissenter("A"), dissenter("B"), consenter("C"), groups=[("Clinic", "B"), ("Clinic", "C")])
    view = bench.run(group="Clinic")
    assert (view.group, view.counts.total, view.counts.sent) == ("Clinic", 2, 1)
    assert bench.sends("A") == []


# --- failed -----------------------------------------------------------------------------------------------------------


def test_failed_takes_the_failed_only_and_ends_as_the_run_was(make_bench: MakeBench):
    bench = a_practice(make_bench)
    bench.script("read", "D0", REJECTED)
    bench.script("send", "D1", REJECTED)
    paused = bench.run(token=bench.stop_on_call(20))
    bench.spine.always = None
    assert paused.counts.failed == 2
    calls = len(bench.spine.calls)
    view = bench.failed()
    assert (view.status, view.stop_reason) == (RunStatus.STOPPED, StopReason.USER), "others are unprocessed still"
    assert (view.counts.failed, view.counts.unprocessed) == (0, paused.counts.unprocessed)
    asked = {call.nhs_number for call in bench.spine.calls[calls:]}
    assert asked == {bench.numbers["D0"], bench.numbers["D1"]}
    assert bench.board.last.in_scope == bench.board.last.checked_now == 2
    assert bench.resume().status is RunStatus.COMPLETED


def test_failed_on_an_interrupted_run_leaves_it_interrupted(make_bench: MakeBench):
    bench = make_bench(dissenter("A"), consenter("B"), consenter("C"))
    bench.script("read", "A", REJECTED)
    bench.settings = replace(bench.settings, senders=1)
    bench.run(token=bench.stop_on_call(2, StopReason.WINDOW_CLOSED))
    bench.spine.always = None
    view = bench.failed()
    assert (view.status, view.stop_reason, view.counts.sent) == (RunStatus.STOPPED, StopReason.WINDOW_CLOSED, 1)


def test_failed_on_a_completed_run_completes_it_again(make_bench: MakeBench):
    bench = make_bench(dissenter("A"), consenter("B"))
    bench.script("send", "A", REJECTED)
    assert bench.run().counts.failed == 1
    view = bench.failed()
    assert (view.status, view.counts.sent, view.counts.failed) == (RunStatus.COMPLETED, 1, 0)
    first, second = bench.sends("A")
    assert first.request_id != second.request_id, "the first message was refused: settled"
    assert bench.item("A").attempts == 2


def test_failed_that_is_stopped_leaves_the_rest_failed(make_bench: MakeBench):
    bench = make_bench(*(dissenter(f"D{number}") for number in range(8)))
    bench.spine.always = lambda _, call: REJECTED if call.operation == "send" else None
    assert bench.run().counts.failed == 8
    bench.settings = replace(bench.settings, senders=1)
    view = bench.failed(token=bench.stop_on_call(6))
    assert (view.status, view.counts.sent, view.counts.failed) == (RunStatus.STOPPED, 3, 5)
    bench.spine.always = None
    assert bench.failed().counts.sent == 8


def test_a_refused_dissent_is_not_sent_again_by_rerun_but_by_failed(make_bench: MakeBench):
    bench = make_bench(dissenter("told"), dissenter("untold", has_scr=False))
    for ref in ("told", "untold"):
        bench.script("send", ref, REJECTED)
    bench.run()
    for _ in range(2):
        view = bench.rerun()
        assert (view.counts.failed, view.writes) == (2, 0)
        assert bench.ended("told") == bench.ended("untold") == (FAILED, Reason.SPINE_REJECTED)
        assert bench.item("told").spine_code == "430"
    assert bench.failed().counts.sent == 2


def test_a_refused_dissent_that_was_put_right_in_the_record_is_sent_by_rerun(make_bench: MakeBench):
    bench = make_bench(dissenter("P"))
    bench.script("send", "P", REJECTED)
    bench.run()
    clinician_adds(bench.database, "P", "9Ndo.", on=date(2026, 10, 1))
    bench.rerun()
    assert bench.ended("P") == (SENT, Reason.DISSENT_SENT)
