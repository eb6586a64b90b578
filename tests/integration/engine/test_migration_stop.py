"""Stop, Resume, Rerun and Failed: design section 5, screen sections 2 to 4, faults rows 35, 41, 43 and 44."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import insert, select

from app.domain.decision import Permission
from app.domain.outcomes import ItemState, Reason
from app.domain.states import IntentState, RunStatus, StopReason
from app.engine.control import StopToken
from app.engine.progress import Phase
from app.engine.senders import Answered, SenderPool
from app.engine.spine_port import AnswerKind, MessageIds, SpineAnswer, SpineConnection, SpineService
from app.storage.migration_store import SqlMigrationStore
from app.storage.tables import patient, run_control
from tests.helpers.bench import Bench, Person, consenter, dissenter
from tests.helpers.clocks import FastClock
from tests.helpers.practice import clinician_adds, clinician_deletes, number, reception_changes
from tests.helpers.scripted_spine import Call, Holding
from tests.integration.engine.conftest import MakeBench

SENT, FAILED, NOT_REQUIRED = ItemState.SENT, ItemState.FAILED, ItemState.NOT_REQUIRED
REJECTED = SpineAnswer(AnswerKind.REJECTED, 400, "430", "invalid update")
LONG = 20.0


def a_practice(make_bench: MakeBench) -> Bench:
    return make_bench(*(dissenter(f"D{number}") for number in range(5)), *(consenter(f"C{n}") for n in range(200)))


def stop_on_call(bench: Bench, count: int, reason: StopReason = StopReason.USER) -> StopToken:
    """A token that is set while the Spine answers its so-manyeth call from now."""
    token, last = StopToken(), len(bench.spine.calls) + count

    def script(_: Holding, __: Call) -> None:
        if len(bench.spine.calls) + 1 == last:
            token.stop(reason)

    bench.spine.always = script
    return token


@pytest.mark.parametrize("reason", [StopReason.USER, StopReason.SHUTDOWN])
@pytest.mark.parametrize("count", [1, 4, 9, 30])
def test_stop_begins_nothing_new_and_resume_repeats_nobody(count: int, reason: StopReason, make_bench: MakeBench):
    bench = a_practice(make_bench)
    view = bench.run(token=stop_on_call(bench, count, reason))
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
    view = bench.run(token=stop_on_call(bench, 7))
    for _ in range(100):
        if view.status is RunStatus.COMPLETED:
            break
        view = bench.resume(token=stop_on_call(bench, 7))
    assert (view.counts.sent, view.counts.not_required) == (5, 200)
    assert len(bench.spine.sends()) == 5


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


# --- rerun ------------------------------------------------------------------------------------------------------------


def test_rerun_abandons_what_is_unfinished_and_scans_everybody_anew(make_bench: MakeBench):
    bench = a_practice(make_bench)
    first = bench.run(token=stop_on_call(bench, 20))
    bench.spine.always = None
    reads = len(bench.spine.reads())
    second = bench.rerun()
    assert second.run_id != first.run_id
    old = bench.queries.run(first.run_id)
    assert old is not None
    assert (old.status, old.stop_reason) == (RunStatus.ABANDONED, None)
    assert second.counts.total == 205
    assert len(bench.spine.reads()) - reads == 205
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


def test_new_registrations_wait_for_the_next_rerun(make_bench: MakeBench):
    bench = make_bench(consenter("A"), consenter("B"))
    bench.run(token=stop_on_call(bench, 1))
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
    paused = bench.run(token=stop_on_call(bench, 20))
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
    bench.run(token=stop_on_call(bench, 2, StopReason.WINDOW_CLOSED))
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
    view = bench.failed(token=stop_on_call(bench, 6))
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


# --- the record changes meanwhile -------------------------------------------------------------------------------------


def consents(bench: Bench) -> None:
    clinician_adds(bench.database, "P", "9Ndn.", on=date(2026, 10, 1))


def withdraws(bench: Bench) -> None:
    clinician_deletes(bench.database, "P", "9Ndo.")


def objects(bench: Bench) -> None:
    clinician_adds(bench.database, "P", "9Ndo.", on=date(2026, 10, 1))
    bench.objected.add("P")


@pytest.mark.parametrize(
    ("codes", "change", "ended", "after"),
    [
        (("9Ndo.",), consents, (NOT_REQUIRED, Reason.NOTHING_TO_DO), ["9Ndo.", "9Ndn."]),
        (("9Ndo.",), withdraws, (NOT_REQUIRED, Reason.IMPLIED_CONSENT_ADDED), ["9Ndl."]),
        ((), objects, (SENT, Reason.DISSENT_SENT), ["9Ndo."]),
        (("93C2.",), objects, (SENT, Reason.DISSENT_SENT), ["9Ndn.", "9Ndo."]),
    ],
)
def test_an_edit_between_the_reading_and_the_commit_is_decided_anew(
    codes: tuple[str, ...], change: Callable[[Bench], None], ended: Any, after: list[str], make_bench: MakeBench
):
    """Row 41: a compare-and-set on the version; nothing of the stale decision is written, and nothing sent."""
    bench = make_bench(Person("P", codes, has_scr=True))
    bench.script("read", "P", lambda *_: change(bench))
    view = bench.run()
    assert view.status is RunStatus.COMPLETED
    assert bench.ended("P") == ended
    assert bench.codes("P") == after
    assert len(bench.reads("P")) == 2
    assert len(bench.sends("P")) == (ended[0] is SENT)


def test_an_edit_while_a_message_waits_for_the_pace_to_be_prepared_is_decided_anew(make_bench: MakeBench):
    bench = make_bench(dissenter("P"))
    bench.settings = replace(bench.settings, per_second=5.0)
    bench.script("read", "P", lambda *_: consents(bench))
    bench.run()
    assert bench.ended("P") == (NOT_REQUIRED, Reason.NOTHING_TO_DO)
    assert bench.intents("P") == []


def test_an_edit_between_preparing_and_sending_is_decided_anew(make_bench: MakeBench):
    bench = make_bench(dissenter("P"))

    def refuse_and_change(_: Holding, __: Call) -> SpineAnswer:
        consents(bench)
        return SpineAnswer(AnswerKind.THROTTLED, 429)

    bench.script("send", "P", refuse_and_change)
    bench.run()
    assert bench.ended("P") == (NOT_REQUIRED, Reason.NOTHING_TO_DO)
    assert [message.state for message in bench.intents("P")] == [IntentState.SUPERSEDED]
    assert len(bench.sends("P")) == 1


@pytest.mark.parametrize("status", ["transferred_out", "deceased", "temporary"])
def test_somebody_who_left_after_the_cohort_was_frozen_is_skipped(status: str, make_bench: MakeBench):
    """Row 43, at claim: the record is left alone, and nobody is asked."""
    bench = make_bench(Person("P", ("93C3.",), has_scr=True))
    token = StopToken()
    token.stop(StopReason.USER)
    bench.run(token=token)
    reception_changes(bench.database, "P", registration=status)
    assert bench.resume().status is RunStatus.COMPLETED
    assert bench.ended("P") == (NOT_REQUIRED, Reason.NO_LONGER_ACTIVE)
    assert bench.codes("P") == ["93C3."]
    assert bench.spine.calls == []


@pytest.mark.parametrize("status", ["transferred_out", "deceased", "temporary"])
def test_somebody_who_left_before_the_prepared_message_went_out_is_skipped(status: str, make_bench: MakeBench):
    """Row 43, before a send."""
    bench = make_bench(dissenter("P"))
    bench.script("send", "P", SpineAnswer(AnswerKind.NOT_AUTHORISED, 403))
    bench.run()
    reception_changes(bench.database, "P", registration=status)
    bench.resume()
    assert bench.ended("P") == (NOT_REQUIRED, Reason.NO_LONGER_ACTIVE)
    assert [message.state for message in bench.intents("P")] == [IntentState.SUPERSEDED]
    assert len(bench.sends("P")) == 1


def test_a_corrected_number_is_the_one_that_is_asked_about_and_sent(make_bench: MakeBench):
    bench = make_bench(dissenter("P"))
    old, new = bench.numbers["P"], number(77)
    bench.script("read", "P", lambda *_: reception_changes(bench.database, "P", nhs_number=new))
    bench.numbers["P"] = new
    bench.run()
    assert bench.ended("P") == (SENT, Reason.DISSENT_SENT)
    assert bench.spine.sends(old) == []
    assert bench.holds("P") is Permission.NO


# --- with threads -----------------------------------------------------------------------------------------------------


class HeldSpine:
    """Holds each exchange of one kind until a test lets it go, several at a time; the Spine behind it answers."""

    def __init__(self, spine: SpineService, operation: str) -> None:
        self._spine = spine
        self.operation = operation
        self.begun = threading.Semaphore(0)
        self.go = threading.Event()
        self.free: set[str] = set()
        """Numbers that are answered at once."""

    def connect(self) -> HeldConnection:
        return HeldConnection(self, self._spine.connect())


class HeldConnection:
    def __init__(self, held: HeldSpine, behind: SpineConnection) -> None:
        self._held = held
        self._behind = behind

    def read_consent(self, nhs_number: str, ids: MessageIds) -> SpineAnswer:
        self._hold("read", nhs_number)
        return self._behind.read_consent(nhs_number, ids)

    def send_dissent(self, nhs_number: str, ids: MessageIds) -> SpineAnswer:
        self._hold("send", nhs_number)
        return self._behind.send_dissent(nhs_number, ids)

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
